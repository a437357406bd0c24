// Four ends of a page's preset:
//
//   invalid    it is on disk, as its dbd says; its PTE may keep the number of a frame that it has no more
//   stays      it stays in its frame
//   found      it is in the frame that holds its block already: a rescue, without the fault
//   moves      it moves to the frame named, or to the head of the free list
#include "regions/preset.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_set>
#include <vector>

#include "regions/fault.h"
#include "regions/out_list.h"
#include "regions/page.h"
#include "sim/machine/check.h"

namespace bachsim {
namespace {

using Part = PresetError::Part;

std::unexpected<PresetError> refuse(Part part, std::string what, std::optional<PageId> page = std::nullopt) {
  return std::unexpected(PresetError{.part = part, .what = std::move(what), .page = page});
}

PresetResult check_free(Vm& vm, Frame frame) {
  if (frame.value < vm.pfdata.reserved())
    return refuse(Part::FrameNumber, fmt::format("frame {} is reserved", frame.value));
  if (vm.pfdata.is_free(frame)) return {};
  std::optional<PageId> mapper;
  for_each_page(vm, [&](const Page& page) {
    if (!mapper && page.valid() && page.frame() == frame) mapper = page.id();
  });
  return refuse(Part::FrameNumber, fmt::format("frame {} is in use", frame.value), mapper);
}

bool is_demand(DbdKind kind) { return kind == DbdKind::Zero || kind == DbdKind::Fill; }

class PageMove {
 public:
  PageMove(Vm& vm, PageId id, const PagePreset& preset)
      : vm_(vm), preset_(preset), page_(vm, id), type_(page_.region().type) {
    if (page_.valid()) own_ = page_.frame();
    valid_ = preset.valid.value_or(preset.frame || own_);
    disk_ = preset.disk.value_or(page_.dbd());
    new_disk_ = !disk_.same_disk(page_.dbd());
    block_ = disk_.identity(page_.region().program.value_or(ProgramId{}));
    if (disk_.on_swap()) others_ = vm.swap.uses(block_) - (new_disk_ ? 0u : 1u);
    takes_bytes_ = new_disk_ && disk_.kind() != DbdKind::None && (!disk_.on_swap() || others_ > 0);
    strayed_ = own_ && !new_disk_ && disk_.on_swap() && vm_.pfdata.identity(*own_) != block_;
  }

  PresetResult check() {
    auto result = check_disk();
    if (result) result = check_sharers();
    if (result && valid_) result = choose_frame();
    return result ? check_bits() : result;
  }

  // REQUIRES: check() found nothing
  void perform() {
    std::array<std::byte, kPageSize> bytes;
    if (takes_bytes_)
      peek_disk(vm_, disk_, bytes.data());
    else
      peek_page(vm_, page_.region(), page_.id().page, bytes.data());
    if (strayed_ && valid_ && cow_) stray_no_more();
    if (disk_.on_swap()) put_on_swap(bytes.data());
    const Pte old = page_.pte();
    const unsigned age = preset_.age.value_or(own_ ? page_.dbd().age() : 0);
    describe();
    if (own_ && !keeps_frame()) page_.leave_memory();
    if (valid_)
      put_in_frame(bytes.data(), old, age);
    else
      page_.set_rights(cow_ ? Pte::kCow : 0);
    if (!valid_ && preset_.frame) page_.keep_number(*preset_.frame);
    vm_.hart.sfence_vma();
  }

 private:
  PresetResult check_disk() const {
    if (valid_ != own_.has_value() && vm_.config.paging == PagingPolicy::Off)
      return refuse(Part::Valid, "under paging=off a page is in memory when its process is");
    if (valid_ && preset_.disk && is_demand(disk_.kind()))
      return refuse(Part::Disk, "a page that is in memory is not to be filled on demand");
    if (valid_ && preset_.disk && strayed_)
      return refuse(Part::Disk, "with disk-copy=keep the block was left to the page's older bytes");
    if (!valid_ && disk_.kind() == DbdKind::None)
      return refuse(preset_.disk ? Part::Disk : Part::Valid,
                    "a page that is not in memory is on a disk: `disk=` tells where");
    if (!valid_ && preset_.frame && preset_.frame->value < vm_.pfdata.reserved())
      return refuse(Part::FrameNumber, fmt::format("frame {} is reserved", preset_.frame->value));
    return {};
  }

  // Pages that come to share a swap block do as after a fork: copy on write, and none has a newer version.
  PresetResult check_sharers() const {
    if (!new_disk_ || others_ == 0) return {};
    if (type_ == RegionType::Shm)
      return refuse(Part::Disk, "the block is in use: a page of shared memory has one of its own");
    PresetResult result;
    for_each_sharer([&](const Page& page) {
      if (!result) return;
      if (page.region().type == RegionType::Shm)
        result = refuse(Part::Disk, "the block belongs to shared memory", page.id());
      else if (page.has_old_copy())
        result = refuse(Part::Disk, "the block is an old copy of a page that has been modified", page.id());
    });
    return result;
  }

  // Finds the frame of a page that is to be valid.
  PresetResult choose_frame() {
    const std::optional<Frame> holder = block_.none() ? std::nullopt : vm_.pfdata.find(block_);
    const std::optional<Frame> wanted = preset_.frame;
    const bool own_holds = holder && holder == own_;
    const bool alone = own_ && vm_.pfdata.refs(*own_) == 1;
    const bool may_stay = own_ && (!wanted || wanted == own_);
    found_ = holder && !own_holds && !strayed_ && (new_disk_ || !may_stay);
    if (found_ && wanted && wanted != holder)
      return refuse(Part::FrameNumber, fmt::format("frame {} holds the page's block already", holder->value));
    const bool stays =
        may_stay && (!new_disk_ || own_holds || alone || (vm_.pfdata.identity(*own_).none() && !takes_bytes_));
    if (found_ || stays) {
      frame_ = found_ ? *holder : *own_;
      return {};
    }
    if (own_holds && !alone)
      return refuse(Part::FrameNumber, fmt::format("frame {} holds the page's block for others too", own_->value));
    if (may_stay && wanted)
      return refuse(Part::FrameNumber, fmt::format("frame {} is shared: its other pages do not move", own_->value));
    if (!wanted && vm_.pfdata.free() == 0) return refuse(Part::Valid, "no frame is free");
    frame_ = wanted ? *wanted : *vm_.pfdata.first_free();
    return check_free(vm_, frame_);
  }

  PresetResult check_bits() {
    const bool is_mine = is_private(type_);
    const std::uint32_t sharers = !valid_         ? 0
                                  : keeps_frame() ? vm_.pfdata.refs(frame_)
                                  : found_        ? vm_.pfdata.refs(frame_) + 1
                                                  : 1;
    const bool must_copy =
        is_mine && valid_ && (disk_.kind() == DbdKind::File || sharers > 1 || (disk_.on_swap() && others_ > 0));
    if (preset_.cow && !is_mine) return refuse(Part::Cow, "only pages of data and stack are copied on write");
    if (!valid_) {
      for (const auto& [given, part] : {std::pair{preset_.writable, Part::Writable},
                                        {preset_.referenced, Part::Referenced},
                                        {preset_.modified, Part::Modified},
                                        {preset_.age.value_or(0) > 0, Part::Age}}) {
        if (given) return refuse(part, "only a page that is in memory can be so");
      }
    }
    if ((preset_.writable || preset_.modified) && !is_writable(type_))
      return refuse(preset_.writable ? Part::Writable : Part::Modified, "text is never written");
    if (preset_.writable && preset_.cow) return refuse(Part::Writable, "a page is writable or copy on write");
    if (preset_.writable && must_copy)
      return refuse(Part::Writable, "the page is shared, or of the file: it is copied on write");
    const bool was_shared = page_.pte().cow() && !(valid_ && is_demand(page_.dbd().kind()));
    cow_ = !preset_.writable && (preset_.cow || must_copy || was_shared || (is_mine && new_disk_ && others_ > 0));
    return {};
  }

  // It is valid, and will be in the same frame.
  [[nodiscard]] bool keeps_frame() const { return valid_ && own_ == frame_; }

  template <class Visit>
  void for_each_sharer(Visit&& visit) const {
    for_each_page(vm_, [&](const Page& page) {
      if (page.id() != page_.id() && page.dbd().on_swap() && page.dbd().swap_block() == block_) visit(page);
    });
  }

  // What is copied on write has no old copy.
  void stray_no_more() {
    page_.give_up_disk_copy();
    disk_ = page_.dbd();
    block_ = {};
  }

  void put_on_swap(const std::byte* bytes) {
    if (!new_disk_) {
      // Only a page that may be written can have an old copy. One that has strayed leaves the others theirs.
      if (page_.has_old_copy() && others_ == 0 && (preset_.disk || !valid_ || cow_)) write_block(bytes);
      return;
    }
    if (others_ == 0) {
      vm_.swap.take(block_);
      write_block(bytes);
    }
    if (others_ == 0) return;
    for_each_sharer([](const Page& page) {
      if (is_private(page.region().type)) page.copy_on_write();
    });
  }

  // A free frame may be said to hold the block.
  void write_block(const std::byte* bytes) {
    vm_.swap.write(block_, bytes);
    if (const auto holder = vm_.pfdata.find(block_); holder && holder != own_)
      std::memcpy(vm_.memory.page(ppn_of(*holder)), bytes, kPageSize);
  }

  // The dbd says where the disk copy will be.
  void describe() {
    if (new_disk_ || (valid_ && is_demand(disk_.kind()))) page_.give_up_disk_copy();
    if (new_disk_ && disk_.on_swap())
      page_.name_block(block_);
    else if (new_disk_)
      page_.describe(disk_);
  }

  // The page was valid with the PTE `old`, or is not valid yet.
  void put_in_frame(const std::byte* bytes, Pte old, unsigned age) {
    PfdataTable& pfdata = vm_.pfdata;
    if (found_) {
      page_.rescue(frame_, 0);
    } else if (!keeps_frame() || (new_disk_ && pfdata.identity(frame_) != block_)) {
      if (own_ && (keeps_frame() || pfdata.identity(*own_) == block_)) pfdata.drop_identity(*own_);
      if (!keeps_frame()) pfdata.take(frame_);
      std::memcpy(vm_.memory.page(ppn_of(frame_)), bytes, kPageSize);
      if (!block_.none() && !strayed_) pfdata.set_identity(frame_, block_);
      if (!keeps_frame()) page_.map(frame_, 0);
    }
    std::uint64_t bits = cow_ ? Pte::kCow : is_writable(type_) ? Pte::kW : 0;
    bits |= preset_.referenced || (own_ && old.accessed()) ? Pte::kA : 0;
    // A copy on disk that has just been made is a current one.
    bits |= preset_.modified || (own_ && old.dirty() && !preset_.disk) ? Pte::kD : 0;
    page_.set_rights(bits);
    page_.set_age(age);
  }

  Vm& vm_;
  const PagePreset& preset_;
  Page page_;
  RegionType type_;
  std::optional<Frame> own_;  // where the page is now
  bool valid_ = false;        // what it will be
  Dbd disk_;                  // where its disk copy will be
  bool new_disk_ = false;     // and that is not where it is now
  DiskBlock block_;           // what its frame will hold
  std::uint32_t others_ = 0;  // dbds of other pages that name the block
  bool takes_bytes_ = false;  // the page takes the bytes that its disk copy has already
  bool strayed_ = false;      // disk-copy=keep: its dbd names a block by which others find another frame, or none
  Frame frame_;               // of a page that will be valid
  bool found_ = false;        // it holds the page's block already
  bool cow_ = false;
};

}  // namespace

PresetResult preset_page(Vm& vm, PageId id, const PagePreset& preset) {
  recall_all(vm);
  PageMove move(vm, id, preset);
  if (auto checked = move.check(); !checked) return checked;
  const auto [frame, swap, tlb] = std::tuple(vm.pfdata.counters(), vm.swap.counters(), vm.hart.counters());
  move.perform();
  vm.pfdata.set_counters(frame);
  vm.swap.set_counters(swap);
  vm.hart.set_counters(tlb);
  return {};
}

PresetResult preset_pfdata(Vm& vm, Frame frame, DiskBlock block) {
  recall_all(vm);
  if (auto free = check_free(vm, frame); !free) return free;
  if (const auto holder = vm.pfdata.find(block); !block.none() && holder && *holder != frame)
    return refuse(Part::Disk, fmt::format("frame {} holds the block already", holder->value));
  vm.pfdata.reach(frame);
  vm.pfdata.drop_identity(frame);
  if (block.none()) return {};
  peek_disk(vm, Dbd::at(block), vm.memory.page(ppn_of(frame)));
  vm.pfdata.set_identity(frame, block);
  return {};
}

PresetResult preset_freelist(Vm& vm, std::span<const Frame> frames) {
  recall_all(vm);
  std::unordered_set<std::uint32_t> named;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    auto result = check_free(vm, frames[i]);
    if (result && !named.insert(frames[i].value).second)
      result = refuse(Part::FrameNumber, fmt::format("frame {} is named twice", frames[i].value));
    if (!result) {
      result.error().index = i;
      return result;
    }
  }
  for (std::size_t i = frames.size(); i > 0; --i) vm.pfdata.put_first(frames[i - 1]);
  return {};
}

std::optional<Frame> stale_frame(Pte pte) {
  if (pte.valid() || pte.ppn() == Ppn{}) return std::nullopt;
  return frame_of(pte.ppn());
}

}  // namespace bachsim
