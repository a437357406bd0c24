#include "regions/region_lock.h"

#include <algorithm>

namespace bachsim {

RegionLock::RegionLock(Vm& vm, RegionId region) : vm_(vm) {
  if (vm.contexts.running() != nullptr) [[unlikely]]
    lock(region);
}

void RegionLock::lock(RegionId region) {
  Contexts& contexts = vm_.contexts;
  if (contexts.owner(region) == contexts.running()) return;
  await_unlocked(vm_, region);
  region_ = region;
  contexts.locks_[region] = contexts.running();
  contexts.running()->locks.push_back(region);
}

// Also while a context unwinds.
void RegionLock::unlock() {
  Contexts& contexts = vm_.contexts;
  std::deque<RegionId>& locks = contexts.locks_.extract(region_).mapped()->locks;
  locks.erase(std::ranges::find(locks, region_));
  contexts.wakeup({.kind = Channel::Kind::Lock, .region = region_});
  contexts.wakeup({.kind = Channel::Kind::Text, .region = region_});
}

bool RegionLock::await_frame() {
  const RegionId region = region_;
  KASSERT(region != RegionId{});
  const bool keeps = vm_.config.frame_wait == FrameWait::Locked;
  if (!keeps) {
    unlock();
    region_ = {};
  }
  vm_.contexts.sleep({.kind = Channel::Kind::FreeFrame});
  const bool refused = std::exchange(vm_.contexts.running()->refused, false);
  if (!keeps) lock(region);
  return !refused;
}

bool await_unlocked(Vm& vm, RegionId region, Channel::Kind kind) {
  Contexts& contexts = vm.contexts;
  bool slept = false;
  while (contexts.running() != nullptr && contexts.locked_by_other(region)) {
    contexts.sleep({.kind = kind, .region = region});
    slept = true;
  }
  return slept;
}

}  // namespace bachsim
