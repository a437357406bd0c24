#include "sim/cli/line_reader.h"

#include <editline/readline.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cwchar>
#include <filesystem>
#include <memory>
#include <utility>

#include "sim/cli/host.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

struct Free {
  void operator()(char* text) const { std::free(text); }  // libedit's words are malloc's
};

// libedit asks plain functions.
LineReader::Complete complete_words;
std::vector<std::string> candidates;

char* next_candidate(const char* begin, int state) {
  static std::size_t at = 0;
  if (state == 0) at = 0;
  while (at < candidates.size()) {
    const std::string& word = candidates[at++];
    if (word.starts_with(begin)) return strdup(word.c_str());
  }
  return nullptr;
}

// Names of files that begin so, and that a terminal shows as they are. Behind a folder's the word goes on.
void add_files(const char* begin) {
  for (int state = 0;; state = 1) {
    const std::unique_ptr<char, Free> name(rl_filename_completion_function(begin, state));
    if (name == nullptr) return;
    if (printable(name.get()) != name.get()) continue;
    std::error_code none;
    const bool folder = std::filesystem::is_directory(name.get(), none);
    candidates.push_back(std::string(name.get()) + (folder ? "/" : ""));
    if (folder) rl_completion_append_character = '\0';
  }
}

char** complete(const char* begin, int start, int) {
  const auto words = split(std::string_view(rl_line_buffer).substr(0, static_cast<std::size_t>(start)));
  LineReader::Completions found = complete_words(words);
  candidates = std::move(found.words);
  rl_attempted_completion_over = 1;  // libedit is to look for nothing else
  rl_completion_append_character = ' ';
  if (found.files) add_files(begin);
  return rl_completion_matches(begin, next_candidate);
}

// A Ctrl-D that is typed before libedit reads comes as a NUL, behind which libedit would take any key as text: it binds
// the key so anew for each line.
int refuse_nul() { return rl_bind_key('\0', rl_insert); }  // which inserts no NUL

// Where a terminal does not know its size, libedit makes room for as many columns and lines as the environment says.
void keep_in_bounds(const char* size) {
  constexpr unsigned kMost = 1000;
  const char* const said = std::getenv(size);
  if (said == nullptr) return;
  const char* const end = said + std::strlen(said);
  unsigned number = 0;
  if (std::from_chars(said, end, number).ptr != end || number == 0)
    unsetenv(size);
  else
    setenv(size, fmt::format("{}", std::min(number, kMost)).c_str(), 1);
}

volatile std::sig_atomic_t given_up = 0;

// An interrupt that comes just before libedit begins to read does not end that read; the alarm behind it does.
extern "C" void give_up(int) {
  given_up = 1;
  alarm(1);
}

// libedit reads keys by this, and not by itself: a resize in the middle of a line that does not fit any more would
// crash it, and an interrupt is to give up what was typed before it alone. What was typed behind it waits in
// `typed_behind`.
std::optional<char> typed_behind;

int read_key(std::FILE*) {
  std::signal(SIGWINCH, SIG_DFL);  // libedit hears of it at each line's begin, and LineReader asks for the size before
  std::mbstate_t state{};
  for (;;) {
    char byte = 0;
    if (typed_behind && given_up == 0) {
      byte = *std::exchange(typed_behind, std::nullopt);
    } else {
      const ssize_t count = typed_behind ? -1 : read(STDIN_FILENO, &byte, 1);
      if (count < 0 && errno == EAGAIN) {  // somebody has left it non-blocking
        pollfd wanted{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        poll(&wanted, 1, -1);
      }
      if (count < 0 && (errno == EINTR || errno == EAGAIN) && given_up == 0) continue;
      if (count == 1 && given_up != 0) typed_behind = byte;
      if (count != 1 || given_up != 0) return -1;
    }
    wchar_t key = 0;
    const std::size_t decoded = std::mbrtowc(&key, &byte, 1, &state);
    if (decoded == static_cast<std::size_t>(-1))
      state = {};  // no text: it is left out
    else if (decoded != static_cast<std::size_t>(-2))
      return static_cast<int>(key);
  }
}

// While one of these is there, an interrupt ends a read.
class GivingUp {
 public:
  GivingUp() {
    given_up = 0;
    struct sigaction action {};
    action.sa_handler = give_up;
    sigaction(SIGINT, &action, &before_);
    sigaction(SIGALRM, &action, &alarm_before_);
  }
  GivingUp(const GivingUp&) = delete;
  GivingUp& operator=(const GivingUp&) = delete;
  ~GivingUp() {
    sigaction(SIGINT, &before_, nullptr);
    alarm(0);
    sigaction(SIGALRM, &alarm_before_, nullptr);
  }

  // Somebody has given up the line; the next one begins.
  static bool take() {
    alarm(0);
    return std::exchange(given_up, 0) != 0;
  }

 private:
  struct sigaction before_ {};
  struct sigaction alarm_before_ {};
};

}  // namespace

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return words;
    line.remove_prefix(begin);
    const std::size_t length = std::min(line.find_first_of(" \t"), line.size());
    words.emplace_back(line.substr(0, length));
    line.remove_prefix(length);
  }
}

LineReader::LineReader(std::string prompt, Sink& echo, Complete complete_with)
    : prompt_(std::move(prompt)), echo_(echo), terminal_(isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1) {
  if (!terminal_) return;
  // libedit drops the bytes that it cannot decode, and in the locale "C" those are all beyond ASCII.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  complete_words = std::move(complete_with);
  for (const char* const size : {"COLUMNS", "LINES"}) keep_in_bounds(size);
  rl_readline_name = const_cast<char*>("bachsim");
  rl_attempted_completion_function = complete;
  rl_getc_function = read_key;
  rl_initialize();
  rl_pre_input_hook = refuse_nul;
  using_history();
}

LineReader::~LineReader() { complete_words = nullptr; }

std::optional<std::string> LineReader::typed() {
  const GivingUp interrupts;
  for (;;) {
    rl_resize_terminal();
    const std::unique_ptr<char, Free> line(readline(prompt_.c_str()));
    if (GivingUp::take()) {
      echo_.write("\n");
      continue;
    }
    if (line == nullptr) {
      echo_.write("\n");  // Ctrl-D leaves the cursor behind the prompt
      return std::nullopt;
    }
    if (*line != '\0') add_history(line.get());
    return std::string(line.get());
  }
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
  if (terminal_) return typed();
  while (auto line = piped()) {
    const bool fits = line->size() <= kMost;
    echo_.write(fits ? prompt_ + printable(*line) + "\n"
                     : fmt::format("{}\nerror: a line has at most {} bytes\n", prompt_, kMost));
    if (fits) return line;
  }
  return std::nullopt;
}

}  // namespace bachsim
