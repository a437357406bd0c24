// vfault: where are the contents?                      pfault: a store to a page in memory
//
//   cache  some frame has the page's block: map it       copied  the frame's count is above 1: copy it
//   zero   nowhere: a frame of zeros                     kept    the count is 1: the frame is ours
//   fill   in the file: read through the frame           segv    not a store, or not copy on write
//   file   in the file: read, and cached for others (a store: private, as fill)
//   swap   on swap: read, and cached for others
//   segv   the region does not allow the access
#include "regions/fault.h"

#include <cstring>

#include "regions/file_blocks.h"
#include "regions/getpage.h"
#include "regions/host_cache.h"
#include "regions/out_list.h"
#include "regions/page.h"
#include "regions/region_lock.h"
#include "regions/vhand.h"

namespace bachsim {
namespace {

bool allows(RegionType type, Access access) {
  return access == Access::Load || (type == RegionType::Text) == (access == Access::Fetch);
}

// How the page will come into the frame, by its dbd. `alone`: a block of the file is read for it alone.
Event filled(const Vm& vm, PageId id, Dbd dbd, Frame frame, bool alone) {
  if (dbd.on_swap()) return on(EventKind::VfaultSwap, id, {.frame = frame, .block = dbd.swap_block()});
  if (!dbd.in_file()) return on(EventKind::VfaultZero, id, {.frame = frame});
  const DiskBlock block = DiskBlock::file(*vm.regions[id.region].program, dbd.block());
  return on(dbd.kind() == DbdKind::Fill ? EventKind::VfaultFill : EventKind::VfaultFile, id,
            {.frame = frame, .block = block, .is = alone ? 1u : 0u});
}

// Brings the page into a frame that nobody else has.
void fill(Vm& vm, const Page& page, Access access, PfdataTable::Grant grant) {
  const Dbd dbd = page.dbd();
  // The store changes the page at once, so others could not use its frame.
  const bool alone = dbd.kind() == DbdKind::File && access == Access::Store && !page.pte().cow();
  vm.tell([&] { return filled(vm, page.id(), dbd, grant.frame, alone); });
  if (dbd.kind() != DbdKind::Zero) await_read(vm, grant.frame, alone ? DiskBlock{} : page.identity());
  if (dbd.on_swap()) vm.swap.begin_read();
  read_page(vm, dbd, grant);
  if (dbd.in_file() && vm.config.block > 0) [[unlikely]]
    count_file_read(vm, vm.programs[page.region().program->value], dbd);
  KASSERT(dbd.kind() != DbdKind::None);  // a page that is not valid is somewhere
  VfaultKinds& faults = vm.vfault;
  ++(dbd.on_swap()                 ? faults.swap
     : dbd.kind() == DbdKind::File ? faults.file
     : dbd.kind() == DbdKind::Fill ? faults.fill
                                   : faults.zero);
  if (page.identity().none() || alone)
    page.own(grant.frame, Pte::kA);
  else
    page.cache(grant.frame, Pte::kA);
}

// How many more pages of private regions the process may have in memory (Bach 9.2 on working sets, exercise 9.19).
// Shared pages belong to no process in particular. With window=references nothing is read ahead, as a page that nobody
// referenced is in no window.
std::uint64_t room_in_working_set(const Vm& vm, const AddressSpace& space) {
  if (vm.config.window == Window::References) return 0;
  std::uint64_t pages = 0;
  for (const Pregion& pregion : space.pregions)
    pages += is_private(pregion.type) ? vm.regions[pregion.region].valid() : 0;
  return space.working_set > pages ? space.working_set - pages : 0;
}

// At the limit, steals the process's oldest page (model.md, "Working sets"), unless its region is locked or swap has no
// room for it.
void trim_working_set(Vm& vm, const AddressSpace& space) {
  if (room_in_working_set(vm, space) > 0) return;
  std::optional<PageId> oldest;
  unsigned oldest_age = 0;
  for (const Pregion& pregion : space.pregions) {
    const Region& region = vm.regions[pregion.region];
    if (!is_private(region.type) || !may_lose_pages(vm, pregion.region)) continue;
    for (PageId id{pregion.region}; id.page < region.pages; ++id.page) {
      const PageWords page = vm.page(region, id.page);
      const unsigned age = unreferenced_for(page.pte.accessed(), page.dbd.age());
      if (!page.pte.valid() || page.dbd.on_out_list() ||
          (oldest && (age < oldest_age || (age == oldest_age && *oldest < id))))
        continue;
      oldest = id;
      oldest_age = age;
    }
  }
  if (!oldest) return;
  vm.tell([&] { return on(EventKind::WorkingSetFull, *oldest, {.is = space.working_set}); });
  steal_page(vm, *oldest);
}

// Exercise 9.10: reads the pages behind one that was just read from `block`, as long as their blocks follow each other
// and frames are free. Nobody has referenced them yet.
void prepage(Vm& vm, PageId read, DiskBlock block, std::uint64_t ahead) {
  ahead = std::min<std::uint64_t>(ahead, vm.regions[read.region].pages - 1 - read.page);
  for (std::uint32_t i = 1; i <= ahead; ++i) {
    const PageId id{read.region, read.page + i};
    const Page page(vm, id);
    const DiskBlock next = page.identity();
    if (page.valid() || page.waits() || next.raw() != block.raw() + i || vm.pfdata.find(next)) return;
    const auto grant = vm.pfdata.alloc();
    if (!grant) return;
    read_page(vm, page.dbd(), *grant);
    page.cache(grant->frame, 0);
    vm.tell([&] { return on(EventKind::Prepaged, id, {.frame = grant->frame, .block = next}); });
  }
}

// The frame that holds a block. If it is being read, the caller sleeps until its contents are valid, and looks again.
std::optional<Frame> find_read(Vm& vm, DiskBlock block) {
  auto holder = vm.pfdata.find(block);
  while (holder && vm.contexts.being_read(*holder)) {
    await_contents(vm, *holder);
    holder = vm.pfdata.find(block);
  }
  return holder;
}

// The page became valid, or invalid, while its process slept for the lock. The instruction runs anew.
FaultOutcome look_again(Vm& vm, EventKind found, PageId id) {
  KASSERT(vm.contexts.running() != nullptr);
  vm.tell([&] { return on(found, id); });
  return FaultOutcome::Resolved;
}

// A process that slept for a frame to copy the page into would find the page in its old one again, and be no farther.
bool others_keep_frame(const Vm& vm, const Page& page) {
  const DiskBlock block = page.identity();
  return vm.pfdata.free() == 0 && (page.waits() || (!block.none() && vm.pfdata.find(block)));
}

// The list writes the page nevertheless (Bach 9.2.2).
FaultOutcome rescue_from_out_list(Vm& vm, const Page& page) {
  page.come_back();
  page.give_rights();
  page.set_age(0);
  ++vm.vfault.cache;
  vm.tell([&] { return on(EventKind::VfaultOutList, page.id(), {.frame = page.frame()}); });
  return FaultOutcome::Resolved;
}

// pfault finds that the access is not allowed.
FaultOutcome violation(Vm& vm, PageId id) {
  ++vm.pfault.segv;
  vm.tell([&] { return on(EventKind::PfaultViolation, id); });
  return FaultOutcome::Violation;
}

}  // namespace

FaultOutcome vfault(Vm& vm, PageId id, Access access, std::uint64_t ahead, const AddressSpace* space) {
  RegionLock lock(vm, id.region);
  const Page page(vm, id);
  bool limited = false;
  DiskBlock block;
  // Whoever slept for a frame looks again, also in vain: the page may be in another's frame by now.
  for (bool refused = false;; refused = !lock.await_frame()) {
    if (page.valid()) [[unlikely]]
      return look_again(vm, EventKind::FoundValid, id);
    if (!allows(page.region().type, access)) {
      ++vm.vfault.segv;
      vm.tell([&] { return on(EventKind::VfaultViolation, id); });
      return FaultOutcome::Violation;
    }
    limited = space != nullptr && space->working_set > 0 && is_private(page.region().type);
    if (limited && vm.config.window == Window::Limit) trim_working_set(vm, *space);

    if (page.waits()) [[unlikely]]
      return rescue_from_out_list(vm, page);
    // The list was written to make room, and swap had no block for the page: it is valid again.
    if (page.valid()) [[unlikely]]
      return FaultOutcome::Resolved;
    block = page.identity();
    if (const auto holder = block.none() ? std::nullopt : find_read(vm, block)) {
      page.rescue(*holder, Pte::kA);
      ++vm.vfault.cache;
      vm.tell([&] { return on(EventKind::VfaultCache, id, {.frame = *holder, .block = block}); });
      return FaultOutcome::Resolved;
    }
    if (refused || !must_sleep_for_frame(vm)) break;
  }

  const auto grant = getpage(vm, id, space);
  if (!grant) return FaultOutcome::NoFrame;
  const Dbd dbd = page.dbd();
  fill(vm, page, access, *grant);
  if (vm.config.block > 0 && dbd.kind() == DbdKind::File) [[unlikely]]
    read_rest_of_block(vm, id, dbd.block(), limited ? room_in_working_set(vm, *space) : PfdataTable::kMaxFrames);
  if (ahead > 0) [[unlikely]]
    prepage(vm, id, block, limited ? std::min(ahead, room_in_working_set(vm, *space)) : ahead);
  return FaultOutcome::Resolved;
}

bool lacks_right(const Vm& vm, PageId id, Access access) {
  const Region& region = vm.regions[id.region];
  return !allows(region.type, access) || (access == Access::Store && vm.page(region, id.page).pte.cow());
}

FaultOutcome pfault_of_invalid(Vm& vm, PageId id, Access access, std::uint64_t ahead, const AddressSpace& space) {
  const Page page(vm, id);
  if (!allows(page.region().type, access)) return violation(vm, id);
  const FaultOutcome outcome = vfault(vm, id, access, ahead, &space);
  if (outcome != FaultOutcome::Resolved || !page.valid() || !page.pte().cow()) return outcome;
  return pfault(vm, id, access, &space);
}

FaultOutcome pfault(Vm& vm, PageId id, Access access, const AddressSpace* space) {
  RegionLock lock(vm, id.region);
  const Page page(vm, id);
  do {
    if (!page.valid()) [[unlikely]]
      return look_again(vm, EventKind::FoundInvalid, id);
    if (access != Access::Store || !page.pte().cow()) return violation(vm, id);
  } while (vm.pfdata.refs(page.frame()) > 1 && must_sleep_for_frame(vm) && lock.await_frame());
  // There was no frame to be had, though the stealer took the page itself.
  if (!page.valid()) [[unlikely]]
    return others_keep_frame(vm, page) ? FaultOutcome::NoFrame : look_again(vm, EventKind::FoundInvalid, id);

  const bool keeps_copy = vm.config.disk_copy == DiskCopy::Keep;
  const Frame old = page.frame();
  Frame frame = old;
  const std::uint32_t refs = vm.pfdata.refs(old);
  if (refs > 1) {
    if (page.dbd().on_out_list()) [[unlikely]]
      recall(vm, id);
    const auto grant = getpage(vm, id, space);
    if (!grant) return FaultOutcome::NoFrame;
    frame = grant->frame;
    copy_frame(vm, old, frame);
    ++vm.pfault.copied;
    vm.tell([&] { return on(EventKind::PfaultCopied, id, {.frame = frame, .from = old, .was = refs}); });
  } else {
    if (!keeps_copy) vm.pfdata.drop_identity(frame);
    ++vm.pfault.kept;
    vm.tell([&] {
      return on(EventKind::PfaultKept, id,
                {.frame = frame, .block = keeps_copy ? DiskBlock{} : page.identity(), .was = refs});
    });
  }

  // The store makes every copy on disk an old one: this page must never find it again. Exercise 9.12 asks what happens
  // if it does.
  if (keeps_copy) [[unlikely]]
    page.own_beside_copy(frame, Pte::kA | Pte::kD);
  else
    page.own(frame, Pte::kA | Pte::kD);
  return FaultOutcome::Resolved;
}

void read_page(Vm& vm, Dbd dbd, PfdataTable::Grant grant) {
  if (dbd.kind() == DbdKind::Zero && grant.zeroed) return;
  std::byte* bytes = vm.memory.page(ppn_of(grant.frame));
  try {
    if (dbd.on_swap())
      vm.swap.read(dbd.swap_block(), bytes);
    else
      peek_disk(vm, dbd, bytes);
  } catch (const HostLimit&) {
    vm.pfdata.give_back(grant.frame);
    throw;
  }
}

void peek_page(const Vm& vm, const Region& region, std::uint32_t number, std::byte* bytes) {
  const PageWords page = vm.page(region, number);
  if (page.in_frame())
    std::memcpy(bytes, vm.memory.page(page.pte.ppn()), kPageSize);
  else
    peek_disk(vm, page.dbd, bytes);
}

void peek_disk(const Vm& vm, Dbd dbd, std::byte* bytes) {
  if (dbd.on_swap())
    vm.swap.peek(dbd.swap_block(), bytes);
  else if (dbd.in_file())
    read_file_block(dbd.block(), bytes);
  else
    std::memset(bytes, 0, kPageSize);
}

}  // namespace bachsim
