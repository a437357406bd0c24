#include "swap/extent_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace bachsim {

ExtentMap::ExtentMap(std::uint64_t blocks) : SwapMap(blocks) {
  if (blocks > 0) extents_.insert({1, blocks});
  most_ = extents_.size();
}

void ExtentMap::for_each_extent(const std::function<void(std::uint64_t, std::uint64_t)>& visit) const {
  for (const FreeExtent& extent : extents_) visit(extent.first, extent.blocks);
}

std::optional<FreeExtent> ExtentMap::extent(std::uint64_t number) const {
  if (number == 0 || number > extents_.size()) return std::nullopt;
  return *extents_.nth(number - 1);
}

MapCost ExtentMap::cost() const {
  return {.held = extents_.size(), .most = most_, .malloc = mallocs_, .mfree = mfrees_};
}

std::optional<std::uint64_t> ExtentMap::malloc(std::uint64_t blocks) {
  KASSERT(blocks > 0);
  auto fit = blocks >= no_fit_.length ? extents_.lower_bound(no_fit_.from) : extents_.begin();
  while (fit != extents_.end() && fit->blocks < blocks) ++fit;
  if (blocks > 1) no_fit_ = {.length = blocks, .from = fit == extents_.end() ? size_ : fit->first};
  ++mallocs_.calls;
  mallocs_.looked_at += std::min(extents_.rank(fit) + 1, extents_.size());
  if (fit == extents_.end()) return std::nullopt;

  const std::uint64_t first = fit->first;
  if (fit->blocks == blocks)
    extents_.erase(fit);
  else
    extents_.modify(fit, [blocks](FreeExtent& extent) { extent = {extent.first + blocks, extent.blocks - blocks}; });
  free_ -= blocks;
  return first;
}

void ExtentMap::take(std::uint64_t block) {
  auto holder = extents_.upper_bound(block);
  KASSERT(holder != extents_.begin());
  const auto [first, blocks] = *--holder;
  KASSERT(block < first + blocks);
  extents_.erase(holder);
  if (block > first) extents_.insert({first, block - first});
  if (first + blocks > block + 1) extents_.insert({block + 1, first + blocks - block - 1});
  most_ = std::max<std::uint64_t>(most_, extents_.size());
  --free_;
}

void ExtentMap::mfree(std::uint64_t first, std::uint64_t blocks) {
  check_range(first, blocks);
  const auto after = extents_.upper_bound(first);
  const auto before = after == extents_.begin() ? extents_.end() : std::prev(after);
  KASSERT(after == extents_.end() || first + blocks <= after->first);
  KASSERT(before == extents_.end() || before->first + before->blocks <= first);

  // A scan comes by those that begin below `first`, and the one behind.
  ++mfrees_.calls;
  mfrees_.looked_at += std::min(extents_.rank(after) + 1, extents_.size());

  FreeExtent joined{first, blocks};
  const bool joins_before = before != extents_.end() && before->first + before->blocks == first;
  const bool joins_after = after != extents_.end() && first + blocks == after->first;
  if (joins_before) joined = {before->first, before->blocks + blocks};
  if (joins_after) joined.blocks += after->blocks;
  if (joins_before && joins_after) extents_.erase(after);  // Bach's case 1: it fills a hole
  if (joins_before || joins_after)                         // case 2: it makes an extent longer
    extents_.replace(joins_before ? before : after, joined);
  else  // case 3: it touches nothing
    extents_.insert(joined);
  most_ = std::max<std::uint64_t>(most_, extents_.size());
  free_ += blocks;
  if (joined.blocks >= no_fit_.length && joined.first < no_fit_.from) no_fit_.from = joined.first;
}

void ExtentMap::audit(unsigned device, Violations& out) const {
  std::uint64_t end = 0;  // the block behind the previous extent; 0: none yet
  std::uint64_t sum = 0;
  for (const auto& [first, blocks] : extents_) {
    if (blocks == 0 || first < 1 || first + blocks - 1 > size_)
      out.push_back(
          {9, fmt::format("swap map {}: extent ({}, {}) is not within 1 to {}", device, first, blocks, size_)});
    if (first <= end)
      out.push_back({9, fmt::format("swap map {}: extent ({}, {}) touches the one before it", device, first, blocks)});
    end = first + blocks;
    sum += blocks;
  }
  if (sum != free_)
    out.push_back({9, fmt::format("swap map {}: extents hold {} blocks, counted free {}", device, sum, free_)});
}

}  // namespace bachsim
