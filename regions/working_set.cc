#include "regions/working_set.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "regions/vhand.h"

namespace bachsim {
namespace {

std::uint64_t resident(const Vm& vm, const AddressSpace& space) {
  std::uint64_t pages = 0;
  for (const Pregion& pregion : space.pregions) {
    if (is_private(pregion.type))
      pages += vm.regions[pregion.region].valid();
  }
  return pages;
}

// The page of the regions that was not referenced for longest; empty if there is none to be had.
std::optional<PageId> oldest(Vm& vm, const std::vector<RegionId>& regions) {
  std::optional<PageId> found;
  unsigned found_age = 0;  // 0: referenced since it was last looked at
  for (const RegionId id : regions) {
    const Region& region = vm.regions[id];
    for (std::uint32_t number = 0; number < region.pages && region.locks == 0; ++number) {
      const PageWords page = vm.page(region, number);
      if (!page.pte.valid())
        continue;
      const unsigned age = page.pte.accessed() ? 0 : 1 + page.dbd.age();
      if (!found || age > found_age) {
        found = PageId{id, number};
        found_age = age;
      }
    }
  }
  return found;
}

}  // namespace

std::uint64_t room_in_working_set(const Vm& vm, const AddressSpace& space) {
  const std::uint64_t pages = resident(vm, space);
  return vm.config.working_set > pages ? vm.config.working_set - pages : 0;
}

void trim_working_set(Vm& vm, const AddressSpace& space) {
  if (room_in_working_set(vm, space) > 0)
    return;
  std::vector<RegionId> regions;
  for (const Pregion& pregion : space.pregions) {
    if (is_private(pregion.type))
      regions.push_back(pregion.region);
  }
  std::ranges::sort(regions);
  if (const auto page = oldest(vm, regions))
    steal(vm, *page);
}

}  // namespace bachsim
