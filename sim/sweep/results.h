// Results of a sweep: as lines that can be put together again, and as a table for people and programs.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/report/sink.h"
#include "sim/sweep/plan.h"
#include "sim/sweep/sweep.h"

namespace bachsim {

// Some of a plan's runs, as a file has them: a line of JSON that says which, and a line for each, in their order.
struct PartHead {
  Plan plan;
  std::uint64_t first = 0;
  std::uint64_t end = 0;  // the run behind the last
  friend bool operator==(const PartHead&, const PartHead&) = default;
};
// Lines, newline at their ends.
[[nodiscard]] std::string head_line(const PartHead& head);
[[nodiscard]] std::string outcome_line(std::uint64_t run, const Outcome& outcome);
// From these lines, newline left out. On failure, why, for the user.
[[nodiscard]] std::expected<PartHead, std::string> parse_head(std::string_view line);
[[nodiscard]] std::expected<std::pair<std::uint64_t, Outcome>, std::string> parse_outcome(std::string_view line,
                                                                                          const Plan& plan);

// What a measure has come to over the repetitions of one combination.
struct Statistics {
  std::uint64_t count = 0;
  double mean = 0;
  // Nothing of one value alone.
  std::optional<double> deviation{};  // of the sample
  std::optional<double> interval{};   // half of the 95 % interval of the mean, by Student's t
};

// Adds up the values of a measure.
class Series {
 public:
  void add(const Field& value);
  // Nothing if a value was no number, or there was none.
  [[nodiscard]] std::optional<Statistics> statistics() const;
  // The value that all have; nothing if they differ.
  [[nodiscard]] std::optional<Field> common() const;

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // of distances from the mean (Welford, 1962)
  bool numbers_ = true;
  bool same_ = true;
  std::optional<Field> common_{};
};

// A row: a run; or, of a plan with seeds, the runs of a combination.
struct ResultRow {
  std::uint64_t first = 0;  // of its runs
  std::vector<Series> measures;
  std::uint64_t failed = 0;
  std::string status;  // of the first run that failed; else `ok`
};

enum class ResultFormat : std::uint8_t { Table, Csv, Json };

// A name that two members of a row of JSON would have, of which its readers keep one; empty if there is none.
[[nodiscard]] std::string name_of_two(const Plan& plan);

// Writes rows as their runs come in.
class ResultTable {
 public:
  // All must outlive it.
  ResultTable(Sink& sink, const Plan& plan, ResultFormat format);
  ~ResultTable() = default;
  ResultTable(const ResultTable&) = delete;
  ResultTable& operator=(const ResultTable&) = delete;

  // REQUIRES: each run of the plan once, in their order
  void add(std::uint64_t run, const Outcome& outcome);
  // Writes what was held back.
  void finish();
  [[nodiscard]] std::uint64_t failed() const { return failed_; }
  // Rows are handed to it as well. Not owned.
  void watch(std::function<void(const ResultRow&)> watcher) { watcher_ = std::move(watcher); }

 private:
  void write_row(const ResultRow& row);
  [[nodiscard]] std::vector<std::string> headings() const;
  [[nodiscard]] std::vector<std::string> cells(const ResultRow& row) const;
  void write_json(const ResultRow& row);

  Sink& sink_;
  const Plan& plan_;
  ResultFormat format_;
  std::uint64_t repetitions_;
  ResultRow row_;
  std::uint64_t failed_ = 0;
  std::function<void(const ResultRow&)> watcher_{};
  std::vector<std::vector<std::string>> kept_{};  // of a table, whose columns are as wide as their longest cell
};

}  // namespace bachsim
