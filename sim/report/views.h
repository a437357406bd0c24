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

}  // namespace bachsim
