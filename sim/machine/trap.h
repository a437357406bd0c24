// What stops a hart: the causes that this machine raises, with their numbers in scause.
#pragma once

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
  switch (access) {
    case Access::Fetch:
      return Cause::FetchPageFault;
    case Access::Load:
      return Cause::LoadPageFault;
    case Access::Store:
      break;
  }
  return Cause::StorePageFault;
}

// The address, or a table on the way to it, is not in physical memory.
constexpr Cause access_fault(Access access) {
  switch (access) {
    case Access::Fetch:
      return Cause::FetchAccessFault;
    case Access::Load:
      return Cause::LoadAccessFault;
    case Access::Store:
      break;
  }
  return Cause::StoreAccessFault;
}

}  // namespace bachsim
