// Color, and the progress bar: both depend on whether a person watches.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/language/diagnostic.h"

namespace bachsim {

enum class ColorWhen : std::uint8_t { Auto, Always, Never };

// Whether what goes to this descriptor is to be in color. Auto: a terminal, and NO_COLOR is not set.
[[nodiscard]] bool use_color(ColorWhen when, int descriptor);

// The text in bold if `color`.
[[nodiscard]] std::string bold(std::string_view text, bool color);

// Diagnostics on standard error, with `kind` as their word.
void print_errors(const Sources& sources, const std::vector<Diagnostic>& errors, bool color,
                  std::string_view kind = "error");

// A bar on standard error that is there while a run takes long, and leaves no trace.
class ProgressBar {
 public:
  explicit ProgressBar(bool enabled) : enabled_(enabled) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { clear(); }

  // From 0 to 1. Draws when the bar would look different.
  void show(double fraction);
  void clear();

 private:
  bool enabled_;
  int drawn_ = -1;  // per cent; -1: nothing is on the screen
};

}  // namespace bachsim
