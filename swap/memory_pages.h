// The contents of swap devices in the host's memory.
#pragma once

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "sim/machine/host.h"
#include "sim/machine/types.h"

namespace bachsim {

class MemoryPages : public PageStore {
 public:
  // Pages 0 to `pages` - 1. `budget` must outlive it.
  MemoryPages(std::uint64_t pages, HostShare& budget)
      : budget_(budget), chunk_(std::clamp<std::uint64_t>(pages, 1, 512)) {}

  // REQUIRES: number < pages
  void read(std::uint64_t number, std::byte* page) const override {
    const auto found = chunks_.find(number / chunk_);
    if (found == chunks_.end())
      std::memset(page, 0, kPageSize);
    else
      std::memcpy(page, found->second.data() + number % chunk_ * kPageSize, kPageSize);
  }
  void write(std::uint64_t number, const std::byte* page) override {
    LazyArray<std::byte>& chunk = chunks_[number / chunk_];
    if (chunk.size() == 0) {
      budget_.commit(chunk_ * kPageSize);
      chunk = LazyArray<std::byte>(chunk_ * kPageSize);
    }
    std::memcpy(chunk.data() + number % chunk_ * kPageSize, page, kPageSize);
  }

 private:
  HostShare& budget_;
  std::uint64_t chunk_;                                             // pages: a small device is one chunk
  std::unordered_map<std::uint64_t, LazyArray<std::byte>> chunks_;  // those ever written to
};

}  // namespace bachsim
