#include "sim/kernel/kernel.h"

#include "regions/promise.h"
#include "regions/residents.h"
#include "regions/vhand.h"

namespace bachsim {

Kernel::Kernel(const Config& config, const Host& host)
    : vm_(config, host),
      processes_(config.nproc, vm_.budget),
      swapper_(vm_, processes_),
      notes_references_(config.working_set > 0 || (vm_.residents != nullptr && vm_.residents->sees_references())) {
  if (config.paging == PagingPolicy::Hybrid)
    vm_.make_room = [this](const AddressSpace* spared, PageId page) { return swapper_.make_room(spared, page); };
}

std::shared_ptr<const PageUses> Kernel::uses() const {
  return vm_.residents == nullptr ? nullptr : vm_.residents->uses();
}

void Kernel::foresee(std::shared_ptr<const PageUses> uses) {
  KASSERT(vm_.config.stealer == StealBy::Opt && uses != nullptr);
  vm_.residents->foresee(std::move(uses));
}

void Kernel::set_foreseen(bool foreseen) {
  if (vm_.residents != nullptr) vm_.residents->set_foreseen(foreseen);
}

Kernel::Turn Kernel::begin_operation(ProcSlot process) {
  KASSERT(!in_operation_);
  const ProcessState state = at(process).state;
  if (state == ProcessState::Preempted) return Turn::Later;
  if (state == ProcessState::ReadySwapped && vm_.config.paging == PagingPolicy::Hybrid) {
    // Bach 9.3: it is ready on swap because it was thrown out whole; its pages come back one by one, by faults.
    // Nothing is moved now, so that others may be at work on its regions.
    swapper_.enter_memory(at(process));
  } else if (state != ProcessState::Ready) {
    return Turn::Never;
  }
  in_operation_ = true;
  vm_.actor = at(process).tag;
  return Turn::Now;
}

Kernel::Turn Kernel::may_be_moved(ProcSlot process) const {
  const ProcessState state = processes_[process].state;
  return state == ProcessState::Preempted ? Turn::Later : state == ProcessState::Zombie ? Turn::Never : Turn::Now;
}

void Kernel::return_to_user() {
  if (in_operation_) return;
  vm_.actor = Event::kNobody;
  if (!is_below_low_water(vm_) || is_inside(Context::kVhand)) return;
  // Under io=sleep the stealer is an actor: it sleeps for its transfers, while processes go on.
  if (vm_.config.io == IoMode::Sleep)
    enter_vhand([this] { vhand(vm_, {}); });
  else
    vhand(vm_, {});
}

SysResult<void> Kernel::take(Promise& promise, Errno regions) {
  switch (promise.take()) {
    case Promise::Lack::Regions:
      return fail(regions, "the region table is full");
    case Promise::Lack::Tables:
      return fail(Errno::ENOMEM_, "no page-table frames");
    case Promise::Lack::Room:
      return fail(Errno::ENOMEM_, "neither frames nor an extent of swap");
    case Promise::Lack::Nothing:
      break;
  }
  return {};
}

void Kernel::nice(ProcSlot process, int value) {
  const int was = std::exchange(at(process).nice, value);
  if (was != value)
    vm_.tell([&] {
      return Event{.kind = EventKind::Reniced,
                   .was = static_cast<std::uint64_t>(was),
                   .is = static_cast<std::uint64_t>(value),
                   .process = at(process).tag};
    });
  return_to_user();
}

void Kernel::tell(EventKind kind, ProcSlot process, std::uint64_t child, std::uint64_t is) {
  vm_.tell([&] { return Event{.kind = kind, .is = is, .process = at(process).tag, .child = child}; });
}

RegionId Kernel::shm_region(std::uint64_t key) const {
  const auto at = shm_.find(key);
  return at == shm_.end() ? RegionId{} : at->second;
}

Counters Kernel::counters() const {
  return {.syscall = syscall_,
          .trap = trap_,
          .fork = vm_.fork,
          .vfault = vm_.vfault,
          .pfault = vm_.pfault,
          .frame = vm_.pfdata.counters(),
          .swap = vm_.swap.counters(),
          .stealer = vm_.stealer,
          .swapper = swapper_.counters(),
          .tlb = vm_.hart.counters(),
          .process = process_,
          .file = vm_.file};
}

Gauges Kernel::gauges() const {
  return {.frames_total = vm_.pfdata.total(),
          .frames_reserved = vm_.pfdata.reserved(),
          .frames_free = vm_.pfdata.free(),
          .frames_used = vm_.pfdata.used(),
          .frames_shared = vm_.pfdata.shared(),
          .frames_peak = vm_.pfdata.peak(),
          .tables_used = vm_.tables.used(),
          .tables_peak = vm_.tables.peak(),
          .swap_total = vm_.swap.total_blocks(),
          .swap_free = vm_.swap.free_blocks(),
          .swap_used = vm_.swap.total_blocks() - vm_.swap.free_blocks(),
          .processes = processes_.alive(),
          .regions = vm_.regions.active()};
}

}  // namespace bachsim
