// vhand, the page stealer (Bach 9.2.2; model.md, "Page stealer").
#pragma once

#include "regions/vm.h"

namespace bachsim {

// The number of free frames at which the stealer stops.
[[nodiscard]] std::uint64_t high_water(const Config& config);

// Wakes the page stealer. It steals until the high water mark, or until every page has had the time to grow old. It
// spares `served`, the page for which a frame is wanted.
void vhand(Vm& vm, PageId served = {});

// Whether pages of the region may be stolen: no process keeps them in memory (plock), and nobody else has it locked.
[[nodiscard]] inline bool may_lose_pages(const Vm& vm, RegionId region) {
  return vm.regions[region].locks == 0 && !vm.contexts.locked_by_other(region);
}

// Whether fewer than `low` frames are free, and there is paging.
[[nodiscard]] bool is_below_low_water(const Vm& vm);

// The clock has ticked. That is nothing to a stealer which goes by age.
void tick(Vm& vm);

// By hand, and no wake-up:
// One round of examinations; with stealer=nru pages are unreferenced from now on, and with others nothing happens. Nor
// does it without paging.
void age(Vm& vm);
// Steals until `more` frames more are free, or until the high water mark. Nothing happens without paging.
void steal(Vm& vm, std::optional<std::uint64_t> more);
// Steals one page, whatever its age, and writes it at once if it must be written.   REQUIRES: the page is valid
void steal_page(Vm& vm, PageId page);

}  // namespace bachsim
