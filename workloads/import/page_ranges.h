// Sets of pages of an address space, as ranges.
#pragma once

#include <cstdint>
#include <iterator>
#include <map>

namespace bachsim {

class PageRanges {
 public:
  // Adds the pages from `first` up to `end`; returns how many are new.
  std::uint64_t add(std::uint64_t first, std::uint64_t end) {
    const std::uint64_t held = remove(first, end);
    if (end > first) ranges_[first] = end;
    return end - first - held;
  }

  // Removes them; returns how many there were.
  std::uint64_t remove(std::uint64_t first, std::uint64_t end) {
    std::uint64_t removed = 0;
    auto range = ranges_.upper_bound(first);
    if (range != ranges_.begin()) --range;
    while (range != ranges_.end() && range->first < end) {
      const auto [begin, behind] = *range;
      if (behind <= first) {
        ++range;
        continue;
      }
      range = ranges_.erase(range);
      if (begin < first) ranges_[begin] = first;
      if (behind > end) ranges_[end] = behind;
      removed += (behind < end ? behind : end) - (begin > first ? begin : first);
    }
    return removed;
  }

  void clear() { ranges_.clear(); }

 private:
  std::map<std::uint64_t, std::uint64_t> ranges_;  // by the first page: the one behind the last
};

}  // namespace bachsim
