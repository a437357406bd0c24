// A state, an event or an error as a student writes it: `ready to run, swapped`, `the lock`, `EAGAIN`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/sheet/sheet.h"

namespace bachsim {

// Letters and digits in small letters, with `_` for whatever is between them.
[[nodiscard]] std::string joined(std::string_view text);

// Which of the words that the blank's kind knows the answer says: joined(), without the name of what is asked and words
// that tell nothing, it is one of them. Behind a comma or in brackets there may be more, if that names no other. Throws
// UnclearAnswer (answer.h) if it is none, or more than one.   REQUIRES: the kind has words
[[nodiscard]] std::string read_word(std::string_view text, const Blank& blank);

}  // namespace bachsim
