#include "regions/host_cache.h"

#include <algorithm>

#include "regions/page.h"

namespace bachsim {

void fetch_for_release(Vm& vm, AddressSpace& space) {
  constexpr std::size_t kMost = 3;  // text, data and stack; the host cannot fetch many lines at a time
  for (std::size_t i = 0; i < std::min(kMost, space.pregions.size()); ++i) {
    const Pregion& pregion = space.pregions[i];
    const Region& region = vm.regions[pregion.region];
    if (region.leaves.empty())
      continue;
    if (region.refs() == 1)
      Page(vm, {pregion.region, 0}).prefetch();
    const std::uint64_t leaf = leaf_range(pregion.type, pregion.anchor, 0, 1).first;
    const auto middle = std::ranges::lower_bound(space.middles, leaf / kTableEntries, {}, &Middle::gib);
    prefetch(vm.memory.table(middle->table) + leaf % kTableEntries);
    prefetch(vm.memory.table(gib_table(vm, space)) + middle->gib);
  }
}

void copy_frame(Vm& vm, Frame from, Frame to) {
  constexpr std::uint32_t kFramesInCaches = 4096;
  vm.memory.copy_page(ppn_of(from), ppn_of(to), vm.pfdata.free() > kFramesInCaches);
}

}  // namespace bachsim
