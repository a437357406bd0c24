// Presets as tables: the situation that a figure or an exercise starts from.
#pragma once

#include <string_view>
#include <vector>

#include "sim/sheet/sheet.h"

namespace bachsim {

// Adds a `preset`, as the script has it, to the tables at the end of a sheet: to the last one if that is of its kind.
// Cells have the values of params that stand in them by their names.
void add_given(std::vector<SheetPart>& parts, std::string_view preset, const std::vector<NamedParam>& params);

}  // namespace bachsim
