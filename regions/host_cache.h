// Speed: guesses about the lines of the host's memory that will be needed soon, and requests to fetch them early. They
// change no table and no answer.
//
// The next fork. A process that forks is likely to fork again, take as many table frames, and write to the same entries
// of them. The frame freed last goes out first, so these frames are known. No cache holds them, and a fork mostly waits
// for such lines. So with each frame that a fork takes, it asks for the lines of the frame that the next one will take.
//
// The next exit. A process that ends gives back its tables region by region. All their lines are asked for at once, and
// come in together. The parent is likely to end or to fork next, so its lines are asked for when a child ends.
//
// A copied page. The free list hands out the frame that lay there longest. If the list is longer than the caches, no
// cache holds that frame, and writing past them is faster.
#pragma once

#include "regions/space.h"
#include "regions/vm.h"

namespace bachsim {

// A table frame was just taken. Fetches this entry of the frame that the next fork will take instead; of a leaf table
// the dbd beside it, too.   REQUIRES: entry < kTableEntries
inline void fetch_upper_of_next_fork(const Vm& vm, std::uint64_t entry) {
  if (const auto table = vm.tables.upcoming()) prefetch(vm.memory.table(*table) + entry);
}
inline void fetch_leaf_of_next_fork(const Vm& vm, unsigned entry) {
  if (const auto table = vm.tables.upcoming()) {
    prefetch(vm.memory.table(*table) + entry);
    prefetch(vm.tables.dbds(*table) + entry);
  }
}
// A table whose entries stand for GiBs was taken: text and data are in the first one, the stack in the last.
inline void fetch_gibs_of_next_fork(const Vm& vm) {
  fetch_upper_of_next_fork(vm, 0);
  fetch_upper_of_next_fork(vm, kStackEnd.value / kMiddleSpan - 1);
}

// Fetches what release_space() writes to first.
inline void fetch_for_release(const Vm& vm, const AddressSpace& space) {
  constexpr std::size_t kMost = 3;  // text, data and stack; the host cannot fetch many lines at a time
  for (std::size_t i = 0; i < std::min(kMost, space.pregions.size()); ++i) {
    const Pregion& pregion = space.pregions[i];
    const Region& region = vm.regions[pregion.region];
    if (region.leaves.empty()) continue;
    if (region.refs() == 1) {
      prefetch(vm.memory.table(region.leaves[0]) + region.slot(0));
      prefetch(vm.tables.dbds(region.leaves[0]) + region.slot(0));
    }
    const std::uint64_t leaf = leaf_range(pregion.type, pregion.anchor, 0, 1).first;
    const auto middle = std::ranges::lower_bound(space.middles, leaf / kTableEntries, {}, &Middle::gib);
    prefetch(vm.memory.table(middle->table) + leaf % kTableEntries);
    prefetch(vm.memory.table(gib_table(vm, space)) + middle->gib);
  }
}

// Copies a frame's bytes to one that was just taken off the free list.
inline void copy_frame(Vm& vm, Frame from, Frame to) {
  constexpr std::uint32_t kFramesInCaches = 4096;
  vm.memory.copy_page(ppn_of(from), ppn_of(to), vm.pfdata.free() > kFramesInCaches);
}

}  // namespace bachsim
