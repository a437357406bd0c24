#include "sim/machine/tlb.h"

#include <algorithm>

#include "sim/machine/check.h"

namespace bachsim {

Tlb::Tlb(std::uint32_t entries)
    : entries_(entries),
      wide_mask_(std::bit_ceil(std::size_t{entries}) - 1),
      narrow_mask_(std::bit_floor(std::size_t{entries}) - 1) {
  KASSERT(entries > 0);
}

void Tlb::flush() {
  std::ranges::fill(entries_, Entry{});
}

void Tlb::flush(std::uint16_t asid) {
  for (Entry& entry : entries_) {
    if (entry.asid == asid)
      entry.asid = kEmpty;
  }
}

void Tlb::flush(VirtAddr va, std::uint16_t asid) {
  const std::uint64_t vpn = va.value >> kPageShift;
  Entry& entry = entries_[slot(vpn)];
  if (entry.vpn == vpn && entry.asid == asid)
    entry.asid = kEmpty;
}

}  // namespace bachsim
