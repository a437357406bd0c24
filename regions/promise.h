// A call's promise: the regions, page-table frames and memory that it will take, looked for before anything changes.
//
//   Promise promise(vm);
//   promise.region(pages);                          say what the call will take,
//   if (promise.take() != Promise::Lack::Nothing)   set it aside,
//     ...                                           (the call's error: nothing has changed)
//   allocreg(vm, ...);                              and draw from it
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "regions/image.h"
#include "regions/regops.h"
#include "regions/space.h"

namespace bachsim {

class Promise {
 public:
  enum class Lack : std::uint8_t { Nothing, Regions, Tables, Room };

  // REQUIRES: there is no other promise
  explicit Promise(Vm& vm) : vm_(vm) {
    KASSERT(!vm.promised);
    vm.promised = true;
  }
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;
  // Gives back what was not drawn.
  ~Promise() {
    vm_.regions.promise(0);
    vm_.tables.promise(0);
    vm_.promised = false;
  }

  // A new region of so many pages, with its leaf tables.
  void region(std::uint64_t pages) {
    ++taken_.regions;
    taken_.tables += leaf_tables(pages);
  }
  // Page-table frames.
  void tables(std::uint64_t count) { taken_.tables += count; }
  // See missing_tables() (space.h).
  void link(std::span<const Middle> middles, std::span<const LeafRange> ranges) {
    taken_.tables += missing_tables(vm_.config.mode, middles, ranges);
  }
  // The tables for so many pages more of a region.
  void growth(const AddressSpace& space, const Pregion& pregion, std::uint64_t pages) {
    const Region& region = vm_.regions[pregion.region];
    const LeafRange added =
        leaf_range(pregion.type, pregion.anchor, region.leaves.size(), leaf_tables(region.pages + pages));
    tables(added.count);
    link({space.middles.data(), space.middles.size()}, {&added, 1});
  }

  // Without paging: frames, as memory is assigned at once.
  void frames(std::uint64_t count) { taken_.frames += count; }
  // Without paging: frames for what is missing of an image, or an extent of swap where all of it waits for them.
  void image(const ImageSize& image) {
    frames(image.missing);
    if (image.pages <= vm_.pfdata.total() - vm_.pfdata.reserved()) extent_ = image.own;  // or it could never come back
  }

  // The call will release a space first, which gives back all that nobody else holds, but for `kept`.
  void release(const AddressSpace& space, RegionId kept) {
    released_.tables += upper_tables(vm_.config.mode, space);
    // Without paging only presets make pages share a frame, which comes free with the last of them.
    std::map<Frame, std::uint32_t> shared;
    const bool shares = vm_.config.paging == PagingPolicy::Off && vm_.pfdata.shared() > 0;
    std::vector<RegionId> ids;  // a region that is attached twice is in it twice
    for (const Pregion& pregion : space.pregions) ids.push_back(pregion.region);
    std::ranges::sort(ids);
    for (auto here = ids.begin(), next = here; here != ids.end(); here = next) {
      next = std::find_if(here, ids.end(), [here](RegionId id) { return id != *here; });
      const Region& region = vm_.regions[*here];
      if (*here == kept || region.refs() != next - here) continue;
      ++released_.regions;
      released_.tables += region.leaves.size();
      released_.frames += region.valid();
      for (std::uint32_t page = 0; shares && page < region.pages; ++page) {
        const Pte pte = vm_.page(region, page).pte;
        if (pte.valid() && vm_.pfdata.refs(frame_of(pte.ppn())) > 1) ++shared[frame_of(pte.ppn())];
      }
    }
    for (const auto& [frame, pages] : shared) released_.frames -= pages == vm_.pfdata.refs(frame) ? pages - 1 : pages;
  }

  // Sets everything aside, or says what there is too little of; regions are looked at first.
  [[nodiscard]] Lack take() {
    if (taken_.regions > vm_.regions.available() + released_.regions) return Lack::Regions;
    if (taken_.tables > vm_.tables.available() + released_.tables) return Lack::Tables;
    if (vm_.config.paging == PagingPolicy::Off && taken_.frames > vm_.pfdata.free() + released_.frames &&
        !(extent_ && *extent_ <= vm_.swap.longest_extent()))
      return Lack::Room;
    vm_.regions.promise(taken_.regions);
    vm_.tables.promise(taken_.tables);
    return Lack::Nothing;
  }

  // Page-table frames that the call will take.
  [[nodiscard]] std::uint64_t tables() const { return taken_.tables; }

 private:
  struct Amount {
    std::uint64_t regions = 0;
    std::uint64_t tables = 0;
    std::uint64_t frames = 0;
  };
  Vm& vm_;
  Amount taken_;
  Amount released_;
  std::optional<std::uint64_t> extent_;  // blocks of swap that do instead of frames
};

}  // namespace bachsim
