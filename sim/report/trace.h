// The changes that a statement made, for --trace.
#pragma once

#include <string>
#include <vector>

#include "regions/event.h"
#include "sim/kernel/counters.h"
#include "sim/state/state.h"

namespace bachsim {

// One event in a line: `region 2 page 3: filled, frame 5`.
[[nodiscard]] std::string event_text(const Event& event, const State& state);

// The counters that moved between two moments, in their order, with the difference.
[[nodiscard]] std::vector<NumberRow> moved(const std::vector<NumberRow>& before, const std::vector<NumberRow>& after);

}  // namespace bachsim
