#include "sim/kernel/audit.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "regions/fault.h"
#include "regions/layout.h"

namespace bachsim {
namespace {

class Audit {
 public:
  explicit Audit(const Kernel& kernel) : kernel_(kernel), vm_(kernel.vm()), seen_(vm_.pfdata.fresh().value) {}

  Violations run() {
    vm_.regions.for_each([&](RegionId id, const Region& region) { visit_region(id, region); });
    for (std::uint32_t f = 0; f < seen_.size(); ++f) {
      // A frame that is being read counts the page that it is for.
      if (seen_[f].ptes + (vm_.contexts.being_read(Frame{f}) ? 1 : 0) != vm_.pfdata.refs(Frame{f}))
        violation(1, "frame {}: count {}, but {} valid PTEs map it", f, vm_.pfdata.refs(Frame{f}), seen_[f].ptes);
    }
    out_list();
    swap_counts();
    region_counts();
    vm_.pfdata.audit(found_);
    contents();
    trees();
    tlb();
    walks();
    vm_.tables.audit(found_);
    vm_.swap.audit(found_);
    sleepers();
    whole_processes();
    std::ranges::stable_sort(found_, {}, &Violation::identity);
    return std::move(found_);
  }

 private:
  // The PTEs that map a frame.
  struct Seen {
    std::uint32_t ptes = 0;
    Pte last;
  };

  template <class... Args>
  void violation(int identity, fmt::format_string<Args...> format, Args&&... args) {
    found_.push_back({identity, fmt::format(format, std::forward<Args>(args)...)});
  }

  void visit_region(RegionId id, const Region& region) {
    leaf_tables_ += region.leaves.size();
    std::uint32_t valid = 0;
    for (std::uint32_t number = 0; number < region.pages; ++number) {
      const PageWords page = vm_.page(region, number);
      if (page.dbd.on_swap()) ++swap_uses_[page.dbd.swap_block()];
      if (page.pte.cow() && page.pte.writable())
        violation(6, "region {} page {}: copy on write, but W is set", id.value, number);
      listed_ += page.dbd.on_out_list() ? 1u : 0u;
      if (!page.in_frame()) continue;
      valid += page.pte.valid() ? 1u : 0u;
      const Ppn ppn = page.pte.ppn();
      if (ppn < PhysMem::first() || ppn.value - PhysMem::first().value >= seen_.size() ||
          frame_of(ppn).value < vm_.pfdata.reserved()) {
        violation(8, "region {} page {}: maps PPN {:#x}, which is no frame in use", id.value, number, ppn.value);
        continue;
      }
      const Frame frame = frame_of(ppn);
      Seen& seen = seen_[frame.value];
      ++seen.ptes;
      seen.last = page.pte;
      if (page.pte.writable() && is_private(region.type) && vm_.pfdata.refs(frame) != 1 && !keeps_copies())
        violation(6, "region {} page {}: W is set, but frame {} has count {}", id.value, number, frame.value,
                  vm_.pfdata.refs(frame));
    }
    if (valid != region.valid()) violation(1, "region {}: {} valid pages, counted {}", id.value, valid, region.valid());
  }

  // A stealer that sleeps has a list of its own.
  void out_list() {
    for (const OutList::Waiting& waiting : vm_.out_list.pages) {
      const Frame frame = vm_.out_list.frames[waiting.index];
      const PageWords page = vm_.page(vm_.regions[waiting.page.region], waiting.page.page);
      if (!page.dbd.on_out_list() || frame_of(page.pte.ppn()) != frame)
        violation(1, "region {} page {}: the out-list has it in frame {}, where it is not", waiting.page.region.value,
                  waiting.page.page, frame.value);
    }
    if (vm_.contexts.all().empty() && listed_ != vm_.out_list.pages.size())
      violation(1, "{} pages are marked as on the out-list, which has {}", listed_, vm_.out_list.pages.size());
  }

  // Locks, reads and those who sleep belong together.
  void sleepers() {
    const Contexts& contexts = vm_.contexts;
    for (const Context& context : contexts.all()) {
      const bool may_wait = vm_.config.frame_wait == FrameWait::Locked;
      const bool waits = context.sleeps_for && context.sleeps_for->kind == Channel::Kind::FreeFrame;
      for (const RegionId id : context.locks) {
        if (!vm_.regions[id].active) violation(10, "region {}: locked by {}, but it is free", id.value, who(context));
        if (waits && !may_wait)
          violation(10, "region {}: locked by {}, who sleeps for a frame", id.value, who(context));
      }
    }
    for (const auto& [frame, by] : contexts.reads()) {
      if (seen_[frame.value].ptes != 0)
        violation(10, "frame {}: {} PTEs map it, but its contents are not valid", frame.value, seen_[frame.value].ptes);
      if (!by->sleeps_for || *by->sleeps_for != Channel{.kind = Channel::Kind::Transfer, .frame = frame})
        violation(10, "frame {}: being read, but {} does not sleep for it", frame.value, who(*by));
    }
    for (const Context& context : contexts.all()) {
      if (!context.sleeps_for) continue;
      const Channel& channel = *context.sleeps_for;
      const bool lock = channel.kind == Channel::Kind::Lock || channel.kind == Channel::Kind::Text;
      if (lock && (contexts.owner(channel.region) == nullptr || contexts.owner(channel.region) == &context))
        violation(10, "{} sleeps for the lock of region {}, which nobody else has", who(context), channel.region.value);
      if (channel.kind == Channel::Kind::Contents && !contexts.being_read(channel.frame))
        violation(10, "{} sleeps for the contents of frame {}, which are valid", who(context), channel.frame.value);
    }
    for (const ProcSlot slot : kernel_.processes()) {
      const Process& process = kernel_.process(slot);
      const Context* context = contexts.find(process.tag);
      if (process.waiting_for >= WaitingFor::Transfer && (context == nullptr || !context->sleeps_for))
        violation(10, "pid {}: it waits for {} inside the kernel, but is not there", process.pid.value,
                  name(process.waiting_for));
    }
  }

  // A process inside the kernel may be on its way to swap, where a stack that has grown has its new pages already.
  void whole_processes() {
    if (vm_.config.paging != PagingPolicy::Off) return;
    for (const ProcSlot slot : kernel_.processes()) {
      const Process& process = kernel_.process(slot);
      if (process.state == ProcessState::Zombie || is_swapped(process.state) || kernel_.is_inside(process.tag))
        continue;
      for (const Pregion& pregion : process.space.pregions) {
        const Region& region = vm_.regions[pregion.region];
        if (region.valid() != region.pages)
          violation(11, "pid {}: it is in memory, but of region {} only {} of {} pages are", process.pid.value,
                    pregion.region.value, region.valid(), region.pages);
      }
    }
  }

  static std::string who(const Context& context) {
    return context.tag == Context::kVhand ? "the page stealer" : fmt::format("process {}", context.tag);
  }

  void swap_counts() {
    const auto check = [&](DiskBlock block, std::uint32_t uses, std::uint32_t dbds) {
      if (uses != dbds)
        violation(2, "swap block {}:{}: use count {}, but {} dbds name it", block.device(), block.block(), uses, dbds);
    };
    for (const auto& [block, dbds] : swap_uses_) check(block, vm_.swap.uses(block), dbds);
    vm_.swap.for_each_used([&](DiskBlock block, std::uint32_t uses) {
      if (!swap_uses_.contains(block)) check(block, uses, 0);
    });
  }

  void region_counts() {
    std::map<RegionId, std::uint32_t> counts;
    for (const ProcSlot slot : kernel_.processes()) {
      for (const Pregion& pregion : kernel_.process(slot).space.pregions) ++counts[pregion.region];
    }
    for (const auto& [key, region] : kernel_.shm_regions()) ++counts[region];
    vm_.regions.for_each([&](RegionId id, const Region& region) {
      if (region.type == RegionType::Text && vm_.programs[region.program->value].sticky) ++counts[id];
      if (counts[id] != region.refs())
        violation(3, "region {}: count {}, but {} hold it", id.value, region.refs(), counts[id]);
    });
  }

  // With disk-copy=keep, frames may hold newer bytes than the blocks by which others find them (exercise 9.12).
  [[nodiscard]] bool keeps_copies() const { return vm_.config.disk_copy == DiskCopy::Keep; }

  void contents() {
    std::array<std::byte, kPageSize> block_bytes;
    for (std::uint32_t f = vm_.pfdata.reserved(); f < seen_.size(); ++f) {
      const DiskBlock block = vm_.pfdata.identity(Frame{f});
      const bool stale = seen_[f].ptes == 1 && seen_[f].last.dirty() && !seen_[f].last.cow();
      if (block.none() || stale || vm_.contexts.being_read(Frame{f})) continue;
      if (block.on_swap() && vm_.swap.uses(block) == 0) {
        violation(7, "frame {}: it holds swap block {}:{}, which no dbd names", f, block.device(), block.block());
        continue;
      }
      peek_disk(vm_, Dbd::at(block), block_bytes.data());
      if (!keeps_copies() && std::memcmp(block_bytes.data(), vm_.memory.page(ppn_of(Frame{f})), kPageSize) != 0)
        violation(7, "frame {}: its bytes are not those of its block {}:{}", f, block.device(), block.block());
    }
  }

  // Collects the leaf tables below `table`, of `level`.
  void descend(Pid pid, Ppn table, int level, std::vector<Ppn>& leaves) {
    if (!vm_.tables.contains(table))
      return violation(8, "pid {}: its tree reaches PPN {:#x}, which is no page-table frame", pid.value, table.value);
    if (level == 0) return leaves.push_back(table);
    ++upper_tables_;
    for (unsigned i = 0; i < kTableEntries; ++i) {
      const Pte pte = vm_.memory.table(table)[i];
      if (!pte.valid()) continue;
      if (pte.leaf())
        violation(8, "pid {}: entry {} of table {:#x} is a superpage", pid.value, i, table.value);
      else
        descend(pid, pte.ppn(), level - 1, leaves);
    }
  }

  void trees() {
    for (const ProcSlot slot : kernel_.processes()) {
      const Process& process = kernel_.process(slot);
      if (process.lender != slot || process.state == ProcessState::Zombie) continue;
      const Ppn root = process.space.root;
      std::vector<Ppn> reached;
      std::vector<Ppn> wanted;
      descend(process.pid, root, levels(vm_.config.mode) - 1, reached);
      for (const Pregion& pregion : process.space.pregions) {
        const Region& region = vm_.regions[pregion.region];
        wanted.insert(wanted.end(), region.leaves.begin(), region.leaves.end());
        // Each leaf table must be linked where its pages' addresses lead.
        for (std::size_t i = 0; i < region.leaves.size(); ++i) {
          const VirtAddr va = address_of(pregion, i * kTableEntries);
          if (leaf_table(root, va) != region.leaves[i])
            violation(8, "pid {}: address {:#x} leads to another table than that of page {} of region {}",
                      process.pid.value, va.value, i * kTableEntries, pregion.region.value);
        }
      }
      std::ranges::sort(reached);
      std::ranges::sort(wanted);
      if (reached != wanted)
        violation(8, "pid {}: its tree reaches {} leaf tables, not the {} of its pregions", process.pid.value,
                  reached.size(), wanted.size());
    }
    if (leaf_tables_ + upper_tables_ != vm_.tables.used())
      violation(8, "page-table frames: {} used, but {} are in trees and regions", vm_.tables.used(),
                leaf_tables_ + upper_tables_);
  }

  // The leaf table that a tree has for an address; empty where it has none.
  std::optional<Ppn> leaf_table(Ppn root, VirtAddr va) const {
    Ppn table = root;
    for (int level = levels(vm_.config.mode) - 1; vm_.tables.contains(table); --level) {
      if (level == 0) return table;
      const unsigned shift = kPageShift + kTableBits * static_cast<unsigned>(level);
      const Pte pte = vm_.memory.table(table)[va.value >> shift & (kTableEntries - 1)];
      if (!pte.valid() || pte.leaf()) return std::nullopt;
      table = pte.ppn();
    }
    return std::nullopt;
  }

  void tlb() {
    std::map<std::uint16_t, const AddressSpace*> spaces;
    for (const ProcSlot slot : kernel_.processes()) {
      const Process& process = kernel_.process(slot);
      if (process.lender == slot && process.state != ProcessState::Zombie &&
          process.space.asid_generation == vm_.asids.generation)
        spaces.emplace(process.space.asid, &process.space);
    }
    for (const Tlb::Entry& entry : vm_.hart.tlb().entries()) {
      if (entry.asid == Tlb::kEmpty) continue;
      const auto asid = static_cast<std::uint16_t>(entry.asid);
      const auto space = spaces.find(asid);
      for (const Access access : {Access::Fetch, Access::Load, Access::Store}) {
        if (!entry.grants(access)) continue;
        if (space == spaces.end() || !grants(space->second->root, entry, access))
          violation(8, "TLB: ASID {} address {:#x} grants what the tree does not", asid, entry.vpn << kPageShift);
      }
    }
  }

  // True if the tree grants the access as the TLB entry does, with A and D set as the access needs them.
  bool grants(Ppn root, const Tlb::Entry& entry, Access access) const {
    const auto table = leaf_table(root, VirtAddr{entry.vpn << kPageShift});
    if (!table) return false;
    const Pte pte = vm_.memory.table(*table)[entry.vpn % kTableEntries];
    const std::uint64_t used = access == Access::Store ? Pte::kA | Pte::kD : Pte::kA;
    return pte.has(Pte::kV | Pte::kU | right(access) | used) && pte.ppn() == entry.ppn;
  }

  void walks() {
    for (const WalkCache::Entry& entry : vm_.hart.walks().entries()) {
      const auto table = leaf_table(vm_.hart.satp().root, entry.va);
      if (!table || vm_.memory.table(*table) != entry.table)
        violation(8, "page-walk cache: address {:#x} leads to another table than in the tree", entry.va.value);
    }
  }

  const Kernel& kernel_;
  const Vm& vm_;
  Violations found_;
  std::vector<Seen> seen_;  // [Frame]
  std::map<DiskBlock, std::uint32_t> swap_uses_;
  std::uint64_t listed_ = 0;  // pages marked as on the out-list
  std::uint64_t leaf_tables_ = 0;
  std::uint64_t upper_tables_ = 0;
};

}  // namespace

Violations audit(const Kernel& kernel) { return Audit(kernel).run(); }

}  // namespace bachsim
