// fork and vfork (Bach 7.1 and 9.2.1.1): how a child comes by a space.
//
//   cow    shared regions are attached; private ones are duplicated entry by entry, frames shared
//   copy   the same, but every page of a private region is copied at once
//   vfork  no space: the child runs on its parent's until it execs or exits
#include <algorithm>
#include <utility>

#include "regions/pregion.h"
#include "regions/regops.h"
#include "regions/swapping.h"
#include "sim/kernel/kernel.h"

namespace bachsim {

ProcSlot Kernel::new_process(ProcSlot parent, ProgramId program, std::uint64_t tag) {
  const ProcSlot slot = processes_.add(parent, tag);
  at(slot).program = program;
  ++process_.created;
  return slot;
}

SysResult<ProcSlot> Kernel::fork(ProcSlot process, std::uint64_t tag) {
  enter(syscall_.fork);
  return vm_.config.fork == ForkMode::Vfork ? share_space(process, tag) : duplicate_space(process, tag);
}

SysResult<ProcSlot> Kernel::vfork(ProcSlot process, std::uint64_t tag) {
  enter(syscall_.vfork);
  const bool share = vm_.config.vfork == VforkMode::Share || vm_.config.fork == ForkMode::Vfork;
  return share ? share_space(process, tag) : duplicate_space(process, tag);
}

SysResult<ProcSlot> Kernel::share_space(ProcSlot parent, std::uint64_t tag) {
  if (!processes_.available())
    return fail(Errno::EAGAIN_, "the process table is full");
  const ProcSlot child = new_process(parent, at(parent).program, tag);
  at(child).lender = at(parent).lender;
  at(parent).state = ProcessState::Asleep;
  at(parent).waiting_for = WaitingFor::Vfork;
  give_up_processor(parent);
  return child;
}

SysResult<ProcSlot> Kernel::duplicate_space(ProcSlot parent, std::uint64_t tag) {
  const AddressSpace& from = space_of(parent);
  std::uint64_t regions = 0;
  std::uint64_t tables = upper_tables(vm_.config.mode, from);
  for (const Pregion& pregion : from.pregions) {
    if (is_private(pregion.type)) {
      ++regions;
      tables += vm_.regions[pregion.region].leaves.size();
    }
  }
  if (!processes_.available())
    return fail(Errno::EAGAIN_, "the process table is full");
  if (regions > vm_.regions.available())
    return fail(Errno::EAGAIN_, "the region table is full");
  if (tables > vm_.tables.available())
    return fail(Errno::ENOMEM_, "no page-table frames");

  vm_.tables.begin_fork(tables);
  AddressSpace space;
  open_space(vm_, space);
  space.brk = from.brk;
  bool in_memory = true;
  if (vm_.config.fork == ForkMode::Copy || vm_.config.paging == PagingPolicy::Off) {
    const ForkCounters before = vm_.fork;
    if (!duplicate_by_copy(at(parent).lender, from, space, in_memory)) {
      release_space(vm_, space);
      vm_.fork = before;
      return fail(Errno::ENOMEM_, "no frames");
    }
  } else {
    duplicate_cow(from, space);
    flush_space(vm_, from);
  }
  vm_.fork.tables_allocated += tables;

  const ProcSlot child = new_process(parent, at(parent).program, tag);
  at(child).space = std::move(space);
  if (!in_memory)
    swapper_.leave(at(child));
  else if (vm_.config.first == RunsFirst::Child)
    run_first(parent, child);
  return child;
}

// The child has the processor, and its parent waits for its turn (state 7 of figure 6.1): until the child execs, ends
// or sleeps, or its time slice does.
void Kernel::run_first(ProcSlot parent, ProcSlot child) {
  at(child).preempts = parent;
  at(parent).state = ProcessState::Preempted;
}

void Kernel::give_up_processor(ProcSlot child) {
  const ProcSlot parent = std::exchange(at(child).preempts, kNoProcess);
  if (parent != kNoProcess)
    at(parent).state = ProcessState::Ready;
}

void Kernel::tick(std::uint64_t ticks) {
  trap_.timer += ticks;
  if (ticks > 0)
    end_slices();
}

void Kernel::end_slices() {
  if (vm_.config.first != RunsFirst::Child)
    return;
  for (const ProcSlot slot : processes_.slots())
    give_up_processor(slot);
}

void Kernel::duplicate_cow(const AddressSpace& from, AddressSpace& to) {
  for (const Pregion& pregion : from.pregions) {
    RegionId region = pregion.region;
    if (is_private(pregion.type)) {
      region = allocreg(vm_, pregion.type, vm_.regions[pregion.region].program);
      dupreg(vm_, pregion.region, region);
    } else {
      ++vm_.fork.regions_shared;
    }
    attachreg(vm_, to, region, pregion.anchor, pregion.key);
  }
}

// All tables first, then the pages: false where memory ran out among them. Without paging, a child that memory has
// no room for is made on swap (Bach 9.1.2.1).
bool Kernel::duplicate_by_copy(ProcSlot lender, const AddressSpace& from, AddressSpace& to, bool& in_memory) {
  for (const Pregion& pregion : from.pregions) {
    RegionId region = pregion.region;
    if (is_private(pregion.type)) {
      const Region& source = vm_.regions[pregion.region];
      region = allocreg(vm_, pregion.type, source.program);
      add_pages(vm_, region, source.pages);
    } else {
      ++vm_.fork.regions_shared;
    }
    attachreg(vm_, to, region, pregion.anchor, pregion.key);
  }
  if (vm_.config.paging == PagingPolicy::Off && missing_frames(vm_, to) > vm_.pfdata.free()) {
    in_memory = false;
    for (const Pregion& pregion : from.pregions) {
      if (is_private(pregion.type)) {
        ++vm_.fork.regions_duplicated;
        vm_.fork.ptes_copied += vm_.regions[pregion.region].pages;
      }
    }
    return write_fork_image(vm_, from, to);
  }
  for (std::size_t i = 0; i < from.pregions.size(); ++i) {
    if (!is_private(from.pregions[i].type))
      continue;
    PageId page{from.pregions[i].region};
    while (!copyreg(vm_, page, to.pregions[i].region)) {
      if (vm_.config.paging != PagingPolicy::Hybrid || !swapper_.make_room(lender, page))
        return false;
    }
  }
  return true;
}

}  // namespace bachsim
