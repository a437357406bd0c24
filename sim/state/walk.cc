#include "sim/state/walk.h"

#include <utility>

#include "regions/pregion.h"
#include "regions/vm.h"
#include "sim/machine/trap.h"
#include "sim/machine/walk.h"
#include "sim/state/labels.h"
#include "sim/state/state.h"

namespace bachsim {

std::string flags_of(Pte pte) {
  std::string flags;
  for (const auto& [mask, letter] : {std::pair{Pte::kCow, 'c'},
                                     {Pte::kD, 'd'},
                                     {Pte::kA, 'a'},
                                     {Pte::kU, 'u'},
                                     {Pte::kX, 'x'},
                                     {Pte::kW, 'w'},
                                     {Pte::kR, 'r'},
                                     {Pte::kV, 'v'}})
    flags += pte.has(mask) ? letter : '-';
  return flags;
}

namespace {

// True if a leaf lets the access through; A and D may be missing where the walk sets them itself.
bool grants(Pte leaf, Access access, AdUpdate ad) {
  const std::uint64_t used = access == Access::Store ? Pte::kA | Pte::kD : Pte::kA;
  const bool write_only = (leaf.raw & (Pte::kR | Pte::kW)) == Pte::kW;
  return leaf.has(Pte::kV | Pte::kU | right(access)) && (leaf.raw & Pte::kReserved) == 0 && !write_only &&
         (ad == AdUpdate::Hardware || leaf.has(used));
}

}  // namespace

std::string_view cause_name(std::uint64_t scause) {
  constexpr std::array kPageFaults{"instruction page fault", "load page fault", "store page fault"};
  constexpr std::array kAccessFaults{"instruction access fault", "load access fault", "store access fault"};
  for (const Access access : {Access::Fetch, Access::Load, Access::Store}) {
    if (static_cast<Cause>(scause) == page_fault(access)) return kPageFaults.at(static_cast<unsigned>(access));
    if (static_cast<Cause>(scause) == access_fault(access)) return kAccessFaults.at(static_cast<unsigned>(access));
  }
  return "unknown";
}

std::string_view mode_name(PagingMode mode) {
  constexpr std::array<std::string_view, 3> kNames{"Sv39", "Sv48", "Sv57"};
  return mode == PagingMode::Bare ? "Bare" : kNames.at(static_cast<unsigned>(levels(mode)) - 3);
}

Walk State::walk(ProcSlot slot, VirtAddr va) const {
  Walk walk{
      .process = names_.process(kernel_.process(slot).tag), .address = {.value = va.value}, .satp = kernel_.satp(slot)};
  const Labels labels(kernel_, slot);
  if (const auto found = find_page(vm(), kernel_.space(slot), va); found && !labels.real())
    walk.label = labels.shown(labels.page(kernel_.space(slot).pregions[found->index], found->page) + walk.offset());
  constexpr std::uint64_t kPointer =
      Pte::kReserved | Pte::kV | Pte::kR | Pte::kW | Pte::kX | Pte::kU | Pte::kA | Pte::kD;
  const auto top = static_cast<unsigned>(levels(walk.satp.mode)) - 1;
  const unsigned unused = 64 - (kPageShift + kTableBits * (top + 1));
  const bool canonical = static_cast<std::int64_t>(va.value << unused) >> unused == static_cast<std::int64_t>(va.value);
  bool in_memory = true;
  Pte leaf;
  for (unsigned level = top + 1; canonical && level-- > 0;) {
    const Ppn table = walk.rows.empty() ? walk.satp.root : Ppn{walk.rows.back().ppn.value};
    in_memory = vm().memory.contains(table);
    if (!in_memory) break;
    const unsigned index = va.value >> (kPageShift + kTableBits * level) & (kTableEntries - 1);
    const Pte pte = vm().memory.table(table)[index];
    const std::uint64_t base = table.value << kPageShift;
    walk.rows.push_back({.level = level,
                         .index = index,
                         .table = {.value = base},
                         .at = {.value = base + index * sizeof(Pte)},
                         .pte = {.value = pte.raw},
                         .ppn = {.value = pte.ppn().value},
                         .flags = flags_of(pte)});
    if (level != 0 && (pte.raw & kPointer) == Pte::kV) continue;
    leaf = pte;
    if (pte.valid()) walk.depth = static_cast<unsigned>(walk.rows.size()) - 1;
    break;
  }
  const unsigned level = walk.rows.empty() ? 0 : walk.rows.back().level;
  const std::uint64_t below = (std::uint64_t{1} << kTableBits * level) - 1;  // bits of the PPN that a superpage leaves
  const Ppn page{leaf.ppn().value | (va.value >> kPageShift & below)};
  for (const Access access : {Access::Fetch, Access::Load, Access::Store}) {
    WalkEnd& end = walk.ends.at(static_cast<unsigned>(access));
    end = {.access = access, .stval = va.value};
    if (in_memory && (!grants(leaf, access, kernel_.config().ad) || (leaf.ppn().value & below) != 0))
      end.scause = static_cast<std::uint64_t>(page_fault(access));
    else if (!in_memory || !vm().memory.contains(page))
      end.scause = static_cast<std::uint64_t>(access_fault(access));
    else
      end.physical = Address{.value = page.value << kPageShift | walk.offset()};
  }
  return walk;
}

}  // namespace bachsim
