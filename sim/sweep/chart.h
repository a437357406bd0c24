// A chart: curves over one axis, as a program for gnuplot. Sweeps are drawn by it, and so is what the benchmark
// measures.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bachsim {

struct Chart {
  struct Point {
    double x;
    double y;
    double interval = 0;  // half of it, above and below y
  };
  struct Curve {
    std::string name;       // in the legend; empty: it has no line there
    std::size_t color = 0;  // curves with the same number have the same color and shape of marks
    std::size_t line = 0;   // 0: drawn through, with filled marks; others are dashed, with empty ones
    std::vector<Point> points;
  };

  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<std::string> x_names{};  // of x = 0, 1, ...; empty: x is a number
  bool logarithmic = false;            // both axes are
  bool legend_below = false;           // names are too long for a legend at the right
  std::vector<Curve> curves{};
};

// A program that writes the chart to gnuplot's standard output, as SVG. Where intervals would hide each other, curves
// are drawn side by side, a part of the least distance in x apart.   REQUIRES: a curve
[[nodiscard]] std::string gnuplot_program(const Chart& chart);

}  // namespace bachsim
