// Views of a moment as JSON, with the same facts as their text has (views.h).
#pragma once

#include "sim/report/json_writer.h"
#include "sim/report/seen.h"

namespace bachsim {

// Each puts one value (docs/interface.md, "JSON").
void put_inside(JsonWriter& json, const Seen& seen);
void put_map_cost(JsonWriter& json, const Seen& seen);
void put_tlb(JsonWriter& json, const Seen& seen);
void put_tree(JsonWriter& json, const Seen& seen);
void put_sar(JsonWriter& json, const Seen& seen);
void put_swapper(JsonWriter& json, const Seen& seen);
void put_figure(JsonWriter& json, const Seen& seen);
void put_working_set(JsonWriter& json, const Seen& seen);
// A walk as `show walk` has it.
void put_walk(JsonWriter& json, const Walk& walk);

}  // namespace bachsim
