// A page that a preset moves ends in one of these ways:
//
//   invalid    it is where its dbd says; its PTE may keep the number of a frame that it has no more
//   stays      in its frame
//   found      in the frame that holds its block already: a rescue, without the fault
//   moves      to the frame named, or where it has none yet, to the head of the free list
#include "regions/preset.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "regions/fault.h"
#include "regions/regops.h"
#include "sim/machine/check.h"

namespace bachsim {
namespace {

using Part = PresetError::Part;

std::unexpected<PresetError> refuse(Part part, std::string what, std::optional<PageId> page = std::nullopt) {
  return std::unexpected(PresetError{.part = part, .what = std::move(what), .page = page});
}

// What the tables count while it lives is taken back.
class Uncounted {
 public:
  explicit Uncounted(Vm& vm)
      : vm_(vm), frame_(vm.pfdata.counters()), swap_(vm.swap.counters()), tlb_(vm.hart.counters()) {}
  Uncounted(const Uncounted&) = delete;
  Uncounted& operator=(const Uncounted&) = delete;
  ~Uncounted() {
    vm_.pfdata.set_counters(frame_);
    vm_.swap.set_counters(swap_);
    vm_.hart.set_counters(tlb_);
  }

 private:
  Vm& vm_;
  FrameCounters frame_;
  SwapCounters swap_;
  TlbCounters tlb_;
};

// Calls visit(PageId, const Region&, Page) for every page there is.
template <class Visit>
void for_each_page(Vm& vm, Visit&& visit) {
  vm.regions.for_each([&](RegionId id, const Region& region) {
    for (std::uint32_t number = 0; number < region.pages; ++number)
      visit(PageId{id, number}, region, vm.page(region, number));
  });
}

PresetResult check_free(Vm& vm, Frame frame) {
  if (frame.value < vm.pfdata.reserved())
    return refuse(Part::FrameNumber, fmt::format("frame {} is reserved", frame.value));
  if (vm.pfdata.is_free(frame))
    return {};
  std::optional<PageId> mapper;
  for_each_page(vm, [&](PageId id, const Region&, Page page) {
    if (!mapper && page.pte->valid() && page.pte->ppn() == ppn_of(frame))
      mapper = id;
  });
  return refuse(Part::FrameNumber, fmt::format("frame {} is in use", frame.value), mapper);
}

bool same_place(Dbd a, Dbd b) {
  return a.kind() == b.kind() && a.device() == b.device() && a.block() == b.block();
}

bool is_demand(DbdKind kind) {
  return kind == DbdKind::Zero || kind == DbdKind::Fill;
}

void read_block(const Vm& vm, DiskBlock block, std::byte* bytes) {
  if (block.in_file())
    read_file_block(block.logical(), bytes);
  else
    vm.swap.peek(block, bytes);
}

class PageMove {
 public:
  PageMove(Vm& vm, PageId id, const PagePreset& preset)
      : vm_(vm), id_(id), preset_(preset), region_(vm.regions[id.region]), page_(vm.page(region_, id.page)) {
    if (page_.pte->valid())
      own_ = frame_of(page_.pte->ppn());
    const Residence before = own_ ? Residence::Valid : Residence::Invalid;
    valid_ = preset.residence.value_or(preset.frame ? Residence::Valid : before) == Residence::Valid;
    disk_ = preset.disk.value_or(*page_.dbd);
    new_disk_ = !same_place(disk_, *page_.dbd);
    block_ = disk_.identity(region_.program.value_or(ProgramId{}));
    if (disk_.on_swap())
      others_ = vm.swap.uses(block_) - (new_disk_ ? 0u : 1u);
    takes_bytes_ = new_disk_ && disk_.kind() != DbdKind::None && (!disk_.on_swap() || others_ > 0);
    stale_copy_ = page_.pte->has(Pte::kV | Pte::kW | Pte::kD) && page_.dbd->on_swap();
  }

  PresetResult check() {
    auto result = check_disk();
    if (result)
      result = check_sharers();
    if (result)
      result = valid_ ? choose_frame() : check_invalid();
    return result ? check_bits() : result;
  }

  // REQUIRES: check() found nothing
  void perform() {
    std::array<std::byte, kPageSize> bytes;
    read_bytes(bytes.data());
    if (valid_ && !keeps_frame())
      vm_.pfdata.reach(frame_);
    put_on_disk(bytes.data());
    if (valid_)
      put_in_frame(bytes.data());
    else if (own_)
      vm_.pfdata.unref(*own_);
    if (new_disk_ && page_.dbd->on_swap())
      give_up_swap(vm_, *page_.dbd);
    write_entries();
    vm_.hart.sfence_vma();
  }

 private:
  PresetResult check_disk() const {
    if (valid_ != own_.has_value() && vm_.config.paging == PagingPolicy::Off)
      return refuse(Part::Residence, "under paging=off a page is in memory when its process is");
    if (valid_ && preset_.disk && is_demand(disk_.kind()))
      return refuse(Part::Disk, "a page that is in memory is not to be filled on demand");
    if (!valid_ && disk_.kind() == DbdKind::None)
      return refuse(preset_.disk ? Part::Disk : Part::Residence,
                    "a page that is not in memory is on a disk: `disk=` tells where");
    return {};
  }

  // Pages that come to share a swap block do as after a fork: copy on write, and none has a newer version.
  PresetResult check_sharers() const {
    if (!new_disk_ || others_ == 0)
      return {};
    if (region_.type == RegionType::Shm)
      return refuse(Part::Disk, "the block is in use: a page of shared memory has one of its own");
    PresetResult result;
    for_each_sharer([&](PageId other, const Region& region, Page page) {
      if (!result)
        return;
      if (region.type == RegionType::Shm)
        result = refuse(Part::Disk, "the block belongs to shared memory", other);
      else if (page.pte->has(Pte::kV | Pte::kW | Pte::kD))
        result = refuse(Part::Disk, "the block is an old copy of a page that has been modified", other);
    });
    return result;
  }

  PresetResult check_invalid() const {
    if (preset_.frame && preset_.frame->value < vm_.pfdata.reserved())
      return refuse(Part::FrameNumber, fmt::format("frame {} is reserved", preset_.frame->value));
    return {};
  }

  // Where a page that is to be valid will be.
  PresetResult choose_frame() {
    const std::optional<Frame> holder = block_.none() ? std::nullopt : vm_.pfdata.find(block_);
    const std::optional<Frame> wanted = preset_.frame;
    const bool own_holds = holder && is_own(*holder);
    const bool may_stay = own_ && (!wanted || is_own(*wanted));
    if (may_stay && (!new_disk_ || own_holds)) {
      frame_ = *own_;
      return {};
    }
    if (holder && !own_holds) {
      if (wanted && *wanted != *holder)
        return refuse(Part::FrameNumber, fmt::format("frame {} holds the page's block already", holder->value));
      frame_ = *holder;
      found_ = true;
      return {};
    }
    if (own_holds && vm_.pfdata.refs(*own_) > 1)
      return refuse(Part::FrameNumber, fmt::format("frame {} holds the page's block for others too", own_->value));
    if (may_stay) {
      const bool alone = vm_.pfdata.refs(*own_) == 1;
      if (alone || (vm_.pfdata.identity(*own_).none() && !takes_bytes_)) {
        frame_ = *own_;
        return {};
      }
      if (wanted)
        return refuse(Part::FrameNumber, fmt::format("frame {} is shared: its other pages do not move", own_->value));
    }
    if (wanted) {
      frame_ = *wanted;
      return check_free(vm_, frame_);
    }
    if (vm_.pfdata.free() == 0)
      return refuse(Part::Residence, "no frame is free");
    frame_ = *vm_.pfdata.first_free();
    return {};
  }

  PresetResult check_bits() {
    const bool is_mine = is_private(region_.type);
    const std::uint32_t sharers = !valid_         ? 0
                                  : keeps_frame() ? vm_.pfdata.refs(frame_)
                                  : found_        ? vm_.pfdata.refs(frame_) + 1
                                                  : 1;
    const bool must_copy =
        is_mine && valid_ && (disk_.kind() == DbdKind::File || sharers > 1 || (disk_.on_swap() && others_ > 0));
    if (preset_.cow && !is_mine)
      return refuse(Part::Cow, "only pages of data and stack are copied on write");
    if (!valid_) {
      for (const auto& [given, part] : {std::pair{preset_.writable, Part::Writable},
                                        {preset_.referenced, Part::Referenced},
                                        {preset_.modified, Part::Modified},
                                        {preset_.age.value_or(0) > 0, Part::Age}}) {
        if (given)
          return refuse(part, "only a page that is in memory can be so");
      }
    }
    if ((preset_.writable || preset_.modified) && !is_writable(region_.type))
      return refuse(preset_.writable ? Part::Writable : Part::Modified, "text is never written");
    if (preset_.writable && preset_.cow)
      return refuse(Part::Writable, "a page is writable or copy on write");
    if (preset_.writable && must_copy)
      return refuse(Part::Writable, "the page is shared, or of the file: it is copied on write");
    const bool was_shared = page_.pte->cow() && !(valid_ && is_demand(page_.dbd->kind()));
    cow_ = !preset_.writable && (preset_.cow || must_copy || was_shared || (is_mine && new_disk_ && others_ > 0));
    return {};
  }

  [[nodiscard]] bool is_own(Frame frame) const { return own_ && *own_ == frame; }
  [[nodiscard]] bool keeps_frame() const { return is_own(frame_); }

  template <class Visit>
  void for_each_sharer(Visit&& visit) const {
    for_each_page(vm_, [&](PageId other, const Region& region, Page page) {
      if (other != id_ && page.dbd->on_swap() && page.dbd->swap_block() == block_)
        visit(other, region, page);
    });
  }

  // What the page holds from now on.
  void read_bytes(std::byte* bytes) const {
    if (!takes_bytes_)
      peek_page(vm_, region_, id_.page, bytes);
    else if (disk_.kind() == DbdKind::Fill)
      read_file_block(disk_.block(), bytes);
    else if (disk_.kind() == DbdKind::Zero)
      std::memset(bytes, 0, kPageSize);
    else
      read_block(vm_, block_, bytes);
  }

  void put_on_disk(const std::byte* bytes) {
    if (!disk_.on_swap())
      return;
    if (!new_disk_) {
      // Only a page that may be written can have an old copy.
      if (stale_copy_ && (preset_.disk || !valid_ || cow_))
        vm_.swap.write(block_, bytes);
      return;
    }
    if (others_ == 0) {
      vm_.swap.take(block_);
      vm_.swap.write(block_, bytes);
      // A free frame that was said to hold the block.
      if (const auto holder = vm_.pfdata.find(block_); holder && !is_own(*holder))
        std::memcpy(vm_.memory.page(ppn_of(*holder)), bytes, kPageSize);
    }
    vm_.swap.use(block_);
    for_each_sharer([](PageId, const Region& region, Page page) {
      if (is_private(region.type))
        page.pte->raw = (page.pte->raw & ~Pte::kW) | Pte::kCow;
    });
  }

  void put_in_frame(const std::byte* bytes) {
    PfdataTable& pfdata = vm_.pfdata;
    if (keeps_frame()) {
      if (new_disk_ && pfdata.identity(frame_) != block_) {
        pfdata.drop_identity(frame_);
        if (takes_bytes_)
          std::memcpy(vm_.memory.page(ppn_of(frame_)), bytes, kPageSize);
        if (!block_.none())
          pfdata.set_identity(frame_, block_);
      }
      return;
    }
    if (found_) {
      pfdata.rescue(frame_);
    } else {
      if (own_ && pfdata.identity(*own_) == block_)
        pfdata.drop_identity(*own_);
      const auto grant = pfdata.take(frame_);
      std::memcpy(vm_.memory.page(ppn_of(grant.frame)), bytes, kPageSize);
      if (!block_.none())
        pfdata.set_identity(frame_, block_);
    }
    if (own_)
      pfdata.unref(*own_);
  }

  void write_entries() {
    const Pte old = *page_.pte;
    const unsigned age = preset_.age.value_or(own_ ? page_.dbd->age() : 0);
    page_.dbd->set_place(valid_ && is_demand(disk_.kind()) ? Dbd::make(DbdKind::None) : disk_);
    page_.dbd->set_age(valid_ ? age : 0);
    region_.valid += valid_ ? 1u : 0u;
    region_.valid -= own_ ? 1u : 0u;
    std::uint64_t bits = cow_ ? Pte::kCow : 0;
    if (!valid_) {
      const std::optional<Frame> stale = preset_.frame ? preset_.frame : stale_frame(old);
      *page_.pte = stale ? Pte::make(ppn_of(*stale), bits) : Pte{bits};
      return;
    }
    bits |= page_bits(region_.type);
    bits |= is_writable(region_.type) && !cow_ ? Pte::kW : 0;
    bits |= preset_.referenced || (own_ && old.accessed()) ? Pte::kA : 0;
    // A copy on disk that has just been made is a current one.
    bits |= preset_.modified || (own_ && old.dirty() && !preset_.disk) ? Pte::kD : 0;
    *page_.pte = Pte::make(ppn_of(frame_), bits);
  }

  Vm& vm_;
  PageId id_;
  const PagePreset& preset_;
  Region& region_;
  Page page_;
  std::optional<Frame> own_;  // where the page is now
  bool valid_ = false;        // what it will be
  Dbd disk_;                  // where its disk copy will be
  bool new_disk_ = false;     // and that is another place than now
  DiskBlock block_;           // what its frame will hold
  std::uint32_t others_ = 0;  // dbds of other pages that name the block
  bool takes_bytes_ = false;  // those that the place has already
  bool stale_copy_ = false;   // it has been modified since it was read from swap
  Frame frame_;               // of a page that will be valid
  bool found_ = false;        // it holds the page's block already
  bool cow_ = false;
};

}  // namespace

PresetResult preset_page(Vm& vm, PageId id, const PagePreset& preset) {
  PageMove move(vm, id, preset);
  if (auto checked = move.check(); !checked)
    return checked;
  const Uncounted uncounted(vm);
  move.perform();
  return {};
}

PresetResult preset_pfdata(Vm& vm, Frame frame, DiskBlock block) {
  if (auto free = check_free(vm, frame); !free)
    return free;
  if (const auto holder = vm.pfdata.find(block); !block.none() && holder && *holder != frame)
    return refuse(Part::Disk, fmt::format("frame {} holds the block already", holder->value));
  vm.pfdata.reach(frame);
  vm.pfdata.drop_identity(frame);
  if (block.none())
    return {};
  read_block(vm, block, vm.memory.page(ppn_of(frame)));
  vm.pfdata.set_identity(frame, block);
  return {};
}

PresetResult preset_freelist(Vm& vm, std::span<const Frame> frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    auto result = check_free(vm, frames[i]);
    if (result && std::ranges::find(frames.first(i), frames[i]) != frames.begin() + static_cast<std::ptrdiff_t>(i))
      result = refuse(Part::FrameNumber, fmt::format("frame {} is named twice", frames[i].value));
    if (!result) {
      result.error().index = i;
      return result;
    }
  }
  for (std::size_t i = frames.size(); i > 0; --i)
    vm.pfdata.put_first(frames[i - 1]);
  return {};
}

std::optional<Frame> stale_frame(Pte pte) {
  if (pte.valid() || pte.ppn() == Ppn{})
    return std::nullopt;
  return frame_of(pte.ppn());
}

}  // namespace bachsim
