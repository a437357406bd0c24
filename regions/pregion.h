// Pregions: attaching regions to address spaces and taking them off again (Bach 6.5.3, 6.5.4 and 6.5.7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "regions/region.h"
#include "regions/space.h"
#include "regions/vm.h"

namespace bachsim {

// The space gains a pregion at its end; the region's count goes up by one.
// REQUIRES: the tables above are available; the addresses are free
void attachreg(Vm& vm, AddressSpace& space, RegionId region, VirtAddr anchor, std::uint64_t key = 0);

// The pregion goes, and its lock with it. The region's count goes down by one; at 0 the region is freed.
// REQUIRES: index < space.pregions.size()
void detachreg(Vm& vm, AddressSpace& space, std::size_t index);

// Everything that a space has goes: its pregions in their order, then its root.
void release_space(Vm& vm, AddressSpace& space);

// Asks the host for what release_space() will write to first.
void prefetch_space(Vm& vm, AddressSpace& space);

// A private region grows at its moving end, demand zero, or shrinks there. False, and nothing changed, if the
// page-table frames for it are not available.
// REQUIRES: the region is attached here only; the new size is not below 0; growth meets no other region
[[nodiscard]] bool growreg(Vm& vm, AddressSpace& space, const Pregion& pregion, std::int64_t change);

// Takes or releases a plock; locking twice is locking once.
void lock_pregion(Vm& vm, Pregion& pregion, bool locked);

// The address of a page of the region, which need not exist: growth would put it there.
[[nodiscard]] VirtAddr address_of(const Pregion& pregion, std::uint64_t page);

// The lowest address of the region.
[[nodiscard]] VirtAddr start_of(const Pregion& pregion, const Region& region);

// The page that covers an address: which pregion, and which page of its region.
struct PregionPage {
  std::size_t index;
  std::uint32_t page;
};
[[nodiscard]] std::optional<PregionPage> find_page(const Vm& vm, const AddressSpace& space, VirtAddr va);

// The first attached pregion of a type, and for shared memory of a key. nullptr if there is none.
[[nodiscard]] Pregion* find_pregion(AddressSpace& space, RegionType type, std::uint64_t key = 0);

}  // namespace bachsim
