// getpage: the one way to a frame for a page (Bach 9.2.2: a process that finds no frame free wakes the page stealer;
// 9.3: or the swapper).
#pragma once

#include "regions/region_lock.h"
#include "regions/vhand.h"

namespace bachsim {

// A frame from the free list; its count is 1. If the list is empty and paging is on, the page stealer works first. It
// spares `served`, the page that is to have the frame. With paging=hybrid the swapper works before it, at once, and
// spares the process that has `space`. Empty if there is no frame even so.
[[nodiscard]] inline std::optional<PfdataTable::Grant> getpage(Vm& vm, PageId served,
                                                               const AddressSpace* space = nullptr) {
  const auto grant = vm.pfdata.alloc();
  if (grant || vm.config.paging == PagingPolicy::Off) [[likely]]
    return grant;
  if (vm.make_room != nullptr) {
    const AtOnce at_once(vm.contexts);
    return vm.make_room(space, served) ? vm.pfdata.alloc() : std::nullopt;
  }
  if (vm.contexts.running() != nullptr) return std::nullopt;  // it slept for one in vain
  vhand(vm, served);
  return vm.pfdata.alloc();
}

// Under io=sleep a process that finds no frame free sleeps for one (RegionLock::await_frame()) while the page stealer
// works.
[[nodiscard]] inline bool must_sleep_for_frame(const Vm& vm) {
  return vm.contexts.running() != nullptr && vm.pfdata.free() == 0 && vm.config.paging == PagingPolicy::On;
}

}  // namespace bachsim
