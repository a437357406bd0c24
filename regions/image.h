// Moving the image of a process between memory and swap: swapping, fork swap (Bach 9.1.2 and 9.1.3).
//
// An image is the pages of the regions that only this process holds, in one contiguous extent: the regions in order of
// address, a stack from its top. Pages that the process shares stay where they are for the others.
#pragma once

#include "regions/space.h"
#include "regions/vm.h"

namespace bachsim {

// The pages that make up an image.
enum class Image : std::uint8_t {
  Resident,  // those in memory: each of the others has a copy on disk
  Whole,     // all that are not on swap yet; a page that was never in memory is written as it would be filled
};

// Pages of all the space's regions, a region counted once: the frames that it has when all of it is in memory.
[[nodiscard]] std::uint64_t pages_of(const Vm& vm, const AddressSpace& space);

// Frames that swapin() takes.
[[nodiscard]] std::uint64_t missing_frames(const Vm& vm, const AddressSpace& space);

// Writes the image in one transfer. Its pages are on swap then, and their frames are given back. Flushes the space.
// False if there is no extent that long; then nothing has changed.
[[nodiscard]] bool swapout(Vm& vm, AddressSpace& space, Image image);

// Brings every page of the space's regions into memory. Pages on swap are read in one transfer, and give up their
// blocks.   REQUIRES: missing_frames() are free
void swapin(Vm& vm, const AddressSpace& space);

// Fork swap (Bach 9.1.2.1): writes the pages of `from` as the image of its duplicate `to`, for which memory has no
// room. False if there is no extent that long; then nothing has changed.
// REQUIRES: the private regions of `to` have the sizes of those of `from`, and no contents yet
[[nodiscard]] bool fork_swap(Vm& vm, const AddressSpace& from, const AddressSpace& to);

}  // namespace bachsim
