// How people write where a page's contents are: in dbds, in pfdata, in expressions and reports alike.
#pragma once

#include <cstdint>
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
[[nodiscard]] std::string_view name(DbdKind kind);

// `66K`; bytes that are no whole number of K as they are.
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

}  // namespace bachsim
