#include "swap/swap_device.h"

#include <cstring>

#include "sim/machine/check.h"
#include "sim/machine/types.h"

namespace bachsim {

SwapDevice::SwapDevice(std::uint64_t blocks, HostBudget& budget)
    : budget_(&budget), blocks_(blocks), bytes_(blocks * kPageSize) {}

void SwapDevice::read(std::uint64_t block, std::byte* page) const {
  KASSERT(block >= 1);
  KASSERT(block <= blocks_);
  std::memcpy(page, bytes_.data() + (block - 1) * kPageSize, kPageSize);
}

void SwapDevice::write(std::uint64_t block, const std::byte* page) {
  KASSERT(block >= 1);
  KASSERT(block <= blocks_);
  if (block > touched_) {
    budget_->commit((block - touched_) * kPageSize);
    touched_ = block;
  }
  std::memcpy(bytes_.data() + (block - 1) * kPageSize, page, kPageSize);
}

}  // namespace bachsim
