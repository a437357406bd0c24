// The blocks of one swap device: 4096 bytes each, numbered from 1, in memory of the host.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/machine/host_memory.h"

namespace bachsim {

class SwapDevice {
 public:
  // `budget` must outlive the device. Throws HostLimit if the host has no address space for `blocks`.
  SwapDevice(std::uint64_t blocks, HostBudget& budget);

  // Copy 4096 bytes.   REQUIRES: 1 <= block <= blocks()
  void read(std::uint64_t block, std::byte* page) const;
  void write(std::uint64_t block, const std::byte* page);

  [[nodiscard]] std::uint64_t blocks() const { return blocks_; }

 private:
  HostBudget* budget_;
  std::uint64_t blocks_;
  std::uint64_t touched_ = 0;  // the highest block ever written: the host backs about that many
  LazyArray<std::byte> bytes_;
};

}  // namespace bachsim
