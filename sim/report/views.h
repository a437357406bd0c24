// The tables of the simulated kernel as text, as `show` and --report print them.
#pragma once

#include <span>
#include <vector>

#include "sim/kernel/process.h"
#include "sim/report/sink.h"
#include "sim/state/state.h"
#include "workloads/language/ast.h"

namespace bachsim {

// A view of everything, or, where processes are named, of them, their regions and pages. `samples` is for `sar`.
// Writes whole lines, or nothing.
void write_view(Sink& sink, View view, const State& state, const std::vector<Sample>& samples,
                std::span<const ProcSlot> only = {});

// The walk of one address: an entry a line, and then where an access of each kind comes out.
void write_walk(Sink& sink, const Walk& walk);

}  // namespace bachsim
