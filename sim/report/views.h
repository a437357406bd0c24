// The tables of the simulated kernel as text, as `show` and --report print them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "regions/event.h"
#include "sim/kernel/process.h"
#include "sim/report/sink.h"
#include "sim/state/state.h"
#include "workloads/language/ast.h"

namespace bachsim {

// A view of everything, or, where processes are named, of them, their regions and pages. `samples` is for `sar`.
// Writes whole lines, or nothing.
void write_view(Sink& sink, View view, const State& state, const std::vector<Sample>& samples,
                std::span<const ProcSlot> only = {});

// For --trace: an event in a line, as `region 2 page 3: filled, frame 5`, and the counters that moved between two
// moments, with the difference.
[[nodiscard]] std::string event_text(const Event& event, const State& state);
[[nodiscard]] std::vector<NumberRow> moved(const std::vector<NumberRow>& before, const std::vector<NumberRow>& after);

}  // namespace bachsim
