// plock: a process keeps the pages of a region in memory (System V; Bach 9.2.2 on locked regions).
#include "regions/vm.h"
#include "sim/kernel/kernel.h"

namespace bachsim {

void Kernel::plock(ProcSlot process, RegionType type, bool locked) {
  KASSERT(type != RegionType::Shm);
  static_cast<void>(system_call(syscall_.plock, [&]() -> SysResult<void> {
    lock_pregion(vm_, *find_pregion(space_of(process), type), locked);
    return {};
  }));
}

}  // namespace bachsim
