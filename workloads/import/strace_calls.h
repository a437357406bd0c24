// What the calls of a trace ask for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "workloads/import/strace_events.h"

namespace bachsim {

// What an mmap asks for.
struct Mapping {
  std::uint64_t first = 0;  // page
  std::uint64_t end = 0;
  bool file = false;
  bool shared = false;
  bool writable = false;
  bool executable = false;

  [[nodiscard]] std::uint64_t pages() const { return end - first; }
};

// Of an mmap. Empty for a call that failed.
[[nodiscard]] std::optional<Mapping> mapping_of(const StraceEvent& event);

// How a call makes a process.
enum class Birth : std::uint8_t { None, Fork, Vfork, Thread };
[[nodiscard]] Birth birth_of(const StraceEvent& event);

// Whether it is an exec that did not fail, and the file that it names.
[[nodiscard]] bool is_exec(const StraceEvent& event);
[[nodiscard]] std::string file_of(const StraceEvent& event);

// The child that a wait has reaped, if it has. The status is what exit() was given, or 128 and the signal's number; 0
// if the trace does not tell it.
struct Reaped {
  std::uint64_t pid = 0;
  std::uint64_t status = 0;
};
[[nodiscard]] std::optional<Reaped> reaped_by(const StraceEvent& event);

// 0 for a name that no signal has.
[[nodiscard]] std::uint64_t signal_number(std::string_view name);

// A decimal number, or a hexadecimal one behind 0x, and nothing else.
[[nodiscard]] std::optional<std::uint64_t> number_of(std::string_view text);
[[nodiscard]] std::uint64_t pages_up(std::uint64_t bytes);
[[nodiscard]] inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace bachsim
