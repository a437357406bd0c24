// A script as homework: what happens in it, and questions on it in their places, with or without answers.
//
// A comment line that begins with `#?` asks; lines of it in a row are one question. It stands directly above the
// expectations that hold the answers: comparisons, of which the student sees the left side.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "workloads/language/run.h"

namespace bachsim {

struct Question {
  struct Blank {
    Place place;            // of the expectation
    std::string_view left;  // side of its comparison
  };
  std::string text;
  std::vector<Blank> blanks;
};

// Lines of the script that say what happens, without what tells about it: comments, notes, tables, expectations.
using Worksheet = std::vector<std::variant<std::string, Question>>;

// The worksheet of a script that is the only file of `sources`, which must outlive it. On failure, the questions that
// nothing answers; or that there is none.
[[nodiscard]] std::expected<Worksheet, std::vector<Diagnostic>> worksheet_of(const Script& script,
                                                                             const Sources& sources);

// What each blank came to, in the order in which a run came by.
using Answers = std::map<std::uint32_t, std::vector<std::string>>;
[[nodiscard]] Answers answers_of(const std::vector<Expectation>& expectations);

// `answers`: nullptr leaves the blanks blank.
[[nodiscard]] std::string worksheet_text(const Worksheet& sheet, const Answers* answers);

}  // namespace bachsim
