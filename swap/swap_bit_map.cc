#include "swap/swap_bit_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace bachsim {

SwapBitMap::SwapBitMap(std::uint64_t blocks) : SwapMap(blocks), words_((blocks + kWordBits - 1) / kWordBits) {
  if (blocks % kWordBits != 0) words_[words_.size() - 1] = ~std::uint64_t{0} << blocks % kWordBits;
}

std::uint64_t SwapBitMap::find(Bit bit, std::uint64_t block, std::uint64_t end) const {
  const std::uint64_t last = bit == Bit::Used ? std::min(end, highest_ + 1) : end;
  for (std::uint64_t at = block - 1; at < last - 1; at = (at / kWordBits + 1) * kWordBits) {
    const std::uint64_t word = words_[at / kWordBits];
    const std::uint64_t found = (bit == Bit::Used ? word : ~word) >> at % kWordBits;
    if (found != 0) return std::min(at + static_cast<unsigned>(std::countr_zero(found)) + 1, end);
  }
  return end;
}

void SwapBitMap::turn_over(std::uint64_t first, std::uint64_t blocks) {
  const std::uint64_t end = first - 1 + blocks;
  for (std::uint64_t at = first - 1; at < end;) {
    const std::uint64_t count = std::min(kWordBits - at % kWordBits, end - at);
    words_[at / kWordBits] ^= ~std::uint64_t{0} >> (kWordBits - count) << at % kWordBits;
    at += count;
  }
  highest_ = std::max(highest_, end);
}

void SwapBitMap::for_each_extent(const std::function<void(std::uint64_t, std::uint64_t)>& visit) const {
  const std::uint64_t end = size_ + 1;
  for (std::uint64_t block = find(Bit::Free, 1, end); block < end;) {
    const std::uint64_t first = block;
    block = find(Bit::Used, first, end);
    visit(first, block - first);
    block = find(Bit::Free, block, end);
  }
}

std::optional<FreeExtent> SwapBitMap::extent(std::uint64_t number) const {
  const std::uint64_t end = size_ + 1;
  for (std::uint64_t block = 1, seen = 0; (block = find(Bit::Free, block, end)) < end;) {
    const std::uint64_t first = block;
    block = find(Bit::Used, first, end);
    if (++seen == number) return FreeExtent{.first = first, .blocks = block - first};
  }
  return std::nullopt;
}

MapCost SwapBitMap::cost() const {
  return {.held = words_.size(), .most = words_.size(), .malloc = mallocs_, .mfree = mfrees_};
}

std::optional<std::uint64_t> SwapBitMap::malloc(std::uint64_t blocks) {
  KASSERT(blocks > 0);
  ++mallocs_.calls;
  lowest_free_ = find(Bit::Free, lowest_free_, size_ + 1);
  for (std::uint64_t first = lowest_free_; first + blocks <= size_ + 1;) {
    const std::uint64_t end = find(Bit::Used, first, first + blocks);
    if (end == first + blocks) {
      turn_over(first, blocks);
      free_ -= blocks;
      mallocs_.looked_at += word_of(end - 1) + 1;
      return first;
    }
    first = find(Bit::Free, end, size_ + 1);
  }
  mallocs_.looked_at += words_.size();
  return std::nullopt;
}

void SwapBitMap::take(std::uint64_t block) {
  KASSERT(find(Bit::Free, block, block + 1) == block);
  turn_over(block, 1);
  --free_;
}

void SwapBitMap::mfree(std::uint64_t first, std::uint64_t blocks) {
  check_range(first, blocks);
  KASSERT(find(Bit::Free, first, first + blocks) == first + blocks);
  ++mfrees_.calls;
  mfrees_.looked_at += word_of(first + blocks - 1) - word_of(first) + 1;
  turn_over(first, blocks);
  free_ += blocks;
  lowest_free_ = std::min(lowest_free_, first);
}

void SwapBitMap::audit(unsigned device, Violations& out) const {
  std::uint64_t clear = 0;
  for (std::uint64_t i = 0; i < words_.size(); ++i) clear += static_cast<unsigned>(std::popcount(~words_[i]));
  if (clear != free_)
    out.push_back({9, fmt::format("swap map {}: {} bits are clear, counted free {}", device, clear, free_)});
  if (size_ % kWordBits != 0 && ~words_[words_.size() - 1] >> size_ % kWordBits != 0)
    out.push_back({9, fmt::format("swap map {}: a bit behind block {} is clear", device, size_)});
  if (const std::uint64_t block = find(Bit::Free, 1, size_ + 1); block < lowest_free_)
    out.push_back({9, fmt::format("swap map {}: block {} is free, below the lowest free block", device, block)});
}

}  // namespace bachsim
