// How people write where a page's contents are: in dbds, in pfdata, in expressions and reports alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "regions/dbd.h"
#include "sim/state/column.h"
#include "swap/disk_block.h"
#include "swap/program.h"

namespace bachsim {

// `none`, `zero`, `fill`, `file:BLOCK`, `swap:DEVICE:BLOCK`
[[nodiscard]] std::string text(Dbd dbd);

// `none`, `file:PROGRAM:BLOCK`, `swap:DEVICE:BLOCK`
[[nodiscard]] std::string text(DiskBlock block, const std::vector<Program>& programs);

}  // namespace bachsim
