#include "sim/kernel/process_table.h"

#include <algorithm>
#include <functional>

#include "sim/machine/check.h"

namespace bachsim {

ProcessTable::ProcessTable(std::optional<std::uint64_t> limit, HostShare& budget) : limit_(limit), budget_(&budget) {
  Process& init = processes_.emplace_back();
  init.pid = kInitPid;
  init.state = ProcessState::Asleep;
  init.waiting_for = WaitingFor::Wait;
}

ProcSlot ProcessTable::add(ProcSlot parent, std::uint64_t tag) {
  ProcSlot slot;
  if (free_slots_.empty()) {
    slot = ProcSlot{static_cast<std::uint32_t>(processes_.size())};
    budget_->commit(1024);  // about what an entry takes with its lists
    processes_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  Process& process = (*this)[slot];
  process.pid = next_pid_;
  process.state = ProcessState::Ready;
  process.waiting_for = WaitingFor::Nothing;
  process.nice = (*this)[parent].nice;
  process.stay_seconds = 0;
  process.last_ran = 0;
  process.tag = tag;
  process.lender = slot;
  ++next_pid_.value;
  link_child(parent, slot);
  ++count_;
  ++alive_;
  return slot;
}

bool ProcessTable::end(ProcSlot slot, std::uint8_t status) {
  Process& process = (*this)[slot];
  process.state = ProcessState::Zombie;
  // Its children go to init, which waits for the zombies among them at once.
  while (process.first_child != kNoProcess) {
    const ProcSlot child = process.first_child;
    unlink_child(child);
    link_child(kInit, child);
  }
  while (reap_child(slot)) {
  }
  process.waiting_for = WaitingFor::Nothing;
  process.status = status;
  --alive_;
  unlink_child(slot);
  Process& parent = (*this)[process.parent];
  if (parent.waiting_for == WaitingFor::Wait) {
    const bool wakes = process.parent != kInit;
    reap(slot);
    return wakes;
  }
  parent.zombies.push_back({process.pid, slot});
  std::ranges::push_heap(parent.zombies, std::greater{});
  return false;
}

bool ProcessTable::reap_child(ProcSlot slot) {
  auto& zombies = (*this)[slot].zombies;
  if (zombies.empty()) return false;
  std::ranges::pop_heap(zombies, std::greater{});
  reap(zombies.back().slot);
  zombies.pop_back();
  return true;
}

// The zombie's slot is free again.   REQUIRES: it is on no list of its parent's
void ProcessTable::reap(ProcSlot slot) {
  Process& process = (*this)[slot];
  KASSERT(process.state == ProcessState::Zombie);
  const Process& parent = (*this)[process.parent];
  const bool init_waits = process.parent == kInit || parent.state == ProcessState::Zombie;
  reaped_.push_back({.tag = process.tag,
                     .status = process.status,
                     .pid = process.pid,
                     .waiter = init_waits ? std::nullopt : std::optional(parent.tag)});
  process.pid = Pid{};
  process.parent = kNoProcess;
  free_slots_.push_back(slot);
  --count_;
}

void ProcessTable::link_child(ProcSlot parent, ProcSlot child) {
  Process& process = (*this)[child];
  process.parent = parent;
  process.prev_sibling = kNoProcess;
  process.next_sibling = (*this)[parent].first_child;
  if (process.next_sibling != kNoProcess) (*this)[process.next_sibling].prev_sibling = child;
  (*this)[parent].first_child = child;
}

void ProcessTable::unlink_child(ProcSlot child) {
  const Process& process = (*this)[child];
  if (process.prev_sibling == kNoProcess)
    (*this)[process.parent].first_child = process.next_sibling;
  else
    (*this)[process.prev_sibling].next_sibling = process.next_sibling;
  if (process.next_sibling != kNoProcess) (*this)[process.next_sibling].prev_sibling = process.prev_sibling;
}

std::vector<ProcSlot> ProcessTable::slots() const {
  std::vector<ProcSlot> slots;
  for (std::uint32_t i = kInit.value + 1; i < processes_.size(); ++i) {
    if (processes_[i].pid != Pid{}) slots.push_back(ProcSlot{i});
  }
  std::ranges::sort(slots, {}, [this](ProcSlot slot) { return (*this)[slot].pid; });
  return slots;
}

}  // namespace bachsim
