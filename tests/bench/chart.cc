#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "tests/bench/growth.h"

namespace bachsim::bench {
namespace {

// In units of the picture.
constexpr double kWidth = 880;
constexpr double kLeft = 90;
constexpr double kTop = 50;
constexpr double kPlotWidth = 740;
constexpr double kPlotHeight = 380;
constexpr double kLegendLine = 22;

// Legible on white and on black; the marks tell the curves apart without colour.
constexpr std::array kColours{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b8860b", "#7570b3"};

// One logarithmic axis, from a power of ten to another.
class Axis {
 public:
  Axis(double least, double most)
      : first_(static_cast<int>(std::floor(std::log10(least)))),
        last_(std::max(first_ + 1, static_cast<int>(std::ceil(std::log10(most))))) {}

  [[nodiscard]] int first() const { return first_; }
  [[nodiscard]] int last() const { return last_; }
  // Where a value lies, from 0 to 1.
  [[nodiscard]] double at(double value) const { return (std::log10(value) - first_) / (last_ - first_); }

 private:
  int first_;
  int last_;
};

class Picture {
 public:
  Picture(const std::vector<Curve>& curves, const Machine& machine)
      : curves_(curves), x_(axis(&Picture::size)), y_(axis(&Picture::ns)) {
    const double height = kTop + kPlotHeight + 60 + kLegendLine * static_cast<double>(curves.size()) + 10;
    add("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:g} {:g}\" font-family=\"sans-serif\" "
        "font-size=\"14\" fill=\"#808080\">\n",
        kWidth, height);
    add("<text x=\"{:g}\" y=\"26\" font-size=\"16\">Cost of one unit as the whole grows ({})</text>\n", kLeft,
        machine.cpu);
    grid();
    for (std::size_t i = 0; i < curves.size(); ++i) draw(curves[i], i);
    svg_ += "</svg>\n";
  }

  [[nodiscard]] const std::string& svg() const { return svg_; }

 private:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(svg_), format, std::forward<Args>(args)...);
  }

  static double size(const Curve::Point& point) { return static_cast<double>(point.size); }
  static double ns(const Curve::Point& point) { return point.ns; }

  Axis axis(double (*coordinate)(const Curve::Point&)) const {
    double least = coordinate(curves_.front().points.front());
    double most = least;
    for (const Curve& curve : curves_) {
      for (const Curve::Point& point : curve.points) {
        least = std::min(least, coordinate(point));
        most = std::max(most, coordinate(point));
      }
    }
    return {least, most};
  }

  [[nodiscard]] double across(double size) const { return kLeft + kPlotWidth * x_.at(size); }
  [[nodiscard]] double down(double ns) const { return kTop + kPlotHeight * (1 - y_.at(ns)); }

  void grid() {
    for (int power = x_.first(); power <= x_.last(); ++power) {
      const double x = across(std::pow(10, power));
      add("<path d=\"M{0:.1f} {1:g}V{2:g}\" stroke=\"#808080\" stroke-opacity=\"0.3\"/>\n", x, kTop,
          kTop + kPlotHeight);
      add("<text x=\"{:.1f}\" y=\"{:g}\" text-anchor=\"middle\">10<tspan dy=\"-6\" "
          "font-size=\"10\">{}</tspan></text>\n",
          x, kTop + kPlotHeight + 20, power);
    }
    for (int power = y_.first(); power <= y_.last(); ++power) {
      const double y = down(std::pow(10, power));
      add("<path d=\"M{0:g} {1:.1f}H{2:g}\" stroke=\"#808080\" stroke-opacity=\"0.3\"/>\n", kLeft, y,
          kLeft + kPlotWidth);
      add("<text x=\"{:g}\" y=\"{:.1f}\" text-anchor=\"end\">{:g} ns</text>\n", kLeft - 8, y + 5, std::pow(10, power));
    }
    add("<text x=\"{:g}\" y=\"{:g}\" text-anchor=\"middle\">how many there are</text>\n", kLeft + kPlotWidth / 2,
        kTop + kPlotHeight + 42);
  }

  void draw(const Curve& curve, std::size_t index) {
    const char* const colour = kColours[index % kColours.size()];
    add("<g stroke=\"{0}\" fill=\"{0}\">\n<polyline fill=\"none\" stroke-width=\"2\" points=\"", colour);
    for (const Curve::Point& point : curve.points) add("{:.1f},{:.1f} ", across(size(point)), down(point.ns));
    svg_ += "\"/>\n";
    for (const Curve::Point& point : curve.points) mark(across(size(point)), down(point.ns), index);
    const double y = kTop + kPlotHeight + 70 + kLegendLine * static_cast<double>(index);
    mark(kLeft + 8, y - 5, index);
    add("<text x=\"{:g}\" y=\"{:g}\" stroke=\"none\">{} (ns per {})</text>\n</g>\n", kLeft + 26, y, curve.title,
        curve.unit);
  }

  // Circle, square and triangle in turn.
  void mark(double x, double y, std::size_t index) {
    switch (index % 3) {
      case 0:
        return add("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/>\n", x, y);
      case 1:
        return add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"7\" height=\"7\"/>\n", x - 3.5, y - 3.5);
      default:
        return add("<path d=\"M{:.1f} {:.1f}l5 8h-10z\"/>\n", x, y - 5);
    }
  }

  const std::vector<Curve>& curves_;
  Axis x_;
  Axis y_;
  std::string svg_;
};

}  // namespace

std::string chart(const std::vector<Curve>& curves, const Machine& machine) { return Picture(curves, machine).svg(); }

}  // namespace bachsim::bench
