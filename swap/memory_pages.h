// The contents of swap devices in the host's memory.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "sim/machine/host.h"

namespace bachsim {

class MemoryPages : public PageStore {
 public:
  // Pages 0 to `pages` - 1. `budget` must outlive it.
  MemoryPages(std::uint64_t pages, HostShare& budget);

  // REQUIRES: number < pages
  void read(std::uint64_t number, std::byte* page) const override;
  void write(std::uint64_t number, const std::byte* page) override;

 private:
  HostShare& budget_;
  std::uint64_t chunk_;                                             // pages: a small device is one chunk
  std::unordered_map<std::uint64_t, LazyArray<std::byte>> chunks_;  // those ever written to
};

}  // namespace bachsim
