#include "regions/regops.h"

#include <utility>

#include "regions/fault.h"
#include "regions/getpage.h"
#include "regions/host_cache.h"
#include "regions/out_list.h"
#include "regions/page.h"

namespace bachsim {
namespace {

void add_leaf(Vm& vm, Region& region) {
  region.leaves.push_back(vm.tables.alloc());
  fetch_leaf_of_next_fork(vm, region.slot(0));
}

}  // namespace

RegionId allocreg(Vm& vm, RegionType type, std::optional<ProgramId> program) {
  const RegionId id = vm.regions.alloc(type, program);
  vm.tell([&] { return Event{.kind = EventKind::RegionAllocated, .region = id}; });
  return id;
}

void add_pages(Vm& vm, RegionId id, std::uint64_t pages) {
  Region& region = vm.regions[id];
  const auto end = static_cast<std::uint32_t>(region.pages + pages);
  while (region.leaves.size() < leaf_tables(end)) add_leaf(vm, region);
  const std::uint32_t had = std::exchange(region.pages, end);
  for_each_page(vm, id, had, end, [](const Page& page) { page.describe(Dbd::make(DbdKind::Zero)); });
  if (pages > 0) vm.tell([&] { return Event{.kind = EventKind::RegionGrown, .region = id, .was = had, .is = end}; });
}

void drop_pages(Vm& vm, RegionId id, std::uint64_t pages) {
  Region& region = vm.regions[id];
  KASSERT(pages <= region.pages);
  const auto left = static_cast<std::uint32_t>(region.pages - pages);
  if (pages > 0) recall(vm, id);
  for_each_page(vm, id, left, region.pages, [](const Page& page) { page.empty(); });
  region.pages = left;
  while (region.leaves.size() > leaf_tables(region.pages)) {
    vm.tables.free(region.leaves.back());
    region.leaves.pop_back();
  }
  if (pages > 0)
    vm.tell([&] { return Event{.kind = EventKind::RegionGrown, .region = id, .was = left + pages, .is = left}; });
}

void loadreg(Vm& vm, RegionId id, std::uint64_t pages, std::uint64_t block) {
  const Region& region = vm.regions[id];
  KASSERT(pages <= region.pages);
  const DbdKind kind = vm.programs[region.program->value].unaligned ? DbdKind::Fill : DbdKind::File;
  for_each_page(vm, id, 0, static_cast<std::uint32_t>(pages),
                [&](const Page& page) { page.describe(Dbd::make(kind, block + page.id().page)); });
}

RegionId xalloc(Vm& vm, ProgramId program_id) {
  const ProgramId id = vm.file_of(program_id);
  RegionId& text = vm.texts[id.value];
  if (text != RegionId{}) return text;
  const Program& program = vm.programs[id.value];
  text = allocreg(vm, RegionType::Text, id);
  if (program.sticky) vm.regions.hold(text);
  add_pages(vm, text, program.text);
  loadreg(vm, text, program.text, 0);
  return text;
}

void dupreg(Vm& vm, RegionId source_id, RegionId copy_id) {
  const Region& source = vm.regions[source_id];
  Region& copy = vm.regions[copy_id];
  while (copy.leaves.size() < source.leaves.size()) add_leaf(vm, copy);
  recall(vm, source_id);
  Page::share(vm, source_id, copy_id);
  vm.tell([&] { return on(EventKind::RegionDuplicated, {source_id}, {.pages = source.pages, .other = copy_id}); });
}

bool copyreg(Vm& vm, RegionId source_id, RegionId copy_id, const AddressSpace* space) {
  const Region& source = vm.regions[source_id];
  for (PageId at{source_id}; at.page < source.pages; ++at.page) {
    const Page from(vm, at);
    const Page to(vm, {copy_id, at.page});
    if (from.dbd().on_out_list()) [[unlikely]]
      recall(vm, at.region);
    if (!from.valid() && !from.dbd().on_swap()) {
      to.describe_like(from);
      continue;
    }
    const auto grant = getpage(vm, at, space);
    if (!grant) return false;
    // The stealer spares the page for which a frame is wanted, so that it is still where it was.
    if (from.valid()) {
      copy_frame(vm, from.frame(), grant->frame);
      to.own(grant->frame, from.pte().raw & (Pte::kA | Pte::kD));
      to.set_age(from.dbd().age());
      ++vm.fork.pages_copied;
    } else {
      vm.swap.begin_read();
      read_page(vm, from.dbd(), *grant);
      to.own(grant->frame, 0);
    }
  }
  vm.tell([&] {
    return Event{.kind = EventKind::RegionCopied, .region = source_id, .pages = source.pages, .other = copy_id};
  });
  return true;
}

void release(Vm& vm, RegionId id) {
  if (vm.regions.drop(id)) freereg(vm, id);
}

void freereg(Vm& vm, RegionId id) {
  const Region& region = vm.regions[id];
  KASSERT(region.refs() == 0);
  drop_pages(vm, id, region.pages);
  if (region.type == RegionType::Text) vm.texts[region.program->value] = RegionId{};
  vm.tell([&] { return Event{.kind = EventKind::RegionFreed, .region = id}; });
  vm.regions.free(id);
}

}  // namespace bachsim
