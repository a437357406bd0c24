// The clock: ticks, time slices, and who has the processor after a fork (Bach 8.3 and exercise 9.9).
//
// Under first=child the child has the processor, and its parent waits for its turn (state 7 of figure 6.1) until the
// child execs, ends or sleeps, or its time slice ends.
#include <utility>

#include "regions/vhand.h"
#include "regions/vm.h"
#include "sim/kernel/kernel.h"

namespace bachsim {

void Kernel::tick(std::uint64_t ticks) {
  trap_.timer += ticks;
  if (ticks == 0) return;
  bachsim::tick(vm_);
  end_slices();
}

void Kernel::run_second() {
  end_slices();
  swapper_.run_second();
}

void Kernel::end_slices() {
  while (!preempting_.empty()) give_up_processor(*preempting_.begin());
}

void Kernel::run_first(ProcSlot parent, ProcSlot child) {
  at(child).preempts = parent;
  preempting_.insert(child);
  at(parent).state = ProcessState::Preempted;
  tell(EventKind::Preempted, parent, at(child).tag);
}

void Kernel::give_up_processor(ProcSlot child) {
  const ProcSlot parent = std::exchange(at(child).preempts, kNoProcess);
  if (parent == kNoProcess) return;
  preempting_.erase(child);
  at(parent).state = ProcessState::Ready;
  resumed_.push_back(at(parent).tag);
  tell(EventKind::Resumed, parent);
}

}  // namespace bachsim
