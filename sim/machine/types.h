// Numbers with types: an address, a page number and a frame number do not convert to each other.
#pragma once

#include <array>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace bachsim {

template <class Tag, std::unsigned_integral Rep = std::uint64_t>
struct Id {
  Rep value{};

  constexpr Id() = default;
  constexpr explicit Id(Rep v) : value(v) {}
  friend constexpr auto operator<=>(Id, Id) = default;
};

using VirtAddr = Id<struct VirtAddrTag>;
using Ppn = Id<struct PpnTag>;  // physical page number: a physical address without its last 12 bits

inline constexpr unsigned kPageShift = 12;
inline constexpr std::uint64_t kPageSize = std::uint64_t{1} << kPageShift;

// Entries of one page table, and the bits of a virtual address that choose one (every Sv mode).
inline constexpr unsigned kTableBits = 9;
inline constexpr unsigned kTableEntries = 1u << kTableBits;

enum class Access : std::uint8_t { Fetch, Load, Store };

// The words that people know the values of an enumeration by, in their order. Each enumeration that has words
// specializes this beside itself.
template <class Enum>
inline constexpr std::array<std::string_view, 0> kWords{};

template <>
inline constexpr std::array<std::string_view, 3> kWords<Access>{"fetch", "load", "store"};

template <class Enum>
requires(!kWords<Enum>.empty()) constexpr std::string_view name(Enum value) {
  return kWords<Enum>.at(static_cast<std::size_t>(value));
}

}  // namespace bachsim
