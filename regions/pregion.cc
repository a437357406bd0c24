#include "regions/pregion.h"

#include "regions/host_cache.h"
#include "regions/regops.h"

namespace bachsim {
namespace {

// Of the host's memory for shared memory attached to a space: its entries in two lists, with room for them to grow.
constexpr std::uint64_t kBytesPerShm = 2 * (sizeof(Pregion) + sizeof(LeafRange));

// All of a detach but taking the pregion off the space's list.
void let_go(Vm& vm, AddressSpace& space, Pregion& pregion) {
  vm.tell([&] { return Event{.kind = EventKind::RegionDetached, .region = pregion.region}; });
  lock_pregion(vm, pregion, false);
  Region& region = vm.regions[pregion.region];
  unlink(vm, space, pregion, 0, region.leaves.size());
  release(vm, pregion.region);
}

}  // namespace

void attachreg(Vm& vm, AddressSpace& space, RegionId id, VirtAddr anchor, std::uint64_t key) {
  Region& region = vm.regions[id];
  space.pregions.push_back({.region = id, .type = region.type, .anchor = anchor, .key = key});
  vm.regions.hold(id);
  if (region.type == RegionType::Shm) {
    vm.budget.commit(kBytesPerShm);
    const LeafRange range = leaf_range(region.type, anchor, 0, region.leaves.size());
    space.shm.insert(std::ranges::upper_bound(space.shm, range.first, {}, &LeafRange::first), range);
  }
  link(vm, space, space.pregions.back(), 0, region.leaves.size());
  vm.tell([&] { return Event{.kind = EventKind::RegionAttached, .region = id}; });
}

void detachreg(Vm& vm, AddressSpace& space, std::size_t index) {
  KASSERT(index < space.pregions.size());
  Pregion pregion = space.pregions[index];
  space.pregions.erase(space.pregions.begin() + static_cast<std::ptrdiff_t>(index));
  if (pregion.type == RegionType::Shm) {
    space.shm.erase(std::ranges::lower_bound(space.shm, pregion.anchor.value / kLeafSpan, {}, &LeafRange::first));
    vm.budget.give_back(kBytesPerShm);
  }
  let_go(vm, space, pregion);
}

void release_space(Vm& vm, AddressSpace& space) {
  fetch_for_release(vm, space);
  for (Pregion& pregion : space.pregions) let_go(vm, space, pregion);
  vm.budget.give_back(space.shm.size() * kBytesPerShm);
  space.pregions.clear();
  close_space(vm, space);
}

void growreg(Vm& vm, AddressSpace& space, const Pregion& pregion, std::int64_t change) {
  const Region& region = vm.regions[pregion.region];
  KASSERT(region.refs() == 1);
  const std::uint64_t had = region.leaves.size();
  if (change < 0) {
    const auto pages = static_cast<std::uint64_t>(-change);
    KASSERT(pages <= region.pages);
    const std::uint64_t keeps = leaf_tables(region.pages - pages);
    unlink(vm, space, pregion, keeps, had);
    if (keeps == had)  // or unlink() has flushed the space
      flush_space(vm, space);
    drop_pages(vm, pregion.region, pages);
    return;
  }
  const auto pages = static_cast<std::uint64_t>(change);
  add_pages(vm, pregion.region, pages);
  link(vm, space, pregion, had, region.leaves.size());
}

void lock_pregion(Vm& vm, Pregion& pregion, bool locked) {
  if (pregion.locked == locked) return;
  pregion.locked = locked;
  Region& region = vm.regions[pregion.region];
  region.locks += locked ? 1u : ~0u;
}

std::optional<PregionPage> find_page(const Vm& vm, const AddressSpace& space, VirtAddr va) {
  for (std::size_t i = 0; i < space.pregions.size(); ++i) {
    const Pregion& pregion = space.pregions[i];
    const Region& region = vm.regions[pregion.region];
    const std::uint64_t start = lowest_address(pregion, region).value;
    const std::uint64_t page = (va.value - start) >> kPageShift;  // huge for an address below
    if (page >= region.pages) continue;
    const auto number = static_cast<std::uint32_t>(page);
    const bool down = pregion.type == RegionType::Stack;
    return PregionPage{.index = i, .page = down ? region.pages - 1 - number : number};
  }
  return std::nullopt;
}

const Pregion* find_pregion(const AddressSpace& space, RegionType type, std::uint64_t key) {
  const auto at = std::ranges::find_if(
      space.pregions, [&](const Pregion& pregion) { return pregion.type == type && pregion.key == key; });
  return at == space.pregions.end() ? nullptr : &*at;
}

Pregion* find_pregion(AddressSpace& space, RegionType type, std::uint64_t key) {
  return const_cast<Pregion*>(find_pregion(std::as_const(space), type, key));
}

}  // namespace bachsim
