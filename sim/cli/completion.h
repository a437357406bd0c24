// How a command line can go on, for shells: `bachsim complete WORD...`. The scripts in cmake/completion ask it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bachsim {

// Words behind the command's name.
using Arguments = std::vector<std::string>;

// An option of a command.
struct KnownOption {
  std::string_view name;   // `output,o`: the letter is short for the word
  std::string_view value;  // as --help calls it; empty: it takes none
  std::string_view about;
  bool alone = false;                     // it may stand without its value
  std::vector<std::string_view> words{};  // those that it takes, where that is so
};

// What `complete` prints of the words behind the program's name; the last of them is typed so far, and may be empty.
// Each line has a word in place of that, a tab, and what it means. A line that begins with a tab says that names of
// files (`file`) or folders (`folder`) can stand there. Words that end in `=` go on.
[[nodiscard]] std::string first_word_completions(std::string_view typed, std::span<const std::string> commands,
                                                 std::string_view usage);

// The arguments for a command that is to say how they go on.
[[nodiscard]] Arguments to_complete(std::span<const std::string> words);
[[nodiscard]] bool is_completing(const Arguments& arguments);

// The same for the arguments of a command with these options; `usage` has them as --help prints it.
// REQUIRES: is_completing(arguments)
[[nodiscard]] std::string completions(const Arguments& arguments, std::string_view usage,
                                      std::span<const KnownOption> options);

}  // namespace bachsim
