// A plot of a sweep: one measure over one axis, a curve for each combination of others.
#pragma once

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/sweep/chart.h"
#include "sim/sweep/results.h"

namespace bachsim {

class Plot {
 public:
  // From `MEASURE over AXIS` or `MEASURE over AXIS by AXIS and AXIS ...`. On failure, why, for the user. `plan` must
  // outlive it.
  [[nodiscard]] static std::expected<Plot, std::string> parse(std::string_view text, const Plan& plan);

  // A row whose measure is no number leaves a gap.
  void add(const ResultRow& row);

  // With the rows that were added.
  [[nodiscard]] Chart chart(std::string_view title) const;

 private:
  struct Point {
    std::size_t x;  // index of the axis's value
    double y;
    double interval;
  };

  Plot(const Plan& plan, std::size_t measure, std::size_t over) : plan_(&plan), measure_(measure), over_(over) {}

  const Plan* plan_;
  std::size_t measure_;
  std::size_t over_;                                               // an axis
  std::vector<std::size_t> by_;                                    // axes
  std::map<std::vector<std::size_t>, std::vector<Point>> curves_;  // by their values' indexes
};

}  // namespace bachsim
