// The situation as the book's figures lay it out (9.14, 9.15, 9.22): what each process has at which address, then
// what each frame holds.
#pragma once

#include <span>

#include "sim/report/sink.h"
#include "sim/state/state.h"

namespace bachsim {

// A table for each of the processes that has a space, and one of the frames that are in use or hold a disk block.
void write_figure(Sink& sink, const State& state, std::span<const ProcSlot> processes);

}  // namespace bachsim
