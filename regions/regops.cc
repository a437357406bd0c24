#include "regions/regops.h"

#include <algorithm>
#include <cstring>

#include "regions/fault.h"
#include "regions/vhand.h"
#include "sim/machine/check.h"

namespace bachsim {
namespace {

void add_leaf(Vm& vm, Region& region) {
  region.leaves.push_back(vm.tables.alloc());
  vm.tables.prefetch_next_pte(region.slot(0));
  vm.tables.prefetch_next_dbd(region.slot(0));
}

void free_pages(Vm& vm, Region& region, std::uint32_t first) {
  for (std::uint32_t page = first; page < region.pages;) {
    const LeafRun run = leaf_run(vm, region, page, region.pages);
    Pte* pte = run.start.pte;
    Dbd* dbd = run.start.dbd;
    for (; page < run.end; ++page, pte += run.step, dbd += run.step) {
      if (pte->valid()) {
        vm.pfdata.unref(frame_of(pte->ppn()));
        --region.valid;
      }
      if (dbd->on_swap())
        give_up_swap(vm, *dbd);
      *pte = Pte{};
      *dbd = Dbd{};
    }
  }
  region.pages = first;
}

}  // namespace

void give_up_swap(Vm& vm, Dbd& dbd) {
  const DiskBlock block = dbd.swap_block();
  dbd.set_place(Dbd::make(DbdKind::None));
  if (!vm.swap.unuse(block))
    return;
  if (const auto holder = vm.pfdata.find(block))
    vm.pfdata.drop_identity(*holder);
}

RegionId allocreg(Vm& vm, RegionType type, std::optional<ProgramId> program) {
  const RegionId id = vm.regions.alloc(type, program);
  if (type == RegionType::Text) {
    vm.texts[program->value] = id;
    if (vm.programs[program->value].sticky)
      ++vm.regions[id].refs;
  }
  vm.tell({.kind = EventKind::RegionAllocated, .region = id});
  return id;
}

void add_pages(Vm& vm, RegionId id, std::uint32_t pages) {
  Region& region = vm.regions[id];
  const std::uint32_t end = region.pages + pages;
  while (region.leaves.size() < leaf_tables(end))
    add_leaf(vm, region);
  for (std::uint32_t page = region.pages; page < end;) {
    const LeafRun run = leaf_run(vm, region, page, end);
    Dbd* dbd = run.start.dbd;
    for (; page < run.end; ++page, dbd += run.step)
      *dbd = Dbd::make(DbdKind::Zero);
  }
  region.pages = end;
  if (pages > 0)
    vm.tell({.kind = EventKind::RegionGrown, .region = id, .page = end});
}

void drop_pages(Vm& vm, RegionId id, std::uint32_t pages) {
  Region& region = vm.regions[id];
  KASSERT(pages <= region.pages);
  free_pages(vm, region, region.pages - pages);
  while (region.leaves.size() > leaf_tables(region.pages)) {
    vm.tables.free(region.leaves.back());
    region.leaves.pop_back();
  }
  if (pages > 0)
    vm.tell({.kind = EventKind::RegionGrown, .region = id, .page = region.pages});
}

void loadreg(Vm& vm, RegionId id, std::uint32_t pages, std::uint64_t block) {
  const Region& region = vm.regions[id];
  KASSERT(pages <= region.pages);
  const DbdKind kind = vm.programs[region.program->value].unaligned ? DbdKind::Fill : DbdKind::File;
  for (std::uint32_t page = 0; page < pages; ++page)
    *vm.page(region, page).dbd = Dbd::make(kind, block + page);
}

void dupreg(Vm& vm, RegionId source_id, RegionId copy_id) {
  Region& source = vm.regions[source_id];
  Region& copy = vm.regions[copy_id];
  KASSERT(copy.pages == 0);
  while (copy.leaves.size() < source.leaves.size())
    add_leaf(vm, copy);
  copy.pages = source.pages;
  copy.valid = source.valid;

  for (std::uint32_t page = 0; page < source.pages;) {
    const LeafRun from = leaf_run(vm, source, page, source.pages);
    const LeafRun to = leaf_run(vm, copy, page, source.pages);
    // The order of pages matters to nobody here, so both kinds of region run upwards through memory.
    const std::ptrdiff_t low = from.step > 0 ? 0 : -static_cast<std::ptrdiff_t>(from.end - page - 1);
    Pte* pte = from.start.pte + low;
    Dbd* dbd = from.start.dbd + low;
    Pte* pte_copy = to.start.pte + low;
    Dbd* dbd_copy = to.start.dbd + low;
    for (; page < from.end; ++page, ++pte, ++dbd, ++pte_copy, ++dbd_copy) {
      if (dbd->on_swap()) {
        // An old copy must not be shared: one of the two pages would take it for current.
        if (pte->has(Pte::kV | Pte::kW | Pte::kD)) {
          give_up_swap(vm, *dbd);
        } else {
          vm.swap.use(dbd->swap_block());
          ++vm.fork.swap_refs;
        }
      }
      if (pte->valid())
        vm.pfdata.ref(frame_of(pte->ppn()));
      pte->raw = (pte->raw & ~Pte::kW) | Pte::kCow;
      *pte_copy = *pte;
      *dbd_copy = *dbd;
    }
  }
  vm.fork.frame_refs += source.valid;
  vm.fork.ptes_copied += source.pages;
  ++vm.fork.regions_duplicated;
  vm.tell({.kind = EventKind::RegionDuplicated, .region = source_id, .other = copy_id});
}

bool copyreg(Vm& vm, RegionId source_id, RegionId copy_id) {
  const Region& source = vm.regions[source_id];
  Region& copy = vm.regions[copy_id];
  for (std::uint32_t number = 0; number < source.pages; ++number) {
    const Page from = vm.page(source, number);
    const Page to = vm.page(copy, number);
    const bool resident = from.pte->valid();
    if (!resident && !from.dbd->on_swap()) {
      *to.pte = *from.pte;
      *to.dbd = *from.dbd;
      continue;
    }
    const auto grant = getpage(vm, PageId{source_id, number});
    if (!grant)
      return false;
    std::byte* bytes = vm.memory.page(ppn_of(grant->frame));
    *to.dbd = Dbd::make(DbdKind::None);
    std::uint64_t bits = page_bits(copy.type) | Pte::kW;
    if (resident) {
      copy_frame(vm, frame_of(from.pte->ppn()), grant->frame);
      bits |= from.pte->raw & (Pte::kA | Pte::kD);
      to.dbd->set_age(from.dbd->age());
      ++vm.fork.pages_copied;
    } else {
      vm.swap.read(from.dbd->swap_block(), bytes);
    }
    *to.pte = Pte::make(ppn_of(grant->frame), bits);
    ++copy.valid;
  }
  vm.fork.ptes_copied += source.pages;
  ++vm.fork.regions_duplicated;
  vm.tell({.kind = EventKind::RegionDuplicated, .region = source_id, .other = copy_id});
  return true;
}

void freereg(Vm& vm, RegionId id) {
  const Region& region = vm.regions[id];
  KASSERT(region.refs == 0);
  drop_pages(vm, id, region.pages);
  if (region.type == RegionType::Text)
    vm.texts[region.program->value] = RegionId{};
  vm.tell({.kind = EventKind::RegionFreed, .region = id});
  vm.regions.free(id);
}

}  // namespace bachsim
