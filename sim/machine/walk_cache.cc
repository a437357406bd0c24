#include "sim/machine/walk_cache.h"

namespace bachsim {

std::vector<WalkCache::Entry> WalkCache::entries() const {
  std::vector<Entry> all;
  for (const Line& line : lines_) {
    // If the line is of the time since the last flush; if not, find() does not find it there.
    const VirtAddr va{(line.tag - now_) << kSpanBits};
    if (find(va) == line.table)
      all.push_back({.va = va, .table = line.table});
  }
  return all;
}

}  // namespace bachsim
