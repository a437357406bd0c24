#include "regions/promise.h"

namespace bachsim {

void Promise::release(const AddressSpace& space, RegionId kept) {
  released_.tables += upper_tables(vm_.config.mode, space);
  for (auto here = space.pregions.begin(); here != space.pregions.end(); ++here) {
    const Region& region = vm_.regions[here->region];
    // A region that is attached twice counts once: at its first pregion.
    const auto attached = std::ranges::count(here, space.pregions.end(), here->region, &Pregion::region);
    if (here->region == kept || region.refs() != attached)
      continue;
    ++released_.regions;
    released_.tables += region.leaves.size();
    released_frames_ += region.valid();
  }
}

Promise::Lack Promise::take() {
  if (taken_.regions > vm_.regions.available() + released_.regions)
    return Lack::Regions;
  if (taken_.tables > vm_.tables.available() + released_.tables)
    return Lack::Tables;
  vm_.regions.promise(taken_.regions);
  vm_.tables.promise(taken_.tables);
  return Lack::Nothing;
}

}  // namespace bachsim
