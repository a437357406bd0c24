// Moving whole address spaces between memory and swap (Bach 9.1.2 and 9.1.3).
//
// An image is the pages of the regions that only one process holds, in one contiguous extent: the regions in order of
// address, a stack from its top. What the process shares stays where it is for the others.
#pragma once

#include <cstdint>

#include "regions/space.h"
#include "regions/vm.h"

namespace bachsim {

// Which pages make up an image.
enum class Image : std::uint8_t {
  Resident,  // those in memory: the rest has its place already
  Whole,     // all that are not on swap yet; what was never in memory is written as it would be filled
};

// Pages of all the space's regions: the frames that it has when all of it is in memory.
[[nodiscard]] std::uint64_t pages_of(const Vm& vm, const AddressSpace& space);

// Frames that swap_in_space() takes.
[[nodiscard]] std::uint64_t missing_frames(const Vm& vm, const AddressSpace& space);

// Writes the image in one transfer; its pages are on swap then, their frames given back. False, and nothing changed,
// if there is no extent that long. Flushes the space.
[[nodiscard]] bool swap_out_space(Vm& vm, AddressSpace& space, Image image);

// Brings every page of the space's regions that is not in memory into a frame. What is on swap is read in one
// transfer, its blocks are given up.   REQUIRES: missing_frames() are free
void swap_in_space(Vm& vm, const AddressSpace& space);

// The pages of `from`, written as the image of its duplicate `to`, whose private regions have the same sizes and no
// contents yet: how fork makes a child that memory has no room for. False, and nothing changed, as above.
[[nodiscard]] bool write_fork_image(Vm& vm, const AddressSpace& from, const AddressSpace& to);

}  // namespace bachsim
