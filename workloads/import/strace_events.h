// What strace prints, line by line (`strace -f`, with or without -o, -t and -r), as events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bachsim {

struct StraceEvent {
  enum class Kind : std::uint8_t { Call, Exited, Killed, Signal };
  Kind kind = Kind::Call;
  std::uint64_t pid = 0;
  std::string name{};       // of the call, or of the signal
  std::string arguments{};  // of the call, as they stand between its parentheses
  // Of a call that has returned; -1 where it failed. Of Exited, the status.
  std::optional<std::int64_t> result{};
  std::size_t line = 0;  // where it begins, from 1 on
};

struct StraceEvents {
  std::vector<StraceEvent> events{};  // in the order in which they began
  std::size_t lines = 0;
  std::size_t not_understood = 0;  // lines
};

// Calls that other lines interrupt are put together. A line without a pid is of the process that strace has started,
// or of the only one that is left.
[[nodiscard]] StraceEvents strace_events(std::string_view text);

// The arguments of a call, without the blanks around them.
[[nodiscard]] std::vector<std::string_view> arguments_of(const StraceEvent& event);

}  // namespace bachsim
