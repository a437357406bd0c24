// The tables that `show` and --report can draw, by name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bachsim {

// clang-format off
#define BACHSIM_VIEWS(X) \
  X(Summary, "summary") X(Counters, "counters") X(Processes, "processes") \
  X(Pregions, "pregions") X(Regions, "regions") X(Pages, "pages") X(Pfdata, "pfdata") \
  X(Freelist, "freelist") X(Hash, "hash") X(Swap, "swap") X(Map, "map") X(MapCost, "map-cost") X(Tlb, "tlb") \
  X(Tree, "tree") X(Sar, "sar") X(Swapper, "swapper") \
  X(Figure, "figure") X(WorkingSet, "working-set") X(All, "all")
// clang-format on

enum class View : std::uint8_t {
#define X(enumerator, spelling) enumerator,
  BACHSIM_VIEWS(X)
#undef X
};

[[nodiscard]] std::string_view spelling(View view);
[[nodiscard]] std::span<const std::string_view> view_words();  // [View]

}  // namespace bachsim
