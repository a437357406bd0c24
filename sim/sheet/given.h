// Presets as tables: the situation that a figure or an exercise starts from.
#pragma once

#include <string_view>
#include <vector>

#include "sim/sheet/sheet.h"

namespace bachsim {

// Adds a `preset`, whose text this is, to the tables at the end of a sheet: to the last one if that is of its kind.
// Cells have the values of params that stand in them.
void add_given(std::vector<SheetPart>& parts, std::string_view text, const PresetBody& preset, const Script& script,
               const ParamValues& values);

}  // namespace bachsim
