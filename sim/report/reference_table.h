// Working sets as figure 9.12 has them.
#pragma once

#include <span>

#include "sim/report/sink.h"
#include "sim/state/state.h"

namespace bachsim {

// A row for each reference that is known, and a column for each process: its pages of data and stack in memory after
// the reference, the one referenced last first; those of the stack in brackets. Processes that stand next to each other
// and have made the same references share a table.   REQUIRES: none is a zombie
void write_reference_tables(Sink& sink, const State& state, std::span<const ProcSlot> processes);

}  // namespace bachsim
