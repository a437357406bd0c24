#include "swap/swap.h"

#include <fmt/format.h>

#include <algorithm>

namespace bachsim {

Swap::Swap(const std::vector<std::uint64_t>& device_blocks, HostBudget& budget, SwapFile& file) {
  KASSERT(device_blocks.size() <= DiskBlock::kMaxDevice);
  devices_.reserve(device_blocks.size());
  for (const std::uint64_t blocks : device_blocks) {
    KASSERT(blocks <= DiskBlock::kMaxBlock);
    devices_.push_back(
        {.map = SwapMap(blocks),
         .uses = LazyArray<std::uint32_t>(blocks + 1),
         .contents = file.exists() ? SwapDevice(blocks, file, total_ * kPageSize) : SwapDevice(blocks, budget)});
    total_ += blocks;
  }
}

std::optional<DiskBlock> Swap::alloc(std::uint64_t blocks) {
  for (unsigned tried = 0; tried < devices(); ++tried) {
    const unsigned index = (turn_ + tried) % devices();
    Device& device = devices_[index];
    if (const auto first = device.map.malloc(blocks)) {
      device.highest = std::max(device.highest, *first + blocks - 1);
      turn_ = (index + 1) % devices();
      counters_.blocks_allocated += blocks;
      return DiskBlock::swap(index + 1, *first);
    }
  }
  return std::nullopt;
}

void Swap::take(DiskBlock block) {
  Device& device = devices_[block.device() - 1];
  device.map.take(block.block());
  device.highest = std::max(device.highest, block.block());
  ++counters_.blocks_allocated;
}

bool Swap::unuse(DiskBlock block) {
  std::uint32_t& uses = count(block);
  KASSERT(uses > 0);
  if (--uses > 0)
    return false;
  devices_[block.device() - 1].map.mfree(block.block(), 1);
  ++counters_.blocks_freed;
  return true;
}

std::uint32_t Swap::uses(DiskBlock block) const {
  return devices_[block.device() - 1].uses[block.block()];
}

void Swap::read_more(DiskBlock block, std::byte* page) {
  ++counters_.reads;
  peek(block, page);
}

void Swap::peek(DiskBlock block, std::byte* page) const {
  devices_[block.device() - 1].contents.read(block.block(), page);
}

void Swap::write(DiskBlock block, const std::byte* page) {
  ++counters_.writes;
  devices_[block.device() - 1].contents.write(block.block(), page);
}

std::uint64_t Swap::free_blocks() const {
  std::uint64_t sum = 0;
  for (const Device& device : devices_)
    sum += device.map.free_blocks();
  return sum;
}

std::uint64_t Swap::longest_extent() const {
  std::uint64_t longest = 0;
  for (const Device& device : devices_) {
    for (const auto& [first, blocks] : device.map.extents())
      longest = std::max(longest, blocks);
  }
  return longest;
}

void Swap::audit(Violations& out) const {
  for (unsigned device = 1; device <= devices(); ++device) {
    const Device& d = devices_[device - 1];
    d.map.audit(device, out);
    // Free extents and blocks in use side by side. No block above the highest was ever allocated.
    std::uint64_t used = 0;
    auto extent = d.map.extents().begin();
    for (std::uint64_t block = 1; block <= d.highest; ++block) {
      while (extent != d.map.extents().end() && block >= extent->first + extent->second)
        ++extent;
      const bool free = extent != d.map.extents().end() && block >= extent->first;
      if (free && d.uses[block] != 0)
        out.push_back(
            {2, fmt::format("swap block {}:{}: use count {}, but free in the map", device, block, d.uses[block])});
      if (!free && d.uses[block] == 0)
        out.push_back({2, fmt::format("swap block {}:{}: use count 0, but not free in the map", device, block)});
      used += free ? 0u : 1u;
    }
    if (used + d.map.free_blocks() != d.map.size())
      out.push_back({9, fmt::format("swap map {}: {} free + {} in use is not {}", device, d.map.free_blocks(), used,
                                    d.map.size())});
  }
}

}  // namespace bachsim
