// What `bachsim grade` does: it marks filled-in sheets, and scripts by a teacher's expectations.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "sim/cli/command.h"
#include "sim/cli/host.h"

namespace bachsim {

struct GradeChoices {
  std::string with;  // the teacher's script; empty: sheets are graded
  std::string output{};
  bool csv = false;
  std::string include_root{};
  std::uint64_t max_steps = 10'000'000;
  std::uint64_t max_seconds = 10;  // of the processor, for one submission
  ColorWhen color = ColorWhen::Auto;
};

// A text that somebody handed in: UTF-8, its lines ended by `\n`. On failure, why it cannot be read, for the user.
// `path` may be `-`, which is standard input.
[[nodiscard]] std::expected<std::string, std::string> read_handed_in(const std::string& path);

// Both write to `output`, complain on standard error, and return the exit status. Where nothing can be graded, why, for
// the user; then `output` is not to be finished.
[[nodiscard]] std::expected<int, std::string> grade_sheets(const std::vector<std::string>& files,
                                                           const GradeChoices& choices, OutputFile& output);
[[nodiscard]] std::expected<int, std::string> grade_submissions(const std::vector<std::string>& files,
                                                                const GradeChoices& choices, OutputFile& output);

}  // namespace bachsim
