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

}  // namespace bachsim
