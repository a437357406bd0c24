// Traps of a hart: the causes that this machine raises, with their numbers in scause.
#pragma once

#include <array>
#include <cstdint>

#include "sim/machine/types.h"

namespace bachsim {

enum class Cause : std::uint64_t {
  FetchAccessFault = 1,
  LoadAccessFault = 5,
  StoreAccessFault = 7,
  FetchPageFault = 12,
  LoadPageFault = 13,
  StorePageFault = 15,
};

struct Trap {
  Cause cause;
  std::uint64_t stval = 0;  // the virtual address of a fault; 0 else

  friend bool operator==(const Trap&, const Trap&) = default;
};

constexpr Cause page_fault(Access access) {
  constexpr std::array kCauses{Cause::FetchPageFault, Cause::LoadPageFault, Cause::StorePageFault};
  return kCauses.at(static_cast<unsigned>(access));
}

// The address, or a table on the way to it, is not in physical memory.
constexpr Cause access_fault(Access access) {
  constexpr std::array kCauses{Cause::FetchAccessFault, Cause::LoadAccessFault, Cause::StoreAccessFault};
  return kCauses.at(static_cast<unsigned>(access));
}

}  // namespace bachsim
