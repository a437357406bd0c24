// Mistakes of a script with their places, in the form that compilers use:
//
//   fork.bach:3:12: error: expected `as`, found `C`
//   parent: fork C
//                ^
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/language/source.h"

namespace bachsim {

struct Note {
  Place place;
  std::string what;
};

struct Diagnostic {
  Place place;
  std::string what;
  std::vector<Note> notes{};  // other places that explain it
};

// The whole text, newline at its end. Long words and messages are cut.
[[nodiscard]] std::string render(const Sources& sources, const Diagnostic& diagnostic, std::string_view kind = "error");

// The known word that `word` is most likely a slip of, empty if none is near.
[[nodiscard]] std::string_view near_miss(std::string_view word, std::span<const std::string_view> known);
[[nodiscard]] inline std::string_view near_miss(std::string_view word, std::initializer_list<std::string_view> known) {
  return near_miss(word, std::span(known.begin(), known.size()));
}

// "; did you mean `frames`?", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);
[[nodiscard]] inline std::string did_you_mean(std::string_view word, std::initializer_list<std::string_view> known) {
  return did_you_mean(word, std::span(known.begin(), known.size()));
}

}  // namespace bachsim
