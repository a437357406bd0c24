#include "sim/sheet/filled.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "sim/sheet/sheet_forms.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

constexpr std::size_t kLongestStudent = 200;  // bytes of a name

// A blank of a keyboard, and what mail programs and word processors put in its place: bullets, too.
constexpr std::array<std::string_view, 10> kBlankSigns{
    " ", "\t", "\r", "\n", "\xE2\x80\xAF", "\xC2\xA0", "\xE2\x80\x8B", "\xEF\xBB\xBF", "\xE2\x80\xA2", "\xC2\xB7"};

// The bytes of the blank that a text begins with; 0: with none.
std::size_t blank_at(std::string_view text) {
  const auto* const found =
      std::ranges::find_if(kBlankSigns, [&](std::string_view each) { return text.starts_with(each); });
  return found == kBlankSigns.end() ? 0 : found->size();
}

std::string_view without_margins(std::string_view text) {
  while (const std::size_t blank = blank_at(text)) text.remove_prefix(blank);
  const auto ends = [&](std::string_view each) { return text.ends_with(each); };
  for (auto last = std::ranges::find_if(kBlankSigns, ends); last != kBlankSigns.end();
       last = std::ranges::find_if(kBlankSigns, ends))
    text.remove_suffix(last->size());
  return text;
}

// A line without what mail programs and Markdown put around it.
std::string_view bare(std::string_view line) {
  line = without_margins(line);
  while (!line.empty() && (line.front() == '>' || line.front() == '*' || line.front() == '-'))
    line = without_margins(line.substr(1));
  return line;
}

// A line without the marks with which a mail program quotes it.
std::string_view unquoted(std::string_view line) {
  line = without_margins(line);
  while (line.starts_with('>')) line = without_margins(line.substr(1));
  return line;
}

bool is_markup(char c) { return c == '`' || c == '*' || c == '\\'; }

bool is_quoted(std::string_view line) { return without_margins(line).starts_with('>'); }

// Bytes before the text of a line, or between it and the marks with which it is quoted.
std::size_t indent_of(std::string_view line) {
  const auto text = static_cast<std::size_t>(unquoted(line).data() - line.data());
  const std::size_t mark = line.substr(0, text).rfind('>');
  return mark == std::string_view::npos ? text : text - mark - 1;
}

// Letters of a line that count when it is looked for, and where each stands.
struct Squeezed {
  std::string letters{};
  std::vector<std::size_t> places{};  // [letter]: in the line

  explicit Squeezed(std::string_view line) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (const std::size_t blank = blank_at(line.substr(i))) {
        i += blank - 1;
        continue;
      }
      if (is_markup(line[i]) || (line[i] == '#' && letters.empty())) continue;
      const char c = line[i];
      letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
      places.push_back(i);
    }
  }
};

// Calls visit(place, line) for each line of a part of a text, without its end.
template <class Visit>
void for_each_line(const Sources& sources, const SheetRange& range, Visit&& visit) {
  const std::string_view text = std::string_view(sources.text(range.file)).substr(0, range.end);
  for (std::size_t begin = range.begin; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    visit(Place{sources.start(range.file).offset + static_cast<std::uint32_t>(begin)}, text.substr(begin, end - begin));
    begin = end + 1;
  }
}

Place place_inside(Place line, std::string_view whole, std::string_view part) {
  return {line.offset + static_cast<std::uint32_t>(part.data() - whole.data())};
}

// Behind a word that a line begins with, in upper or lower case; nothing if it does not.
std::optional<std::string_view> rest_behind(std::string_view word, std::string_view line) {
  const auto alike = [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c + 0; };
    return lower(a) == lower(b);
  };
  if (line.size() < word.size() || !std::ranges::equal(line.substr(0, word.size()), word, alike)) return std::nullopt;
  return without_margins(line.substr(word.size()));
}

class FilledReader {
 public:
  FilledReader(const Sources& sources, const Sheet& sheet, std::string_view next_title)
      : sources_(sources), sheet_(sheet), questions_(sheet.questions()) {
    for (const Question* question : questions_) {
      filled_.blanks.emplace_back(question->blanks.size());
      filled_.in_words.emplace_back();
      lines_.emplace_back(*question);
    }
    for (std::size_t i = 0; i < sheet.parts.size(); ++i) {
      if (std::holds_alternative<Question>(sheet.parts[i])) ends_.push_back(line_behind(i, next_title));
    }
  }

  Filled read(const SheetRange& range) {
    for_each_line(sources_, range, [this](Place place, std::string_view line) { read_line(place, line); });
    if (begun_) go_on(*begun_);
    for (std::string& words : filled_.in_words) {
      while (!words.empty() && words.back() == '\n') words.pop_back();
    }
    return std::move(filled_);
  }

 private:
  // The lines of a question as lines are looked for, made once: a sheet has as many lines as its student wants.
  struct SqueezedLines {
    std::string first;
    std::vector<std::string> blanks{};  // without what is filled in

    explicit SqueezedLines(const Question& question) {
      const std::string level =
          question.level == Level::Any ? "" : fmt::format("({})", kLevels[static_cast<std::size_t>(question.level)]);
      first = Squeezed(fmt::format("{}.{}{}", question.number, level, question.text)).letters;
      for (const Blank& blank : question.blanks) blanks.push_back(Squeezed(blank.asks).letters);
    }
  };

  // The first line behind a question, of its sheet or of the next one; empty where another question stands there.
  [[nodiscard]] std::string line_behind(std::size_t part, std::string_view next_title) const {
    if (part + 1 == sheet_.parts.size()) return Squeezed(next_title).letters;
    const auto* lines = std::get_if<ScriptLines>(&sheet_.parts[part + 1]);
    if (lines != nullptr) return Squeezed(lines->lines.front()).letters;
    const auto* given = std::get_if<GivenTable>(&sheet_.parts[part + 1]);
    return given == nullptr ? std::string() : Squeezed(given->title + ":").letters;
  }

  // The blank that the last lines belong to.
  struct Open {
    Written* blank = nullptr;
    bool quoted = false;               // its line is, so that answers may stand below it
    bool filled = false;               // in its line
    std::size_t indent = 0;            // of its line
    bool gap = false;                  // an empty line has come since
    const Written* waiting = nullptr;  // the blank just above it, if nothing stands for that either
  };

  // A line without the marks of a mail program.
  struct Line {
    Place place{};
    std::string text{};
    bool quoted = false;
    std::size_t indent = 0;
    std::string letters{};
  };

  void read_line(Place place, std::string_view whole) {
    const std::string_view line = bare(whole);
    if (const auto name = rest_behind(kNameWord, line); name && filled_.student.empty() && !at_) {
      for (const char c : *name) filled_.student += c == '_' || is_markup(c) ? ' ' : c;
      filled_.student = shortened(without_margins(filled_.student), kLongestStudent);
      return;
    }
    const Squeezed squeezed(line);
    const std::optional<Line> begun = std::exchange(begun_, {});
    if (begins_question(squeezed)) {
      if (begun) go_on(*begun);
      close();
      return;
    }
    if (!at_) return;
    if (words_open_ && !ends_[*at_].empty() && squeezed.letters == ends_[*at_]) words_open_ = false;
    const auto words = rest_behind(kAnswerWord, line);
    if (words && questions_[*at_]->blanks.empty()) {
      words_open_ = true;
      ++filled_.found;
      return add_words(*words);
    }
    if (words_open_) return add_words(unquoted(whole));
    const std::string_view text = unquoted(whole);
    if (begun && take_blank(place, whole, text, *begun)) return;
    Line now{.place = place_inside(place, whole, text),
             .text = std::string(text),
             .quoted = is_quoted(whole),
             .indent = indent_of(whole),
             .letters = Squeezed(text).letters};
    if (begun && !now.letters.empty() && begins_blank(begun->letters + now.letters)) {
      begun_ = *begun;
      begun_->text += "; " + now.text;
      begun_->letters += now.letters;
      return;
    }
    if (begun) go_on(*begun);
    if (take_blank(place, whole, line, {})) return;
    if (begins_blank(squeezed.letters)) {
      now.letters = squeezed.letters;
      begun_ = std::move(now);
      return;
    }
    if (line.contains("==") && !questions_[*at_]->blanks.empty())
      filled_.troubles.push_back({place_inside(place, whole, line), "this line answers nothing that the sheet asks"});
    go_on(now);
  }

  // Whether a line is the first of a question, `2. How many ...`.
  bool begins_question(const Squeezed& line) {
    constexpr std::size_t kMost = 24;
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      const std::string& text = lines_[i].first;
      const std::size_t most = std::min({kMost, text.size(), line.letters.size()});
      if (most < std::min(kMost, text.size()) || line.letters.compare(0, most, text, 0, most) != 0) continue;
      at_ = i;
      words_open_ = false;
      return true;
    }
    return false;
  }

  void add_words(std::string_view words) {
    std::string& text = filled_.in_words[*at_];
    std::string line;
    for (const char c : words) {
      if (c == '_' && line.ends_with('\\')) line.pop_back();  // as Markdown has it
      line += c == '_' ? ' ' : c;
    }
    const std::string_view rest = without_margins(line);
    if (!rest.empty() || !text.empty()) text += fmt::format("{}\n", rest);
  }

  // Whether a line is one of the sheet's blanks, filled or not. `begun`: the line before, if a mail program has broken
  // one that was too long.
  bool take_blank(Place place, std::string_view whole, std::string_view line, const Line& begun) {
    const Squeezed squeezed(line);
    const std::string letters = begun.letters + squeezed.letters;
    // The longest name, as one may begin another; of equal ones the first that has nothing yet.
    const std::vector<std::string>& blanks = lines_[*at_].blanks;
    std::size_t best = blanks.size();
    std::size_t length = 0;
    for (std::size_t i = 0; i < blanks.size(); ++i) {
      const std::string& asks = blanks[i];
      if (!letters.starts_with(asks) || asks.size() <= length) continue;
      const char next = asks.size() < letters.size() ? letters[asks.size()] : '\0';
      if (next != '=' && next != ':') continue;
      best = i;
      length = asks.size();
    }
    if (best == blanks.size()) return false;
    while (length < letters.size() && (letters[length] == '=' || letters[length] == ':')) ++length;
    const std::size_t end = squeezed.places[length - begun.letters.size() - 1] + 1;  // behind the sign
    const std::string_view answer = without_margins(line.substr(end));
    auto& written = filled_.blanks[*at_][best];
    if (written) {
      filled_.troubles.push_back(
          {place_inside(place, whole, line), "this is answered twice", {{written->place, "it is here, too"}}});
      return true;
    }
    ++filled_.found;
    written = Written{.text = std::string(answer), .place = place_inside(place, whole, answer.empty() ? line : answer)};
    const bool quoted = is_quoted(whole) || begun.quoted;
    const bool waits = open_.blank != nullptr && open_.quoted && quoted && is_frame(open_.blank->text);
    open_ = {.blank = &*written,
             .quoted = quoted,
             .filled = !is_frame(answer),
             .indent = indent_of(whole),
             .waiting = waits ? &*open_.blank : nullptr};
    return true;
  }

  // Whether such a letter sequence is a blank without its sign, or the beginning of one.
  [[nodiscard]] bool begins_blank(const std::string& letters) const {
    return !letters.empty() &&
           std::ranges::any_of(lines_[*at_].blanks, [&](const std::string& asks) { return asks.starts_with(letters); });
  }

  // What a sheet prints for an answer, or nothing.
  static bool is_frame(std::string_view answer) { return answer.find_first_not_of("_\\`* ") == std::string_view::npos; }

  // A line that is nothing else goes on with the answer before it, or is that answer: it has been broken off, or stands
  // below a line that is quoted. One that stands further in is a note on the answer, and nobody reads it.
  void go_on(const Line& line) {
    if (open_.blank == nullptr || (is_frame(line.text) && !line.text.empty())) return;
    if (line.text.empty()) {
      open_.gap = true;
      if (!open_.quoted) close();
      return;
    }
    const bool below = open_.quoted && !line.quoted;
    const bool elsewhere = open_.gap ? !below || open_.filled : line.quoted && !open_.quoted;
    const bool is_note = open_.filled && !below && line.indent > open_.indent;
    if (elsewhere || is_note || line.text == "--" || line.text.contains("==") || line.letters == ends_[*at_])
      return close();
    if (below && open_.waiting != nullptr) {
      filled_.troubles.push_back({line.place,
                                  "this may answer any of the blanks above it; an answer stands below its own one",
                                  {{open_.waiting->place, "this one is not answered either"}}});
      return close();
    }
    if (is_frame(open_.blank->text))
      *open_.blank = Written{.text = line.text, .place = line.place};
    else
      open_.blank->text += "; " + line.text;
  }

  void close() { open_ = {}; }

  const Sources& sources_;
  const Sheet& sheet_;
  std::vector<const Question*> questions_;
  std::vector<SqueezedLines> lines_{};  // [question]
  std::vector<std::string> ends_{};     // [question]: the line at which its answer in words ends
  std::optional<std::size_t> at_{};     // the question that the line belongs to
  bool words_open_ = false;
  std::optional<Line> begun_{};  // the last line, if it may be the beginning of a blank
  Open open_{};
  Filled filled_{};
};

// A word of the head and the one behind it, taken off its front.
std::string_view take_word(std::string_view& rest) {
  rest = without_margins(rest);
  std::size_t end = 0;
  while (end < rest.size() && blank_at(rest.substr(end)) == 0) ++end;
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(word.size());
  return word;
}

}  // namespace

std::vector<SheetRange> find_sheets(const Sources& sources, std::size_t file) {
  std::vector<SheetRange> sheets;
  const SheetRange whole{.file = file, .begin = 0, .end = sources.text(file).size()};
  for_each_line(sources, whole, [&](Place place, std::string_view line) {
    if (!rest_behind(kSheetWord, bare(line)) || sheets.size() == kMostSheetsOfText) return;
    const std::size_t begin = sheets.empty() ? 0 : place.offset - sources.start(file).offset;
    if (!sheets.empty()) sheets.back().end = begin;
    sheets.push_back({.file = file, .begin = begin, .end = whole.end});
  });
  if (sheets.empty()) sheets.push_back(whole);
  return sheets;
}

std::expected<FilledHead, Diagnostic> find_head(const Sources& sources, const SheetRange& range) {
  std::optional<std::string_view> found;
  Place place{sources.start(range.file).offset + static_cast<std::uint32_t>(range.begin)};
  std::string_view whole;
  for_each_line(sources, range, [&](Place line_place, std::string_view line) {
    if (found) return;
    found = rest_behind(kSheetWord, bare(line));
    if (found) place = line_place;
    if (found) whole = line;
  });
  if (!found)
    return std::unexpected(Diagnostic{place, fmt::format("this is no sheet: no line begins with `{}`", kSheetWord)});
  std::string_view rest = *found;
  while (!rest.empty() && is_markup(rest.front())) rest.remove_prefix(1);
  while (!rest.empty() && is_markup(rest.back())) rest.remove_suffix(1);
  const Place begin = place_inside(place, whole, rest);
  const auto here = [&](std::string_view word) { return place_inside(place, whole, word); };
  FilledHead head;
  const std::string_view name = take_word(rest);
  if (name.empty()) return std::unexpected(Diagnostic{begin, "the sheet does not say which exercise it is of"});
  head.name = name;
  head.name_place = begin;
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
    const std::string_view value = take_word(rest);
    if (word != "--set" && word != "-D" && word != "--seed")
      return std::unexpected(
          Diagnostic{here(word), "only `--seed N`, `-D NAME=NUMBER` and `--set KEY=VALUE` stand behind the name"});
    if (value.empty()) return std::unexpected(Diagnostic{here(word), fmt::format("`{}` wants a word behind it", word)});
    if (word == "--set") head.settings.emplace_back(value);
    if (word == "-D") head.definitions.emplace_back(value);
    if (word != "--seed") continue;
    std::uint64_t seed = 0;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), seed);
    if (error != std::errc() || stop != value.data() + value.size())
      return std::unexpected(Diagnostic{here(value), fmt::format("`{}` is no seed", value)});
    head.seed = seed;
  }
  return head;
}

Filled read_filled(const Sources& sources, const SheetRange& range, const Sheet& sheet, std::string_view next_title) {
  return FilledReader(sources, sheet, next_title).read(range);
}

}  // namespace bachsim
