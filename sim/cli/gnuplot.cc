#include "sim/cli/gnuplot.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "sim/cli/child.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kMostChart = std::uint64_t{256} << 20;

}  // namespace

std::expected<std::string, std::string> drawn_by_gnuplot(const Chart& chart) {
  const std::string program = gnuplot_program(chart);
  const Descriptor input = Descriptor::memory();
  const Descriptor output = Descriptor::memory();
  const Descriptor errors = Descriptor::memory();
  if (!errors.open() || write(input.number(), program.data(), program.size()) != static_cast<ssize_t>(program.size()) ||
      lseek(input.number(), 0, SEEK_SET) != 0)
    return std::unexpected(fmt::format("no memory for a plot: {}", std::strerror(errno)));
  // Its user's settings are for other drawings, and a terminal that is not there stops it.
  unsetenv("GNUTERM");
  auto child = Child::start({.words = {"gnuplot", "-d", "-"},
                             .folder = {},
                             .input = input.number(),
                             .output = output.number(),
                             .errors = errors.number(),
                             .most_output = kMostChart});
  if (!child)
    return std::unexpected(fmt::format("`gnuplot` cannot be started: {}; the package is gnuplot-nox", child.error()));
  const int status = child->wait();
  if (child->has_filled(output))
    return std::unexpected("`gnuplot` failed: the drawing is longer than a file may be here");
  std::string drawing = output.text();
  if (status == 0 && !drawing.empty()) return drawing;
  std::string complaint = errors.text();
  std::ranges::replace(complaint, '\n', ' ');
  if (complaint.empty()) complaint = "it said nothing";
  return std::unexpected(fmt::format("`gnuplot` failed: {}", complaint));
}

}  // namespace bachsim
