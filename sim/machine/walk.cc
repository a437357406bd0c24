#include "sim/machine/walk.h"

#include "sim/machine/check.h"

namespace bachsim {
namespace {

// Bits above the mode's virtual address must all equal its highest bit.
bool canonical(VirtAddr va, int table_levels) {
  const unsigned unused = 64 - (kPageShift + kTableBits * static_cast<unsigned>(table_levels));
  const auto shifted = static_cast<std::int64_t>(va.value << unused);
  return static_cast<std::uint64_t>(shifted >> unused) == va.value;
}

std::uint64_t vpn_index(VirtAddr va, int level) {
  const unsigned shift = kPageShift + kTableBits * static_cast<unsigned>(level);
  return va.value >> shift & (kTableEntries - 1);
}

// V clear, W without R, or a bit set that this machine gives no meaning to.
bool malformed(Pte pte) {
  const bool write_only = pte.has(Pte::kW) && !pte.has(Pte::kR);
  return !pte.valid() || write_only || (pte.raw & Pte::kReserved) != 0;
}

bool permits(Pte pte, Access access) {
  switch (access) {
    case Access::Fetch:
      return pte.has(Pte::kU | Pte::kX);
    case Access::Load:
      return pte.has(Pte::kU | Pte::kR);
    case Access::Store:
      break;
  }
  return pte.has(Pte::kU | Pte::kW);
}

}  // namespace

std::expected<Translation, Trap> walk(PhysMem& memory, Satp satp, VirtAddr va, Access access, AdUpdate ad) {
  KASSERT(satp.mode != PagingMode::Bare);
  const auto fault = std::unexpected(Trap{page_fault(access), va.value});
  const auto beyond_memory = std::unexpected(Trap{access_fault(access), va.value});

  int level = levels(satp.mode) - 1;
  if (!canonical(va, level + 1))
    return fault;

  Ppn table = satp.root;
  Pte* pte = nullptr;
  for (;; --level) {
    if (!memory.contains(table))
      return beyond_memory;
    pte = memory.table(table) + vpn_index(va, level);
    if (malformed(*pte))
      return fault;
    if (pte->leaf())
      break;
    // In a pointer to the next table, U, A and D are reserved; the last level has nothing to point to.
    if (level == 0 || (pte->raw & (Pte::kU | Pte::kA | Pte::kD)) != 0)
      return fault;
    table = pte->ppn();
  }

  if (!permits(*pte, access))
    return fault;
  const std::uint64_t offset_mask = (std::uint64_t{1} << kTableBits * static_cast<unsigned>(level)) - 1;
  if ((pte->ppn().value & offset_mask) != 0)  // a misaligned superpage
    return fault;
  const Ppn ppn{pte->ppn().value | (va.value >> kPageShift & offset_mask)};
  const std::uint64_t needed = access == Access::Store ? Pte::kA | Pte::kD : Pte::kA;
  if (!pte->has(needed) && ad == AdUpdate::Software)
    return fault;
  if (!memory.contains(ppn))
    return beyond_memory;
  pte->raw |= needed;
  return Translation{pte, level, ppn};
}

}  // namespace bachsim
