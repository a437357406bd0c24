// What a student has written for a blank, held against what a run has given.
//
// It is read with patience: blanks, upper and lower case, units, signs that separate thousands, hexadecimal and
// suffixes of numbers, words for a number, and an explanation behind the value do not matter. Where two readings are
// possible, it is unclear, and nobody guesses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/sheet/sheet.h"

namespace bachsim {

enum class Mark : std::uint8_t {
  Right,
  Wrong,
  Missing,
  Unclear,  // it cannot be read
};
[[nodiscard]] std::string_view name(Mark mark);

struct Judgement {
  Mark mark = Mark::Missing;
  std::string trouble{};  // of what is unclear: why, in a few words
};

// REQUIRES: the blank has an answer
[[nodiscard]] Judgement judge(std::string_view written, const Blank& blank);

}  // namespace bachsim
