// A call's promise: the regions and page-table frames that it will take, set aside before it changes anything. So no
// call fails half-way for want of them.
//
//   Promise promise(vm);
//   promise.region(pages);                          say what the call will take,
//   if (promise.take() != Promise::Lack::Nothing)   set it aside,
//     ...                                           (the call's error: nothing has changed)
//   allocreg(vm, ...);                              and draw from it
#pragma once

#include "regions/regops.h"
#include "regions/space.h"

namespace bachsim {

class Promise {
 public:
  enum class Lack : std::uint8_t { Nothing, Regions, Tables };

  explicit Promise(Vm& vm) : vm_(vm) {}
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;
  // Gives back what was not drawn.
  ~Promise() {
    vm_.regions.promise(0);
    vm_.tables.promise(0);
  }

  // The call will take a new region of so many pages, with its leaf tables.
  void region(std::uint64_t pages) {
    ++taken_.regions;
    taken_.tables += leaf_tables(pages);
  }
  // Page-table frames.
  void tables(std::uint64_t count) { taken_.tables += count; }
  // The tables that a space with these middle tables lacks above leaf tables at these addresses.
  // REQUIRES: ranges ascending and disjoint
  void link(std::span<const Middle> middles, std::span<const LeafRange> ranges) {
    taken_.tables += missing_tables(vm_.config.mode, middles, ranges);
  }
  // The call will release a space first, which gives back all that nobody else holds. `kept` is a region that the call
  // holds meanwhile.
  void release(const AddressSpace& space, RegionId kept) {
    released_.tables += upper_tables(vm_.config.mode, space);
    for (auto here = space.pregions.begin(); here != space.pregions.end(); ++here) {
      const Region& region = vm_.regions[here->region];
      // A region that is attached twice counts once: at its first pregion.
      const auto attached = std::ranges::count(here, space.pregions.end(), here->region, &Pregion::region);
      if (here->region == kept || region.refs() != attached) continue;
      ++released_.regions;
      released_.tables += region.leaves.size();
      released_frames_ += region.valid();
    }
  }

  // Sets everything aside, or says what there is too little of; regions are looked at first.
  [[nodiscard]] Lack take() {
    if (taken_.regions > vm_.regions.available() + released_.regions) return Lack::Regions;
    if (taken_.tables > vm_.tables.available() + released_.tables) return Lack::Tables;
    vm_.regions.promise(taken_.regions);
    vm_.tables.promise(taken_.tables);
    return Lack::Nothing;
  }

  // Page-table frames that the call will take.
  [[nodiscard]] std::uint64_t tables() const { return taken_.tables; }
  // Frames that the release will give back.
  [[nodiscard]] std::uint64_t released_frames() const { return released_frames_; }

 private:
  struct Amount {
    std::uint64_t regions = 0;
    std::uint64_t tables = 0;
  };
  Vm& vm_;
  Amount taken_;
  Amount released_;
  std::uint64_t released_frames_ = 0;
};

}  // namespace bachsim
