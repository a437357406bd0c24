// An event in a line, for --trace: `region 2 page 3: filled, frame 5`.
#pragma once

#include <string>

#include "regions/event.h"
#include "sim/state/state.h"

namespace bachsim {

[[nodiscard]] std::string event_text(const Event& event, const State& state);

}  // namespace bachsim
