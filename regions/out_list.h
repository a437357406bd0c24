// The out-list between runs of the stealer (out-list=keep; Bach 9.2.2, figure 9.20).
//
// A page on the list waits in its frame: it is not valid, but its PTE keeps the frame's number and its bits, and the
// frame counts it. A fault rescues it; the list writes it nevertheless. Whoever duplicates, frees or moves pages takes
// them off the list first: then they are valid again, and are not written.
#pragma once

#include "regions/vm.h"

namespace bachsim {

// The pages of a region.
void take_off_out_list(Vm& vm, RegionId region);
inline void recall(Vm& vm, RegionId region) {
  if (!vm.out_list.pages.empty()) [[unlikely]]
    take_off_out_list(vm, region);
}
// One page, if it is on the list.
void recall(Vm& vm, PageId page);
// All pages.
void recall_all(Vm& vm);

}  // namespace bachsim
