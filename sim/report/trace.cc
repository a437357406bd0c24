#include "sim/report/trace.h"

#include <fmt/format.h>

#include "workloads/language/place_text.h"

namespace bachsim {

std::string event_text(const Event& event, const Vm& vm) {
  const std::string page = fmt::format("region {} page {}", event.region.value, event.page);
  const std::string disk = text(event.block, vm.programs);
  switch (event.kind) {
    case EventKind::RegionAllocated:
      return fmt::format("region {}: allocated", event.region.value);
    case EventKind::RegionFreed:
      return fmt::format("region {}: freed", event.region.value);
    case EventKind::RegionGrown:
      return fmt::format("region {}: {} pages now", event.region.value, event.page);
    case EventKind::RegionDuplicated:
      return fmt::format("region {}: duplicated as region {}", event.region.value, event.other.value);
    case EventKind::RegionAttached:
      return fmt::format("region {}: attached", event.region.value);
    case EventKind::PageFilled:
      if (event.block.none())
        return fmt::format("{}: filled, frame {}", page, event.frame.value);
      return fmt::format("{}: read from {}, frame {}", page, disk, event.frame.value);
    case EventKind::PageRescued:
      return fmt::format("{}: found in frame {} ({})", page, event.frame.value, disk);
    case EventKind::PageCopied:
      return fmt::format("{}: copied from frame {} to frame {}", page, event.from.value, event.frame.value);
    case EventKind::PageKept:
      return fmt::format("{}: keeps frame {}", page, event.frame.value);
    case EventKind::PageStolen:
      break;
  }
  return fmt::format("{}: stolen from frame {}, now {}", page, event.frame.value, disk);
}

std::vector<Moved> moved(const Counters& before, const Counters& after) {
  std::vector<std::uint64_t> old;
  before.for_each([&](std::string_view, std::string_view, std::uint64_t value) { old.push_back(value); });
  std::vector<Moved> result;
  std::size_t i = 0;
  after.for_each([&](std::string_view group, std::string_view name, std::uint64_t value) {
    if (const std::uint64_t was = old[i++]; value != was)
      result.push_back({fmt::format("{}.{}", group, name), value - was});
  });
  return result;
}

}  // namespace bachsim
