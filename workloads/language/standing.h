// Where a run stands in its script. Runs are deterministic: a run from the start that has taken as many steps stands at
// the same place with the same machine.
#pragma once

#include <cstdint>
#include <vector>

namespace bachsim {

// A loop whose body is being run.
struct OpenLoop {
  std::uint32_t head = 0;  // index of its statement
  std::int64_t first = 0;  // values of its variable
  std::int64_t last = 0;
  std::int64_t now = 0;

  friend bool operator==(const OpenLoop&, const OpenLoop&) = default;
};

struct Standing {
  std::uint32_t statement = 0;  // index of the next one
  std::vector<OpenLoop> loops;  // outermost first: an expression's slot is an index here
  std::uint64_t steps = 0;      // statements, rounds of loops and seconds of `run`, as --max-steps counts them

  friend bool operator==(const Standing&, const Standing&) = default;
};

}  // namespace bachsim
