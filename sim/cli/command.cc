// Finds the command; what each does is in a file of its own.
#include "sim/cli/command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "workloads/language/characters.h"
#include "workloads/language/diagnostic.h"

namespace bachsim {
namespace {

constexpr std::string_view kUsage =
    "usage: bachsim COMMAND [OPTION ...] FILE ...\n"
    "\n"
    "  bachsim run FILE          run a workload and print its report (`-`: standard input);\n"
    "                            `bachsim FILE` does so, too\n"
    "  bachsim check FILE...     parse workloads and print every error found\n"
    "  bachsim textbook NAME...  run figures and exercises of the book (no NAME: list them)\n"
    "  bachsim compare FILE      run a workload with each kind of fork, or on other\n"
    "                            machines, side by side\n"
    "  bachsim step FILE         run a workload step by step, forward and back\n"
    "  bachsim draw FILE         draw a moment of a run\n"
    "  bachsim page FILE         run a workload and write a page that steps through it\n"
    "  bachsim sweep FILE        run a workload under every combination of settings\n"
    "  bachsim test [FILE|DIR]...  compare what workloads print with the files beside them\n"
    "  bachsim import strace FILE  make a workload of what strace has recorded\n"
    "  bachsim grade FILE...     mark sheets that were filled in, or scripts\n"
    "\n"
    "  bachsim COMMAND --help lists the command's options\n"
    "  bachsim --version      prints the version\n";

constexpr int kBarWidth = 40;

struct Command {
  std::string_view name;
  int (*run)(const Arguments&);
};

constexpr std::array kCommands{
    Command{"run", run_command},         Command{"check", check_command}, Command{"textbook", textbook_command},
    Command{"compare", compare_command}, Command{"step", step_command},   Command{"draw", draw_command},
    Command{"page", page_command},       Command{"sweep", sweep_command}, Command{"test", test_command},
    Command{"import", import_command},   Command{"grade", grade_command}};

// For shells. A command says itself how its words go on.
int complete_command(const Arguments& words) {
  if (words.size() < 2) {
    fmt::print("{}", first_word_completions(words.empty() ? "" : words.front(), command_names(), kUsage));
    return kOk;
  }
  const auto command = std::ranges::find(kCommands, words.front(), &Command::name);
  return (command == kCommands.end() ? run_command : command->run)(to_complete({words.begin() + 1, words.end()}));
}

}  // namespace

int command_line(const Arguments& words) {
  if (words.empty()) {
    tell(kUsage);
    return kUserError;
  }
  const std::string& word = words.front();
  if (word == "--help" || word == "-h" || word == "help") {
    fmt::print("{}", kUsage);
    return kOk;
  }
  if (word == "--version") {
    fmt::print("bachsim {}\n", BACHSIM_VERSION);
    return kOk;
  }
  if (word == "complete") return complete_command({words.begin() + 1, words.end()});
  std::vector<std::string_view> known;
  for (const Command& command : kCommands) {
    if (command.name == word) return command.run({words.begin() + 1, words.end()});
    known.push_back(command.name);
  }
  // A file alone is to be run.
  std::error_code ignored;
  const bool script = word.ends_with(".bach") || (std::filesystem::exists(word, ignored) && word.front() != '-');
  if (script) return run_command(words);
  complain(fmt::format("there is no command `{}`{}", word, did_you_mean(word, known)));
  tell(kUsage);
  return kUserError;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command& command : kCommands) names.emplace_back(command.name);
  return names;
}

void tell(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stderr) != text.size()) std::clearerr(stderr);
}

int complain(std::string_view what) {
  tell(fmt::format("bachsim: {}\n", printable(what)));
  return kUserError;
}

bool use_color(ColorWhen when, int descriptor) {
  const char* refused = std::getenv("NO_COLOR");
  const bool automatic = (refused == nullptr || *refused == '\0') && isatty(descriptor) == 1;
  return when == ColorWhen::Always || (when == ColorWhen::Auto && automatic);
}

std::string bold(std::string_view text, bool color) {
  return color ? fmt::format("\033[1m{}\033[0m", text) : std::string(text);
}

int print_errors(const Sources& sources, const std::vector<Diagnostic>& errors, bool color, std::string_view kind) {
  for (const Diagnostic& error : errors)
    tell(render(sources, error, color ? fmt::format("\033[1;31m{}\033[0m", kind) : std::string(kind)));
  return kUserError;
}

void ProgressBar::show(double fraction) {
  const int percent = std::clamp(static_cast<int>(fraction * 100), 0, 100);
  if (!enabled_ || percent == drawn_) return;
  const int filled = percent * kBarWidth / 100;
  tell(fmt::format("\r[{:<{}}] {:3}%", std::string(static_cast<std::size_t>(filled), '='), kBarWidth, percent));
  drawn_ = percent;
}

void ProgressBar::clear() {
  if (drawn_ < 0) return;
  tell(fmt::format("\r{:{}}\r", "", kBarWidth + 8));
  drawn_ = -1;
}

}  // namespace bachsim
