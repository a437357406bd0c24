#include "regions/space.h"

#include <limits>
#include <memory>

#include "regions/host_cache.h"

namespace bachsim {
namespace {

// Where a leaf table is linked: the GiB of its middle table, and the entry there.
std::uint64_t gib_of(std::uint64_t leaf) { return leaf / kTableEntries; }
unsigned entry_of(std::uint64_t leaf) { return static_cast<unsigned>(leaf % kTableEntries); }

// Every address of a process lies in the first 512 GiB: entry 0 leads there from the tables above.
void make_extra(Vm& vm, AddressSpace& space) {
  Ppn above = space.root;
  for (unsigned i = 0; i < extra_levels(vm.config.mode); ++i) {
    space.extra[i] = vm.tables.alloc();
    vm.tables.link(above, 0, space.extra[i]);
    above = space.extra[i];
  }
  if (extra_levels(vm.config.mode) > 0) fetch_gibs_of_next_fork(vm);
}

void free_extra(Vm& vm, AddressSpace& space) {
  for (unsigned i = extra_levels(vm.config.mode); i > 0; --i) {
    vm.tables.unlink(i == 1 ? space.root : space.extra[i - 2], 0);
    vm.tables.free(space.extra[i - 1]);
  }
}

auto find_middle(AddressSpace& space, std::uint64_t gib) {
  return std::ranges::lower_bound(space.middles, gib, {}, &Middle::gib);
}

Middle& middle_for(Vm& vm, AddressSpace& space, std::uint64_t leaf) {
  const std::uint64_t gib = gib_of(leaf);
  auto at = find_middle(space, gib);
  if (at != space.middles.end() && at->gib == gib) return *at;
  if (space.middles.empty()) make_extra(vm, space);
  const Ppn table = vm.tables.alloc();
  vm.tables.link(gib_table(vm, space), gib, table);
  fetch_upper_of_next_fork(vm, entry_of(leaf));
  // Member by member: a copy of a whole object is read by wider loads than it was stored, and these wait.
  Middle& made = *space.middles.insert(at, Middle{});
  made.gib = gib;
  made.table = table;
  return made;
}

}  // namespace

Ppn gib_table(const Vm& vm, const AddressSpace& space) {
  const unsigned extra = extra_levels(vm.config.mode);
  return extra == 0 ? space.root : space.extra[extra - 1];
}

LeafRange leaf_range(RegionType type, VirtAddr anchor, std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t edge = anchor.value / kLeafSpan;
  const std::uint64_t first = type == RegionType::Stack ? edge - end : edge + begin;
  return {.first = first, .count = end - begin};
}

std::uint64_t missing_tables(PagingMode mode, std::span<const Middle> middles, std::span<const LeafRange> ranges) {
  std::uint64_t missing = 0;
  std::uint64_t next = 0;  // GiBs below are counted
  for (const LeafRange& range : ranges) {
    if (range.count == 0) continue;
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
  if (extra_levels(vm.config.mode) == 0) fetch_gibs_of_next_fork(vm);
}

// A zombie keeps its entry, and the entry is used again: long lists must not stay there. A swap with a new list would
// leave its memory to one that has room for a few elements in itself.
template <class List>
void forget(List& list) {
  list.clear();
  if (list.capacity() <= 4) return;
  std::destroy_at(&list);
  std::construct_at(&list);
}

void close_space(Vm& vm, AddressSpace& space) {
  KASSERT(space.pregions.empty());
  KASSERT(space.middles.empty());
  vm.tables.free(space.root);
  space.asid_generation = 0;
  forget(space.pregions);
  forget(space.middles);
  forget(space.shm);
}

void link(Vm& vm, AddressSpace& space, const Pregion& pregion, std::uint64_t begin, std::uint64_t end) {
  const Region& region = vm.regions[pregion.region];
  for (std::uint64_t i = begin; i < end; ++i) {
    const std::uint64_t leaf = leaf_range(pregion.type, pregion.anchor, i, i + 1).first;
    Middle& middle = middle_for(vm, space, leaf);
    KASSERT(!vm.memory.table(middle.table)[entry_of(leaf)].valid());
    vm.tables.link(middle.table, entry_of(leaf), region.leaves[i]);
    ++middle.links;
  }
}

void unlink(Vm& vm, AddressSpace& space, const Pregion& pregion, std::uint64_t begin, std::uint64_t end) {
  for (std::uint64_t i = begin; i < end; ++i) {
    const std::uint64_t leaf = leaf_range(pregion.type, pregion.anchor, i, i + 1).first;
    const auto middle = find_middle(space, gib_of(leaf));
    vm.tables.unlink(middle->table, entry_of(leaf));
    if (--middle->links > 0) continue;
    vm.tables.unlink(gib_table(vm, space), middle->gib);
    vm.tables.free(middle->table);
    space.middles.erase(middle);
    if (space.middles.empty()) free_extra(vm, space);
  }
  if (begin < end) flush_space(vm, space);
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
  if (space.asid_generation == vm.asids.generation) vm.hart.sfence_vma(space.asid);
}

void flush_page(Vm& vm, const AddressSpace& space, VirtAddr va) {
  if (space.asid_generation == vm.asids.generation) vm.hart.sfence_vma(va, space.asid);
}

}  // namespace bachsim
