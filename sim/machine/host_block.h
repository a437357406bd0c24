// Memory of the host: blocks that are zero at first, and arrays in them.
//
// The host backs a page of a large block when it is touched first, which costs more than to clear it, and lets only one
// thread of a program map or unmap at a time. Machines that come one after the other therefore leave their blocks to
// the next one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "sim/machine/host.h"

namespace bachsim {

// Asks the host for a line that will be written to soon.
inline void prefetch(const void* line) {
  __builtin_prefetch(line, 1);
  asm volatile("");  // or GCC 12 finds that a function which only prefetches has no effect, and drops its calls
}

// How the host backs memory: in small pages if little is used, or scattered; else in huge ones, whose first touch costs
// a sixth as much per byte. A stack has small ones, and whatever bytes: nobody reads there what he has not written.
enum class Backing : std::uint8_t { Small, Huge, Stack };

// How the tables of a machine of so many frames are to be backed.
constexpr Backing backing_for(std::uint64_t frames) { return frames < 4096 ? Backing::Small : Backing::Huge; }

// Where a block goes with its owner: to the host, or to the spare blocks that it came from, if the owner has said how
// much of it was written.
struct Release {
  static constexpr std::uint64_t kUnknown = ~std::uint64_t{0};

  std::uint64_t bytes = 0;
  Backing backing = Backing::Small;
  SpareBlocks* spare = nullptr;
  std::uint64_t written = kUnknown;  // no byte from here on was written by this owner
  std::uint64_t backed = 0;          // bytes that the host backs since owners before this one

  void operator()(std::byte* start) const;
};
using HostBlock = std::unique_ptr<std::byte, Release>;

// So many zero bytes, or more. The host backs each page of a large block at its first touch. Throws HostLimit if it has
// no room.   REQUIRES: bytes > 0; `spare`, if there is one, outlives the block
[[nodiscard]] HostBlock reserve(std::uint64_t bytes, Backing backing, SpareBlocks* spare = nullptr);

// The host backs these bytes no longer, which are zero from now on.
// REQUIRES: they are whole pages of the host's, of a large block
void unback(std::byte* start, std::uint64_t bytes);

// Blocks that the machines of one thread leave to the next ones. It has blocks that were mapped for it alone.
class SpareBlocks {
 public:
  // The host backs at most `most` bytes of all its blocks, those included that machines have. These bytes come out of
  // the budget as long as the store is there; if they are not to be had, it keeps nothing.
  SpareBlocks(HostBudget& budget, std::uint64_t most);
  SpareBlocks(const SpareBlocks&) = delete;
  SpareBlocks& operator=(const SpareBlocks&) = delete;
  // REQUIRES: no machine has a block of it
  ~SpareBlocks();

  // The smallest that is large enough, all zero but for a stack; nothing if there is none.
  [[nodiscard]] HostBlock take(std::uint64_t bytes, Backing backing);
  // Clears what was written, and keeps the block, in the place of older ones if there is no room. One of which nobody
  // knows what was written goes to the host.   REQUIRES: it is a block of this store
  void keep(std::byte* start, const Release& release);

 private:
  static constexpr std::size_t kMostBlocks = 64;

  HostBudget& budget_;
  std::uint64_t most_;
  std::uint64_t backed_ = 0;       // of all its blocks
  std::vector<HostBlock> blocks_;  // that nobody has, the one that was kept last at the end
};

// An array whose elements are all zero bytes at first. Owns them.
template <class T>
class LazyArray {
  static_assert(std::is_trivially_copyable_v<T>);  // and so trivially destructible

 public:
  LazyArray() = default;
  explicit LazyArray(std::uint64_t size, Backing backing = Backing::Small, SpareBlocks* spare = nullptr)
      : block_(size == 0 ? HostBlock() : reserve(size * sizeof(T), backing, spare)), size_(size) {}

  // REQUIRES: i < size()
  T& operator[](std::uint64_t i) { return data()[i]; }
  const T& operator[](std::uint64_t i) const { return data()[i]; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  // No element from `end` on was ever written. An array of which this was never said is not left to the next machine.
  void written(std::uint64_t end) { block_.get_deleter().written = end * sizeof(T); }
  [[nodiscard]] T* data() { return reinterpret_cast<T*>(block_.get()); }
  [[nodiscard]] const T* data() const { return reinterpret_cast<const T*>(block_.get()); }

 private:
  HostBlock block_;
  std::uint64_t size_ = 0;
};

// Pages of 4096 zero bytes, numbered from 0, whose memory is reserved for 512 at a time. A page never moves.
class LazyPages {
 public:
  static constexpr std::uint64_t kPage = 4096;
  static constexpr std::uint64_t kChunk = 512;  // pages: 2 MiB

  // `first` is how the first chunk is backed; later ones have huge pages.
  explicit LazyPages(Backing first, SpareBlocks* spare = nullptr) : first_(first), spare_(spare) {}

  // Adds the next page. Throws HostLimit if the host has no memory.
  void add();

  // Pages that there are.
  [[nodiscard]] std::uint64_t size() const { return size_; }

  // REQUIRES: i < size()
  [[nodiscard]] std::byte* operator[](std::uint64_t i) const {
    return chunks_.data()[i / kChunk].get() + i % kChunk * kPage;
  }

 private:
  Backing first_;
  SpareBlocks* spare_;
  std::uint64_t size_ = 0;
  std::vector<HostBlock> chunks_;
};

}  // namespace bachsim
