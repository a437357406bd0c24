// The translation lookaside buffer: direct mapped, tagged by ASID, 4096-byte translations.
//
// An entry lists the accesses that it grants. A store is granted only once D is set in the PTE, so a hit never
// has to touch the page table. Global mappings are tagged like others, which the specification allows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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
    const std::size_t wide = vpn & wide_mask_;
    if (lines_.data()[wide].grants(vpn, asid, access)) [[likely]]
      return lines_.data()[wide].host(va);
    if (wide < size_ || !lines_.data()[slot(vpn)].grants(vpn, asid, access))
      return nullptr;
    return lines_.data()[slot(vpn)].host(va);
  }

  // Puts an entry in place of the one in its slot.
  void fill(const Entry& entry) {
    const auto granted = [&](Access access) {  // kEmpty where it is not
      return entry.asid | ((entry.granted >> static_cast<unsigned>(access) & 1u) - 1);
    };
    lines_.data()[slot(entry.vpn)] = {
        .vpn = entry.vpn,
        .to_host = reinterpret_cast<std::uintptr_t>(entry.page) - (entry.vpn << kPageShift),
        .ppn = entry.ppn,
        .asid = {granted(Access::Fetch), granted(Access::Load), granted(Access::Store)},
        .space = entry.asid,
    };
  }

  void flush();
  void flush(std::uint16_t asid);
  void flush(VirtAddr va, std::uint16_t asid);

  // All slots, the empty ones (asid == kEmpty) too.
  [[nodiscard]] std::vector<Entry> entries() const;

 private:
  // An entry as a hit looks at it: one comparison for the page, one for the access and its space.
  struct Line {
    std::uint64_t vpn = 0;
    std::uint64_t to_host = 0;  // from an address of the page to where the host keeps that byte
    Ppn ppn;
    std::array<std::uint32_t, 3> asid{kEmpty, kEmpty, kEmpty};  // [Access]: whom it is granted
    std::uint32_t space = kEmpty;                               // that ASID, also if nothing is granted

    [[nodiscard]] bool grants(std::uint64_t page, std::uint16_t to, Access access) const {
      return vpn == page && asid[static_cast<unsigned>(access)] == to;
    }
    [[nodiscard]] std::byte* host(VirtAddr va) const { return reinterpret_cast<std::byte*>(va.value + to_host); }
    [[nodiscard]] Entry entry() const;
  };

  // vpn modulo the next power of two, folded once more where the size is not a power of two.
  [[nodiscard]] std::size_t slot(std::uint64_t vpn) const {
    const std::size_t wide = vpn & wide_mask_;
    return wide < size_ ? wide : vpn & narrow_mask_;
  }

  std::size_t size_;
  std::vector<Line> lines_;  // up to the next power of two; those behind the last slot stay empty
  std::size_t wide_mask_;
  std::size_t narrow_mask_;
};

}  // namespace bachsim
