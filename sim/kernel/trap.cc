// Traps of an access (model.md, "Faults"), by the region of the address and its PTE.
//
//   no region                        grow the stack if the address is within its limit, else SIGSEGV
//   PTE not valid                    vfault
//   PTE valid, access not granted    pfault
//   PTE valid, access granted        ad=software: the kernel sets A and D in place of the hardware
//   PTE valid, rights withheld       valid=software: the kernel sets A and gives the rights back
#include <cstring>
#include <utility>

#include "regions/fault.h"
#include "regions/page.h"
#include "regions/promise.h"
#include "regions/region_lock.h"
#include "regions/residents.h"
#include "sim/kernel/kernel.h"

namespace bachsim {
namespace {

Event trapped(const Vm& vm, const AddressSpace& space, Trap trap) {
  Event event{.kind = EventKind::Trapped, .address = trap.stval, .is = static_cast<std::uint64_t>(trap.cause)};
  if (const auto found = find_page(vm, space, VirtAddr{trap.stval})) {
    event.region = space.pregions[found->index].region;
    event.page = found->page;
  }
  return event;
}

}  // namespace

void Kernel::switch_to(ProcSlot process) {
  const Satp satp = satp_of(vm_, space_of(process));
  vm_.hart.write_satp(satp);
  running_ = process;
  vm_.tell([&] { return Event{.kind = EventKind::SatpWritten, .is = satp.raw(), .process = at(process).tag}; });
}

std::expected<std::uint64_t, Stop> Kernel::access_alone(ProcSlot process, VirtAddr va, Access kind,
                                                        std::uint64_t value) {
  KASSERT(!anybody_inside() || contexts_.current() != nullptr);
  const auto cell = access(process, va, kind);
  if (cell && kind == Access::Store)
    std::memcpy(*cell, &value, sizeof value);
  else if (cell)
    std::memcpy(&value, *cell, sizeof value);
  return_to_user();
  if (!cell) return std::unexpected(cell.error());
  return value;
}

std::expected<std::byte*, Stop> Kernel::access(ProcSlot process, VirtAddr va, Access access) {
  Tries tries;
  for (;;) {
    // Also after a trap: under paging=hybrid the kernel may have worked on other spaces meanwhile.
    if (process != running_) switch_to(process);
    const auto byte = vm_.hart.access(va, access);
    if (byte) {
      if (notes_references_) [[unlikely]]
        note_reference(process, va);
      return *byte;
    }
    KASSERT(byte.error().cause == bachsim::page_fault(access));  // the trees of processes stay within memory
    vm_.actor = at(process).tag;
    vm_.tell([&] { return trapped(vm_, space_of(process), byte.error()); });
    ++(access == Access::Fetch ? trap_.fetch_fault : access == Access::Load ? trap_.load_fault : trap_.store_fault);
    if (const auto stop = page_fault(process, va, access, tries)) return std::unexpected(*stop);
  }
}

// The page is flushed, so that the next reference comes here too.
void Kernel::note_reference(ProcSlot process, VirtAddr va) {
  if (vm_.config.paging == PagingPolicy::Off) return;
  const AddressSpace& space = space_of(process);
  const auto found = find_page(vm_, space, va);
  const Pregion& pregion = space.pregions[found->index];
  const PageId page{pregion.region, found->page};
  const bool told = vm_.residents != nullptr && vm_.residents->sees_references();
  const bool limited = space.working_set > 0 && is_private(pregion.type);
  if (told) vm_.residents->used(page);
  if (limited) working_sets_.note(at(process).lender, space, page);
  if (told || limited) flush_page(vm_, space, va);
}

std::optional<Stop> Kernel::page_fault(ProcSlot process, VirtAddr va, Access access, Tries& tries) {
  const AddressSpace& space = space_of(process);
  const auto found = find_page(vm_, space, va);
  if (!found) return grow_stack(process, va, access, tries);

  const PageId id{space.pregions[found->index].region, found->page};
  const Page page(vm_, id);
  if (!page.valid()) {
    const bool right_first = vm_.config.check == FirstCheck::Protection && lacks_right(vm_, id, access);
    return resolve(process, id,
                   right_first ? pfault_of_invalid(vm_, id, access, vm_.config.prepage, space)
                               : vfault(vm_, id, access, vm_.config.prepage, &space),
                   tries);
  }

  if (page.withholds(access)) [[unlikely]] {
    page.give_rights();
    vm_.tell([&] { return on(EventKind::RightsGiven, id); });
    return std::nullopt;
  }
  if (page.pte().has(right(access))) {
    KASSERT(vm_.hart.ad() == AdUpdate::Software);
    page.set_used(access);
    vm_.tell([&] { return on(EventKind::UsedSet, id); });
    return std::nullopt;
  }
  const FaultOutcome outcome = pfault(vm_, id, access, &space);
  if (outcome == FaultOutcome::Resolved) flush_page(vm_, space, va);
  return resolve(process, id, outcome, tries);
}

// A load or store below the stack and within its limit makes the stack grow to it. The stack does not shrink if the
// access then fails: a vfork child that dies for want of a frame leaves its parent the longer stack.
std::optional<Stop> Kernel::grow_stack(ProcSlot process, VirtAddr va, Access access, Tries& tries) {
  AddressSpace& space = space_of(process);
  const Pregion& stack = *find_pregion(space, RegionType::Stack);
  const bool off = vm_.config.paging == PagingPolicy::Off;
  if (off)
    await_regions(process);  // or it might sleep for one with frames promised
  else
    await_unlocked(vm_, stack.region);
  const std::uint64_t page = (stack.anchor.value - 1 - va.value) >> kPageShift;  // huge above the end
  if (access == Access::Fetch || page >= vm_.config.stack_limit) {
    ++vm_.vfault.segv;
    vm_.tell([&] { return Event{.kind = EventKind::NoRegion, .address = va.value}; });
    return kill(process, Stop::Sigsegv);
  }
  const std::uint32_t had = vm_.regions[stack.region].pages;
  const PageId id{stack.region, static_cast<std::uint32_t>(page)};
  vm_.tell([&] {
    return Event{.kind = EventKind::StackGrows, .region = id.region, .address = va.value, .was = had, .is = page + 1};
  });
  bool grows = false;
  {
    Promise promise(vm_);
    grows = promise_growth(promise, process, stack, page + 1 - had).has_value();
    if (grows) growreg(vm_, space, stack, static_cast<std::int64_t>(page + 1 - had));
  }
  if (!grows) {
    vm_.tell([&] { return on(off ? EventKind::NoFrame : EventKind::NoTables, id); });
    return kill(process, Stop::OutOfMemory);
  }
  swapper_.expansion_swap(process);  // it may sleep
  if (off) {
    ++vm_.vfault.stack_growth;
    return is_swapped(at(process).state) ? std::optional(Stop::SwappedOut) : std::nullopt;
  }
  tries.grew = true;
  return resolve(process, id, vfault(vm_, id, access, vm_.config.prepage, &space), tries);
}

std::optional<Stop> Kernel::resolve(ProcSlot process, PageId page, FaultOutcome outcome, Tries& tries) {
  switch (outcome) {
    case FaultOutcome::Resolved:
      if (std::exchange(tries.grew, false)) ++vm_.vfault.stack_growth;
      return std::nullopt;
    case FaultOutcome::Violation:
      return kill(process, Stop::Sigsegv);
    case FaultOutcome::NoFrame: {
      vm_.tell([&] { return on(EventKind::NoFrame, page); });
      // Others inside the kernel, the stealer among them, may give frames back when their transfers end. Whoever slept
      // in vain tries once more: another has read the page by now, or the frame has become the page's own.
      const bool others_inside = contexts_.running() != nullptr && contexts_.all().size() > 1;
      if (vm_.config.paging == PagingPolicy::Hybrid && others_inside && !tries.in_vain) {
        contexts_.sleep({.kind = Channel::Kind::FreeFrame});
        tries.in_vain = std::exchange(contexts_.running()->refused, false);
        return std::nullopt;
      }
    }
  }
  return kill(process, Stop::OutOfMemory);
}

Stop Kernel::kill(ProcSlot process, Stop why) {
  await_regions(process);
  const std::uint8_t status = why == Stop::Sigsegv ? kSigsegvStatus : kOutOfMemoryStatus;
  ++process_.killed;
  tell(EventKind::Killed, process, Event::kNobody, status);
  terminate(process, status);
  return why;
}

}  // namespace bachsim
