#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "sim/cli/command.h"

namespace bachsim {
namespace {

constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kRed = "\033[1;31m";
constexpr std::string_view kPlain = "\033[0m";
constexpr int kBarWidth = 40;

}  // namespace

bool use_color(ColorWhen when, int descriptor) {
  const char* refused = std::getenv("NO_COLOR");
  const bool automatic = (refused == nullptr || *refused == '\0') && isatty(descriptor) == 1;
  return when == ColorWhen::Always || (when == ColorWhen::Auto && automatic);
}

std::string bold(std::string_view text, bool color) {
  return color ? fmt::format("{}{}{}", kBold, text, kPlain) : std::string(text);
}

int print_errors(const Sources& sources, const std::vector<Diagnostic>& errors, bool color, std::string_view kind) {
  for (const Diagnostic& error : errors) {
    const std::string word = color ? fmt::format("{}{}{}", kRed, kind, kPlain) : std::string(kind);
    tell(render(sources, error, word));
  }
  return kUserError;
}

void ProgressBar::show(double fraction) {
  const int percent = std::clamp(static_cast<int>(fraction * 100), 0, 100);
  if (!enabled_ || percent == drawn_)
    return;
  const int filled = percent * kBarWidth / 100;
  tell(fmt::format("\r[{:<{}}] {:3}%", std::string(static_cast<std::size_t>(filled), '='), kBarWidth, percent));
  drawn_ = percent;
}

void ProgressBar::clear() {
  if (drawn_ < 0)
    return;
  tell(fmt::format("\r{:{}}\r", "", kBarWidth + 8));
  drawn_ = -1;
}

}  // namespace bachsim
