#include "swap/swap.h"

#include <fmt/format.h>

#include <algorithm>

#include "swap/extent_map.h"
#include "swap/swap_bit_map.h"

namespace bachsim {

Swap::Swap(const std::vector<std::uint64_t>& device_blocks, HostShare& budget, PageStore* pages, SwapMapKind kind)
    : budget_(budget) {
  KASSERT(device_blocks.size() <= DiskBlock::kMaxDevice);
  devices_.reserve(device_blocks.size());
  for (const std::uint64_t blocks : device_blocks) {
    KASSERT(blocks <= DiskBlock::kMaxBlock);
    devices_.push_back({.map = kind == SwapMapKind::Bits
                                   ? std::unique_ptr<SwapMap>(std::make_unique<SwapBitMap>(blocks))
                                   : std::make_unique<ExtentMap>(blocks),
                        .use = SwapUse(blocks, budget.spare()),
                        .first_page = total_,
                        .uncommitted = blocks * sizeof(std::uint32_t)});
    total_ += blocks;
  }
  if (pages == nullptr) memory_ = std::make_unique<MemoryPages>(total_, budget);
  pages_ = pages != nullptr ? pages : memory_.get();
}

std::optional<DiskBlock> Swap::alloc(std::uint64_t blocks) {
  for (unsigned tried = 0; tried < devices(); ++tried) {
    const unsigned index = (turn_ + tried) % devices();
    Device& device = devices_[index];
    if (const auto first = device.map->malloc(blocks)) {
      commit_taken(device, *first, blocks);
      turn_ = (index + 1) % devices();
      counters_.blocks_allocated += blocks;
      return DiskBlock::swap(index + 1, *first);
    }
  }
  return std::nullopt;
}

// First fit keeps to the front of the tables: what they take grows with the blocks in use.
void Swap::commit_taken(Device& device, std::uint64_t first, std::uint64_t blocks, std::uint64_t more) {
  constexpr std::uint64_t kBytesPerBlock = 64;  // a use count, and an extent of the map
  device.use.reach(first + blocks - 1);
  const std::uint64_t most = std::max(device.most_used, device.map->blocks() - device.map->free_blocks());
  try {
    budget_.commit((most - device.most_used) * kBytesPerBlock + more);
  } catch (const HostLimit&) {
    device.map->mfree(first, blocks);
    throw;
  }
  device.most_used = most;
}

void Swap::take(DiskBlock block) {
  Device& device = devices_[block.device() - 1];
  device.map->take(block.block());
  const std::uint64_t bytes = std::min(device.uncommitted, kPageSize);  // it may be the first in its page
  commit_taken(device, block.block(), 1, bytes);
  device.uncommitted -= bytes;
  ++counters_.blocks_allocated;
}

bool Swap::unuse(DiskBlock block) {
  Device& device = devices_[block.device() - 1];
  if (!device.use.unuse(block.block())) return false;
  device.map->mfree(block.block(), 1);
  ++counters_.blocks_freed;
  return true;
}

std::uint64_t Swap::free_blocks() const {
  std::uint64_t sum = 0;
  for (const Device& device : devices_) sum += device.map->free_blocks();
  return sum;
}

std::uint64_t Swap::longest_extent() const {
  std::uint64_t longest = 0;
  for (const Device& device : devices_)
    device.map->for_each_extent([&](std::uint64_t, std::uint64_t blocks) { longest = std::max(longest, blocks); });
  return longest;
}

void Swap::audit(Violations& out) const {
  for (unsigned device = 1; device <= devices(); ++device) {
    const Device& d = devices_[device - 1];
    d.map->audit(device, out);
    // Free extents and blocks in use side by side. No block above the highest was ever allocated.
    std::uint64_t used = 0;
    std::uint64_t block = 1;
    const auto check = [&](std::uint64_t end, bool free) {
      for (; block < std::min(end, d.use.highest() + 1); ++block) {
        if (free && d.use.uses(block) != 0)
          out.push_back({2, fmt::format("swap block {}:{}: use count {}, but free in the map", device, block,
                                        d.use.uses(block))});
        if (!free && d.use.uses(block) == 0)
          out.push_back({2, fmt::format("swap block {}:{}: use count 0, but not free in the map", device, block)});
        used += free ? 0u : 1u;
      }
    };
    d.map->for_each_extent([&](std::uint64_t first, std::uint64_t blocks) {
      check(first, false);
      check(first + blocks, true);
    });
    check(d.use.highest() + 1, false);
    const std::uint64_t free = d.map->free_blocks();
    if (used + free != d.map->blocks())
      out.push_back(
          {9, fmt::format("swap map {}: {} free + {} in use is not {}", device, free, used, d.map->blocks())});
  }
}

}  // namespace bachsim
