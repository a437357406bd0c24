#include "sim/cli/line_reader.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sim/cli/host.h"
#include "workloads/language/characters.h"

namespace bachsim {

LineReader::LineReader(std::string prompt, Sink& echo, Complete complete) : prompt_(std::move(prompt)), echo_(echo) {
  if (isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1) typed_.emplace(prompt_, std::move(complete));
}

// Of a line that is too long, the first byte too many is its last here.
std::optional<std::string> LineReader::piped() {
  std::string line;
  for (bool begun = false;; begun = true) {
    if (ahead_.empty()) {
      const ssize_t count = read_some(STDIN_FILENO, buffer_);
      if (count < 0) {
        trouble_ = fmt::format("standard input: {}", std::strerror(errno));
        return std::nullopt;  // half a line may say something else
      }
      if (count == 0) return begun ? std::optional(line) : std::nullopt;
      ahead_ = {buffer_.data(), static_cast<std::size_t>(count)};
    }
    const std::size_t end = std::min(ahead_.find('\n'), ahead_.size());
    const bool ended = end < ahead_.size();
    line += ahead_.substr(0, std::min(end, kMost + 1 - line.size()));
    ahead_.remove_prefix(end + (ended ? 1 : 0));
    if (ended) return line;
  }
}

std::optional<std::string> LineReader::next() {
  if (typed_) return typed_->next();
  while (auto line = piped()) {
    const bool fits = line->size() <= kMost;
    echo_.write(fits ? prompt_ + printable(*line) + "\n"
                     : fmt::format("{}\nerror: a line has at most {} bytes\n", prompt_, kMost));
    if (fits) return line;
  }
  return std::nullopt;
}

}  // namespace bachsim
