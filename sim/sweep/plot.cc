#include "sim/sweep/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

namespace bachsim {
namespace {

// What one of it is, for an axis.
std::string_view unit_of(std::string_view name) {
  using Unit = std::pair<std::string_view, std::string_view>;
  static constexpr std::array kUnits{Unit{"counter.vfault", "faults"},
                                     Unit{"counter.pfault", "faults"},
                                     Unit{"counter", "events"},
                                     Unit{"frames", "of 4096 bytes"},
                                     Unit{"tables", "of 4096 bytes"},
                                     Unit{"swap", "blocks of 4096 bytes"},
                                     Unit{"cluster", "pages"},
                                     Unit{"low", "frames"},
                                     Unit{"high", "frames"}};
  const auto names = [name](std::string_view path) {
    return name == path || name.starts_with(std::string(path) + '.');
  };
  const auto unit = std::ranges::find_if(kUnits, names, &Unit::first);
  return unit == kUnits.end() ? "" : unit->second;
}

std::string label_of(const std::string& name) {
  const std::string_view unit = unit_of(name);
  return unit.empty() ? name : fmt::format("{} ({})", name, unit);
}

std::optional<std::size_t> axis_named(const Plan& plan, std::string_view name) {
  for (std::size_t i = 0; i < plan.axes.size(); ++i)
    if (plan.axes[i].name == name && plan.axes[i].kind != Axis::Kind::Seed) return i;
  return std::nullopt;
}

// A place on an axis. A share of a sweep may have any words there, `nan` among them.
std::optional<double> as_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

std::expected<Plot, std::string> Plot::parse(std::string_view text, const Plan& plan) {
  constexpr std::string_view kOver = " over ";
  constexpr std::string_view kBy = " by ";
  constexpr std::string_view kAnd = " and ";
  const std::size_t over = text.find(kOver);
  if (over == std::string_view::npos)
    return std::unexpected(fmt::format("`{}` is no plot: MEASURE over AXIS, or MEASURE over AXIS by AXIS", text));
  const std::string_view measure = text.substr(0, over);
  const auto found = std::ranges::find(plan.measures, measure);
  if (found == plan.measures.end()) return std::unexpected(fmt::format("`{}` is not measured", measure));
  const std::string_view behind = text.substr(over + kOver.size());
  const std::size_t by = behind.find(kBy);
  const auto x = axis_named(plan, behind.substr(0, by));
  const auto no_axis = [](std::string_view name) { return std::unexpected(fmt::format("`{}` is not varied", name)); };
  if (!x) return no_axis(behind.substr(0, by));
  Plot plot(plan, static_cast<std::size_t>(found - plan.measures.begin()), *x);
  std::string_view names = by == std::string_view::npos ? "" : behind.substr(by + kBy.size());
  while (!names.empty()) {
    const std::size_t length = std::min(names.find(kAnd), names.size());
    const auto axis = axis_named(plan, names.substr(0, length));
    if (!axis) return no_axis(names.substr(0, length));
    plot.by_.push_back(*axis);
    names.remove_prefix(std::min(names.size(), length + kAnd.size()));
  }
  for (std::size_t i = 0; i < plan.axes.size(); ++i) {
    const bool named = i == plot.over_ || std::ranges::find(plot.by_, i) != plot.by_.end();
    if (!named && plan.axes[i].values.size() > 1 && plan.axes[i].kind != Axis::Kind::Seed)
      return std::unexpected(fmt::format("`{}` is varied, too: `... by {}` gives a curve for each of its values",
                                         plan.axes[i].name, plan.axes[i].name));
  }
  return plot;
}

void Plot::add(const ResultRow& row) {
  const std::optional<Statistics> numbers = row.measures[measure_].statistics();
  if (!numbers) return;
  const std::vector<std::size_t> chosen = plan_->indices_of(row.first);
  std::vector<std::size_t> curve;
  for (const std::size_t axis : by_) curve.push_back(chosen[axis]);
  curves_[curve].push_back({.x = chosen[over_], .y = numbers->mean, .interval = numbers->interval.value_or(0)});
}

Chart Plot::chart(std::string_view title) const {
  const Axis& x = plan_->axes[over_];
  const bool numeric =
      std::ranges::all_of(x.values, [](const std::string& value) { return as_number(value).has_value(); });
  Chart chart{.title = std::string(title), .x_label = label_of(x.name), .y_label = label_of(plan_->measures[measure_])};
  if (plan_->repetitions() > 1) chart.y_label += fmt::format(", mean of {} seeds, 95 % interval", plan_->repetitions());
  if (!numeric) chart.x_names = x.values;
  for (const auto& [values, points] : curves_) {
    Chart::Curve& curve = chart.curves.emplace_back();
    // The first axis behind `by` has the colors, the others together have the kinds of line.
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Axis& axis = plan_->axes[by_[i]];
      curve.name += fmt::format("{}{}={}", i == 0 ? "" : " ", axis.name, axis.values[values[i]]);
      if (i == 0)
        curve.color = values[i];
      else
        curve.line = curve.line * axis.values.size() + values[i];
    }
    for (const Point& point : points) {
      const double at = numeric ? *as_number(x.values[point.x]) : static_cast<double>(point.x);
      curve.points.push_back({.x = at, .y = point.y, .interval = point.interval});
    }
    std::ranges::stable_sort(curve.points, {}, &Chart::Point::x);
  }
  return chart;
}

}  // namespace bachsim
