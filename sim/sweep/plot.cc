#include "sim/sweep/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace bachsim {
namespace {

// Okabe and Ito's colors, which color-blind readers tell apart; the marks differ as well.
constexpr std::array kColors{std::string_view("#0072B2"), std::string_view("#D55E00"), std::string_view("#009E73"),
                             std::string_view("#CC79A7"), std::string_view("#E69F00"), std::string_view("#56B4E9"),
                             std::string_view("#000000")};

constexpr std::array kMarks{7, 5, 9, 13, 11, 6, 4, 8, 12, 10};  // filled ones first

// What one of it is, for an axis.
std::string_view unit_of(std::string_view name) {
  using Unit = std::pair<std::string_view, std::string_view>;
  static constexpr std::array kUnits{
      Unit{"frames", "of 4096 bytes"}, Unit{"tables", "of 4096 bytes"}, Unit{"swap", "blocks of 4096 bytes"},

      Unit{"counter", "events"},       Unit{"cluster", "pages"},        Unit{"low", "frames"},
      Unit{"high", "frames"}};
  const std::string_view head = name.substr(0, name.find('.'));
  const auto unit = std::ranges::find(kUnits, head, &Unit::first);
  return unit == kUnits.end() ? "" : unit->second;
}

std::string label_of(const std::string& name) {
  const std::string_view unit = unit_of(name);
  return unit.empty() ? name : fmt::format("{} ({})", name, unit);
}

// A string of gnuplot's. Between double quotes it would run what stands in backquotes as a command of the shell.
std::string quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted + '\'';
}

std::optional<std::size_t> axis_named(const Plan& plan, std::string_view name) {
  for (std::size_t i = 0; i < plan.axes.size(); ++i)
    if (plan.axes[i].name == name && plan.axes[i].kind != Axis::Kind::Seed) return i;
  return std::nullopt;
}

bool is_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
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
  curves_[curve].push_back({.x = chosen[over_], .y = numbers->mean, .interval = numbers->interval});
}

std::string Plot::gnuplot(std::string_view title) const {
  const Axis& x = plan_->axes[over_];
  const bool numeric = std::ranges::all_of(x.values, is_number);
  const bool intervals = plan_->repetitions() > 1;
  std::string program = fmt::format(
      "set terminal svg size 800,500 dynamic enhanced background rgb 'white' font 'DejaVu Sans,Verdana,sans-serif,12'\n"
      "set termoption noenhanced\nset title {}\nset xlabel {}\nset ylabel {}\nset grid lc rgb '#cccccc'\n"
      "set border 3\nset tics nomirror\nset key outside right top\nset yrange [0:*]\nset offsets graph 0.03, graph "
      "0.03, "
      "graph 0.05, 0\n",
      quoted(title), quoted(label_of(x.name)), quoted(label_of(plan_->measures[measure_])));
  if (!numeric) {
    program += "set xtics (";
    for (std::size_t i = 0; i < x.values.size(); ++i)
      program += fmt::format("{}{} {}", i == 0 ? "" : ", ", quoted(x.values[i]), i);
    program += ")\n";
  }
  std::string curves;
  std::size_t number = 0;
  for (const auto& [values, points] : curves_) {
    program += fmt::format("$curve{} << END\n", number);
    std::vector<Point> sorted = points;
    std::ranges::stable_sort(sorted, {}, &Point::x);
    for (const Point& point : sorted)
      program +=
          fmt::format("{} {} {}\n", numeric ? x.values[point.x] : fmt::format("{}", point.x), point.y, point.interval);
    program += "END\n";
    std::string name;
    for (std::size_t i = 0; i < values.size(); ++i)
      name +=
          fmt::format("{}{}={}", i == 0 ? "" : " ", plan_->axes[by_[i]].name, plan_->axes[by_[i]].values[values[i]]);
    const std::string style = fmt::format("lw 2 pt {} ps 0.7 lc rgb '{}'", kMarks.at(number % kMarks.size()),
                                          kColors.at(number % kColors.size()));
    curves += fmt::format("{}$curve{} using {} {} {}", number == 0 ? "" : ", \\\n  ", number,
                          intervals ? "1:2:3 with yerrorlines" : "1:2 with linespoints", style,
                          name.empty() ? "notitle" : "title " + quoted(name));
    ++number;
  }
  if (curves_.empty()) return program + "plot [0:1] NaN notitle\n";
  return program + "plot " + curves + "\n";
}

}  // namespace bachsim
