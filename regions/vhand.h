// The page stealer (Bach 9.2.2; model.md, "Page stealer"), and the one way to a frame, which wakes it.
#pragma once

#include <cstdint>
#include <optional>

#include "regions/pfdata.h"
#include "regions/vm.h"

namespace bachsim {

// A frame from the free list; where that is empty and paging is on, what the page stealer can free at once. It passes
// over `served`, the page for which the frame is wanted. Empty if there is none to be had.
[[nodiscard]] std::optional<PfdataTable::Grant> getpage(Vm& vm, PageId served);

// Wakes the stealer if fewer than `low` frames are free: to be called when a process has done what it did. Without
// paging there is no stealer.
void check_low_water(Vm& vm);

// Wakes the stealer because nothing else could free a frame.
void wake_vhand(Vm& vm, PageId served);

// One round of examinations, by hand. Without paging this and steal() find nothing to do.
void age(Vm& vm);

// Steals one page, whatever its age; what is to be written is written at once.   REQUIRES: its PTE is valid
void steal(Vm& vm, PageId page);

// Steals until the high water mark, or until `more` frames more than now, are free, by hand.
void steal(Vm& vm, std::optional<std::uint64_t> more);

}  // namespace bachsim
