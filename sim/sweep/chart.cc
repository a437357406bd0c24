#include "sim/sweep/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace bachsim {
namespace {

// In units of the picture.
constexpr std::size_t kWidth = 960;
constexpr std::size_t kHeight = 560;
constexpr std::size_t kLegendLine = 20;

// Okabe and Ito's colors, which color-blind readers tell apart; the marks differ as well.
constexpr std::array kColors{std::string_view("#0072B2"), std::string_view("#D55E00"), std::string_view("#009E73"),
                             std::string_view("#CC79A7"), std::string_view("#E69F00"), std::string_view("#56B4E9"),
                             std::string_view("#000000")};

// gnuplot's numbers of a filled mark and of the same one empty.
struct Mark {
  int filled;
  int empty;
};
constexpr std::array kMarks{Mark{7, 6}, Mark{5, 4}, Mark{9, 8}, Mark{13, 12}, Mark{11, 10}, Mark{15, 14}, Mark{2, 1}};

// A string of gnuplot's. Between double quotes it would run what stands in backquotes as a command of the shell.
std::string gnuplot_string(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c == '\n' ? ' ' : c;
  }
  return quoted + '\'';
}

bool has_intervals(const Chart::Curve& curve) {
  return std::ranges::any_of(curve.points, [](const Chart::Point& point) { return point.interval > 0; });
}

// The least distance of two values of x; 0 if there are no two.
double least_distance(const Chart& chart) {
  std::vector<double> all;
  for (const Chart::Curve& curve : chart.curves)
    for (const Chart::Point& point : curve.points) all.push_back(point.x);
  std::ranges::sort(all);
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i < all.size(); ++i)
    if (all[i] > all[i - 1]) least = std::min(least, all[i] - all[i - 1]);
  return least == std::numeric_limits<double>::infinity() ? 0 : least;
}

// How far apart neighbours are drawn: all curves have half of the least distance.
double shift_between(const Chart& chart) {
  const auto curves = static_cast<double>(chart.curves.size());
  const bool apart = !chart.logarithmic && std::ranges::count_if(chart.curves, has_intervals) > 1;
  return apart ? least_distance(chart) / 2 / curves : 0;
}

std::string frame_of(const Chart& chart) {
  const std::size_t below = chart.legend_below ? kLegendLine * chart.curves.size() : 0;
  std::string program = fmt::format(
      "set terminal svg size {},{} dynamic enhanced background rgb 'white' font 'DejaVu Sans,Verdana,sans-serif,12'\n"
      "set termoption noenhanced\nset title {}\nset xlabel {}\nset ylabel {}\nset grid lc rgb '#cccccc'\n"
      "set border 3\nset tics nomirror\nset errorbars 0.6\n",
      kWidth, kHeight + below, gnuplot_string(chart.title), gnuplot_string(chart.x_label),
      gnuplot_string(chart.y_label));
  program += chart.legend_below
                 ? fmt::format("set key below center Left reverse height 1 maxrows {}\n", chart.curves.size())
                 : "set key outside right top Left reverse\n";
  if (chart.logarithmic)
    program += "set logscale xy\nset format xy '%.0s%c'\nset xrange [*:*] noextend\n";
  else
    program += "set yrange [0:*]\nset offsets graph 0.03, graph 0.03, graph 0.05, 0\n";
  if (!chart.x_names.empty()) {
    program += "set xtics (";
    for (std::size_t i = 0; i < chart.x_names.size(); ++i) {
      std::string name;  // gnuplot takes it for a format
      for (const char c : chart.x_names[i]) name += c == '%' ? "%%" : std::string(1, c);
      program += fmt::format("{}{} {}", i == 0 ? "" : ", ", gnuplot_string(name), i);
    }
    program += ")\n";
  }
  return program;
}

}  // namespace

std::string gnuplot_program(const Chart& chart) {
  std::string program = frame_of(chart);
  const double shift = shift_between(chart);
  const double middle = static_cast<double>(chart.curves.size() - 1) / 2;
  std::string curves;
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    const Chart::Curve& curve = chart.curves[i];
    const double place = (static_cast<double>(i) - middle) * shift;
    program += fmt::format("$curve{} << END\n", i);
    for (const Chart::Point& point : curve.points)
      program += fmt::format("{} {} {}\n", point.x + place, point.y, point.interval);
    program += "END\n";
    const Mark mark = kMarks.at(curve.color % kMarks.size());
    curves += fmt::format("{}$curve{} using {} lw 1.5 dt {} pt {} ps 0.6 lc rgb '{}' {}", i == 0 ? "" : ", \\\n  ", i,
                          has_intervals(curve) ? "1:2:3 with yerrorlines" : "1:2 with linespoints", curve.line + 1,
                          curve.line == 0 ? mark.filled : mark.empty, kColors.at(curve.color % kColors.size()),
                          curve.name.empty() ? "notitle" : "title " + gnuplot_string(curve.name));
  }
  return program + "plot " + curves + "\n";
}

}  // namespace bachsim
