// The translation lookaside buffer: direct mapped, tagged by ASID, 4096-byte translations.
//
// An entry lists the accesses that it grants. A store is granted only once D is set in the PTE, so a hit never
// has to touch the page table. Global mappings are tagged like others, which the specification allows.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/machine/counters.h"
#include "sim/machine/types.h"

namespace bachsim {

#define BACHSIM_TLB_COUNTERS(X) X(hits) X(misses) X(flushes)
BACHSIM_COUNTER_GROUP(TlbCounters, BACHSIM_TLB_COUNTERS)

class Tlb {
 public:
  static constexpr std::uint32_t kEmpty = ~std::uint32_t{0};  // no ASID has 32 bits

  struct Entry {
    std::uint64_t vpn = 0;      // the whole address without its last 12 bits
    std::byte* page = nullptr;  // where the host keeps the page
    Ppn ppn;
    std::uint32_t asid = kEmpty;
    std::uint8_t granted = 0;  // bit 1 << Access

    [[nodiscard]] bool grants(Access access) const { return (granted >> static_cast<unsigned>(access) & 1) != 0; }
  };

  // REQUIRES: entries > 0
  explicit Tlb(std::uint32_t entries);

  // The byte at `va`, or nullptr if no entry grants the access.
  [[nodiscard]] std::byte* find(VirtAddr va, std::uint16_t asid, Access access) const {
    const std::uint64_t vpn = va.value >> kPageShift;
    const Entry& entry = entries_.data()[slot(vpn)];
    if (entry.vpn != vpn || entry.asid != asid || !entry.grants(access))
      return nullptr;
    return entry.page + va.value % kPageSize;
  }

  // Puts an entry in place of the one in its slot.
  void fill(const Entry& entry) { entries_[slot(entry.vpn)] = entry; }

  void flush();
  void flush(std::uint16_t asid);
  void flush(VirtAddr va, std::uint16_t asid);

  // All slots, the empty ones (asid == kEmpty) too.
  [[nodiscard]] std::span<const Entry> entries() const { return entries_; }

 private:
  // vpn modulo the next power of two, folded once more where the size is not a power of two.
  [[nodiscard]] std::size_t slot(std::uint64_t vpn) const {
    const std::size_t wide = vpn & wide_mask_;
    return wide < entries_.size() ? wide : vpn & narrow_mask_;
  }

  std::vector<Entry> entries_;
  std::size_t wide_mask_;
  std::size_t narrow_mask_;
};

}  // namespace bachsim
