// The event for which somebody inside the kernel sleeps (sleep.h).
#pragma once

#include <compare>

#include "regions/pfdata.h"
#include "regions/region.h"

namespace bachsim {

struct Channel {
  enum class Kind : std::uint8_t {
    Transfer,   // its own transfer is to end
    Lock,       // `region` is to be unlocked
    Contents,   // the contents of `frame` are to be valid
    FreeFrame,  // any frame is to be free
    Text,       // `region` is to be loaded
  };
  static constexpr Frame kNoFrame{~std::uint32_t{0}};

  Kind kind = Kind::Transfer;
  RegionId region{};
  Frame frame = kNoFrame;  // of a transfer too, if it reads one

  friend auto operator<=>(const Channel&, const Channel&) = default;
};

}  // namespace bachsim
