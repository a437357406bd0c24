// The options of a command, as Boost.Program_options reads them, without its guessing of abbreviations.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/command.h"
#include "sim/cli/terminal.h"

namespace boost::program_options {
class options_description;
}

namespace bachsim {

class Options {
 public:
  Options();
  ~Options();

  // Options are listed by --help in the order in which they come here. Targets must outlive parse().
  void flag(const char* name, const char* help, bool& target);
  // May be repeated.
  void list(const char* name, const char* value, const char* help, std::vector<std::string>& target);
  // `take` may refuse_option().
  void word(const char* name, const char* value, const char* help, std::function<void(const std::string&)> take);
  // The name of a file, which is not empty.
  void file(const char* name, const char* value, const char* help, std::string& target);
  // A number from 1 on.
  void count(const char* name, const char* help, std::uint64_t& target);

  // Options that several commands have.
  void settings(std::vector<std::string>& target);
  void include_root(std::string& target);
  void color(ColorWhen& target, const char* help = "`auto`, `always` or `never`");

  // Takes the arguments. Comes back with the files among them, in their order; or with the exit status, once it has
  // printed what --help asks for or said what is wrong.
  [[nodiscard]] std::expected<std::vector<std::string>, int> parse(const Arguments& arguments, std::string_view usage,
                                                                   std::string_view what);

 private:
  std::unique_ptr<boost::program_options::options_description> options_;
};

// Throws what parse() turns into a message: `--NAME: why`.
[[noreturn]] void refuse_option(std::string_view name, std::string_view why);

}  // namespace bachsim
