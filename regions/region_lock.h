// The lock on a region (Bach 6.5), which its holder keeps while it sleeps. There is none under io=atomic.
#pragma once

#include "regions/vm.h"

namespace bachsim {

// The lock on a region, from construction to destruction. A context sleeps until it is free. One that has it already
// keeps it. Nothing under io=atomic.
class RegionLock {
 public:
  RegionLock(Vm& vm, RegionId region);
  // Sleeps until a frame is free, and gives the lock up meanwhile: the stealer may need a page of this region.
  // With frame-wait=locked it keeps the lock. False if there is no frame to be had.   REQUIRES: a context runs
  [[nodiscard]] bool await_frame();
  RegionLock(const RegionLock&) = delete;
  RegionLock& operator=(const RegionLock&) = delete;
  ~RegionLock() {
    if (region_ != RegionId{}) [[unlikely]]
      unlock();
  }

 private:
  void lock(RegionId region);
  void unlock();

  Vm& vm_;
  RegionId region_{};  // id 0: there is nothing to unlock
};

// Sleeps while another context has the region locked. True if it slept.
bool await_unlocked(Vm& vm, RegionId region, Channel::Kind kind = Channel::Kind::Lock);

}  // namespace bachsim
