// The map of free space on one swap device (Bach 9.1.1): a list of free extents (extent_map.h), or a bit for each block
// (swap_bit_map.h). Both give the same answers.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "sim/machine/check.h"
#include "sim/machine/host.h"

namespace bachsim {

enum class SwapMapKind : std::uint8_t {
  Extents,  // Bach's
  Bits,     // of exercise 9.15
};

// The two can be compared by these costs, in entries of the map: extents, or words of 64 bits. `looked_at` counts the
// entries that the book's scan from the first one comes by; the simulator has a shorter way.
struct MapCost {
  struct Scans {
    std::uint64_t calls = 0;
    std::uint64_t looked_at = 0;
    friend bool operator==(const Scans&, const Scans&) = default;
  };
  std::uint64_t held = 0;  // entries that the map has now, and the most that it ever had
  std::uint64_t most = 0;
  Scans malloc;
  Scans mfree;
  friend bool operator==(const MapCost&, const MapCost&) = default;
};

// Free blocks one behind the other.
struct FreeExtent {
  std::uint64_t first;
  std::uint64_t blocks;
};

class SwapMap {
 public:
  // Blocks 1 to `blocks`, all free.
  explicit SwapMap(std::uint64_t blocks) : size_(blocks), free_(blocks) {}
  SwapMap(const SwapMap&) = delete;
  SwapMap& operator=(const SwapMap&) = delete;
  virtual ~SwapMap() = default;

  // First fit: the lowest extent that is long enough gives up its front. Returns the first block, if there is one.
  // REQUIRES: blocks > 0
  [[nodiscard]] virtual std::optional<std::uint64_t> malloc(std::uint64_t blocks) = 0;

  // Takes one block wherever it lies.   REQUIRES: it is free
  virtual void take(std::uint64_t block) = 0;

  // Gives blocks back, which join the free extents on either side.
  // REQUIRES: none of [first, first + blocks) is free; all are on the device; blocks > 0
  virtual void mfree(std::uint64_t first, std::uint64_t blocks) = 0;

  [[nodiscard]] std::uint64_t blocks() const { return size_; }
  [[nodiscard]] std::uint64_t free_blocks() const { return free_; }

  // Calls visit(first, blocks) for each extent, in order.
  virtual void for_each_extent(const std::function<void(std::uint64_t first, std::uint64_t blocks)>& visit) const = 0;
  // One of them, which count from 1, if there are so many.
  [[nodiscard]] virtual std::optional<FreeExtent> extent(std::uint64_t number) const = 0;

  [[nodiscard]] virtual MapCost cost() const = 0;

  // Identity 9, for the device that findings are to name.
  virtual void audit(unsigned device, Violations& out) const = 0;

 protected:
  friend struct SwapMapTestPeer;

  // REQUIRES: as mfree()
  void check_range(std::uint64_t first, std::uint64_t blocks) const {
    KASSERT(blocks > 0);
    KASSERT(first >= 1);
    KASSERT(first + blocks - 1 <= size_);
  }

  const std::uint64_t size_;  // blocks of the device
  std::uint64_t free_;
  MapCost::Scans mallocs_;
  MapCost::Scans mfrees_;
};

}  // namespace bachsim
