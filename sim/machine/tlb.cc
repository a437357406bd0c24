#include "sim/machine/tlb.h"

#include <algorithm>
#include <bit>

#include "sim/machine/check.h"

namespace bachsim {

Tlb::Tlb(std::uint32_t entries)
    : size_(entries),
      lines_(std::bit_ceil(size_)),
      wide_mask_(lines_.size() - 1),
      narrow_mask_(std::bit_floor(size_) - 1) {
  KASSERT(entries > 0);
}

void Tlb::flush() { std::ranges::fill(lines_, Line{}); }

void Tlb::flush(std::uint16_t asid) {
  for (Line& line : lines_) {
    if (line.space() == asid) line = {};
  }
}

void Tlb::flush(VirtAddr va, std::uint16_t asid) {
  const std::uint64_t vpn = va.value >> kPageShift;
  Line& line = lines_[slot(vpn)];
  if (line.vpn == vpn && line.space() == asid) line = {};
}

std::vector<Tlb::Entry> Tlb::entries() const {
  std::vector<Entry> all;
  for (std::size_t i = 0; i < size_; ++i) {
    const Line& line = lines_[i];
    const VirtAddr va{line.vpn << kPageShift};
    all.push_back({.vpn = line.vpn, .page = line.host(va), .ppn = line.ppn, .asid = line.space()});
    for (unsigned access = 0; access < kAccesses; ++access)
      all.back().granted |= (line.asid[access] == kEmpty ? 0u : 1u) << access;
  }
  return all;
}

}  // namespace bachsim
