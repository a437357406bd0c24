// Swap space: the devices, each with its map and its swap-use table (Bach 9.2.1), and their contents.
//
// Rules (checked by audit()):
//   9  each map is sound; free + in use = size
//   2  the use count of a block is 0 exactly when the map has it free
#pragma once

#include <cstring>
#include <unordered_map>
#include <vector>

#include "sim/machine/counters.h"
#include "sim/machine/host_block.h"
#include "swap/disk_block.h"
#include "swap/swap_map.h"
#include "swap/swap_use.h"

namespace bachsim {

#define BACHSIM_SWAP_COUNTERS(X) X(reads) X(writes) X(transfers) X(blocks_allocated) X(blocks_freed)
BACHSIM_COUNTER_GROUP(SwapCounters, BACHSIM_SWAP_COUNTERS)

// The contents of swap devices in the host's memory.
class MemoryPages : public PageStore {
 public:
  // Pages 0 to `pages` - 1. `budget` must outlive it.
  MemoryPages(std::uint64_t pages, HostShare& budget)
      : budget_(budget), chunk_(std::clamp<std::uint64_t>(pages, 1, 512)) {}

  // REQUIRES: number < pages
  void read(std::uint64_t number, std::byte* page) const override {
    const auto found = chunks_.find(number / chunk_);
    if (found == chunks_.end())
      std::memset(page, 0, kPageSize);
    else
      std::memcpy(page, found->second.pages.data() + number % chunk_ * kPageSize, kPageSize);
  }
  void write(std::uint64_t number, const std::byte* page) override {
    Chunk& chunk = chunks_[number / chunk_];
    if (chunk.pages.size() == 0) {
      budget_.commit(chunk_ * kPageSize);
      chunk.pages = LazyArray<std::byte>(chunk_ * kPageSize, Backing::Small, budget_.spare());
    }
    const std::uint64_t offset = number % chunk_ * kPageSize;
    std::memcpy(chunk.pages.data() + offset, page, kPageSize);
    chunk.written = std::max(chunk.written, offset + kPageSize);
    chunk.pages.written(chunk.written);
  }

 private:
  struct Chunk {
    LazyArray<std::byte> pages;
    std::uint64_t written = 0;  // no byte from here on ever was
  };

  HostShare& budget_;
  std::uint64_t chunk_;                              // pages: a small device is one chunk
  std::unordered_map<std::uint64_t, Chunk> chunks_;  // those ever written to
};

class Swap {
 public:
  // One device for each number of blocks. Their contents lie in `pages`, one device behind the other; without a store
  // in memory. Both must outlive it.
  // REQUIRES: at most DiskBlock::kMaxDevice devices of at most DiskBlock::kMaxBlock blocks
  Swap(const std::vector<std::uint64_t>& device_blocks, HostShare& budget, PageStore* pages = nullptr,
       SwapMapKind kind = SwapMapKind::Extents);

  // Allocates an extent on the device whose turn it is, else on the next one that has room. Returns its first block,
  // and the device behind has the next turn. The caller must use() each block (see NewExtent). Empty, and no turn
  // taken, if no device has such an extent.   REQUIRES: blocks > 0
  [[nodiscard]] std::optional<DiskBlock> alloc(std::uint64_t blocks);

  // Allocates one block that the caller chooses, without a turn. Like alloc(), it leaves the block free where the host
  // has no memory for it (HostLimit).   REQUIRES: map(device) has it free
  void take(DiskBlock block);

  // One more dbd names the block.   REQUIRES: alloc() or take() gave it out
  void use(DiskBlock block) { devices_[block.device() - 1].use.use(block.block()); }

  // One dbd fewer. True if it was the last: then the block is free, and a frame that holds it must lose its identity.
  // REQUIRES: uses(block) > 0
  [[nodiscard]] bool unuse(DiskBlock block);

  [[nodiscard]] std::uint32_t uses(DiskBlock block) const {
    return devices_[block.device() - 1].use.uses(block.block());
  }

  // Transfers: one begins, then each of its pages is read or written.
  void begin_read() { ++counters_.transfers; }
  void read(DiskBlock block, std::byte* page) {
    ++counters_.reads;
    peek(block, page);
  }
  void begin_write() {
    ++counters_.transfers;
    ++transfers_out_;
  }
  void write(DiskBlock block, const std::byte* page) {
    ++counters_.writes;
    pages_->write(page_of(block), page);
  }
  // Looks into a block as a debugger would: counts nothing.
  void peek(DiskBlock block, std::byte* page) const { pages_->read(page_of(block), page); }

  [[nodiscard]] unsigned devices() const { return static_cast<unsigned>(devices_.size()); }

  // Calls visit(DiskBlock, uses) for the blocks in use, in order. Looks at no block that never was.
  template <class Visit>
  void for_each_used(Visit&& visit) const {
    for (unsigned device = 1; device <= devices(); ++device) {
      const SwapUse& use = devices_[device - 1].use;
      for (std::uint64_t block = 1; block <= use.highest(); ++block) {
        if (use.uses(block) > 0) visit(DiskBlock::swap(device, block), use.uses(block));
      }
    }
  }

  // Of one device; `device` counts from 1.
  [[nodiscard]] const SwapMap& map(unsigned device) const { return *devices_[device - 1].map; }

  // Blocks of the longest free extent on any device.
  [[nodiscard]] std::uint64_t longest_extent() const;

  [[nodiscard]] std::uint64_t total_blocks() const { return total_; }
  [[nodiscard]] std::uint64_t free_blocks() const;
  [[nodiscard]] const SwapCounters& counters() const { return counters_; }
  void set_counters(const SwapCounters& counters) { counters_ = counters; }
  // Those of counters().transfers that wrote.
  [[nodiscard]] std::uint64_t transfers_out() const { return transfers_out_; }

  void audit(Violations& out) const;

 private:
  friend struct SwapTestPeer;

  struct Device {
    std::unique_ptr<SwapMap> map;
    SwapUse use;
    std::uint64_t first_page;     // in the store
    std::uint64_t most_used = 0;  // blocks in use at one time
    std::uint64_t uncommitted;    // bytes of use counts that blocks chosen by callers may still touch
  };

  // Where the block's contents are in the store.   REQUIRES: the device has the block
  [[nodiscard]] std::uint64_t page_of(DiskBlock block) const {
    const Device& device = devices_[block.device() - 1];
    KASSERT(block.block() >= 1);
    KASSERT(block.block() <= device.map->blocks());
    return device.first_page + block.block() - 1;
  }

  // Asks the host for what the tables of a device take with blocks that are taken from its map already, and for `more`
  // bytes. Where it refuses, the blocks are free again, and HostLimit goes on to the caller.
  void commit_taken(Device& device, std::uint64_t first, std::uint64_t blocks, std::uint64_t more = 0);

  HostShare& budget_;
  std::vector<Device> devices_;
  std::uint64_t total_ = 0;
  unsigned turn_ = 0;  // index of the device to try first
  SwapCounters counters_;
  std::uint64_t transfers_out_ = 0;
  std::unique_ptr<MemoryPages> memory_;  // the store, if the host gave none
  PageStore* pages_;
};

// Blocks that alloc() has given out, until a dbd names them. If the host fails to write them, those left go back.
class NewExtent {
 public:
  // `swap` must outlive it.
  NewExtent(Swap& swap, DiskBlock first, std::uint64_t blocks) : swap_(swap), next_(first), left_(blocks) {}
  NewExtent(const NewExtent&) = delete;
  NewExtent& operator=(const NewExtent&) = delete;
  ~NewExtent() {
    for (; left_ > 0; named()) {
      swap_.use(next_);
      static_cast<void>(swap_.unuse(next_));
    }
  }

  // next(): the next block to name. named(): it has been named.   REQUIRES: there is one
  [[nodiscard]] DiskBlock next() const { return next_; }
  void named() { next_ = --left_ > 0 ? DiskBlock::swap(next_.device(), next_.block() + 1) : DiskBlock(); }

 private:
  Swap& swap_;
  DiskBlock next_;
  std::uint64_t left_;
};

}  // namespace bachsim
