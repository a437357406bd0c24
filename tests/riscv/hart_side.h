// The hart of bachsim, answering what the prober is asked.
#pragma once

#include "sim/machine/walk.h"
#include "tests/riscv/record.h"

namespace bachsim {

// Answers the records, and leaves memory as the accesses have. With AdUpdate::Software it does as a kernel does: a page
// fault for a PTE that A or D is missing in has them set, and the access is made once more. So in either way all comes
// out as on a machine that sets A and D itself.
//
// A machine may set A and D in a leaf whose page lies beyond memory before it finds out: QEMU does, our hart does not,
// and the specification allows both. Here they are set.
//
// Notes in a fetch the physical address that it is of.
void answer_by_hart(ProbedMemory& probed, AdUpdate ad);

}  // namespace bachsim
