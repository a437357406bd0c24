// Frames: the pageable pages of physical memory, by number.
#pragma once

#include <cstdint>

#include "sim/machine/phys_mem.h"
#include "sim/machine/types.h"

namespace bachsim {

using Frame = Id<struct FrameTag, std::uint32_t>;  // index into pfdata; frame 0 is the first page of memory

constexpr Ppn ppn_of(Frame frame) {
  return Ppn{PhysMem::first().value + frame.value};
}
constexpr Frame frame_of(Ppn ppn) {
  return Frame{static_cast<std::uint32_t>(ppn.value - PhysMem::first().value)};
}

}  // namespace bachsim
