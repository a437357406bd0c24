// bachsim COMMAND ...: finds the command; what each does is in a file of its own.
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <new>
#include <utility>

#include "sim/cli/command.h"
#include "sim/machine/check.h"
#include "sim/machine/host_memory.h"
#include "workloads/language/diagnostic.h"

namespace bachsim {
namespace {

constexpr std::string_view kUsage =
    "usage: bachsim COMMAND [OPTION ...] FILE ...\n"
    "\n"
    "  bachsim run FILE       run a workload and print its report (`-`: standard input)\n"
    "  bachsim check FILE...  parse workloads and print every error found\n"
    "\n"
    "  bachsim COMMAND --help lists the command's options\n"
    "  bachsim --version      prints the version\n";

struct Command {
  std::string_view name;
  int (*run)(const Arguments&);
};

constexpr std::array kCommands{Command{"run", run_command}, Command{"check", check_command}};

int dispatch(const Arguments& words) {
  if (words.empty()) {
    fmt::print(stderr, "{}", kUsage);
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
  std::vector<std::string_view> known;
  for (const Command& command : kCommands) {
    if (command.name == word)
      return command.run({words.begin() + 1, words.end()});
    known.push_back(command.name);
  }
  complain(fmt::format("there is no command `{}`{}", word, did_you_mean(word, known)));
  fmt::print(stderr, "{}", kUsage);
  return kUserError;
}

}  // namespace

int complain(std::string_view what) {
  fmt::print(stderr, "bachsim: {}\n", what);
  return kUserError;
}

}  // namespace bachsim

int main(int argc, char** argv) {
  using namespace bachsim;
  try {
    const int status = dispatch({argv + 1, argv + argc});
    if (std::fflush(stdout) != 0)
      return complain("standard output cannot be written");
    return status;
  } catch (const KernelPanic& panic) {
    std::fflush(stdout);
    fmt::print(stderr, "bachsim: a bug of the simulator: {}\n", panic.what());
    return kBug;
  } catch (const HostLimit& limit) {
    return complain(limit.what());
  } catch (const std::bad_alloc&) {
    return complain("this host has no memory left");
  }
}
