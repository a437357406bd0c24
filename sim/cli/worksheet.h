// A script as homework: the lines that say what happens, and questions on it in their places, with or without answers.
//
// A comment line that begins with `#?` asks; lines of it in a row are one question. It stands directly above the
// expectations that hold the answers: comparisons, of which the student sees the left side.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "workloads/language/ast.h"
#include "workloads/language/listener.h"

namespace bachsim {

// The worksheet of a script that is the only file of `sources`, with the answers that a run gave; nullptr leaves the
// blanks blank. On failure, the questions that nothing answers, or that there is none.
[[nodiscard]] std::expected<std::string, std::vector<Diagnostic>> worksheet_text(
    const Script& script, const Sources& sources, const std::vector<Expectation>* answers);

}  // namespace bachsim
