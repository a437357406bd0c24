// What a script itself shows before a moment: a drawing without choices draws that.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/language/ast.h"
#include "workloads/language/source.h"

namespace bachsim {

// What the script's last `show` of tables before a moment keeps to, and whether it shows swap: a figure is drawn of
// what its script shows.
struct Shown {
  std::vector<std::string> names;  // none: all processes
  std::vector<std::string> made;   // words of the names that statements behind that `show` give
  bool swap = true;

  [[nodiscard]] bool made_since(std::string_view process) const {
    return std::ranges::find(made, process.substr(0, process.find('['))) != made.end();
  }
};
// `last`: the statement that the moment is behind; nullptr: none yet.
[[nodiscard]] Shown shown_before(const Script& script, const Statement* last);

// The last `show walk` before a moment whose place needs no loop variable; nullptr: none.
[[nodiscard]] const ShowStatement* last_walk(const Script& script, const Statement* last);

// Where a script says that it is drawn: a comment `#draw`, with the view behind it or without. It means the moment
// behind the statement above it, the last time that this is done.
struct DrawMark {
  Place place;                        // of the comment
  std::string_view view{};            // empty: none is said
  std::optional<std::uint32_t> line;  // of the statement; empty: there is none above it
};
// The last such comment of the script itself.
[[nodiscard]] std::optional<DrawMark> draw_mark(const Script& script, const Sources& sources);

}  // namespace bachsim
