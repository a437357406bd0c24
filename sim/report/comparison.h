// One workload on machines that differ in some keys, `fork` above all: the counts side by side, and the difference in
// words.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/report/sink.h"
#include "sim/state/rows.h"

namespace bachsim {

// A run of the workload on one of these machines.
struct ComparedRun {
  std::vector<std::pair<std::string, std::string>> settings;  // key and value, one or more
  std::vector<NumberRow> numbers{};                           // counters of what is compared, and gauges at the end
  std::string stopped{};                                      // where the script stopped; empty: it ran to its end
  std::vector<std::string> said{};                            // remarks on this run: why it stopped, which calls failed
  std::string run{};                                          // its JSON object, if that is wanted
};

// `fork=cow frames=8`
[[nodiscard]] std::string settings_text(const ComparedRun& run);

struct Comparison {
  std::vector<ComparedRun> runs;  // one or more, all with the same keys
  // Only `fork` differs: counters are those that have moved since the first fork began. Else they are of the whole run.
  bool of_forks;
  bool forks = false;  // some run forks
};

// The table, the remarks of its columns, and the difference in words, if there are few runs.
[[nodiscard]] std::string comparison_text(const Comparison& comparison, std::size_t width = kReportWidth);

// The same facts as one JSON object (docs/interface.md, "JSON").
void write_comparison(Sink& sink, const Comparison& comparison, std::string_view script, std::string_view title);

}  // namespace bachsim
