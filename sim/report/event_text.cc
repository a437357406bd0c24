#include "sim/report/event_text.h"

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
      return fmt::format("region {}: {} now", event.region.value, count_text(event.page, "page"));
    case EventKind::RegionDuplicated:
      return fmt::format("region {}: duplicated as region {}", event.region.value, event.other.value);
    case EventKind::RegionAttached:
      return fmt::format("region {}: attached", event.region.value);
    case EventKind::PageFilled:
      if (event.block.none()) return fmt::format("{}: filled, frame {}", page, event.frame.value);
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

}  // namespace bachsim
