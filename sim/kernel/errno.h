// The errors of system calls, and the reasons for which an access ends a process.
#pragma once

#include <expected>

#include "sim/machine/types.h"

namespace bachsim {

// Zero is success, as `expect P.errno == 0` has it.
enum class Errno : std::uint8_t { None, EAGAIN_, ECHILD_, EINVAL_, ENOMEM_, ENOSPC_ };

template <>
inline constexpr std::array<std::string_view, 6> kWords<Errno>{"0", "EAGAIN", "ECHILD", "EINVAL", "ENOMEM", "ENOSPC"};

struct SysError {
  Errno code;
  std::string_view why;  // for people; static text
};

template <class T>
using SysResult = std::expected<T, SysError>;

inline std::unexpected<SysError> fail(Errno code, std::string_view why) { return std::unexpected(SysError{code, why}); }
inline constexpr std::string_view kNoProcesses = "the process table is full";

// The reason why an access failed. The first two have killed the process.
enum class Stop : std::uint8_t {
  Sigsegv,
  OutOfMemory,
  SwappedOut,  // paging=off: the stack must grow, and memory had no room for it; the process waits on swap
};
template <>
inline constexpr std::array<std::string_view, 3> kWords<Stop>{"killed: SIGSEGV", "killed: out of memory",
                                                              "swapped out: its stack has no room to grow"};

constexpr std::uint8_t kSigsegvStatus = 128 + 11;
constexpr std::uint8_t kOutOfMemoryStatus = 128 + 9;

}  // namespace bachsim
