// bachsim import strace FILE: a script made of what another program has recorded.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "sim/cli/child.h"
#include "sim/cli/command.h"
#include "sim/cli/host.h"
#include "workloads/import/strace_script.h"

namespace bachsim {
namespace {

constexpr std::size_t kLongestTrace = std::size_t{1} << 30;

// All of a file, or of standard input for `-`. On failure, why, for the user.
std::expected<std::string, std::string> trace_text(const std::string& path) {
  const bool standard_input = path == "-";
  const std::string name = standard_input ? "standard input" : path;
  const Descriptor file(standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
                                       : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return std::unexpected(fmt::format("{}: {}", name, std::strerror(errno)));
  std::string text;
  std::array<char, 1u << 16> buffer;
  ssize_t count = 0;
  while ((count = read_some(file.number(), buffer)) != 0) {
    if (count < 0) return std::unexpected(fmt::format("{}: {}", name, std::strerror(errno)));
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > kLongestTrace) return std::unexpected(fmt::format("{}: the trace is longer than 1 GiB", name));
  }
  return text;
}

}  // namespace

int import_command(const Arguments& arguments) {
  std::string path;
  Options options;
  options.output(path);
  const auto words =
      options.parse(arguments, "bachsim import [OPTION ...] strace FILE",
                    "Makes a script of a trace: `strace -f -o FILE COMMAND` records one; `-` reads standard "
                    "input.");
  if (!words) return words.error();
  if (words->size() != 2)
    return complain("import wants a kind of trace and one file; `bachsim import --help` tells more");
  if (words->front() != "strace")
    return complain(fmt::format("`{}` is no kind of trace: there is `strace`", words->front()));
  const std::string& file = words->back();
  if (same_file(path, file)) return complain(fmt::format("{}: the trace is read from it", path));
  const auto text = trace_text(file);
  if (!text) return complain(text.error());
  const StraceEvents trace = strace_events(*text);
  if (trace.events.empty()) return complain(fmt::format("{}: no line of it is one of strace's", file));
  const auto output = OutputFile::create(path);
  if (!output) return complain(output.error());
  (*output)->write(script_of(trace, file == "-" ? "standard input" : std::filesystem::path(file).filename().string()));
  return finished(kOk, (*output)->finish());
}

}  // namespace bachsim
