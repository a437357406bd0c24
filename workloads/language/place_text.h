// How people write where a page's contents are: in dbds, in pfdata, in expressions and reports alike.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "regions/dbd.h"
#include "regions/region.h"
#include "swap/disk_block.h"
#include "swap/program.h"

namespace bachsim {

// `none`, `zero`, `fill`, `file:BLOCK`, `swap:DEVICE:BLOCK`
[[nodiscard]] std::string text(Dbd dbd);

// `none`, `file:PROGRAM:BLOCK`, `swap:DEVICE:BLOCK`
[[nodiscard]] std::string text(DiskBlock block, const std::vector<Program>& programs);

[[nodiscard]] std::string_view name(RegionType type);

}  // namespace bachsim
