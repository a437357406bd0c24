// What is done with an input, by fuzzers, which make inputs that reach more and more of the program, and by the test of
// the corpus. A wrong access, an overflow, a broken identity and a panic end the program.
#pragma once

#include <memory>
#include <string_view>

#include "sim/cli/session.h"

namespace bachsim::fuzz {

// A text as a script and its first line as the word of --set: parsed, checked, and all that is wrong told.
void read_script(std::string_view text);

// A text as a script that runs to its end or for some thousands of steps, with an audit after each, and is reported,
// traced and dumped as far as that can be.
void run_script(std::string_view text);

// A text for another reader. The first byte says which: `S`, a trace of strace; `F`, a sheet that was filled in; `M`, a
// part of a sweep; `P`, lines at the prompt of `step`; any other, by its remainder, a format of references.
void read_other(std::string_view text);

// A script that is sound, on a machine that it can have; its runs take little memory. Else nullptr, and what is wrong
// has been told on standard error.
[[nodiscard]] std::unique_ptr<Session> session_of(std::string_view text);

class Nowhere : public Sink {
 public:
  void write(std::string_view /*text*/) override {}
};

}  // namespace bachsim::fuzz
