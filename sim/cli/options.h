// The options of commands.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/cli/completion.h"

namespace boost::program_options {
class options_description;
}

namespace bachsim {

// When to color.
enum class ColorWhen : std::uint8_t { Auto, Always, Never };

// What the command line says of the machine and the params of a script.
struct StageChoices {
  std::vector<std::string> settings;     // KEY=VALUE of --set
  std::vector<std::string> definitions;  // NAME=NUMBER of -D
  std::optional<std::uint64_t> seed;     // --seed
  std::vector<std::string> varied{};     // KEY=VALUE, one of those of --vary for each key

  [[nodiscard]] bool any() const { return !settings.empty() || !definitions.empty() || seed; }
};

// The options of a command, as Boost.Program_options reads them, without its guessing of abbreviations. --help lists
// them in the order in which they come here. Targets must outlive parse().
class Options {
 public:
  Options();
  ~Options();

  void flag(const char* name, const char* help, bool& target);
  // May be repeated.
  void list(const char* name, const char* value, const char* help, std::vector<std::string>& target);
  // `take` says what is wrong with the word; nothing if it has taken it. With `implied`, that is the word where none
  // is given (`--NAME`, not `--NAME=WORD`).
  void word(const char* name, const char* value, const char* help, std::function<std::string(const std::string&)> take,
            const char* implied = nullptr);
  // The name of a file, which is not empty.
  void file(const char* name, const char* value, const char* help, std::string& target);
  // A number from 1 on.
  void count(const char* name, const char* help, std::uint64_t& target);

  // Options that several commands have.
  void stage(StageChoices& target);
  void include_root(std::string& target);
  void report(std::vector<std::string>& target, const char* help);
  void format(bool& json);
  // Empty for `-`, which is standard output.
  void output(std::string& target);
  // Its words; `all` where there are none.
  void trace(std::optional<std::string>& target);
  void color(ColorWhen& target, const char* help = "`auto`, `always` or `never`");

  // The words that an option takes, for shells that complete them. The words must outlive parse().
  void among(const char* name, std::vector<std::string_view> words);

  // Whether an argument is one of these options, and its word is the next argument: `-o`, `--output`.
  [[nodiscard]] bool wants_next(std::string_view argument) const;

  // Takes the arguments. Comes back with the files among them, in their order; or with the exit status, once it has
  // printed what --help asks for or said what is wrong, or how the arguments can go on (completion.h). With `one`, the
  // command's name, it wants one file.
  [[nodiscard]] std::expected<std::vector<std::string>, int> parse(const Arguments& arguments, std::string_view usage,
                                                                   std::string_view what, std::string_view one = {});

 private:
  std::unique_ptr<boost::program_options::options_description> options_;
  std::vector<KnownOption> known_;                            // in the order of --help
  std::vector<std::pair<std::string, std::string>> implied_;  // an option that stands alone, and what that means
};

}  // namespace bachsim
