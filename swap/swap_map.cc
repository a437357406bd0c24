#include "swap/swap_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace bachsim {

SwapMap::SwapMap(std::uint64_t blocks)
    : nodes_(std::make_unique<std::pmr::unsynchronized_pool_resource>()),
      extents_(nodes_.get()),
      size_(blocks),
      free_(blocks),
      starts_(blocks),
      most_(blocks > 0 ? 1 : 0) {
  if (blocks == 0) return;
  extents_.emplace(1, blocks);
  starts_.insert(1);
}

std::optional<std::uint64_t> SwapMap::malloc(std::uint64_t blocks) {
  KASSERT(blocks > 0);
  auto extent = blocks >= no_fit_.length ? extents_.lower_bound(no_fit_.from) : extents_.begin();
  while (extent != extents_.end() && extent->second < blocks) ++extent;
  if (blocks > 1) no_fit_ = {.length = blocks, .from = extent == extents_.end() ? size_ + 1 : extent->first};
  ++mallocs_.calls;
  if (extent == extents_.end()) {
    mallocs_.looked_at += extents_.size();
    return std::nullopt;
  }

  const std::uint64_t first = extent->first;
  mallocs_.looked_at += extent == extents_.begin() ? 1 : starts_.up_to(first);
  if (extent->second == blocks) {
    starts_.erase(first);
    extents_.erase(extent);
  } else {
    starts_.move(first, first + blocks);
    // The same node under its new address, which does not change the order.
    auto node = extents_.extract(extent++);
    node.key() += blocks;
    node.mapped() -= blocks;
    extents_.insert(extent, std::move(node));
  }
  free_ -= blocks;
  return first;
}

bool SwapMap::is_free(std::uint64_t block) const {
  const auto after = extents_.upper_bound(block);
  if (after == extents_.begin()) return false;
  const auto extent = std::prev(after);
  return block - extent->first < extent->second;
}

void SwapMap::take(std::uint64_t block) {
  KASSERT(is_free(block));
  const auto extent = std::prev(extents_.upper_bound(block));
  const auto [first, blocks] = *extent;
  // The rest of the extent on either side. Extents only become shorter, so the hint stays true.
  if (first + blocks > block + 1) extents_.emplace_hint(std::next(extent), block + 1, first + blocks - block - 1);
  if (block > first)
    extent->second = block - first;
  else
    extents_.erase(extent);
  --free_;
}

void SwapMap::mfree(std::uint64_t first, std::uint64_t blocks) {
  KASSERT(blocks > 0);
  KASSERT(first >= 1);
  KASSERT(first + blocks - 1 <= size_);
  auto after = extents_.upper_bound(first);
  auto before = after == extents_.begin() ? extents_.end() : std::prev(after);
  KASSERT(after == extents_.end() || first + blocks <= after->first);
  KASSERT(before == extents_.end() || before->first + before->second <= first);

  // A scan comes by those that begin below `first`, and the one behind.
  ++mfrees_.calls;
  mfrees_.looked_at += after == extents_.end()     ? extents_.size()
                       : after == extents_.begin() ? 1
                                                   : starts_.up_to(first) + 1;

  const bool joins_before = before != extents_.end() && before->first + before->second == first;
  const bool joins_after = after != extents_.end() && first + blocks == after->first;
  std::uint64_t start = first;
  std::uint64_t length = blocks;
  if (joins_before) {
    // Bach's case 1 if it fills the hole up to `after` as well, else case 2.
    start = before->first;
    length += before->second;
    if (joins_after) {
      length += after->second;
      starts_.erase(after->first);
      extents_.erase(after);
    }
    before->second = length;
  } else if (joins_after) {
    // Case 2 from the other side.
    length += after->second;
    starts_.move(after->first, first);
    auto node = extents_.extract(after++);
    node.key() = first;
    node.mapped() = length;
    extents_.insert(after, std::move(node));
  } else {
    // Case 3: it touches nothing.
    extents_.emplace_hint(after, first, blocks);
    starts_.insert(first);
    most_ = std::max<std::uint64_t>(most_, extents_.size());
  }
  free_ += blocks;
  if (length >= no_fit_.length && start < no_fit_.from) no_fit_.from = start;
}

void SwapMap::audit(unsigned device, Violations& out) const {
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
