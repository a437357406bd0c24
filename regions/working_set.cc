#include "regions/working_set.h"

#include <cstdint>
#include <optional>

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

}  // namespace

std::uint64_t room_in_working_set(const Vm& vm, const AddressSpace& space) {
  const std::uint64_t pages = resident(vm, space);
  return vm.config.working_set > pages ? vm.config.working_set - pages : 0;
}

void trim_working_set(Vm& vm, const AddressSpace& space) {
  if (room_in_working_set(vm, space) > 0)
    return;
  std::optional<PageId> oldest;
  unsigned oldest_age = 0;  // 0: referenced since the last examination
  for (const Pregion& pregion : space.pregions) {
    const Region& region = vm.regions[pregion.region];
    for (PageId id{pregion.region}; is_private(region.type) && region.locks == 0 && id.page < region.pages; ++id.page) {
      const PageWords page = vm.page(region, id.page);
      const unsigned age = page.pte.accessed() ? 0 : 1 + page.dbd.age();
      if (!page.pte.valid() || (oldest && (age < oldest_age || (age == oldest_age && *oldest < id))))
        continue;
      oldest = id;
      oldest_age = age;
    }
  }
  if (oldest)
    steal(vm, *oldest);
}

}  // namespace bachsim
