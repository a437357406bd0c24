// How costs grow with what an operation touches, and with what it does not; and bytes of the host's
// memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/sweep/chart.h"
#include "tests/bench/reporter.h"

namespace bachsim::bench {

// What one operation costs at sizes that grow.
struct Curve {
  struct Point {
    std::uint64_t size;
    double ns;  // per unit
  };
  std::string_view title;
  std::string_view sizes;  // what grows
  std::string_view unit;
  std::vector<Point> points;
};

// Prints a table for each operation, and what they were made of. `quick`: without the largest sizes.
std::vector<Curve> print_growth(const Machine& machine, bool quick);

// The curves, as the picture of them shows them.
[[nodiscard]] Chart chart(const std::vector<Curve>& curves, const Machine& machine);

}  // namespace bachsim::bench
