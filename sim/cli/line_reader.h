// Lines of commands: typed at a terminal, or read from a pipe or file.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "sim/cli/typed_lines.h"
#include "sim/report/sink.h"

namespace bachsim {

class LineReader {
 public:
  // From standard input. From a pipe each line goes to `echo` behind the prompt, so that the text of a session is the
  // same as on a terminal. There is one reader at a time; `echo` must outlive it.
  LineReader(std::string prompt, Sink& echo, Complete complete);

  // The next line, without its end; empty when there is none.
  [[nodiscard]] std::optional<std::string> next();
  // Why there is none, for the user, if standard input cannot be read; else empty.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  static constexpr std::size_t kMost = (1u << 16) - 2;  // bytes of a line from a pipe
  [[nodiscard]] std::optional<std::string> piped();

  std::string prompt_;
  Sink& echo_;
  std::optional<TypedLines> typed_;  // where standard input and output are a terminal
  std::array<char, 1u << 12> buffer_{};
  std::string_view ahead_;  // of the buffer
  std::string trouble_;
};

}  // namespace bachsim
