// fork and vfork (Bach 7.1 and 9.2.1.1): how a child comes by a space.
//
//   cow    shared regions are attached; private ones are duplicated entry by entry, frames shared
//   copy   the same, but every page of a private region is copied at once
//   vfork  no space: the child runs on its parent's until it execs or exits
#include <utility>

#include "regions/promise.h"
#include "regions/regops.h"
#include "sim/kernel/kernel.h"

namespace bachsim {
namespace {

// For whom the kernel works, until the end of the scope: the child that fork is about to make.
class WorksFor {
 public:
  WorksFor(Vm& vm, std::uint64_t tag) : vm_(vm), before_(std::exchange(vm.actor, tag)) {}
  WorksFor(const WorksFor&) = delete;
  WorksFor& operator=(const WorksFor&) = delete;
  ~WorksFor() { vm_.actor = before_; }

 private:
  Vm& vm_;
  std::uint64_t before_;
};

}  // namespace

ProcSlot Kernel::new_process(ProcSlot parent, ProgramId program, std::uint64_t tag) {
  const ProcSlot slot = processes_.add(parent, tag);
  at(slot).program = program;
  working_sets_.begin(slot);
  ++process_.created;
  return slot;
}

SysResult<ProcSlot> Kernel::fork(ProcSlot process, std::uint64_t tag) {
  return system_call(syscall_.fork, [&] {
    return vm_.config.fork == ForkMode::Vfork ? share_space(process, tag) : duplicate_space(process, tag);
  });
}

SysResult<ProcSlot> Kernel::vfork(ProcSlot process, std::uint64_t tag) {
  return system_call(syscall_.vfork, [&] {
    const bool share = vm_.config.vfork == VforkMode::Share || vm_.config.fork == ForkMode::Vfork;
    return share ? share_space(process, tag) : duplicate_space(process, tag);
  });
}

SysResult<ProcSlot> Kernel::share_space(ProcSlot parent, std::uint64_t tag) {
  if (!processes_.available()) return fail(Errno::EAGAIN_, kNoProcesses);
  if (!may_change(parent)) return begin_anew();
  const ProcSlot child = new_process(parent, at(parent).program, tag);
  at(child).lender = at(parent).lender;
  at(parent).state = ProcessState::Asleep;
  at(parent).waiting_for = WaitingFor::Vfork;
  tell(EventKind::Vforked, parent, tag);
  tell(EventKind::SleepsVfork, parent, tag);
  give_up_processor(parent);
  return child;
}

SysResult<ProcSlot> Kernel::duplicate_space(ProcSlot parent, std::uint64_t tag) {
  const AddressSpace& from = space_of(parent);
  if (!processes_.available()) return fail(Errno::EAGAIN_, kNoProcesses);
  Promise promise(vm_);
  promise.tables(upper_tables(vm_.config.mode, from));
  std::uint64_t pages = 0;
  for (const Pregion& pregion : from.pregions) {
    if (!is_private(pregion.type)) continue;
    promise.region(vm_.regions[pregion.region].pages);
    pages += vm_.regions[pregion.region].pages;
  }
  if (vm_.config.paging == PagingPolicy::Off) {
    const ImageSize image = image_size(vm_, from);
    promise.image({.pages = image.pages, .missing = image.missing + pages, .own = pages});
  }
  if (const auto taken = take(promise, Errno::EAGAIN_); !taken) return std::unexpected(taken.error());
  if (!may_change(parent)) return begin_anew();

  vm_.tables.expect_forks_of(promise.tables());
  AddressSpace space;
  open_space(vm_, space);
  space.brk = from.brk;
  space.working_set = from.working_set;
  bool in_memory = true;
  if (vm_.config.fork == ForkMode::Copy || vm_.config.paging == PagingPolicy::Off) {
    const ForkCounters before = vm_.fork;
    if (!duplicate_by_copy(from, space, tag, in_memory)) {
      const WorksFor child(vm_, tag);
      release_space(vm_, space);
      vm_.fork = before;
      return fail(Errno::ENOMEM_, "no frames");
    }
  } else {
    duplicate_regions(from, space, tag, ForkMode::Cow);
    flush_space(vm_, from);
  }
  vm_.fork.tables_allocated += promise.tables();

  const ProcSlot child = new_process(parent, at(parent).program, tag);
  at(child).space = std::move(space);
  tell(EventKind::Forked, parent, tag);
  if (!in_memory)
    swapper_.leave(at(child));
  else if (vm_.config.first == RunsFirst::Child)
    run_first(parent, child);
  return child;
}

// ForkMode::Copy leaves the pages of private copies empty. New regions are told as the child's, whose tag this is.
void Kernel::duplicate_regions(const AddressSpace& from, AddressSpace& to, std::uint64_t tag, ForkMode mode) {
  for (const Pregion& pregion : from.pregions) {
    RegionId region = pregion.region;
    if (is_private(pregion.type)) {
      {
        const WorksFor child(vm_, tag);
        region = allocreg(vm_, pregion.type, vm_.regions[pregion.region].program);
        if (mode == ForkMode::Copy) add_pages(vm_, region, vm_.regions[pregion.region].pages);
      }
      if (mode == ForkMode::Cow) dupreg(vm_, pregion.region, region);
      ++vm_.fork.regions_duplicated;
      vm_.fork.ptes_copied += vm_.regions[region].pages;
    } else {
      ++vm_.fork.regions_shared;
    }
    const WorksFor child(vm_, tag);
    attachreg(vm_, to, region, pregion.anchor, pregion.key);
  }
}

// All tables first, then the pages. False if memory ran out, which it does not without paging, as the promise has seen
// to it: a child for which memory has no room is made on swap then (fork swap).
bool Kernel::duplicate_by_copy(const AddressSpace& from, AddressSpace& to, std::uint64_t tag, bool& in_memory) {
  duplicate_regions(from, to, tag, ForkMode::Copy);
  if (vm_.config.paging == PagingPolicy::Off && image_size(vm_, to).missing > vm_.pfdata.free()) {
    in_memory = false;
    const bool written = fork_swap(vm_, from, to);
    KASSERT(written);
    return true;
  }
  for (std::size_t i = 0; i < from.pregions.size(); ++i) {
    if (!is_private(from.pregions[i].type)) continue;
    if (!copyreg(vm_, from.pregions[i].region, to.pregions[i].region, &from)) return false;
  }
  return true;
}

}  // namespace bachsim
