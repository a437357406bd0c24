// A disk block as a student writes it: `swap:1:65`, `block 65 of swap`, `file 24`, `demand zero`, `no copy`.
#pragma once

#include <string_view>

#include "sim/state/column.h"

namespace bachsim {

// Where swap is written without a device, its first one is meant. `program`: the one that a file's block may be said to
// be of, in small letters. Throws UnclearAnswer (answer.h) at whatever has none of the shapes that are known, or two
// readings.
[[nodiscard]] Disk read_disk(std::string_view text, std::string_view program);

// Whether what explains an answer names a kind of block that it is not, or a device: `zero (on swap)`.
[[nodiscard]] bool names_another(std::string_view behind, DbdKind said);

}  // namespace bachsim
