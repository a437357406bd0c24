// exit and wait (Bach 7.3 and 7.4): the end of a process, and who hears of it.
#include "regions/host_cache.h"
#include "regions/vm.h"
#include "sim/kernel/kernel.h"

namespace bachsim {

void Kernel::exit(ProcSlot process, std::uint8_t status) {
  static_cast<void>(system_call(syscall_.exit, [&]() -> SysResult<void> {
    if (!may_change(process)) return begin_anew();
    ++process_.exited;
    tell(EventKind::Exited, process, Event::kNobody, status);
    terminate(process, status);
    return {};
  }));
}

void Kernel::terminate(ProcSlot slot, std::uint8_t status) {
  Process& process = at(slot);
  give_up_processor(slot);
  if (process.lender == slot) {
    fetch_for_release(vm_, at(process.parent).space);
    release_space(vm_, process.space);
  } else {
    wake_vfork_parent(slot);
    process.lender = slot;
  }
  running_ = kNoProcess;
  const ProcSlot parent = process.parent;
  if (!processes_.end(slot, status)) return;
  wake(at(parent));
  tell(EventKind::Wakes, parent);
}

SysResult<void> Kernel::wait(ProcSlot slot) {
  return system_call(syscall_.wait, [&]() -> SysResult<void> {
    Process& process = at(slot);
    if (process.zombies.empty() && process.first_child == kNoProcess) return fail(Errno::ECHILD_, "it has no children");
    if (!may_change(slot)) return begin_anew();
    if (!process.zombies.empty()) {
      const Process& child = at(process.zombies.front().slot);
      tell(EventKind::Reaped, slot, child.tag, child.status);
    }
    if (processes_.reap_child(slot)) return {};
    process.state = ProcessState::Asleep;
    process.waiting_for = WaitingFor::Wait;
    tell(EventKind::SleepsWait, slot);
    give_up_processor(slot);
    return {};
  });
}

}  // namespace bachsim
