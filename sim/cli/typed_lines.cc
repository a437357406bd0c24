#include "sim/cli/typed_lines.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cwchar>
#include <cwctype>
#include <filesystem>
#include <utility>

#include "workloads/language/characters.h"

namespace bachsim {
namespace {

constexpr std::size_t kMostRemembered = 1000;
constexpr std::size_t kMostShown = 200;  // words of which one is to be chosen
constexpr std::size_t kLeastCells = 20;  // of a line that libedit is to edit

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

// What a character takes on the screen, at most.
std::size_t cells_of(wchar_t character) {
  constexpr std::size_t kMost = 8;  // of a tab, and of what libedit shows by its number
  const int width = wcwidth(character);
  return width >= 0 ? static_cast<std::size_t>(std::max(width, 1)) : kMost;
}
std::size_t cells_of(std::wstring_view text) {
  std::size_t cells = 0;
  for (const wchar_t each : text) cells += cells_of(each);
  return cells;
}

// What cannot be decoded is left out.
std::wstring wide(std::string_view text) {
  std::wstring result;
  std::mbstate_t state{};
  while (!text.empty()) {
    wchar_t character = 0;
    const std::size_t bytes = std::mbrtowc(&character, text.data(), text.size(), &state);
    if (bytes == 0 || bytes > text.size()) {
      state = {};
      text.remove_prefix(1);
      continue;
    }
    result += character;
    text.remove_prefix(bytes);
  }
  return result;
}
std::string narrow(std::wstring_view text) {
  std::string result;
  std::mbstate_t state{};
  std::array<char, MB_LEN_MAX> bytes;
  for (const wchar_t each : text) {
    const std::size_t count = std::wcrtomb(bytes.data(), each, &state);
    if (count <= bytes.size()) result.append(bytes.data(), count);
  }
  return result;
}

// A key that the terminal has a meaning for; none if that is switched off.
wchar_t of_terminal(cc_t key) { return key == _POSIX_VDISABLE ? L'\0' : static_cast<wchar_t>(key); }

// Names of files that begin so, and that a terminal shows as they are. Those of folders end in a slash.
void add_files(const std::string& begin, std::vector<std::string>& words) {
  const std::size_t name = begin.rfind('/') + 1;
  const std::string folder = begin.substr(0, name);
  const bool hidden = begin.substr(name).starts_with('.');
  std::error_code error;
  std::filesystem::directory_iterator entries(folder.empty() ? "." : folder, error);
  for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    std::string word = folder + entries->path().filename().string();
    if (!word.starts_with(begin) || printable(word) != word || (word[name] == '.' && !hidden)) continue;
    std::error_code none;
    if (entries->is_directory(none)) word += '/';
    words.push_back(std::move(word));
  }
}

// The words in columns, as many as the screen has room for.
void show_words(const std::vector<std::string>& words, std::size_t columns) {
  const std::size_t shown = std::min(words.size(), kMostShown);
  std::size_t width = 1;
  for (std::size_t i = 0; i < shown; ++i) width = std::max(width, cells_of(wide(words[i])) + 2);
  const std::size_t across = std::max<std::size_t>(1, columns / width);
  const std::size_t down = (shown + across - 1) / across;
  std::string text = "\n";
  for (std::size_t row = 0; row < down; ++row) {
    for (std::size_t i = row; i < shown; i += down)
      text += i + down < shown ? words[i] + std::string(width - cells_of(wide(words[i])), ' ') : words[i];
    text += '\n';
  }
  if (shown < words.size()) text += fmt::format("and {} more\n", words.size() - shown);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

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

TypedLines::TypedLines(const std::string& prompt, Complete complete) : complete_(std::move(complete)) {
  // libedit drops the bytes that it cannot decode, and in the locale "C" those are all beyond ASCII.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  prompt_ = wide(prompt);
  for (const char* const size : {"COLUMNS", "LINES"}) keep_in_bounds(size);
  history_ = history_winit();
  HistEventW event;
  history_w(history_, &event, H_SETSIZE, static_cast<int>(kMostRemembered));
  edit_ = el_init("bachsim", stdin, stdout, stderr);
  if (edit_ == nullptr) return;
  el_set(edit_, EL_CLIENTDATA, this);
  el_set(edit_, EL_SIGNAL, 0);
  el_wset(edit_, EL_PROMPT, prompt_of);
  el_wset(edit_, EL_HIST, history_w, history_);
  el_wset(edit_, EL_GETCFN, read_key);
  el_set(edit_, EL_EDITOR, "emacs");
  // The narrow one would leak its words.
  el_wset(edit_, EL_ADDFN, L"complete-word", L"completes the word before the cursor", complete_word);
  struct Binding {
    const char* keys;
    const char* does;
  };
  static constexpr std::array kBindings{
      Binding{"^I", "complete-word"},           Binding{"^R", "em-inc-search-prev"},
      Binding{"\\e[1~", "ed-move-to-beg"},      Binding{"\\e[7~", "ed-move-to-beg"},
      Binding{"\\e[H", "ed-move-to-beg"},       Binding{"\\e[4~", "ed-move-to-end"},
      Binding{"\\e[8~", "ed-move-to-end"},      Binding{"\\e[F", "ed-move-to-end"},
      Binding{"\\e[3~", "ed-delete-next-char"}, Binding{"\\e[1;5C", "em-next-word"},
      Binding{"\\e[1;5D", "ed-prev-word"},      Binding{"\\e[5C", "em-next-word"},
      Binding{"\\e[5D", "ed-prev-word"},
  };
  for (const Binding& each : kBindings) el_set(edit_, EL_BIND, each.keys, each.does, nullptr);
  el_source(edit_, nullptr);  // what the user has said in ~/.editrc
  // Commands of vi's with which libedit crashes at a quote, and which bring a line of any length.
  for (const char* const key : {":", "v"}) el_set(edit_, EL_BIND, "-a", key, "ed-unassigned", nullptr);
  const char* editor = "emacs";
  el_get(edit_, EL_EDITOR, &editor);
  has_meta_ = std::string_view(editor) == "emacs";
  // Ctrl-C, Ctrl-Z and Ctrl-\ are keys among keys while a line is typed, so that each comes in its turn.
  termios modes{};
  if (tcgetattr(STDIN_FILENO, &modes) != 0) return;
  interrupt_ = of_terminal(modes.c_cc[VINTR]);
  suspend_ = of_terminal(modes.c_cc[VSUSP]);
  quit_ = of_terminal(modes.c_cc[VQUIT]);
  for (const char* const mode : {"-d", "-q"}) el_set(edit_, EL_SETTY, mode, "-isig", nullptr);
}

TypedLines::~TypedLines() {
  if (edit_ != nullptr) el_end(edit_);
  history_wend(history_);
}

wchar_t* TypedLines::prompt_of(EditLine* edit) {
  void* self = nullptr;
  el_get(edit, EL_CLIENTDATA, &self);
  return static_cast<TypedLines*>(self)->prompt_.data();
}

std::wstring_view TypedLines::line() const {
  const LineInfoW* const info = el_wline(edit_);
  return {info->buffer, info->lastchar};
}

std::wstring_view TypedLines::before_cursor() const {
  const LineInfoW* const info = el_wline(edit_);
  return {info->buffer, info->cursor};
}

// A match of a search is shown with what is searched for, each of which has room by itself; so there must be room for
// two. libedit crashes where a line is about as long as the screen.
bool TypedLines::measure() {
  el_resize(edit_);
  int rows = 0;
  int columns = 0;
  el_get(edit_, EL_GETTC, "li", &rows);
  el_get(edit_, EL_GETTC, "co", &columns);
  // A wide character may leave the last cell of a row empty.
  const std::size_t cells =
      static_cast<std::size_t>(std::max(rows - 1, 0)) * static_cast<std::size_t>(std::max(columns - 1, 0)) / 2;
  const std::size_t before = most_;
  most_ = cells > prompt_.size() ? cells - prompt_.size() : 0;
  if (most_ < before) {
    HistEventW event;
    history_w(history_, &event, H_CLEAR);
    for (const std::wstring& each : lines_) enter(each);
  }
  return most_ >= kLeastCells;
}

bool TypedLines::has_room(std::size_t cells) const { return cells_of(line()) + cells <= most_; }

constexpr wchar_t kQuote = L'\x16';

// Keys that could make the line longer than there is room for.
bool TypedLines::is_refused(wchar_t key) const {
  constexpr wchar_t kYank = L'\x19';
  constexpr std::size_t kMostCells = 8;  // of any character; what is quoted must be taken
  // A sequence must be taken as well, and libedit may not know it and take its keys for text. That is little beside the
  // half of the screen that a line leaves.
  constexpr std::size_t kMostBeyond = kLeastCells / 2;
  const bool is_text = std::iswprint(static_cast<wint_t>(key)) != 0;
  switch (keys_) {
    case Keys::Escape:
    case Keys::Sequence:
      return is_text && cells_of(line()) + cells_of(key) > most_ + kMostBeyond;
    case Keys::Quote:
      return !has_room(cells_of(key));
    case Keys::Plain:
    case Keys::Tab:
      break;
  }
  if (key == kYank) return !has_room(longest_);
  if (key == kQuote) return !has_room(kMostCells);
  return is_text && !has_room(cells_of(key));
}

void TypedLines::note(wchar_t key) {
  tab_again_ = key == L'\t' && keys_ == Keys::Tab;
  constexpr wchar_t kEscape = L'\x1B';
  if (keys_ == Keys::Escape && (key == L'[' || key == L'O'))
    keys_ = Keys::Sequence;
  else if (keys_ == Keys::Sequence && (key < L'@' || key > L'~'))
    return;  // it goes on
  else
    keys_ = key == kEscape                          ? Keys::Escape
            : key == kQuote && keys_ != Keys::Quote ? Keys::Quote
            : key == L'\t'                          ? Keys::Tab
                                                    : Keys::Plain;
}

// The next byte; empty at the end, or when the line is given up.
std::optional<char> TypedLines::read_byte() {
  for (;;) {
    const bool ready = signals_->wait();
    if (signals_->is_given_up()) return std::nullopt;
    if (signals_->is_to_stop()) stop(false);
    if (!ready) continue;
    char byte = 0;
    const ssize_t count = read(STDIN_FILENO, &byte, 1);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    return count == 1 ? std::optional(byte) : std::nullopt;
  }
}

// The shell has the terminal meanwhile, and may give it back in another state.
void TypedLines::stop(bool all) {
  termios typing{};
  const bool known = tcgetattr(STDIN_FILENO, &typing) == 0;
  if (edits_) el_set(edit_, EL_PREP_TERM, 0);
  signals_->stop(all);
  if (known) tcsetattr(STDIN_FILENO, TCSADRAIN, &typing);
  if (edits_) el_set(edit_, EL_REFRESH);
}

// Behind an Escape that is the Meta key: a number would have the next key's doing so many times, and libedit crashes by
// commands of its own with a quote in them (x, X) and by copies of copies of a word.
constexpr std::wstring_view kUnwanted = L"0123456789-xX\x1F";
constexpr wchar_t kBell = L'\a';  // rings, and does nothing else

// libedit takes these for Escape with another key.
bool is_of_escape(wchar_t key) { return key >= L'\x80' && key <= L'\x9F'; }

// libedit reads keys by this, and not by itself: an interrupt is to give up what was typed before it alone, and no key
// may make the line too long.
int TypedLines::read_key(EditLine* edit, wchar_t* to) {
  void* client = nullptr;
  el_get(edit, EL_CLIENTDATA, &client);
  auto& self = *static_cast<TypedLines*>(client);
  const LineInfoW* const info = el_wline(edit);
  if (info->cursor < info->buffer) el_cursor(edit, 1);  // so vi's `$` leaves it in an empty line
  self.longest_ = std::max(self.longest_, cells_of(self.line()));
  std::mbstate_t state{};
  for (;;) {
    const std::optional<char> byte = self.read_byte();
    if (!byte) return self.signals_->is_given_up() ? -1 : 0;
    wchar_t key = 0;
    std::size_t decoded = std::mbrtowc(&key, &*byte, 1, &state);
    if (decoded == static_cast<std::size_t>(-1)) {  // what came before it is no text, and is left out
      state = {};
      decoded = std::mbrtowc(&key, &*byte, 1, &state);
      if (decoded == static_cast<std::size_t>(-1)) state = {};
    }
    if (decoded == static_cast<std::size_t>(-2)) continue;
    // A Ctrl-D that is typed before libedit reads comes as a NUL.
    if (decoded == static_cast<std::size_t>(-1) || key == L'\0') continue;
    if (self.keys_ != Keys::Quote) {
      if (key == self.interrupt_) {
        self.signals_->give_up();
        return -1;
      }
      if (key == self.suspend_) {
        self.stop(true);
        continue;
      }
      if (key == self.quit_) {
        el_set(edit, EL_PREP_TERM, 0);
        kill(0, SIGQUIT);
        continue;
      }
    }
    const bool unwanted =
        (self.keys_ == Keys::Escape && self.has_meta_ && kUnwanted.find(key) != std::wstring_view::npos) ||
        (self.keys_ != Keys::Quote && is_of_escape(key));
    *to = unwanted || self.is_refused(key) ? kBell : key;
    self.note(*to);
    return 1;
  }
}

void TypedLines::insert(std::string_view text) {
  if (has_room(cells_of(wide(text))))
    el_winsertstr(edit_, wide(text).c_str());
  else
    el_beep(edit_);
}

// As far as all words go that begin so; if that is no farther, a second Tab shows them.
unsigned char TypedLines::complete_word(EditLine* edit, int) {
  void* client = nullptr;
  el_get(edit, EL_CLIENTDATA, &client);
  auto& self = *static_cast<TypedLines*>(client);
  const std::string before = narrow(self.before_cursor());
  const std::size_t at = before.find_last_of(" \t\n\"\\'`@$><=;|&{(") + 1;
  const std::string begin = before.substr(at);
  Completions found = self.complete_(split(std::string_view(before).substr(0, at)));
  if (found.files) add_files(begin, found.words);
  std::erase_if(found.words, [&](const std::string& word) { return !word.starts_with(begin); });
  std::ranges::sort(found.words);
  const auto again = std::ranges::unique(found.words);
  found.words.erase(again.begin(), again.end());
  if (found.words.empty()) return CC_REFRESH_BEEP;
  // Words are in order, so what the first and the last have in common all have.
  const std::string& first = found.words.front();
  const std::string& last = found.words.back();
  const auto common = static_cast<std::size_t>(std::ranges::mismatch(first, last).in1 - first.begin());
  if (found.words.size() == 1)
    self.insert(first.substr(begin.size()) + (first.ends_with('/') ? "" : " "));
  else if (common > begin.size())
    self.insert(first.substr(begin.size(), common - begin.size()));
  else if (self.tab_again_)
    return self.show(found.words);
  else
    return CC_REFRESH_BEEP;
  return CC_REFRESH;
}

unsigned char TypedLines::show(const std::vector<std::string>& words) {
  int columns = 0;
  el_get(edit_, EL_GETTC, "co", &columns);
  show_words(words, static_cast<std::size_t>(std::max(columns - 1, 1)));
  return CC_REDISPLAY;
}

void TypedLines::enter(const std::wstring& line) {
  HistEventW event;
  if (cells_of(line) <= most_) history_w(history_, &event, H_ENTER, line.c_str());
}

void TypedLines::remember(const std::wstring& line) {
  if (line.empty()) return;
  if (lines_.size() == kMostRemembered) lines_.erase(lines_.begin());
  lines_.push_back(line);
  enter(line);
}

// On failure or at the end, empty.
std::optional<std::string> TypedLines::edited() {
  keys_ = Keys::Plain;
  int count = 0;
  const wchar_t* const text = el_wgets(edit_, &count);
  if (text == nullptr || count <= 0) return std::nullopt;
  std::wstring line(text, static_cast<std::size_t>(count));
  if (line.ends_with(L'\n')) line.pop_back();
  longest_ = std::max(longest_, cells_of(line));
  remember(line);
  return narrow(line);
}

// What was typed while libedit had the terminal has line ends of that.
std::optional<std::string> TypedLines::plain() {
  if (edit_ != nullptr) el_set(edit_, EL_PREP_TERM, 0);
  std::fputs(narrow(prompt_).c_str(), stdout);
  std::fflush(stdout);
  std::string line;
  for (bool begun = false;; begun = true) {
    const std::optional<char> byte = read_byte();
    if (!byte) return begun && !signals_->is_given_up() ? std::optional(line) : std::nullopt;
    if (*byte == '\n' || *byte == '\r') return line;
    line += *byte;
  }
}

std::optional<std::string> TypedLines::next() {
  signals_.emplace();
  for (;;) {
    edits_ = edit_ != nullptr && measure();
    auto line = edits_ ? edited() : plain();
    const bool again = signals_->take_interrupt();
    if (again || !line) std::fputs("\n", stdout);  // Ctrl-C and Ctrl-D leave the cursor behind the line
    std::fflush(stdout);
    if (again) continue;
    signals_.reset();
    return line;
  }
}

}  // namespace bachsim
