// exit and wait (Bach 7.3 and 7.4): the end of a process, and who hears of it.
#include <algorithm>
#include <functional>

#include "regions/pregion.h"
#include "sim/kernel/kernel.h"

namespace bachsim {

void Kernel::exit(ProcSlot process, std::uint8_t status) {
  enter(syscall_.exit);
  terminate(process, status, Count::Exited);
}

void Kernel::terminate(ProcSlot slot, std::uint8_t status, Count count) {
  Process& process = at(slot);
  if (process.lender == slot) {
    release_space(vm_, process.space);
    if (on_hart_ == slot)
      on_hart_ = kNoProcess;
  } else {
    wake_vfork_parent(slot);
    process.lender = slot;
  }
  adopt_children(slot);
  process.state = ProcessState::Zombie;
  process.waiting_for = WaitingFor::Nothing;
  process.status = status;
  --alive_;
  ++(count == Count::Exited ? process_.exited : process_.killed);

  unlink_child(slot);
  Process& parent = at(process.parent);
  if (process.parent == kInit) {
    reap(slot);
  } else if (parent.waiting_for == WaitingFor::Wait) {
    wake(parent);
    reap(slot);
  } else {
    parent.zombies.push_back({process.pid, slot});
    std::ranges::push_heap(parent.zombies, std::greater{});
  }
}

// Children of a process that ends go to init, which waits for the zombies among them at once.
void Kernel::adopt_children(ProcSlot slot) {
  Process& process = at(slot);
  while (process.first_child != kNoProcess) {
    const ProcSlot child = process.first_child;
    unlink_child(child);
    link_child(kInit, child);
  }
  for (const Zombie& zombie : process.zombies)
    reap(zombie.slot);
  process.zombies.clear();
}

SysResult<void> Kernel::wait(ProcSlot slot) {
  enter(syscall_.wait);
  Process& process = at(slot);
  if (!process.zombies.empty()) {
    std::ranges::pop_heap(process.zombies, std::greater{});
    reap(process.zombies.back().slot);
    process.zombies.pop_back();
    return {};
  }
  if (process.first_child == kNoProcess)
    return fail(Errno::ECHILD_, "it has no children");
  process.state = ProcessState::Asleep;
  process.waiting_for = WaitingFor::Wait;
  return {};
}

// The zombie's slot is free again.   REQUIRES: it is on no list of its parent's
void Kernel::reap(ProcSlot slot) {
  Process& process = at(slot);
  KASSERT(process.state == ProcessState::Zombie);
  reaped_.push_back({.tag = process.tag, .status = process.status});
  process.pid = Pid{};
  process.parent = kNoProcess;
  free_slots_.push_back(slot);
  --process_count_;
}

void Kernel::link_child(ProcSlot parent, ProcSlot child) {
  Process& process = at(child);
  process.parent = parent;
  process.prev_sibling = kNoProcess;
  process.next_sibling = at(parent).first_child;
  if (process.next_sibling != kNoProcess)
    at(process.next_sibling).prev_sibling = child;
  at(parent).first_child = child;
}

void Kernel::unlink_child(ProcSlot child) {
  const Process& process = at(child);
  if (process.prev_sibling == kNoProcess)
    at(process.parent).first_child = process.next_sibling;
  else
    at(process.prev_sibling).next_sibling = process.next_sibling;
  if (process.next_sibling != kNoProcess)
    at(process.next_sibling).prev_sibling = process.prev_sibling;
}

}  // namespace bachsim
