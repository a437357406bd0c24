// Whole processes between memory and swap (Bach 9.1 and 9.3): by hand, when one has no room to grow, and by the
// swapper, process 0.
//
// One second of the swapper (figure 9.9, with the rules that reproduce figures 9.10 and 9.11):
//
//   of the processes that are ready and swapped, take the one longest out; where it has room, it comes in
//   else it must have been out for 2 seconds, and somebody must leave:
//     of the processes that sleep, the one longest in memory
//     where none sleeps, the one with the highest residence + nice, if it has been in for a second or more and
//     residence + nice - 20 is 2 or more
//   and again, until a test fails
#include <algorithm>

#include "regions/pregion.h"
#include "regions/swapping.h"
#include "sim/kernel/kernel.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kSecondsOut = 2;
constexpr std::int64_t kResidence = 2;
constexpr int kPlainNice = 20;
constexpr std::size_t kMaxSeconds = 1u << 20;

constexpr std::string_view kNoExtent = "no extent of swap is long enough";

}  // namespace

// The event has come that a process slept for.
void Kernel::wake(Process& process) {
  process.waiting_for = WaitingFor::Nothing;
  process.state = process.state == ProcessState::AsleepSwapped ? ProcessState::ReadySwapped : ProcessState::Ready;
}

// The process is out of memory from now on.
void Kernel::leave(Process& process) {
  process.state = process.state == ProcessState::Asleep ? ProcessState::AsleepSwapped : ProcessState::ReadySwapped;
  process.place_seconds = 0;
  running_ = kNoProcess;
  ++swapper_.out;
}

void Kernel::enter_memory(Process& process) {
  if (vm_.config.paging == PagingPolicy::Off)
    swap_in_space(vm_, process.space);
  process.state = process.state == ProcessState::AsleepSwapped ? ProcessState::Asleep : ProcessState::Ready;
  process.place_seconds = 0;
  running_ = kNoProcess;
  ++swapper_.in;
}

bool Kernel::can_move(ProcSlot slot) const {
  const Process& process = this->process(slot);
  const bool locked = std::ranges::any_of(process.space.pregions, &Pregion::locked);
  return process.state != ProcessState::Zombie && process.state != ProcessState::Preempted && process.lender == slot &&
         process.waiting_for != WaitingFor::Vfork && !locked;
}

SysResult<void> Kernel::swap_out(ProcSlot slot) {
  Process& process = at(slot);
  const Image image = vm_.config.paging == PagingPolicy::Off ? Image::Whole : Image::Resident;
  if (!swap_out_space(vm_, process.space, image))
    return std::unexpected(SysError{Errno::ENOMEM_, kNoExtent});
  leave(process);
  return {};
}

SysResult<void> Kernel::swap_in(ProcSlot slot) {
  Process& process = at(slot);
  if (vm_.config.paging == PagingPolicy::Off && missing_frames(vm_, process.space) > vm_.pfdata.free())
    return std::unexpected(SysError{Errno::ENOMEM_, "no frames"});
  enter_memory(process);
  return {};
}

// Without paging, a process whose regions have grown gets frames for them, or waits on swap until it can have them
// (expansion swap). False, and nothing changed, if there is room in neither place.
bool Kernel::settle(ProcSlot slot) {
  if (vm_.config.paging != PagingPolicy::Off)
    return true;
  AddressSpace& space = space_of(slot);
  if (pages_of(vm_, space) > vm_.pfdata.total() - vm_.pfdata.reserved())
    return false;  // it could never come back
  if (missing_frames(vm_, space) <= vm_.pfdata.free()) {
    swap_in_space(vm_, space);
    return true;
  }
  return can_move(slot) && swap_out(slot).has_value();
}

// paging=hybrid: a fault found no frame. Whole processes leave until the high water mark is reached; for each but the
// first, whose room the faulting process takes, one that waits on swap is made ready. If nobody can leave, the page
// stealer has to do it. False if there is no frame even so.
bool Kernel::make_room(ProcSlot process, PageId page) {
  const std::uint64_t goal = std::max<std::uint64_t>({vm_.config.high, vm_.config.low, 1});
  bool first = true;
  while (vm_.pfdata.free() < goal) {
    const ProcSlot leaving = victim(at(process).lender);
    if (leaving == kNoProcess)
      break;
    const ProcSlot waiting = first ? kNoProcess : next_in();
    if (!swap_out(leaving))
      break;
    first = false;
    if (waiting != kNoProcess)
      enter_memory(at(waiting));
  }
  if (vm_.pfdata.free() == 0)
    wake_vhand(vm_, page);
  return vm_.pfdata.free() > 0;
}

// Of the processes that are ready on swap, the one longest there.
ProcSlot Kernel::next_in() const {
  ProcSlot next = kNoProcess;
  for (const ProcSlot slot : processes()) {
    if (process(slot).state == ProcessState::ReadySwapped &&
        (next == kNoProcess || process(slot).place_seconds > process(next).place_seconds))
      next = slot;
  }
  return next;
}

// Whether its leaving would free anything: what it shares stays.
bool Kernel::holds_frames(ProcSlot slot) const {
  return std::ranges::any_of(process(slot).space.pregions, [this](const Pregion& pregion) {
    const Region& region = vm_.regions[pregion.region];
    return region.refs == 1 && region.valid > 0;
  });
}

// Who is to leave memory first: a sleeper if there is one.
ProcSlot Kernel::victim(ProcSlot spared) const {
  ProcSlot sleeper = kNoProcess;
  ProcSlot ready = kNoProcess;
  const auto weight = [this](ProcSlot slot) {
    return static_cast<std::int64_t>(process(slot).place_seconds) + process(slot).nice;
  };
  for (const ProcSlot slot : processes()) {
    if (slot == spared || is_swapped(process(slot).state) || !can_move(slot) || !holds_frames(slot))
      continue;
    if (process(slot).state == ProcessState::Asleep) {
      if (sleeper == kNoProcess || process(slot).place_seconds > process(sleeper).place_seconds)
        sleeper = slot;
    } else if (ready == kNoProcess || weight(slot) > weight(ready)) {
      ready = slot;
    }
  }
  return sleeper != kNoProcess ? sleeper : ready;
}

bool Kernel::may_evict(ProcSlot slot) const {
  const Process& process = this->process(slot);
  if (process.state == ProcessState::Asleep)
    return true;
  const auto residence = static_cast<std::int64_t>(process.place_seconds);
  return residence >= 1 && residence + process.nice - kPlainNice >= kResidence;
}

void Kernel::swapper_second(SwapperSecond& second) {
  for (;;) {
    const ProcSlot incoming = next_in();
    if (incoming == kNoProcess)
      return;
    if (swap_in(incoming)) {
      second.moves.push_back({.tag = process(incoming).tag, .in = true});
      continue;
    }
    const ProcSlot leaving = victim(kNoProcess);
    if (process(incoming).place_seconds < kSecondsOut || leaving == kNoProcess || !may_evict(leaving) ||
        !swap_out(leaving))
      return;
    second.moves.push_back({.tag = process(leaving).tag, .in = false});
  }
}

// The CPU goes to the process in memory that has not had it for longest.
void Kernel::schedule(SwapperSecond& second) {
  ProcSlot next = kNoProcess;
  for (const ProcSlot slot : processes()) {
    if (process(slot).state == ProcessState::Ready &&
        (next == kNoProcess || process(slot).last_ran < process(next).last_ran))
      next = slot;
  }
  if (next == kNoProcess)
    return;
  at(next).last_ran = clock_ + 1;
  second.runs = process(next).tag;
}

void Kernel::run_second() {
  end_slices();
  if (seconds_.size() == kMaxSeconds)
    throw HostLimit("more seconds than the swapper's record keeps");
  vm_.budget.commit(sizeof(SwapperSecond) + processes_.alive() * sizeof(SwapperSecond::Place));
  SwapperSecond& second = seconds_.emplace_back();
  for (const ProcSlot slot : processes()) {
    const Process& each = process(slot);
    if (each.state != ProcessState::Zombie)
      second.places.push_back({.tag = each.tag, .in_memory = !is_swapped(each.state), .seconds = each.place_seconds});
  }
  swapper_second(second);
  schedule(second);
  for (const ProcSlot slot : processes())
    ++at(slot).place_seconds;
  ++clock_;
}

}  // namespace bachsim
