// The address of 4096 bytes on a disk: device and block, in one word for the hash queues.
//
// Device 0 is the file system, where a block is a program and a logical block of its file. Swap devices count
// from 1, and so do their blocks. This is what pfdata calls a frame's identity.
#pragma once

#include <cstdint>

#include "sim/machine/types.h"

namespace bachsim {

using ProgramId = Id<struct ProgramTag, std::uint32_t>;

class DiskBlock {
 public:
  static constexpr unsigned kMaxDevice = 255;
  static constexpr std::uint64_t kMaxBlock = (std::uint64_t{1} << 36) - 1;
  static constexpr std::uint32_t kMaxProgram = (1u << 20) - 1;
  static constexpr std::uint64_t kMaxLogical = (std::uint64_t{1} << 28) - 1;

  constexpr DiskBlock() = default;  // none

  // REQUIRES: program <= kMaxProgram, logical <= kMaxLogical
  static constexpr DiskBlock file(ProgramId program, std::uint64_t logical) {
    return DiskBlock(kSome | std::uint64_t{program.value} << 28 | logical);
  }
  // REQUIRES: 1 <= device <= kMaxDevice, 1 <= block <= kMaxBlock
  static constexpr DiskBlock swap(unsigned device, std::uint64_t block) {
    return DiskBlock(kSome | std::uint64_t{device} << kDeviceShift | block);
  }

  [[nodiscard]] constexpr bool none() const { return raw_ == 0; }
  [[nodiscard]] constexpr unsigned device() const { return raw_ >> kDeviceShift & kMaxDevice; }
  [[nodiscard]] constexpr bool on_swap() const { return device() != 0; }
  [[nodiscard]] constexpr bool in_file() const { return !none() && device() == 0; }

  // On swap: the block.   In a file: program and logical block.
  [[nodiscard]] constexpr std::uint64_t block() const { return raw_ & kBlockMask; }
  [[nodiscard]] constexpr ProgramId program() const { return ProgramId{static_cast<std::uint32_t>(block() >> 28)}; }
  [[nodiscard]] constexpr std::uint64_t logical() const { return raw_ & kMaxLogical; }

  [[nodiscard]] constexpr std::uint64_t raw() const { return raw_; }

  friend constexpr auto operator<=>(DiskBlock, DiskBlock) = default;

 private:
  static constexpr unsigned kDeviceShift = 48;
  static constexpr std::uint64_t kSome = std::uint64_t{1} << 63;
  static constexpr std::uint64_t kBlockMask = (std::uint64_t{1} << kDeviceShift) - 1;

  constexpr explicit DiskBlock(std::uint64_t raw) : raw_(raw) {}

  std::uint64_t raw_ = 0;
};

}  // namespace bachsim
