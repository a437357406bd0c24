// The moment of a run that a report is on.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "sim/state/state.h"

namespace bachsim {

// A moment, and who in it was asked for. All of it must outlive this.
struct Seen {
  const State& state;
  const std::vector<Sample>& samples;  // for `sar`
  std::span<const ProcSlot> only{};    // the processes that were asked for; none: all

  [[nodiscard]] std::vector<ProcSlot> processes() const;
  // That those of `only` have.
  [[nodiscard]] std::set<std::uint32_t> regions() const;
};

struct WorkingSetPage {
  unsigned unreferenced;  // see unreferenced_for()
  RegionType type;
  std::uint32_t page;
};
// Figure 9.12: the pages of its own that a process has in memory, the one referenced last first.
[[nodiscard]] std::vector<WorkingSetPage> working_set_of(const State& state, ProcSlot slot);

}  // namespace bachsim
