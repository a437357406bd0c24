// The commands of the program, and what they share: exit statuses, complaints, colors, options.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workloads/language/diagnostic.h"

namespace boost::program_options {
class options_description;
}

namespace bachsim {

inline constexpr int kOk = 0;
inline constexpr int kExpectationFailed = 1;
inline constexpr int kUserError = 2;
inline constexpr int kBug = 3;

// Words behind the command's name.
using Arguments = std::vector<std::string>;

int run_command(const Arguments& arguments);
int check_command(const Arguments& arguments);
int textbook_command(const Arguments& arguments);
int compare_command(const Arguments& arguments);
int step_command(const Arguments& arguments);
int draw_command(const Arguments& arguments);
int page_command(const Arguments& arguments);
int grade_command(const Arguments& arguments);
int test_command(const Arguments& arguments);
int import_command(const Arguments& arguments);

// The words that name commands.
[[nodiscard]] std::vector<std::string> command_names();
int sweep_command(const Arguments& arguments);

// Text on standard error. That nobody listens there is no reason to stop.
void tell(std::string_view text);

// `bachsim: what` in one printable line on standard error; returns kUserError.
int complain(std::string_view what);

// The exit status of a command that has come to `status`, unless there is trouble to complain of.
inline int finished(int status, const std::string& trouble) { return trouble.empty() ? status : complain(trouble); }

// Diagnostics on standard error, with `kind` as their word. Returns kUserError.
int print_errors(const Sources& sources, const std::vector<Diagnostic>& errors, bool color,
                 std::string_view kind = "error");

// Whether what goes to this descriptor is to be in color. Auto: if it is a terminal, and NO_COLOR is not set.
enum class ColorWhen : std::uint8_t { Auto, Always, Never };
[[nodiscard]] bool use_color(ColorWhen when, int descriptor);

// The text in bold if `color`.
[[nodiscard]] std::string bold(std::string_view text, bool color);

// A bar on standard error that is there while a run takes long, and leaves no trace.
class ProgressBar {
 public:
  explicit ProgressBar(bool enabled) : enabled_(enabled) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { clear(); }

  // From 0 to 1. Draws when the bar would look different.
  void show(double fraction);
  void clear();

 private:
  bool enabled_;
  int drawn_ = -1;  // per cent; -1: nothing is on the screen
};

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

  // Takes the arguments. Comes back with the files among them, in their order; or with the exit status, once it has
  // printed what --help asks for or said what is wrong. With `one`, the command's name, it wants one file.
  [[nodiscard]] std::expected<std::vector<std::string>, int> parse(const Arguments& arguments, std::string_view usage,
                                                                   std::string_view what, std::string_view one = {});

 private:
  std::unique_ptr<boost::program_options::options_description> options_;
  std::vector<std::pair<std::string, std::string>> implied_;  // an option that stands alone, and what that means
};

}  // namespace bachsim
