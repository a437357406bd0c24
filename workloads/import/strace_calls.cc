#include "workloads/import/strace_calls.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "sim/machine/types.h"

namespace bachsim {

using Kind = StraceEvent::Kind;

std::uint64_t pages_up(std::uint64_t bytes) { return bytes / kPageSize + (bytes % kPageSize != 0 ? 1 : 0); }

std::optional<std::uint64_t> number_of(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::uint64_t signal_number(std::string_view name) {
  constexpr std::array<std::string_view, 32> kSignals{
      "",          "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",
      "SIGFPE",    "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM",
      "SIGSTKFLT", "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",
      "SIGXCPU",   "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS"};
  const auto found = std::ranges::find(kSignals, name);
  return found == kSignals.end() ? 0 : static_cast<std::uint64_t>(found - kSignals.begin());
}

std::optional<Mapping> mapping_of(const StraceEvent& event) {
  const auto arguments = arguments_of(event);
  if (!event.result || *event.result == -1 || arguments.size() < 4) return std::nullopt;
  const std::uint64_t first = static_cast<std::uint64_t>(*event.result) >> kPageShift;
  return Mapping{.first = first,
                 .end = first + pages_up(number_of(arguments[1]).value_or(0)),
                 .file = !has(arguments[3], "MAP_ANON"),
                 .shared = has(arguments[3], "MAP_SHARED"),
                 .writable = has(arguments[2], "PROT_WRITE"),
                 .executable = has(arguments[2], "PROT_EXEC")};
}

Birth birth_of(const StraceEvent& event) {
  if (event.kind != Kind::Call || event.result.value_or(-1) <= 0) return Birth::None;
  if (event.name == "fork") return Birth::Fork;
  if (event.name == "vfork") return Birth::Vfork;
  if (!event.name.starts_with("clone")) return Birth::None;
  if (has(event.arguments, "CLONE_THREAD")) return Birth::Thread;
  return has(event.arguments, "CLONE_VFORK") ? Birth::Vfork : Birth::Fork;
}

bool is_exec(const StraceEvent& event) {
  return event.kind == Kind::Call && event.name.starts_with("execve") && event.result == 0;
}

std::string file_of(const StraceEvent& event) {
  for (const std::string_view argument : arguments_of(event)) {
    if (argument.starts_with('"')) return std::string(argument.substr(1, argument.find('"', 1) - 1));
  }
  return {};
}

namespace {

// What stands behind `mark`, up to a blank, a comma or a bracket; empty if `mark` is not there.
std::string_view word_behind(std::string_view text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + mark.size());
  return text.substr(0, text.find_first_of(" ,;)]}"));
}

std::uint64_t status_of(std::string_view word) {
  if (word.starts_with("SIG")) return 128 + signal_number(word);
  return number_of(word).value_or(0) & 0xff;
}

}  // namespace

std::optional<Reaped> reaped_by(const StraceEvent& event) {
  const std::string_view arguments = event.arguments;
  if (event.kind != Kind::Call || has(arguments, "WIFSTOPPED") || has(arguments, "WIFCONTINUED")) return std::nullopt;
  if (event.name == "wait4" || event.name == "waitpid") {
    if (event.result.value_or(0) <= 0) return std::nullopt;
    const std::string_view status = word_behind(arguments, "WEXITSTATUS(s) == ");
    return Reaped{.pid = static_cast<std::uint64_t>(*event.result),
                  .status = status_of(status.empty() ? word_behind(arguments, "WTERMSIG(s) == ") : status)};
  }
  const std::uint64_t pid = number_of(word_behind(arguments, "si_pid=")).value_or(0);
  if (event.name != "waitid" || event.result != 0 || pid == 0 || has(arguments, "WNOWAIT") ||
      has(arguments, "CLD_STOPPED") || has(arguments, "CLD_CONTINUED"))
    return std::nullopt;
  return Reaped{.pid = pid, .status = status_of(word_behind(arguments, "si_status="))};
}

}  // namespace bachsim
