// A bit for each block of a swap device, set while it is in use (exercise 9.15).
//
// Rules (checked by audit()):
//   free_blocks() is the number of clear bits
//   bits that no block has, in the last word, are set
#pragma once

#include "sim/machine/host_block.h"
#include "swap/swap_map.h"

namespace bachsim {

class SwapBitMap : public SwapMap {
 public:
  explicit SwapBitMap(std::uint64_t blocks);

  [[nodiscard]] std::optional<std::uint64_t> malloc(std::uint64_t blocks) override;
  void take(std::uint64_t block) override;
  void mfree(std::uint64_t first, std::uint64_t blocks) override;
  void for_each_extent(const std::function<void(std::uint64_t, std::uint64_t)>& visit) const override;
  [[nodiscard]] std::optional<FreeExtent> extent(std::uint64_t number) const override;
  [[nodiscard]] MapCost cost() const override;
  void audit(unsigned device, Violations& out) const override;

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
  std::uint64_t lowest_free_ = 1;  // no block below is free; spares scans the words that are full
  std::uint64_t highest_ = 0;      // no block above was ever in use; spares scans the rest of a large device
};

}  // namespace bachsim
