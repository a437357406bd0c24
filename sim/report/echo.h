// --echo: the effect of a statement in a few words.
#pragma once

#include <string>

#include "regions/event.h"
#include "sim/state/state.h"
#include "workloads/language/ast.h"

namespace bachsim {

// `zero fault, frame 0`; `2 pages copied`; `no fault` for an access without one; empty if there is nothing to say.
[[nodiscard]] std::string effect_text(const Statement& statement, const Events& events, const State& state);

// The statement as it stands in the script, and its effect behind it, in columns where it is short.
[[nodiscard]] std::string echo_text(std::string_view statement, std::string_view effect);

}  // namespace bachsim
