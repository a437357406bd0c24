#include "regions/region.h"

#include <algorithm>
#include <functional>

namespace bachsim {

RegionId RegionTable::alloc(RegionType type, std::optional<ProgramId> program) {
  KASSERT(active_ < limit_);
  KASSERT(promised_ > 0 || available() > 0);
  promised_ -= promised_ > 0 ? 1 : 0;
  std::uint32_t id = 0;
  if (holes_.empty()) {
    table_.emplace_back();
    id = last().value;
  } else {
    std::ranges::pop_heap(holes_, std::greater{});
    id = holes_.back();
    holes_.pop_back();
  }
  Region& region = table_[id - 1];
  KASSERT(!region.active);
  region.type = type;
  region.active = true;
  region.program = program;
  ++active_;
  return RegionId{id};
}

void RegionTable::free(RegionId id) {
  Region& region = (*this)[id];
  KASSERT(region.active);
  KASSERT(region.refs_ == 0);
  KASSERT(region.locks == 0);
  KASSERT(region.pages == 0);
  KASSERT(region.valid_ == 0);
  region.active = false;
  --active_;
  holes_.push_back(id.value);
  std::ranges::push_heap(holes_, std::greater{});
}

}  // namespace bachsim
