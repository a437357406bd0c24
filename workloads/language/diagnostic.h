// What is wrong with a script, and where, in the form that compilers use:
//
//   fork.bach:3:12: error: expected `as`, found `C`
//   parent: fork C
//                ^
#pragma once

#include <string>
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

// The whole text, newline at its end. `kind` is "error" where nothing else is said.
[[nodiscard]] std::string render(const Sources& sources, const Diagnostic& diagnostic, std::string_view kind = "error");

// The known word that `word` is most likely a slip of, empty if none is near.
[[nodiscard]] std::string_view near_miss(std::string_view word, const std::vector<std::string_view>& known);

// "; did you mean `frames`?", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace bachsim
