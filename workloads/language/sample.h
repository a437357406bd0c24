// What `sar` samples.
#pragma once

#include <cstdint>

namespace bachsim {

// The state of things after a tick statement, for `sar`.
struct Sample {
  std::uint64_t ticks = 0;  // since boot
  std::uint64_t validity_faults = 0;
  std::uint64_t protection_faults = 0;
  std::uint64_t file_fills = 0;
  std::uint64_t reclaimed = 0;
  std::uint64_t swap_ins = 0;  // transfers
  std::uint64_t pages_in = 0;
  std::uint64_t swap_outs = 0;
  std::uint64_t pages_out = 0;
  std::uint64_t free_frames = 0;
  std::uint64_t free_blocks = 0;
};

}  // namespace bachsim
