// The map of free space on one swap device as exercise 9.15 has it: a bit for each block, set while it is in use.
// Its calls are those of SwapMap, with the same answers.
//
// Rules (checked by audit()):
//   free_blocks() is the number of clear bits
//   bits that no block has, in the last word, are set
#pragma once

#include "swap/swap_map.h"

namespace bachsim {

class SwapBitMap {
 public:
  // Blocks 1 to `blocks`, all free.
  explicit SwapBitMap(std::uint64_t blocks);

  [[nodiscard]] std::optional<std::uint64_t> malloc(std::uint64_t blocks);
  void take(std::uint64_t block);
  void mfree(std::uint64_t first, std::uint64_t blocks);
  [[nodiscard]] std::uint64_t free_blocks() const { return free_; }

  template <class Visit>
  void for_each_extent(Visit&& visit) const {
    const std::uint64_t end = size_ + 1;
    for (std::uint64_t block = find(Bit::Free, 1, end); block < end;) {
      const std::uint64_t first = block;
      block = find(Bit::Used, first, end);
      visit(first, block - first);
      block = find(Bit::Free, block, end);
    }
  }

  [[nodiscard]] MapCost cost() const {
    return {.held = words_.size(), .most = words_.size(), .malloc = mallocs_, .mfree = mfrees_};
  }

  void audit(unsigned device, Violations& out) const;

 private:
  friend struct SwapBitMapTestPeer;

  static constexpr std::uint64_t kWordBits = 64;
  enum class Bit : std::uint8_t { Free, Used };

  // The word that holds a block's bit.
  static constexpr std::uint64_t word_of(std::uint64_t block) { return (block - 1) / kWordBits; }
  // The first block in [block, end) with such a bit; `end` if there is none.   REQUIRES: end <= size_ + 1
  [[nodiscard]] std::uint64_t find(Bit bit, std::uint64_t block, std::uint64_t end) const;
  // Turns the bits of [first, first + blocks) over.   REQUIRES: all are alike
  void turn_over(std::uint64_t first, std::uint64_t blocks);

  LazyArray<std::uint64_t> words_;
  std::uint64_t size_;
  std::uint64_t free_;
  std::uint64_t lowest_free_ = 1;  // no block below is free; spares scans the words that are full
  MapCost::Scans mallocs_;
  MapCost::Scans mfrees_;
};

}  // namespace bachsim
