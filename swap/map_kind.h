// The two kinds of swap map (exercise 9.15), and their costs, by which they can be compared.
#pragma once

#include <cstdint>

namespace bachsim {

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

}  // namespace bachsim
