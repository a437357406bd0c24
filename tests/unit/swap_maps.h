// Looks into a swap map of either kind.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "swap/swap_map.h"
#include "tests/unit/fixture.h"

namespace bachsim {

using Extents = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // first block, blocks

inline Extents extents(const SwapMap& map) {
  Extents list;
  map.for_each_extent([&](std::uint64_t first, std::uint64_t blocks) { list.emplace_back(first, blocks); });
  return list;
}

inline Findings audit_of_map(const SwapMap& map) {
  Violations found;
  map.audit(1, found);
  return findings(found);
}

}  // namespace bachsim
