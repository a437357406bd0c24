#include "sim/report/trace.h"

#include <fmt/format.h>

namespace bachsim {

std::string event_text(const Event& event, const State& state) {
  const std::string page = fmt::format("region {} page {}", event.region.value, event.page);
  const std::string disk = text(state.disk(event.block));
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

std::vector<NumberRow> moved(const std::vector<NumberRow>& before, const std::vector<NumberRow>& after) {
  std::vector<NumberRow> result;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i].value != before[i].value)
      result.push_back({.name = after[i].name, .value = after[i].value - before[i].value});
  }
  return result;
}

}  // namespace bachsim
