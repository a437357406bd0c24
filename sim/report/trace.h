// What a statement changed, for --trace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "regions/event.h"
#include "regions/vm.h"
#include "sim/kernel/counters.h"

namespace bachsim {

// One event in a line: `region 2 page 3: filled, frame 5`.
[[nodiscard]] std::string event_text(const Event& event, const Vm& vm);

// The counters that moved between two moments, in their order, with the difference.
struct Moved {
  std::string name;
  std::uint64_t by;
};
[[nodiscard]] std::vector<Moved> moved(const Counters& before, const Counters& after);

}  // namespace bachsim
