// Changes of rows in words: `frame 613: refs 1 -> 2`.
#pragma once

#include <string>
#include <vector>

#include "sim/state/moment.h"

namespace bachsim {

// A line for each row that came, went or changed, tables in the order of for_each_table(). The TLB, the free list and
// the gauges are left out: they follow from the others. The counters are one line, the last. Throws HostLimit beyond
// the budget of the state's host.
[[nodiscard]] std::vector<std::string> change_texts(Changes changes, const State& state);

}  // namespace bachsim
