#include "sim/kernel/swapper.h"

#include "regions/image.h"
#include "regions/region_lock.h"
#include "regions/vhand.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kSecondsOut = 2;
constexpr std::int64_t kLeastSum = 2;
constexpr std::string_view kImmovable = "cannot be moved: its space is lent, borrowed or locked";

std::int64_t stay(const Process& process) { return static_cast<std::int64_t>(process.stay_seconds); }

std::int64_t stay_and_nice(const Process& process) { return stay(process) + process.nice; }

}  // namespace

void Swapper::leave(Process& process) {
  process.state = process.state == ProcessState::Asleep ? ProcessState::AsleepSwapped : ProcessState::ReadySwapped;
  process.stay_seconds = 0;
  ++counters_.out;
  vm_.tell([&] { return Event{.kind = EventKind::SwappedOut, .process = process.tag}; });
}

void Swapper::enter_memory(Process& process) {
  if (vm_.config.paging == PagingPolicy::Off) swapin(vm_, process.space);
  process.state = process.state == ProcessState::AsleepSwapped ? ProcessState::Asleep : ProcessState::Ready;
  process.stay_seconds = 0;
  ++counters_.in;
  vm_.tell([&] { return Event{.kind = EventKind::SwappedIn, .process = process.tag}; });
}

// Inside the kernel, or being moved already (exercise 9.2).
bool Swapper::is_inside(const Process& process) const {
  const Context* context = vm_.contexts.find(process.tag);
  return context != nullptr && context != vm_.contexts.current();
}

bool Swapper::can_move(ProcSlot slot) const {
  const Process& process = processes_[slot];
  const bool locked = std::ranges::any_of(process.space.pregions, [this](const Pregion& pregion) {
    return pregion.locked || (vm_.regions[pregion.region].refs() == 1 && vm_.contexts.locked_by_other(pregion.region));
  });
  return process.state != ProcessState::Zombie && process.state != ProcessState::Preempted && process.lender == slot &&
         process.waiting_for != WaitingFor::Vfork && !locked && !is_inside(process);
}

SysResult<void> Swapper::swap_out(ProcSlot slot) {
  Process& process = processes_[slot];
  if (!can_move(slot)) return fail(Errno::EINVAL_, kImmovable);
  if (is_swapped(process.state)) return fail(Errno::EINVAL_, "is on swap already");
  const Image image = vm_.config.paging == PagingPolicy::Off ? Image::Whole : Image::Resident;
  if (!swapout(vm_, process.space, image)) return fail(Errno::ENOMEM_, "no extent of swap is long enough");
  leave(process);
  return {};
}

// Others may have locked a region that it shares. True if it slept for one.
bool Swapper::await_one_unlocked(const AddressSpace& space) const {
  return std::ranges::any_of(space.pregions,
                             [this](const Pregion& pregion) { return await_unlocked(vm_, pregion.region); });
}

SysResult<void> Swapper::swap_in(ProcSlot slot) {
  Process& process = processes_[slot];
  do {
    if (!can_move(slot)) return fail(Errno::EINVAL_, kImmovable);
    if (!is_swapped(process.state)) return fail(Errno::EINVAL_, "is in memory already");
    if (vm_.config.paging == PagingPolicy::Off && image_size(vm_, process.space).missing > vm_.pfdata.free())
      return fail(Errno::ENOMEM_, "no frames");
  } while (await_one_unlocked(process.space));
  enter_memory(process);
  return {};
}

void Swapper::expansion_swap(ProcSlot slot) {
  if (vm_.config.paging != PagingPolicy::Off) return;
  const AddressSpace& space = processes_[processes_[slot].lender].space;
  if (image_size(vm_, space).missing <= vm_.pfdata.free())
    swapin(vm_, space);
  else
    KASSERT(swap_out(slot).has_value());
}

bool Swapper::make_room(const AddressSpace* spared, PageId page) {
  const std::uint64_t goal = high_water(vm_.config);
  bool first = true;
  while (vm_.pfdata.free() < goal) {
    const ProcSlot leaving = victim(spared);
    if (leaving == kNoProcess) break;
    const ProcSlot waiting = first ? kNoProcess : next_in();
    if (!swap_out(leaving)) break;
    first = false;
    if (waiting != kNoProcess) enter_memory(processes_[waiting]);
  }
  if (vm_.pfdata.free() == 0) vhand(vm_, page);
  return vm_.pfdata.free() > 0;
}

// Of the processes that can be taken, the one with the highest weight; of equals the first by pid.
template <class CanTake, class Weight>
ProcSlot Swapper::choose(CanTake&& can_take, Weight&& weight) const {
  ProcSlot chosen = kNoProcess;
  std::int64_t highest = 0;
  for (const ProcSlot slot : processes_.slots()) {
    const Process& process = processes_[slot];
    if (!can_take(slot, process) || (chosen != kNoProcess && weight(process) <= highest)) continue;
    chosen = slot;
    highest = weight(process);
  }
  return chosen;
}

// The process that has been ready on swap for longest.
ProcSlot Swapper::next_in() const {
  return choose(
      [this](ProcSlot, const Process& process) {
        return process.state == ProcessState::ReadySwapped && !is_inside(process);
      },
      stay);
}

// The process that is to leave memory first: a sleeper if there is one. Frames must become free by it.
ProcSlot Swapper::victim(const AddressSpace* spared) const {
  const auto frees_frames = [this](const Pregion& pregion) {
    const Region& region = vm_.regions[pregion.region];
    return region.refs() == 1 && region.valid() > 0;
  };
  const auto in_state = [&](ProcessState state) {
    return [&, state](ProcSlot slot, const Process& process) {
      return process.state == state && &process.space != spared && can_move(slot) &&
             std::ranges::any_of(process.space.pregions, frees_frames);
    };
  };
  const ProcSlot sleeper =
      choose(in_state(ProcessState::Asleep), vm_.config.dispatch == Dispatch::Nice ? stay_and_nice : stay);
  if (sleeper != kNoProcess) return sleeper;
  return choose(in_state(ProcessState::Ready), stay_and_nice);
}

// Of the ready processes in memory, the one that has not had the CPU for longest; with dispatch=nice, of those with the
// lowest nice value (exercise 9.7).
ProcSlot Swapper::next_to_run() const {
  const bool by_nice = vm_.config.dispatch == Dispatch::Nice;
  return choose(
      [this](ProcSlot, const Process& process) { return process.state == ProcessState::Ready && !is_inside(process); },
      [by_nice](const Process& process) {
        constexpr auto kMoreThanSeconds = static_cast<std::int64_t>(kMaxSeconds) + 1;
        return -(by_nice ? process.nice * kMoreThanSeconds : 0) - static_cast<std::int64_t>(process.last_ran);
      });
}

void Swapper::sched(SwapperSecond& second) {
  for (;;) {
    const ProcSlot incoming = next_in();
    if (incoming == kNoProcess) return;
    if (swap_in(incoming)) {
      second.moves.push_back({.tag = processes_[incoming].tag, .in = true});
      continue;
    }
    const ProcSlot leaving = victim(nullptr);
    if (processes_[incoming].stay_seconds < kSecondsOut || leaving == kNoProcess) return;
    const Process& other = processes_[leaving];
    const bool may_leave =
        other.state == ProcessState::Asleep || (stay(other) >= 1 && stay(other) + other.nice - kPlainNice >= kLeastSum);
    if (!may_leave || !swap_out(leaving)) return;
    second.moves.push_back({.tag = processes_[leaving].tag, .in = false});
  }
}

void Swapper::run_second() {
  KASSERT(seconds_.size() < kMaxSeconds);
  // Each process may leave and come back; the lists grow by doubling.
  constexpr std::uint64_t kBytesPerProcess = 2 * (sizeof(SwapperSecond::Stay) + 2 * sizeof(SwapperSecond::Move));
  vm_.budget.commit(2 * sizeof(SwapperSecond) + processes_.alive() * kBytesPerProcess);
  SwapperSecond& second = seconds_.emplace_back();
  for (const ProcSlot slot : processes_.slots()) {
    const Process& each = processes_[slot];
    if (each.state != ProcessState::Zombie)
      second.stays.push_back({.tag = each.tag, .in_memory = !is_swapped(each.state), .seconds = each.stay_seconds});
  }
  sched(second);
  if (const ProcSlot next = next_to_run(); next != kNoProcess) {
    processes_[next].last_ran = clock_ + 1;
    second.runs = processes_[next].tag;
  }
  for (const ProcSlot slot : processes_.slots()) ++processes_[slot].stay_seconds;
  ++clock_;
}

}  // namespace bachsim
