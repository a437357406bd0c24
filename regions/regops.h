// The calls on regions (Bach 6.5): allocreg, loadreg, dupreg, freereg. attachreg, detachreg and growreg change an
// address space too, and are in pregion.h.
//
// Nothing here fails half-way: a call takes a Promise first (promise.h), and these functions draw from it.
#pragma once

#include <cstdint>
#include <optional>

#include "regions/region.h"
#include "regions/vm.h"

namespace bachsim {

// Leaf tables that a region of so many pages has.
constexpr std::uint64_t leaf_tables(std::uint64_t pages) {
  return (pages + kTableEntries - 1) / kTableEntries;
}

// A new region of 0 pages, which nobody holds yet.   REQUIRES: it is promised
RegionId allocreg(Vm& vm, RegionType type, std::optional<ProgramId> program = std::nullopt);

// The region is `pages` larger; the new pages are demand zero.
// REQUIRES: the leaf tables that it lacks are promised
void add_pages(Vm& vm, RegionId id, std::uint32_t pages);

// The region loses its last `pages`, ascending, and the leaf tables that this empties.
// REQUIRES: pages <= the region's; no upper level links those tables any more; the caller flushes the TLB
void drop_pages(Vm& vm, RegionId id, std::uint32_t pages);

// Describes `pages` from page 0 on as consecutive logical blocks of the region's program from `block` on. Reads
// nothing: a fault will.   REQUIRES: the region has those pages, all new
void loadreg(Vm& vm, RegionId id, std::uint32_t pages, std::uint64_t block);

// A second region like a private one, sharing its frames and swap blocks, copy on write in both (model.md,
// "fork"). `copy` has no pages yet. Clears W in the source: the caller flushes its space.
// REQUIRES: the leaf tables are promised
void dupreg(Vm& vm, RegionId source, RegionId copy);

// The same with every page copied at once, as kernels without copy on write did. Begins at the page `at` of the source
// and leaves there the page that no frame was found for: then false, and a second call goes on with it.
// REQUIRES: `copy` has the source's size, its pages from `at` on new (add_pages)
[[nodiscard]] bool copyreg(Vm& vm, PageId& at, RegionId copy);

// One fewer holds the region; where nobody does, freereg() ends it.
void release(Vm& vm, RegionId id);

// Ends a region: every page gives back its frame and its swap block, ascending.
// REQUIRES: count 0; no upper level links its tables; the caller has flushed the TLB
void freereg(Vm& vm, RegionId id);

}  // namespace bachsim
