// The calls on regions (Bach 6.5): allocreg, loadreg, dupreg, freereg, and xalloc (7.5). attachreg, detachreg and
// growreg change an address space too, and are in pregion.h.
//
// Nothing here fails half-way: a call takes a Promise first (promise.h), and these functions draw from it.
#pragma once

#include "regions/vm.h"

namespace bachsim {

// Leaf tables that a region of so many pages has.
constexpr std::uint64_t leaf_tables(std::uint64_t pages) { return (pages + kTableEntries - 1) / kTableEntries; }

// A new region of 0 pages, which nobody holds yet.   REQUIRES: it is promised
RegionId allocreg(Vm& vm, RegionType type, std::optional<ProgramId> program = std::nullopt);

// The region is `pages` larger; the new pages are demand zero.
// REQUIRES: the leaf tables that it lacks are promised
void add_pages(Vm& vm, RegionId id, std::uint64_t pages);

// The region loses its last `pages`, ascending, and the leaf tables that this empties.
// REQUIRES: pages <= the region's; no upper level links those tables any more; the caller flushes the TLB
void drop_pages(Vm& vm, RegionId id, std::uint64_t pages);

// The pages from page 0 on are logical blocks of the region's program, from `block` on. Nothing is read before a fault.
// REQUIRES: the region has those pages, all new
void loadreg(Vm& vm, RegionId id, std::uint64_t pages, std::uint64_t block);

// The text region that all processes of a program share. A new one has its pages in the program's file. Being sticky
// counts once.   REQUIRES: if there is none, it is promised
RegionId xalloc(Vm& vm, ProgramId program);

// The pages of a private region are shared with `copy`: the same frames and swap blocks, copy on write in both
// (model.md, "fork"). The source's pages lose W, so the caller flushes its space.
// REQUIRES: `copy` has no pages; the leaf tables are promised
void dupreg(Vm& vm, RegionId source, RegionId copy);

// Copies every page of a private region of `space` at once. Returns false where there is no frame for a page.
// REQUIRES: `copy` has the source's size, all pages new (add_pages)
[[nodiscard]] bool copyreg(Vm& vm, RegionId source, RegionId copy, const AddressSpace* space = nullptr);

// One fewer holds the region. The last one ends it by freereg().
void release(Vm& vm, RegionId id);

// Ends a region: every page gives back its frame and its swap block, ascending.
// REQUIRES: count 0; no upper level links its tables; the caller has flushed the TLB
void freereg(Vm& vm, RegionId id);

}  // namespace bachsim
