// The walk from satp to a leaf PTE: "Virtual Address Translation Process" of the privileged specification.
#pragma once

#include <cstdint>
#include <expected>

#include "sim/machine/check.h"
#include "sim/machine/phys_mem.h"
#include "sim/machine/pte.h"
#include "sim/machine/trap.h"
#include "sim/machine/types.h"

namespace bachsim {

// A and D are set by the walk itself (Svadu), or by the kernel after a page fault (Svade).
enum class AdUpdate : std::uint8_t { Hardware, Software };

struct Translation {
  Pte* pte;   // the leaf, in simulated memory
  int level;  // 0: a page of 4096 bytes; above: a superpage
  Ppn ppn;    // of the 4096 bytes that hold the address
};

constexpr std::uint64_t right(Access access) {
  return access == Access::Fetch ? Pte::kX : access == Access::Load ? Pte::kR : Pte::kW;
}

// Inlined into the hart, with a known number of levels: so it needs no loop.
template <int kLevels>
[[gnu::always_inline]] inline std::expected<Translation, Trap> walk(PhysMem& memory, Ppn root, VirtAddr va,
                                                                    Access access, AdUpdate ad) {
  const auto fault = [&] { return std::unexpected(Trap{page_fault(access), va.value}); };
  const auto beyond_memory = [&] { return std::unexpected(Trap{access_fault(access), va.value}); };

  // The bits above the mode's virtual address must all equal its highest bit.
  constexpr unsigned kUnused = 64 - (kPageShift + kTableBits * unsigned{kLevels});
  if (static_cast<std::int64_t>(va.value << kUnused) >> kUnused != static_cast<std::int64_t>(va.value)) [[unlikely]]
    return fault();

  // A PTE with V alone points to the next table. U, A and D are reserved in it. In the last table it is an error.
  constexpr std::uint64_t kPointer =
      Pte::kReserved | Pte::kV | Pte::kR | Pte::kW | Pte::kX | Pte::kU | Pte::kA | Pte::kD;
  Ppn table = root;
  Pte* pte = nullptr;
  int level = kLevels - 1;
#pragma GCC unroll 5
  for (; level >= 0; --level) {
    Pte* const entries = memory.find_table(table);
    if (entries == nullptr) [[unlikely]]
      return beyond_memory();
    const unsigned shift = kPageShift + kTableBits * static_cast<unsigned>(level);
    pte = entries + (va.value >> shift & (kTableEntries - 1));
    if (level == 0 || (pte->raw & kPointer) != Pte::kV) break;
    table = pte->ppn();
  }

  const std::uint64_t used = access == Access::Store ? Pte::kA | Pte::kD : Pte::kA;
  const std::uint64_t wanted = Pte::kV | Pte::kU | right(access);
  Ppn ppn = pte->ppn();
  // Nearly always: a page that grants the access and has A and D as they must be. Else it is looked at closely.
  if (level != 0 || (pte->raw & (Pte::kReserved | wanted | Pte::kR | used)) != (wanted | Pte::kR | used)) [[unlikely]] {
    const bool write_only = (pte->raw & (Pte::kR | Pte::kW)) == Pte::kW;
    if (!pte->has(wanted) || (pte->raw & Pte::kReserved) != 0 || write_only) return fault();
    const std::uint64_t offset_mask = (std::uint64_t{1} << kTableBits * static_cast<unsigned>(level)) - 1;
    if ((ppn.value & offset_mask) != 0)  // a misaligned superpage
      return fault();
    if (!pte->has(used) && ad == AdUpdate::Software) return fault();
    ppn.value |= va.value >> kPageShift & offset_mask;
    if (!memory.contains(ppn)) return beyond_memory();
    pte->raw |= used;
  } else if (!memory.contains(ppn)) [[unlikely]] {
    return beyond_memory();
  }
  return Translation{pte, level, ppn};
}

// Translates for an access from user mode. Sets A, and D on a store, if `ad` is Hardware; changes nothing
// if it traps.   REQUIRES: satp.mode is not Bare
[[nodiscard]] inline std::expected<Translation, Trap> walk(PhysMem& memory, Satp satp, VirtAddr va, Access access,
                                                           AdUpdate ad) {
  KASSERT(satp.mode != PagingMode::Bare);
  const Ppn root = satp.root;
  return satp.mode == PagingMode::Sv39   ? walk<3>(memory, root, va, access, ad)
         : satp.mode == PagingMode::Sv48 ? walk<4>(memory, root, va, access, ad)
                                         : walk<5>(memory, root, va, access, ad);
}

}  // namespace bachsim
