// The page table entry of Sv39, Sv48 and Sv57, and the satp register (privileged specification,
// "Supervisor-Level ISA": sections on satp and on Sv39).
//
//   63 N | 62:61 PBMT | 60:54 reserved | 53:10 PPN | 9:8 RSW | 7 D | 6 A | 5 G | 4 U | 3 X | 2 W | 1 R | 0 V
#pragma once

#include <cstdint>

#include "sim/machine/types.h"

namespace bachsim {

struct Pte {
  std::uint64_t raw = 0;

  static constexpr std::uint64_t kV = 1u << 0;
  static constexpr std::uint64_t kR = 1u << 1;
  static constexpr std::uint64_t kW = 1u << 2;
  static constexpr std::uint64_t kX = 1u << 3;
  static constexpr std::uint64_t kU = 1u << 4;
  static constexpr std::uint64_t kA = 1u << 6;
  static constexpr std::uint64_t kD = 1u << 7;
  static constexpr std::uint64_t kCow = 1u << 8;  // the lower RSW bit: ours, hardware ignores it
  static constexpr unsigned kPpnShift = 10;
  static constexpr std::uint64_t kPpnMask = (std::uint64_t{1} << 44) - 1;
  // N needs Svnapot and PBMT needs Svpbmt; this machine has neither.
  static constexpr std::uint64_t kReserved = ~std::uint64_t{0} << 54;

  static constexpr Pte make(Ppn ppn, std::uint64_t bits) { return Pte{ppn.value << kPpnShift | bits}; }

  [[nodiscard]] constexpr bool has(std::uint64_t bits) const { return (raw & bits) == bits; }
  [[nodiscard]] constexpr bool valid() const { return has(kV); }
  [[nodiscard]] constexpr bool writable() const { return has(kW); }
  [[nodiscard]] constexpr bool accessed() const { return has(kA); }
  [[nodiscard]] constexpr bool dirty() const { return has(kD); }
  [[nodiscard]] constexpr bool cow() const { return has(kCow); }
  [[nodiscard]] constexpr bool leaf() const { return (raw & (kR | kX)) != 0; }
  [[nodiscard]] constexpr Ppn ppn() const { return Ppn{raw >> kPpnShift & kPpnMask}; }

  friend constexpr bool operator==(Pte, Pte) = default;
};
static_assert(sizeof(Pte) == 8);

// The MODE field of satp.
enum class PagingMode : std::uint8_t { Bare = 0, Sv39 = 8, Sv48 = 9, Sv57 = 10 };

// Levels of page tables.   REQUIRES: mode is not Bare
constexpr int levels(PagingMode mode) { return static_cast<int>(mode) - 5; }

struct Satp {
  PagingMode mode = PagingMode::Bare;
  std::uint16_t asid = 0;
  Ppn root;

  [[nodiscard]] constexpr std::uint64_t raw() const {
    return std::uint64_t{static_cast<std::uint8_t>(mode)} << 60 | std::uint64_t{asid} << 44 | root.value;
  }
  friend constexpr bool operator==(const Satp&, const Satp&) = default;
};

}  // namespace bachsim
