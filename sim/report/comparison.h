// One workload with each kind of fork: the counts side by side, and the difference in words.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/kernel/counters.h"

namespace bachsim {

// The cost of a kind of fork. Counters count from the beginning of the workload's first fork or vfork.
struct ForkCost {
  std::uint64_t forks = 0;           // calls of fork, which vfork statements are not
  std::uint64_t pages_copied = 0;    // by fork itself
  std::uint64_t entries_copied = 0;  // table entries, each a PTE and a dbd
  std::uint64_t tables = 0;          // page-table frames that fork took
  std::uint64_t frames_peak = 0;     // in the whole run
  std::uint64_t tables_peak = 0;
  std::uint64_t validity_faults = 0;
  std::uint64_t protection_faults = 0;
  std::uint64_t copied = 0;  // of these: the page was copied
  std::uint64_t kept = 0;    // of these: the frame was kept
  std::uint64_t bytes = 0;   // moved: pages copied, pages to and from swap, entries copied
};

[[nodiscard]] ForkCost cost_of(const Counters& before, const Counters& after, const Gauges& gauges);

struct ForkColumn {
  ForkCost cost;
  std::string stopped;            // where the script stopped under this fork; empty: it ran to its end
  std::vector<std::string> said;  // remarks on this run: why it stopped, which calls failed
};

enum class ForkKind : std::uint8_t { Cow, Copy, Vfork };
inline constexpr std::size_t kForkKinds = 3;

// The table, the remarks of its columns, and the difference in words if the workload forks at all.
[[nodiscard]] std::string comparison_text(const std::array<ForkColumn, kForkKinds>& columns, bool forks);

}  // namespace bachsim
