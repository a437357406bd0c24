// The programs that a trace executes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "workloads/import/strace_events.h"

namespace bachsim {

// A program's text and data, and the data of a process, however they grow, have room beside each other.
inline constexpr std::uint64_t kMostTracedSection = std::uint64_t{1} << 23;
inline constexpr std::uint64_t kMostTracedData = std::uint64_t{1} << 24;

struct TracedProgram {
  std::string name{};  // that the language takes; empty: nobody has asked for it
  // Pages: one of its own, which no call maps, and those of files.
  std::uint64_t text = 1;
  std::uint64_t data = 1;
};

class TracedPrograms {
 public:
  // Finds the pages of each program, in the files that its images map.
  explicit TracedPrograms(const StraceEvents& trace);

  // The program of a file.
  const TracedProgram& of(const std::string& file);

  // Of all programs together.
  [[nodiscard]] std::uint64_t text_pages() const { return text_pages_; }
  // A line for each that has a name.
  [[nodiscard]] std::string declarations() const;

 private:
  [[nodiscard]] std::string new_name(const std::string& file);

  std::map<std::string, TracedProgram> programs_{};  // by file
  std::set<std::string> names_{};
  std::map<std::string, unsigned> namesakes_{};  // [name]: programs that would have had it, too
  std::uint64_t text_pages_ = 0;
};

}  // namespace bachsim
