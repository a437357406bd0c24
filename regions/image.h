// Moving the image of a process between memory and swap: swapping, fork swap (Bach 9.1.2 and 9.1.3).
//
// An image is the pages of the regions that only this process holds, in one extent: the regions in order of address, a
// stack from its top. Pages that others share stay where they are.
#pragma once

#include "regions/space.h"
#include "regions/vm.h"

namespace bachsim {

// The pages that make up an image.
enum class Image : std::uint8_t {
  Resident,  // those in memory: each of the others has a copy on disk
  Whole,     // all that are not on swap yet; a page that was never in memory is written as it would be filled
};

// In pages. A region that is attached twice counts once.
struct ImageSize {
  std::uint64_t pages = 0;    // of all the space's regions
  std::uint64_t missing = 0;  // those that are not in memory: the frames that swapin() takes
  std::uint64_t own = 0;      // of the regions that nobody else holds: the extent that all of it takes on swap
};
[[nodiscard]] ImageSize image_size(const Vm& vm, const AddressSpace& space);

// Writes the image in one transfer, gives its frames back and flushes the space. False, and nothing has changed, if
// there is no extent that long.
[[nodiscard]] bool swapout(Vm& vm, AddressSpace& space, Image image);

// Brings every page of the space's regions into memory. Pages on swap are read in one transfer, and give up their
// blocks.   REQUIRES: frames for them are free
void swapin(Vm& vm, const AddressSpace& space);

// Fork swap (Bach 9.1.2.1): writes the pages of `from` as the image of its duplicate `to`. False, and nothing has
// changed, if there is no extent that long.
// REQUIRES: the private regions of `to` have the sizes of those of `from`, and no contents yet
[[nodiscard]] bool fork_swap(Vm& vm, const AddressSpace& from, const AddressSpace& to);

}  // namespace bachsim
