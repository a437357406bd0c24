// Mistakes of a script with their places, in the form that compilers use:
//
//   fork.bach:3:12: error: expected `as`, found `C`
//   parent: fork C
//                ^
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workloads/language/source.h"

namespace bachsim {

// A place in a file that is no text of the script.
struct ForeignLine {
  std::string file;
  std::uint64_t line;
  std::uint64_t column;
  std::string text;    // the line, or the part of it around the place
  std::size_t at = 0;  // the place in `text`
};

struct Note {
  Place place;
  std::string what;
  std::optional<ForeignLine> elsewhere{};  // the place instead, if it is in no text of the script
};

struct Diagnostic {
  Place place;
  std::string what;
  std::vector<Note> notes{};  // other places that explain it
};

// Throws a Diagnostic.
template <class... Args>
[[noreturn]] void fail(Place place, fmt::format_string<Args...> what, Args&&... args) {
  throw Diagnostic{place, fmt::format(what, std::forward<Args>(args)...)};
}

struct Statement;

// Calls of definitions, outermost first, as notes for whoever reads of a mistake in them, innermost first. Of many some
// are left out.
[[nodiscard]] std::vector<Note> call_notes(const std::vector<const Statement*>& calls);

// A message, with long words and then all of it cut to what a person reads.
[[nodiscard]] std::string cut_message(std::string_view what);

// The whole text, newline at its end. Long words and messages are cut.
[[nodiscard]] std::string render(const Sources& sources, const Diagnostic& diagnostic, std::string_view kind = "error");

// The known word that `word` is most likely a slip of, empty if none is near.
[[nodiscard]] std::string_view near_miss(std::string_view word, const std::vector<std::string_view>& known);

// "; did you mean `frames`?", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace bachsim
