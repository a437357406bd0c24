#include "regions/space.h"

#include <algorithm>
#include <limits>

#include "sim/machine/check.h"

namespace bachsim {
namespace {

std::uint64_t gib_of(std::uint64_t place) {
  return place / kTableEntries;
}

// In the middle table.
unsigned entry_of(std::uint64_t place) {
  return static_cast<unsigned>(place % kTableEntries);
}

// The table whose entries stand for GiBs: the root under Sv39, the last extra one else.
Ppn gib_table(const Vm& vm, const AddressSpace& space) {
  const unsigned extra = extra_levels(vm.config.mode);
  return extra == 0 ? space.root : space.extra[extra - 1];
}

// The next table whose entries stand for GiBs: text and data are in the first, the stack in the last.
void prefetch_next_gibs(const Vm& vm) {
  vm.tables.prefetch_next_pte(0);
  vm.tables.prefetch_next_pte(kStackEnd.value / kMiddleSpan - 1);
}

// Every address of a process lies in the first 512 GiB: entry 0 leads there from the tables above.
void make_extra(Vm& vm, AddressSpace& space) {
  Ppn above = space.root;
  for (unsigned i = 0; i < extra_levels(vm.config.mode); ++i) {
    space.extra[i] = vm.tables.alloc();
    vm.memory.table(above)[0] = Pte::make(space.extra[i], Pte::kV);
    above = space.extra[i];
  }
  if (extra_levels(vm.config.mode) > 0)
    prefetch_next_gibs(vm);
}

void free_extra(Vm& vm, AddressSpace& space) {
  for (unsigned i = extra_levels(vm.config.mode); i > 0; --i) {
    const Ppn above = i == 1 ? space.root : space.extra[i - 2];
    vm.memory.table(above)[0] = Pte{};
    vm.tables.free(space.extra[i - 1]);
  }
}

auto find_middle(AddressSpace& space, std::uint64_t gib) {
  return std::ranges::lower_bound(space.middles, gib, {}, &Middle::gib);
}

Middle& middle_for(Vm& vm, AddressSpace& space, std::uint64_t place) {
  const std::uint64_t gib = gib_of(place);
  auto at = find_middle(space, gib);
  if (at != space.middles.end() && at->gib == gib)
    return *at;
  if (space.middles.empty())
    make_extra(vm, space);
  const Ppn table = vm.tables.alloc();
  vm.memory.table(gib_table(vm, space))[gib] = Pte::make(table, Pte::kV);
  vm.tables.prefetch_next_pte(entry_of(place));
  // Member by member: one made elsewhere and copied as a whole is read by loads wider than the stores that made it, and
  // those wait until all stores before are done.
  Middle& made = *space.middles.insert(at, Middle{});
  made.gib = gib;
  made.table = table;
  return made;
}

void free_middle(Vm& vm, AddressSpace& space, std::uint64_t gib) {
  const auto at = find_middle(space, gib);
  vm.memory.table(gib_table(vm, space))[gib] = Pte{};
  vm.tables.free(at->table);
  space.middles.erase(at);
  if (space.middles.empty())
    free_extra(vm, space);
}

}  // namespace

LeafRange leaf_range(RegionType type, VirtAddr anchor, std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t place = anchor.value / kLeafSpan;
  const std::uint64_t first = type == RegionType::Stack ? place - end : place + begin;
  return {.first = first, .count = end - begin};
}

std::uint64_t missing_tables(PagingMode mode, std::span<const Middle> middles, std::span<const LeafRange> ranges) {
  std::uint64_t missing = 0;
  std::uint64_t next = 0;  // GiBs below are counted
  for (const LeafRange& range : ranges) {
    if (range.count == 0)
      continue;
    const std::uint64_t last = gib_of(range.first + range.count - 1);
    for (std::uint64_t gib = std::max(gib_of(range.first), next); gib <= last; ++gib)
      missing += std::ranges::binary_search(middles, gib, {}, &Middle::gib) ? 0u : 1u;
    next = last + 1;
  }
  return missing + (middles.empty() && missing > 0 ? extra_levels(mode) : 0);
}

std::uint64_t upper_tables(PagingMode mode, const AddressSpace& space) {
  return 1 + space.middles.size() + (space.middles.empty() ? 0 : extra_levels(mode));
}

void open_space(Vm& vm, AddressSpace& space) {
  space.root = vm.tables.alloc();
  if (extra_levels(vm.config.mode) == 0)
    prefetch_next_gibs(vm);
}

void close_space(Vm& vm, AddressSpace& space) {
  KASSERT(space.pregions.empty());
  KASSERT(space.middles.empty());
  vm.tables.free(space.root);
  space.asid_generation = 0;
}

void link(Vm& vm, AddressSpace& space, const Pregion& pregion, std::uint64_t begin, std::uint64_t end) {
  const Region& region = vm.regions[pregion.region];
  for (std::uint64_t i = begin; i < end; ++i) {
    const std::uint64_t place = leaf_range(pregion.type, pregion.anchor, i, i + 1).first;
    Middle& middle = middle_for(vm, space, place);
    Pte& entry = vm.memory.table(middle.table)[entry_of(place)];
    KASSERT(!entry.valid());
    entry = Pte::make(region.leaves[i], Pte::kV);
    ++middle.links;
  }
}

void prefetch_links(Vm& vm, AddressSpace& space, const Pregion& pregion) {
  const std::uint64_t place = leaf_range(pregion.type, pregion.anchor, 0, 1).first;
  const Middle& middle = *find_middle(space, gib_of(place));
  prefetch(vm.memory.table(middle.table) + entry_of(place));
  prefetch(vm.memory.table(gib_table(vm, space)) + middle.gib);
}

void unlink(Vm& vm, AddressSpace& space, const Pregion& pregion, std::uint64_t begin, std::uint64_t end) {
  for (std::uint64_t i = begin; i < end; ++i) {
    const std::uint64_t place = leaf_range(pregion.type, pregion.anchor, i, i + 1).first;
    Middle& middle = *find_middle(space, gib_of(place));
    vm.memory.table(middle.table)[entry_of(place)] = Pte{};
    if (--middle.links == 0)
      free_middle(vm, space, gib_of(place));
  }
  if (begin < end)
    flush_space(vm, space);
}

Satp satp_of(Vm& vm, AddressSpace& space) {
  if (space.asid_generation != vm.asids.generation) {
    if (vm.asids.next > std::numeric_limits<std::uint16_t>::max()) {
      vm.hart.sfence_vma();
      ++vm.asids.generation;
      vm.asids.next = 1;
    }
    space.asid = static_cast<std::uint16_t>(vm.asids.next++);
    space.asid_generation = vm.asids.generation;
  }
  return {.mode = vm.config.mode, .asid = space.asid, .root = space.root};
}

void flush_space(Vm& vm, const AddressSpace& space) {
  if (space.asid_generation == vm.asids.generation)
    vm.hart.sfence_vma(space.asid);
}

void flush_page(Vm& vm, const AddressSpace& space, VirtAddr va) {
  if (space.asid_generation == vm.asids.generation)
    vm.hart.sfence_vma(va, space.asid);
}

}  // namespace bachsim
