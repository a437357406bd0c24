// The commands of the program, and what they share: exit statuses, complaints, colors.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/options.h"
#include "workloads/language/diagnostic.h"

namespace bachsim {

inline constexpr int kOk = 0;
inline constexpr int kExpectationFailed = 1;
inline constexpr int kUserError = 2;
inline constexpr int kBug = 3;

int run_command(const Arguments& arguments);
int check_command(const Arguments& arguments);
int textbook_command(const Arguments& arguments);
int compare_command(const Arguments& arguments);
int step_command(const Arguments& arguments);
int draw_command(const Arguments& arguments);
int page_command(const Arguments& arguments);
int grade_command(const Arguments& arguments);
int test_command(const Arguments& arguments);
int import_command(const Arguments& arguments);
int sweep_command(const Arguments& arguments);

// Does what the words behind `bachsim` say. Returns the exit status.
int command_line(const Arguments& words);

// The words that name commands.
[[nodiscard]] std::vector<std::string> command_names();

// Text on standard error. That nobody listens there is no reason to stop.
void tell(std::string_view text);

// `bachsim: what` in one printable line on standard error; returns kUserError.
int complain(std::string_view what);

// The exit status of a command that has come to `status`, unless there is trouble to complain of.
inline int finished(int status, const std::string& trouble) { return trouble.empty() ? status : complain(trouble); }

// Diagnostics on standard error, with `kind` as their word. Returns kUserError.
int print_errors(const Sources& sources, const std::vector<Diagnostic>& errors, bool color,
                 std::string_view kind = "error");

// Whether what goes to this descriptor is to be in color. Auto: if it is a terminal, and NO_COLOR is not set.
[[nodiscard]] bool use_color(ColorWhen when, int descriptor);

// The text in bold if `color`.
[[nodiscard]] std::string bold(std::string_view text, bool color);

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
