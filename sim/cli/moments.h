// Moments of a run, as --at and --before-after name them: the end, the last time that a line was done, or a step.
#pragma once

#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>

#include "sim/cli/session.h"
#include "sim/cli/shown.h"

namespace bachsim {

struct When {
  enum class Kind : std::uint8_t { End, Line, Step };
  Kind kind = Kind::End;
  std::uint64_t number = 0;
};

// `end`, `LINE`, `step:N`. On failure, why, for the user.
[[nodiscard]] std::expected<When, std::string> parse_when(const std::string& word);

// A moment found in a run: fresh runs of the same session come there by Run::run_to.
struct FoundMoment {
  static constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t step = 0;                // the steps that a run has taken then; kEnd: all, and it has ended
  const Statement* statement = nullptr;  // the last one done; nullptr: none yet
  std::uint64_t begin = 0;               // the steps before that
  const Statement* changing = nullptr;   // the last one that could change something; nullptr: none yet
  std::uint64_t before_change = 0;       // the steps before that
  Shown shown{};                         // by then
};

// Runs the script to find a moment. On failure all has been told, and this is the exit status.
// REQUIRES: session.configure() was true
[[nodiscard]] std::expected<FoundMoment, int> find_moment(Session& session, const When& when, std::uint64_t max_steps);

}  // namespace bachsim
