// What the rounds gave, and the one table that comes of it.
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/rows.h"

namespace bachsim::bench {

// Names of a row's benchmarks: KEY/SUBJECT.
inline constexpr const char* kOurs = "ours";
inline constexpr const char* kLinux = "linux";
inline constexpr const char* kBare = "bare";
inline constexpr const char* kSmaller = "smaller";

struct Machine {
  std::string cpu;         // its name
  std::string kernel;      // the operating system's
  std::size_t pinned = 0;  // number of the CPU that the program runs on
};

struct Result {
  double median = 0;
  double least = 0;
  double most = 0;
  std::size_t rounds = 0;

  // From least to most, in per cent of the median.
  [[nodiscard]] double spread() const { return median > 0 ? (most - least) / median * 100 : 0; }
};

class Reporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override;

  // Empty if there was no such benchmark among those chosen, or it failed.
  [[nodiscard]] std::optional<Result> result(std::string_view key, std::string_view subject) const;

  // What failed, and why.
  [[nodiscard]] const std::vector<std::string>& failures() const { return failures_; }

 private:
  std::map<std::string, std::vector<double>, std::less<>> ns_;
  std::vector<std::string> failures_;
};

// Rows without a result of ours are left out. A limit that is missed is marked.
[[nodiscard]] std::string table_text(const Reporter& results, const Machine& machine);
[[nodiscard]] std::string table_json(const Reporter& results, const Machine& machine);

// The two rows that are to be furthest from Linux, if they are not even half as far.
[[nodiscard]] std::vector<std::string> far_off(const Reporter& results);

}  // namespace bachsim::bench
