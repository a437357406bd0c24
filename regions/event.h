// Events inside the kernel, for --trace: a list to which the tables append while somebody watches.
#pragma once

#include "regions/pfdata.h"
#include "regions/region.h"

namespace bachsim {

enum class EventKind : std::uint8_t {
  RegionAllocated,   // region
  RegionFreed,       // region
  RegionGrown,       // region; page: its size now
  RegionDuplicated,  // region; other: the copy
  RegionAttached,    // region: one more pregion
  PageFilled,        // region, page, frame; block: it was read from there; none if nothing was read
  PageRescued,       // region, page, frame; block: its identity
  PageCopied,        // region, page, frame: the new one; from: the old one
  PageKept,          // region, page, frame
  PageStolen,        // region, page, frame; block: where its contents are now
};

struct Event {
  EventKind kind;
  RegionId region{};
  std::uint32_t page = 0;
  Frame frame{};
  Frame from{};
  RegionId other{};
  DiskBlock block{};
};

using Events = std::vector<Event>;

}  // namespace bachsim
