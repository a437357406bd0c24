// The map of free space on one swap device (Bach 9.1.1, figures 9.1 to 9.5).
//
// Rules (checked by audit()):
//   extents are sorted by address, disjoint, never adjacent, never empty, inside the device
//   free_blocks() is the sum of their lengths
#pragma once

#include <map>
#include <memory>
#include <memory_resource>
#include <optional>

#include "sim/machine/check.h"
#include "sim/machine/host.h"

namespace bachsim {

// The two kinds of swap map (exercise 9.15), and their costs, by which they can be compared.
enum class SwapMapKind : std::uint8_t {
  Extents,  // Bach's: the free extents in order (swap_map.h)
  Bits,     // a bit for each block (swap_bit_map.h)
};

// Counted in entries of the map: extents, or words of 64 bits. `looked_at` counts the entries of a scan from the first
// one, as the book's algorithm does it; the simulator may have a shorter way.
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

// A set of numbers that tells how many of its members are up to a given one: a Fenwick tree.
class Ranks {
 public:
  // An empty set of numbers from 1 to `highest`.
  explicit Ranks(std::uint64_t highest) : sums_(highest + 1) {}

  // REQUIRES: not a member
  void insert(std::uint64_t number) {
    for (; number < sums_.size(); number += number & -number) ++sums_[number];
  }
  // REQUIRES: a member
  void erase(std::uint64_t number) {
    for (; number < sums_.size(); number += number & -number) --sums_[number];
  }
  // The same as erase(from) and insert(to), but for the sums that both are in: of neighbours, most are.
  void move(std::uint64_t from, std::uint64_t to) {
    while (from != to && (from < sums_.size() || to < sums_.size())) {
      if (from < to) {
        --sums_[from];
        from += from & -from;
      } else {
        ++sums_[to];
        to += to & -to;
      }
    }
  }

  [[nodiscard]] std::uint64_t up_to(std::uint64_t number) const {
    std::uint64_t members = 0;
    for (; number > 0; number &= number - 1) members += sums_[number];
    return members;
  }

 private:
  LazyArray<std::uint32_t> sums_;  // [i]: members among the `i & -i` numbers up to i
};

class SwapMap {
 public:
  using Extents = std::pmr::map<std::uint64_t, std::uint64_t>;  // first block -> blocks

  // One free extent, blocks 1 to `blocks`; none if `blocks` is 0.
  explicit SwapMap(std::uint64_t blocks);

  // First fit: the lowest extent that is long enough gives up its front. Returns the first block, empty if
  // no extent is long enough.   REQUIRES: blocks > 0
  [[nodiscard]] std::optional<std::uint64_t> malloc(std::uint64_t blocks);

  // Takes one block wherever it lies, out of the extent that holds it.   REQUIRES: it is free
  void take(std::uint64_t block);

  [[nodiscard]] bool is_free(std::uint64_t block) const;

  // Gives blocks back and joins them with the free extents on either side.
  // REQUIRES: none of [first, first + blocks) is free; all are on the device; blocks > 0
  void mfree(std::uint64_t first, std::uint64_t blocks);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t free_blocks() const { return free_; }
  [[nodiscard]] const Extents& extents() const { return extents_; }

  // Calls visit(first, blocks) for each extent, in order.
  template <class Visit>
  void for_each_extent(Visit&& visit) const {
    for (const auto& [first, blocks] : extents_) visit(first, blocks);
  }

  [[nodiscard]] MapCost cost() const {
    return {.held = extents_.size(), .most = most_, .malloc = mallocs_, .mfree = mfrees_};
  }

  // Identity 9, for the device that findings are to name.
  void audit(unsigned device, Violations& out) const;

 private:
  friend struct SwapMapTestPeer;

  // Declared before the extents, which give their nodes back to it. It recycles nodes, so a map that stays of one size
  // allocates nothing.
  std::unique_ptr<std::pmr::unsynchronized_pool_resource> nodes_;
  Extents extents_;
  std::uint64_t size_;
  std::uint64_t free_;

  Ranks starts_;  // of the extents: how far Bach's scan from the first one comes
  std::uint64_t most_;
  MapCost::Scans mallocs_;
  MapCost::Scans mfrees_;

  // No extent that starts below `from` holds `length` blocks or more. So a search for a long extent skips the short
  // ones that an earlier search has seen. It changes no answer.
  struct {
    std::uint64_t length = ~std::uint64_t{0};
    std::uint64_t from = 0;
  } no_fit_;
};

}  // namespace bachsim
