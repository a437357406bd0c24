// Physical memory: bytes at physical addresses from 0x8000'0000 upwards, all zero at first.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/machine/host_memory.h"
#include "sim/machine/pte.h"
#include "sim/machine/types.h"

namespace bachsim {

class PhysMem {
 public:
  // `pages` of 4096 bytes. Throws HostLimit if the host has no address space for them.
  explicit PhysMem(std::uint64_t pages) : pages_(pages), bytes_(pages * kPageSize, Backing::Huge) {}

  [[nodiscard]] std::uint64_t pages() const { return pages_; }

  [[nodiscard]] bool contains(Ppn ppn) const { return ppn.value - first().value < pages_; }

  // The page's bytes in the host.   REQUIRES: contains(ppn)
  [[nodiscard]] std::byte* page(Ppn ppn) { return bytes_.data() + (ppn.value - first().value) * kPageSize; }
  [[nodiscard]] const std::byte* page(Ppn ppn) const { return bytes_.data() + (ppn.value - first().value) * kPageSize; }

  // Copies one page's bytes to another one. With `past_caches` what is written goes straight to the host's memory,
  // which is a quarter faster for a page that no cache holds and several times slower for one that is there. REQUIRES:
  // contains() both
  void copy_page(Ppn from, Ppn to, bool past_caches);

  // The same bytes as a page table of kTableEntries entries.   REQUIRES: contains(ppn)
  [[nodiscard]] Pte* table(Ppn ppn) { return reinterpret_cast<Pte*>(page(ppn)); }
  [[nodiscard]] const Pte* table(Ppn ppn) const { return reinterpret_cast<const Pte*>(page(ppn)); }

  [[nodiscard]] static constexpr Ppn first() { return Ppn{kMemoryStart.value >> kPageShift}; }

 private:
  std::uint64_t pages_;
  LazyArray<std::byte> bytes_;
};

}  // namespace bachsim
