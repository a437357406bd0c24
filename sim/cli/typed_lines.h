// Lines that are typed at a terminal, with editing, history and completion by libedit.
#pragma once

#include <histedit.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/key_signals.h"

namespace bachsim {

// The words of a line, which blanks and tabs separate.
[[nodiscard]] std::vector<std::string> split(std::string_view line);

// The words that may stand behind others; those that do not begin as the last word does are left out by the reader.
struct Completions {
  std::vector<std::string> words{};
  bool files = false;  // names of files too
};
using Complete = std::function<Completions(const std::vector<std::string>& words)>;

// There is one at a time, which reads standard input: libedit asks plain functions, and signals come to one place.
class TypedLines {
 public:
  TypedLines(const std::string& prompt, Complete complete);
  TypedLines(const TypedLines&) = delete;
  TypedLines& operator=(const TypedLines&) = delete;
  ~TypedLines();

  // The next line, without its end; empty when there is none. An interrupt (Ctrl-C) gives up the line that is being
  // typed. A line takes at most half of the screen; where that is next to nothing, the terminal itself reads it.
  [[nodiscard]] std::optional<std::string> next();

 private:
  // What libedit asks, for the object that is its client data.
  static wchar_t* prompt_of(EditLine* edit);
  static int read_key(EditLine* edit, wchar_t* key);
  static unsigned char complete_word(EditLine* edit, int key);

  [[nodiscard]] std::optional<char> read_byte();
  void stop(bool all);
  [[nodiscard]] std::optional<std::string> edited();
  [[nodiscard]] std::optional<std::string> plain();
  [[nodiscard]] bool measure();
  void remember(const std::wstring& line);
  void enter(const std::wstring& line);

  [[nodiscard]] std::wstring_view line() const;  // as it is typed so far
  [[nodiscard]] std::wstring_view before_cursor() const;
  [[nodiscard]] bool has_room(std::size_t cells) const;
  [[nodiscard]] bool is_refused(wchar_t key) const;
  void note(wchar_t key);
  void insert(std::string_view text);
  [[nodiscard]] unsigned char show(const std::vector<std::string>& words);

  const NotedInterrupts interrupts_{};
  std::wstring prompt_;
  Complete complete_;
  EditLine* edit_ = nullptr;
  HistoryW* history_ = nullptr;
  std::optional<KeySignals> signals_{};  // of the line that is being typed
  bool edits_ = false;                   // by libedit
  bool has_meta_ = true;                 // Escape is the Meta key, as in emacs, and no command of vi's
  wchar_t interrupt_ = 0;                // keys that the terminal has a meaning for; 0: none
  wchar_t suspend_ = 0;
  wchar_t quit_ = 0;
  std::vector<std::wstring> lines_{};  // of the history
  std::size_t most_ = 0;               // cells of a line, without the prompt
  std::size_t longest_ = 0;            // cells of the longest line so far, which may have been killed and be yanked

  // What the keys before mean for the next one.
  enum class Keys { Plain, Escape, Sequence, Quote, Tab };
  Keys keys_ = Keys::Plain;
  bool tab_again_ = false;
};

}  // namespace bachsim
