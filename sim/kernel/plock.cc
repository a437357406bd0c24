// plock: a process keeps the pages of a region in memory (System V; Bach 9.2.2 on locked regions).
#include "regions/out_list.h"
#include "sim/kernel/kernel.h"

namespace bachsim {

void Kernel::plock(ProcSlot process, RegionType type, bool locked) {
  KASSERT(type != RegionType::Shm);
  static_cast<void>(system_call(syscall_.plock, [&]() -> SysResult<void> {
    if (!may_change(process)) return begin_anew();
    Pregion& pregion = *find_pregion(space_of(process), type);
    if (pregion.locked != locked)
      vm_.tell(
          [&] { return Event{.kind = locked ? EventKind::Plocked : EventKind::Punlocked, .region = pregion.region}; });
    if (locked) recall(vm_, pregion.region);
    lock_pregion(vm_, pregion, locked);
    return {};
  }));
}

}  // namespace bachsim
