#include "sim/state/labels.h"

#include <algorithm>
#include <tuple>

#include "regions/layout.h"
#include "regions/vm.h"

namespace bachsim {
namespace {

// No region begins so low, and no stack grows so far down.
constexpr VirtAddr kNowhere{0};
static_assert(kNowhere < kTextStart);

}  // namespace

Labels::Labels(const Kernel& kernel, ProcSlot slot)
    : vm_(kernel.vm()), space_(kernel.space(slot)), starts_(vm_.programs[kernel.process(slot).program.value].starts) {}

std::uint64_t Labels::start(const Pregion& pregion) const {
  if (starts_) {
    switch (pregion.type) {
      case RegionType::Text:
        return starts_->text;
      case RegionType::Data:
        return starts_->data;
      case RegionType::Stack:
        return starts_->stack;
      case RegionType::Shm:
        break;
    }
  }
  return lowest_address(pregion, vm_.regions[pregion.region]).value;
}

std::uint64_t Labels::page(const Pregion& pregion, std::uint64_t page) const {
  if (real()) return address_of(pregion, page).value;
  return start(pregion) + page * vm_.config.page;
}

VirtAddr Labels::locate(const Pregion& pregion, std::uint64_t offset) const {
  const std::uint64_t size = vm_.config.page;
  return VirtAddr{address_of(pregion, offset / size).value + offset % size};
}

VirtAddr Labels::locate(std::uint64_t address) const {
  if (real()) return VirtAddr{address};
  const Pregion* owner = nullptr;
  // Of two that begin at the same address one has no pages.
  const auto rank = [this](const Pregion& pregion) {
    return std::tuple(start(pregion), vm_.regions[pregion.region].pages > 0);
  };
  for (const Pregion& pregion : space_.pregions) {
    if (start(pregion) <= address && (owner == nullptr || rank(pregion) > rank(*owner))) owner = &pregion;
  }
  if (owner == nullptr) return kNowhere;
  const std::uint64_t offset = address - start(*owner);
  std::uint64_t end = vm_.regions[owner->region].pages;
  if (owner->type == RegionType::Stack) end = std::max(end, vm_.config.stack_limit);
  return offset / vm_.config.page < end ? locate(*owner, offset) : kNowhere;
}

Address Labels::shown(std::uint64_t address) const {
  const bool label = !real() && address < kShmStart.value;
  return {.value = address, .page = label ? vm_.config.page : kPageSize, .label = label};
}

}  // namespace bachsim
