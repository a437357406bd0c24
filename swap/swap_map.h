// The map of free space on one swap device (Bach 9.1.1, figures 9.1 to 9.5).
//
// Rules (checked by audit()):
//   extents are sorted by address, disjoint, never adjacent, never empty, inside the device
//   free_blocks() is the sum of their lengths
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "sim/machine/check.h"
#include "sim/machine/host.h"

namespace bachsim {

// The two kinds of swap map (exercise 9.15), and their costs, by which they can be compared.
enum class SwapMapKind : std::uint8_t {
  Extents,  // Bach's: the free extents in order (swap_map.h)
  Bits,     // a bit for each block (swap_bit_map.h)
};

// Counted in entries of the map: extents, or words of 64 bits. `looked_at` counts those that the book's algorithm comes
// by, which begins at the first entry; the simulator has a shorter way.
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

class SwapMap {
 public:
  // One free extent, blocks 1 to `blocks`; none if `blocks` is 0.
  explicit SwapMap(std::uint64_t blocks);
  SwapMap(SwapMap&& other) noexcept;
  SwapMap& operator=(SwapMap&& other) noexcept;
  ~SwapMap();

  // First fit: the lowest extent that is long enough gives up its front. Returns the first block, if there is one.
  // REQUIRES: blocks > 0
  [[nodiscard]] std::optional<std::uint64_t> malloc(std::uint64_t blocks);

  // Takes one block wherever it lies, out of the extent that holds it.   REQUIRES: it is free
  void take(std::uint64_t block);

  // Gives blocks back and joins them with the free extents on either side.
  // REQUIRES: none of [first, first + blocks) is free; all are on the device; blocks > 0
  void mfree(std::uint64_t first, std::uint64_t blocks);

  [[nodiscard]] std::uint64_t free_blocks() const { return free_; }

  // Calls visit(first, blocks) for each extent, in order.
  void for_each_extent(const std::function<void(std::uint64_t first, std::uint64_t blocks)>& visit) const;

  [[nodiscard]] MapCost cost() const;

  // Identity 9, for the device that findings are to name.
  void audit(unsigned device, Violations& out) const;

 private:
  friend struct SwapMapTestPeer;

  struct Extents;  // extents.h: Boost's templates are for the one file that needs them

  std::unique_ptr<Extents> extents_;
  std::uint64_t size_;  // blocks of the device
  std::uint64_t free_;
  std::uint64_t most_;  // extents at one time
  MapCost::Scans mallocs_;
  MapCost::Scans mfrees_;

  // Below `from` no extent has `length` blocks: a search for so many begins there. It changes no answer.
  struct {
    std::uint64_t length = ~std::uint64_t{0};
    std::uint64_t from = 0;
  } no_fit_;
};

}  // namespace bachsim
