// The translation lookaside buffer: direct mapped, tagged by ASID, 4096-byte translations.
//
// An entry lists the accesses that it grants. It grants a store only once D is set in the PTE, so that a hit never
// touches the page table. Global mappings are tagged like others, which the specification allows.
#pragma once

#include <array>
#include <bit>
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
  static constexpr std::uint64_t kBytesPerEntry = 96;         // at most: of two lines
  static constexpr std::uint32_t kEmpty = ~std::uint32_t{0};  // no ASID has 32 bits

  struct Entry {
    std::uint64_t vpn = 0;      // the whole address without its last 12 bits
    std::byte* page = nullptr;  // where the host keeps the page
    Ppn ppn;
    std::uint32_t asid = kEmpty;
    std::uint32_t granted = 0;  // bit 1 << Access

    [[nodiscard]] bool grants(Access access) const { return (granted >> static_cast<unsigned>(access) & 1) != 0; }
  };

  // REQUIRES: entries > 0, which take kBytesPerEntry each of the host's memory
  explicit Tlb(std::uint32_t entries);

  // The byte at `va`, or nullptr if no entry grants the access.
  [[nodiscard]] std::byte* find(VirtAddr va, std::uint16_t asid, Access access) const {
    const std::uint64_t vpn = va.value >> kPageShift;
    const std::size_t wide = vpn & wide_mask_;
    if (lines_.data()[wide].grants(vpn, asid, access)) [[likely]]
      return lines_.data()[wide].host(va);
    if (wide < size_ || !lines_.data()[slot(vpn)].grants(vpn, asid, access)) return nullptr;
    return lines_.data()[slot(vpn)].host(va);
  }

  // Puts an entry in place of the one in its slot.   REQUIRES: entry.granted < 8
  void fill(const Entry& entry) {
    Line& line = lines_.data()[slot(entry.vpn)];
    line.vpn = entry.vpn;
    line.to_host = reinterpret_cast<std::uintptr_t>(entry.page) - (entry.vpn << kPageShift);
    line.ppn = entry.ppn;
    // As one word, which the compiler does not find by itself.
    using Packed [[gnu::vector_size(sizeof(Asids))]] = std::uint32_t;
    line.asid = std::bit_cast<Asids>(entry.asid | std::bit_cast<Packed>(kDenied.data()[entry.granted]));
  }

  void flush();
  void flush(std::uint16_t asid);
  void flush(VirtAddr va, std::uint16_t asid);

  // All slots, the empty ones (asid == kEmpty) too.
  [[nodiscard]] std::vector<Entry> entries() const;

 private:
  static constexpr unsigned kAccesses = 3;

  // [Access]: the ASID that it is granted to, or kEmpty; and last, the ASID of the entry.
  using Asids = std::array<std::uint32_t, 4>;

  // An entry as a hit looks at it: one comparison for the page, one for the access and its space.
  struct Line {
    std::uint64_t vpn = 0;
    std::uint64_t to_host = 0;  // from an address of the page to where the host keeps that byte
    Ppn ppn;
    Asids asid{kEmpty, kEmpty, kEmpty, kEmpty};

    [[nodiscard]] std::uint32_t space() const { return asid[3]; }
    [[nodiscard]] bool grants(std::uint64_t page, std::uint16_t to, Access access) const {
      return vpn == page && asid[static_cast<unsigned>(access)] == to;
    }
    [[nodiscard]] std::byte* host(VirtAddr va) const { return reinterpret_cast<std::byte*>(va.value + to_host); }
  };

  // [Entry::granted]: all bits of each access that is not granted.
  static constexpr auto kDenied = [] {
    std::array<Asids, 8> denied{};
    for (unsigned granted = 0; granted != denied.size(); ++granted) {
      for (unsigned access = 0; access < kAccesses; ++access)
        denied[granted][access] = (granted >> access & 1u) != 0 ? 0 : kEmpty;
    }
    return denied;
  }();

  // vpn modulo the next power of two, folded once more where the size is not a power of two.
  [[nodiscard]] std::size_t slot(std::uint64_t vpn) const {
    const std::size_t wide = vpn & wide_mask_;
    return wide < size_ ? wide : vpn & narrow_mask_;
  }

  static_assert(2 * sizeof(Line) <= kBytesPerEntry);

  std::size_t size_;
  std::vector<Line> lines_;  // up to the next power of two; those behind the last slot stay empty
  std::size_t wide_mask_;
  std::size_t narrow_mask_;
};

}  // namespace bachsim
