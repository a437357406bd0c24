// Physical memory: bytes at physical addresses from 0x8000'0000 upwards, all zero at first.
//
// Frames come first: their number is known when the machine is made. Behind them are the pages that page tables are
// made of, which are added as they are needed. No page ever moves in the host.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/machine/host_block.h"
#include "sim/machine/pte.h"
#include "sim/machine/types.h"

namespace bachsim {

class PhysMem {
 public:
  // So many frames of 4096 bytes, and room for so many page tables, in spare blocks if there are any. These must
  // outlive it. Throws HostLimit if the host has no memory.
  explicit PhysMem(std::uint64_t frames, std::uint64_t most_tables = 0, SpareBlocks* spare = nullptr);

  // The first page that page tables are made of, and how many there may be.
  [[nodiscard]] Ppn first_table() const { return Ppn{first_table_}; }
  [[nodiscard]] std::uint64_t most_tables() const { return most_tables_; }
  // Adds the next of them. Throws HostLimit if the host has no memory.   REQUIRES: there may be more
  void add_table();
  // No frame from this one on was ever written to.
  void written(std::uint64_t frames) { bytes_.get_deleter().written = frames * kPageSize; }

  // Frames, and pages for tables that are there.
  [[nodiscard]] std::uint64_t pages() const { return pages_; }
  [[nodiscard]] bool contains(Ppn ppn) const { return ppn.value - first().value < pages_; }

  // The page's bytes in the host.   REQUIRES: contains(ppn)
  [[nodiscard]] std::byte* page(Ppn ppn) { return bytes(ppn); }
  [[nodiscard]] const std::byte* page(Ppn ppn) const { return bytes(ppn); }

  // The same for frames alone, without asking where the page lies.   REQUIRES for frame(): is_frame(ppn)
  [[nodiscard]] bool is_frame(Ppn ppn) const { return ppn.value - first().value < frames_; }
  [[nodiscard]] std::byte* frame(Ppn ppn) { return bytes_.get() + (ppn.value - first().value) * kPageSize; }

  // Copies one page's bytes to another one. Writing past the host's caches is a quarter faster for a page that none of
  // them holds, and several times slower for one in a cache.   REQUIRES: contains() both
  void copy_page(Ppn from, Ppn to, bool past_caches);

  // The same bytes as a page table of kTableEntries entries.   REQUIRES: contains(ppn)
  [[nodiscard]] const Pte* table(Ppn ppn) const { return reinterpret_cast<const Pte*>(page(ppn)); }

  // The same for a walk, which sets A and D; nullptr if there is no such page.
  [[nodiscard]] Pte* find_table(Ppn ppn) {
    if (ppn.value - first_table_ < pages_ - frames_) [[likely]]
      return reinterpret_cast<Pte*>(tables_[ppn.value - first_table_]);
    return is_frame(ppn) ? reinterpret_cast<Pte*>(frame(ppn)) : nullptr;
  }

  [[nodiscard]] static constexpr Ppn first() { return Ppn{0x8000'0000 >> kPageShift}; }

 private:
  [[nodiscard]] std::byte* bytes(Ppn ppn) const {
    return is_frame(ppn) ? bytes_.get() + (ppn.value - first().value) * kPageSize : tables_[ppn.value - first_table_];
  }

  std::uint64_t frames_;
  std::uint64_t first_table_;
  std::uint64_t most_tables_;
  std::uint64_t pages_;
  HostBlock bytes_;  // of the frames
  LazyPages tables_;
};

}  // namespace bachsim
