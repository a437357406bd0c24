#include "sim/machine/host.h"

#include <algorithm>

namespace bachsim {

bool HostBudget::take(std::uint64_t bytes) {
  std::uint64_t left = left_.load(std::memory_order_relaxed);
  while (bytes <= left) {
    if (left_.compare_exchange_weak(left, left - bytes, std::memory_order_relaxed)) return true;
  }
  return false;
}

// Takes a slice, so that threads seldom meet at the budget. If no whole slice is left, it takes only what is needed.
void HostShare::draw(std::uint64_t bytes) {
  constexpr std::uint64_t kSlice = std::uint64_t{1} << 20;
  const std::uint64_t needed = bytes - left_;
  for (const std::uint64_t wanted : {std::max(needed, kSlice), needed}) {
    if (budget_ != nullptr && budget_->take(wanted)) {
      taken_ += wanted;
      left_ += wanted;
      return;
    }
  }
  throw HostLimit("the workload needs more memory than this host has");
}

}  // namespace bachsim
