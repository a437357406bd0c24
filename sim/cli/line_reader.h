// Lines of commands: typed at a terminal, with editing, history and completion by libedit, or read from a pipe or file.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/sink.h"

namespace bachsim {

// The words of a line, which blanks and tabs separate.
[[nodiscard]] std::vector<std::string> split(std::string_view line);

class LineReader {
 public:
  // The words that may stand behind others; those that do not begin as the last word does are left out by the reader.
  struct Completions {
    std::vector<std::string> words{};
    bool files = false;  // names of files too
  };
  using Complete = std::function<Completions(const std::vector<std::string>& words)>;

  // From standard input. From a pipe each line goes to `echo` behind the prompt, so that the text of a session is the
  // same as on a terminal. There is one reader at a time; `echo` must outlive it.
  LineReader(std::string prompt, Sink& echo, Complete complete);
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;
  ~LineReader();

  // The next line, without its end; empty when there is none. An interrupt (Ctrl-C) at a terminal gives up the line
  // that is being typed.
  [[nodiscard]] std::optional<std::string> next();
  // Why there is none, for the user, if standard input cannot be read; else empty.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  static constexpr std::size_t kMost = (1u << 16) - 2;  // bytes of a line
  [[nodiscard]] std::optional<std::string> typed();
  [[nodiscard]] std::optional<std::string> piped();

  std::string prompt_;
  Sink& echo_;
  bool terminal_;
  std::array<char, 1u << 12> buffer_{};
  std::string_view ahead_;  // of the buffer
  std::string trouble_;
};

}  // namespace bachsim
