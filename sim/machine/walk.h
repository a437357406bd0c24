// The walk from satp to a leaf PTE: "Virtual Address Translation Process" of the privileged specification.
#pragma once

#include <cstdint>
#include <expected>

#include "sim/machine/phys_mem.h"
#include "sim/machine/pte.h"
#include "sim/machine/trap.h"
#include "sim/machine/types.h"

namespace bachsim {

// Who sets A and D: the walk itself (Svadu), or a page fault makes the kernel do it (Svade).
enum class AdUpdate : std::uint8_t { Hardware, Software };

struct Translation {
  Pte* pte;   // the leaf, in simulated memory
  int level;  // 0: a page of 4096 bytes; above: a superpage
  Ppn ppn;    // of the 4096 bytes that hold the address
};

// Translates for an access from user mode. Sets A, and D on a store, if `ad` is Hardware; changes nothing
// if it traps.   REQUIRES: satp.mode is not Bare
[[nodiscard]] std::expected<Translation, Trap> walk(PhysMem& memory, Satp satp, VirtAddr va, Access access,
                                                    AdUpdate ad);

}  // namespace bachsim
