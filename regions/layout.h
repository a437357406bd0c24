// The layout of an address space (docs/model.md, "Machine"): text, data behind it and upwards, shared memory from
// 128 GiB, the stack down from 256 GiB. A leaf table belongs to one region, so regions start on its boundaries.
#pragma once

#include <cstdint>

#include "sim/machine/types.h"

namespace bachsim {

inline constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

// Bytes that one leaf table maps, and that one table of the level above maps.
inline constexpr std::uint64_t kLeafSpan = kTableEntries * kPageSize;
inline constexpr std::uint64_t kMiddleSpan = kTableEntries * kLeafSpan;

inline constexpr VirtAddr kTextStart{2 * kMiB};
inline constexpr VirtAddr kDataEnd{128 * kGiB};
inline constexpr VirtAddr kShmStart{128 * kGiB};
inline constexpr VirtAddr kStackEnd{256 * kGiB};

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) { return (value + unit - 1) / unit * unit; }

// Data starts behind a text of so many pages; without text, where text would start.
constexpr VirtAddr data_start(std::uint64_t text_pages) {
  return VirtAddr{kTextStart.value + round_up(text_pages * kPageSize, kLeafSpan)};
}

// Shared memory ends where a stack of `stack_limit` pages would start.
constexpr VirtAddr shm_end(std::uint64_t stack_limit) {
  return VirtAddr{(kStackEnd.value - stack_limit * kPageSize) / kLeafSpan * kLeafSpan};
}

}  // namespace bachsim
