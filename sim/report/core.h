// Physical memory as an ELF core for RISC-V (docs/interface.md, "Dumps"), so that readelf and gdb open it, and other
// programs can judge the page tables.
#pragma once

#include "sim/report/sink.h"
#include "sim/state/state.h"

namespace bachsim {

// Notes of the name BACHSIM, and a segment for each run of pages that are not all zeros. A program header's number is
// 16 bits wide: where there are too many runs, those with the smallest gaps between them become one.
void write_core(Sink& sink, const State& state);

}  // namespace bachsim
