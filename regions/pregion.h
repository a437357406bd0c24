// Pregions: a process's view of its regions, and attachreg, detachreg, growreg (Bach 6.5.3, 6.5.7 and 6.5.4).
#pragma once

#include "regions/region.h"

namespace bachsim {

struct AddressSpace;
struct Vm;

struct Pregion {
  RegionId region;
  RegionType type = RegionType::Text;
  bool locked = false;    // plock
  VirtAddr anchor;        // the end that growth does not move: a stack's upper end, the start of any other
  std::uint64_t key = 0;  // shared memory: the key it was attached under
};

// The space gains a pregion at its end; the region's count goes up by one.
// REQUIRES: the tables above its leaf tables are promised; nothing is linked at its addresses
void attachreg(Vm& vm, AddressSpace& space, RegionId region, VirtAddr anchor, std::uint64_t key = 0);

// The pregion goes, and its lock with it. The region's count goes down by one; at 0 the region is freed.
// REQUIRES: index < space.pregions.size()
void detachreg(Vm& vm, AddressSpace& space, std::size_t index);

// Detaches all pregions in their order, and takes back the root.
void release_space(Vm& vm, AddressSpace& space);

// A private region grows by so many demand-zero pages at its moving end, or shrinks there.   REQUIRES: it is attached
// here only; the new size is not below 0; growth meets no other region, and its tables are promised
void growreg(Vm& vm, AddressSpace& space, const Pregion& pregion, std::int64_t change);

// Takes or releases a plock; locking twice is locking once.
void lock_pregion(Vm& vm, Pregion& pregion, bool locked);

// The address of a page of the region, or the address that it would have if the region grew to it.
[[nodiscard]] inline VirtAddr address_of(const Pregion& pregion, std::uint64_t page) {
  const bool down = pregion.type == RegionType::Stack;
  return VirtAddr{down ? pregion.anchor.value - (page + 1) * kPageSize : pregion.anchor.value + page * kPageSize};
}

// The lowest address of the region.
[[nodiscard]] inline VirtAddr lowest_address(const Pregion& pregion, const Region& region) {
  return address_of(pregion, pregion.type == RegionType::Stack ? std::uint64_t{region.pages} - 1 : 0);
}

// The page that covers an address: which pregion, and which page of its region. Empty if none does.
struct PregionPage {
  std::size_t index;
  std::uint32_t page;
};
[[nodiscard]] std::optional<PregionPage> find_page(const Vm& vm, const AddressSpace& space, VirtAddr va);

// The first pregion of a type, and for shared memory of a key. nullptr if there is none.
[[nodiscard]] const Pregion* find_pregion(const AddressSpace& space, RegionType type, std::uint64_t key = 0);
[[nodiscard]] Pregion* find_pregion(AddressSpace& space, RegionType type, std::uint64_t key = 0);

}  // namespace bachsim
