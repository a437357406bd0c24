// gnuplot, which draws charts.
#pragma once

#include <expected>
#include <string>

#include "sim/sweep/chart.h"

namespace bachsim {

// The chart as SVG. On failure, why, for the user: gnuplot is not installed, or it refused the chart.
[[nodiscard]] std::expected<std::string, std::string> drawn_by_gnuplot(const Chart& chart);

}  // namespace bachsim
