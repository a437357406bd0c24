#include "swap/memory_pages.h"

#include <algorithm>
#include <cstring>

#include "sim/machine/types.h"

namespace bachsim {

MemoryPages::MemoryPages(std::uint64_t pages, HostShare& budget)
    : budget_(budget), chunk_(std::clamp<std::uint64_t>(pages, 1, 512)) {}

void MemoryPages::read(std::uint64_t number, std::byte* page) const {
  const auto found = chunks_.find(number / chunk_);
  if (found == chunks_.end())
    std::memset(page, 0, kPageSize);
  else
    std::memcpy(page, found->second.data() + number % chunk_ * kPageSize, kPageSize);
}

void MemoryPages::write(std::uint64_t number, const std::byte* page) {
  LazyArray<std::byte>& chunk = chunks_[number / chunk_];
  if (chunk.size() == 0) {
    budget_.commit(chunk_ * kPageSize);
    chunk = LazyArray<std::byte>(chunk_ * kPageSize);
  }
  std::memcpy(chunk.data() + number % chunk_ * kPageSize, page, kPageSize);
}

}  // namespace bachsim
