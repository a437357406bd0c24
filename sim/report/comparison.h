// One workload with each kind of fork: the counts side by side, and the difference in words.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/sink.h"
#include "sim/state/rows.h"

namespace bachsim {

// A run of the workload with one kind of fork.
struct ForkColumn {
  std::vector<NumberRow> numbers;  // counters that have moved since the first fork began, and gauges at the end
  std::string stopped;             // where the script stopped; empty: it ran to its end
  std::vector<std::string> said;   // remarks on this run: why it stopped, which calls failed
  std::string run{};               // its JSON object, if that is wanted
};

// [ForkMode]
inline constexpr std::size_t kForkModes = 3;
using ForkColumns = std::array<ForkColumn, kForkModes>;

// The table, the remarks of its columns, and the difference in words if the workload forks at all.
[[nodiscard]] std::string comparison_text(const ForkColumns& columns, bool forks, std::size_t width = kReportWidth);

// The same facts as one JSON object (docs/interface.md, "JSON").
void write_comparison(Sink& sink, const ForkColumns& columns, bool forks, std::string_view script,
                      std::string_view title);

}  // namespace bachsim
