// vfault: where are the contents?                      pfault: a store to a page in memory
//
//   cache  some frame has the page's block: map it       copied  the frame's count is above 1: copy it
//   zero   nowhere: a frame of zeros                     kept    the count is 1: the frame is ours
//   fill   in the file: read through the frame           segv    not a store, or not copy on write
//   file   in the file: read, and cached for others
//   swap   on swap: read, and cached for others
//   segv   the region does not allow the access
#include "regions/fault.h"

#include <algorithm>
#include <cstring>

#include "regions/regops.h"
#include "regions/vhand.h"
#include "sim/machine/check.h"

namespace bachsim {
namespace {

bool allows(RegionType type, Access access) {
  switch (access) {
    case Access::Fetch:
      return type == RegionType::Text;
    case Access::Load:
      return true;
    case Access::Store:
      break;
  }
  return is_writable(type);
}

// Makes the PTE valid for a frame that already counts it. `referenced` is A or nothing.
void map(Region& region, Page page, Frame frame, std::uint64_t referenced) {
  // Others may find a file's page by its block, so a private region must not change it in place.
  const bool cow = page.pte->cow() || (page.dbd->kind() == DbdKind::File && is_private(region.type));
  const bool writable = is_writable(region.type) && !cow;
  *page.pte =
      Pte::make(ppn_of(frame), page_bits(region.type) | referenced | (cow ? Pte::kCow : 0) | (writable ? Pte::kW : 0));
  page.dbd->set_age(0);
  ++region.valid;
}

// Brings the page's contents into a frame that nobody else has.
void fill(Vm& vm, Page page, DiskBlock block, PfdataTable::Grant grant) {
  std::byte* bytes = vm.memory.page(ppn_of(grant.frame));
  const DbdKind kind = page.dbd->kind();
  switch (kind) {
    case DbdKind::Zero:
      if (!grant.zeroed)
        std::memset(bytes, 0, kPageSize);
      ++vm.vfault.zero;
      break;
    case DbdKind::Fill:
      read_file_block(page.dbd->block(), bytes);
      ++vm.vfault.fill;
      break;
    case DbdKind::File:
      read_file_block(page.dbd->block(), bytes);
      ++vm.vfault.file;
      break;
    case DbdKind::Swap:
      vm.swap.read(block, bytes);
      ++vm.vfault.swap;
      break;
    case DbdKind::None:
      kernel_panic("a page that is not valid is somewhere", __FILE__, __LINE__);
  }
  if (kind == DbdKind::Zero || kind == DbdKind::Fill) {
    // No block holds these bytes any more, and no other page shares this frame.
    page.dbd->set_place(Dbd::make(DbdKind::None));
    page.pte->raw &= ~Pte::kCow;
  } else {
    vm.pfdata.set_identity(grant.frame, block);
  }
}

// Exercise 9.10: the pages behind one that was just read from `block`, as long as their blocks follow each other, so
// that one transfer brings all, and frames are free. Nobody has referenced them yet.
void prepage(Vm& vm, Region& region, PageId read, DiskBlock block, std::uint64_t ahead) {
  ahead = std::min<std::uint64_t>(ahead, region.pages - 1 - read.page);
  for (std::uint32_t i = 1; i <= ahead; ++i) {
    const PageId id{read.region, read.page + i};
    const Page page = vm.page(region, id.page);
    const DiskBlock place = page.dbd->identity(region.program.value_or(ProgramId{}));
    if (page.pte->valid() || place.raw() != block.raw() + i || vm.pfdata.find(place))
      return;
    const auto grant = vm.pfdata.alloc();
    if (!grant)
      return;
    std::byte* bytes = vm.memory.page(ppn_of(grant->frame));
    if (place.on_swap())
      vm.swap.read_more(place, bytes);
    else
      read_file_block(place.logical(), bytes);
    vm.pfdata.set_identity(grant->frame, place);
    map(region, page, grant->frame, 0);
    vm.tell(
        {.kind = EventKind::PageFilled, .region = id.region, .page = id.page, .frame = grant->frame, .block = place});
  }
}

}  // namespace

FaultOutcome vfault(Vm& vm, PageId id, Access access, std::uint64_t ahead) {
  Region& region = vm.regions[id.region];
  const Page page = vm.page(region, id.page);
  KASSERT(!page.pte->valid());
  if (!allows(region.type, access)) {
    ++vm.vfault.total;
    ++vm.vfault.segv;
    return FaultOutcome::Violation;
  }

  const DiskBlock block = page.dbd->identity(region.program.value_or(ProgramId{}));
  if (!block.none()) {
    if (const auto holder = vm.pfdata.find(block)) {
      vm.pfdata.rescue(*holder);
      map(region, page, *holder, Pte::kA);
      ++vm.vfault.total;
      ++vm.vfault.cache;
      vm.tell({.kind = EventKind::PageRescued, .region = id.region, .page = id.page, .frame = *holder, .block = block});
      return FaultOutcome::Resolved;
    }
  }

  const auto grant = getpage(vm, id);
  if (!grant)
    return FaultOutcome::NoFrame;
  fill(vm, page, block, *grant);
  map(region, page, grant->frame, Pte::kA);
  ++vm.vfault.total;
  vm.tell({.kind = EventKind::PageFilled, .region = id.region, .page = id.page, .frame = grant->frame, .block = block});
  if (ahead > 0 && !block.none()) [[unlikely]]
    prepage(vm, region, id, block, ahead);
  return FaultOutcome::Resolved;
}

FaultOutcome pfault(Vm& vm, PageId id, Access access) {
  const Region& region = vm.regions[id.region];
  const Page page = vm.page(region, id.page);
  KASSERT(page.pte->valid());
  if (access != Access::Store || !page.pte->cow()) {
    ++vm.pfault.total;
    ++vm.pfault.segv;
    return FaultOutcome::Violation;
  }

  const Frame old = frame_of(page.pte->ppn());
  Frame frame = old;
  if (vm.pfdata.refs(old) > 1) {
    const auto grant = getpage(vm, id);
    if (!grant)
      return FaultOutcome::NoFrame;
    frame = grant->frame;
    copy_frame(vm, old, frame);
    vm.pfdata.unref(old);
    ++vm.pfault.copied;
    vm.tell({.kind = EventKind::PageCopied, .region = id.region, .page = id.page, .frame = frame, .from = old});
  } else {
    vm.pfdata.drop_identity(frame);
    ++vm.pfault.kept;
    vm.tell({.kind = EventKind::PageKept, .region = id.region, .page = id.page, .frame = frame});
  }
  ++vm.pfault.total;

  // The store makes every copy on disk an old one: this page must never find it again.
  if (page.dbd->on_swap())
    give_up_swap(vm, *page.dbd);
  else
    page.dbd->set_place(Dbd::make(DbdKind::None));
  *page.pte = Pte::make(ppn_of(frame), page_bits(region.type) | Pte::kW | Pte::kA | Pte::kD);
  return FaultOutcome::Resolved;
}

void peek_page(const Vm& vm, const Region& region, std::uint32_t number, std::byte* bytes) {
  const ConstPage page = vm.page(region, number);
  if (page.pte->valid()) {
    std::memcpy(bytes, vm.memory.page(page.pte->ppn()), kPageSize);
    return;
  }
  switch (page.dbd->kind()) {
    case DbdKind::None:
    case DbdKind::Zero:
      std::memset(bytes, 0, kPageSize);
      break;
    case DbdKind::Fill:
    case DbdKind::File:
      read_file_block(page.dbd->block(), bytes);
      break;
    case DbdKind::Swap:
      vm.swap.peek(page.dbd->swap_block(), bytes);
      break;
  }
}

}  // namespace bachsim
