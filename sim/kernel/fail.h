// The errors of system calls, for the files of the kernel.
#pragma once

#include <expected>
#include <string_view>

#include "regions/promise.h"
#include "sim/kernel/errno.h"

namespace bachsim {

inline constexpr std::string_view kNoTables = "no page-table frames";
inline constexpr std::string_view kNoRoom = "neither frames nor an extent of swap";
inline constexpr std::string_view kNoProcesses = "the process table is full";

inline std::unexpected<SysError> fail(Errno code, std::string_view why) {
  return std::unexpected(SysError{code, why});
}

// A promise could not be taken. `regions` is the call's error for want of a region.   REQUIRES: something lacks
inline std::unexpected<SysError> fail_for(Promise::Lack lack, Errno regions) {
  if (lack == Promise::Lack::Regions)
    return fail(regions, "the region table is full");
  return fail(Errno::ENOMEM_, kNoTables);
}

}  // namespace bachsim
