#include "sim/sheet/written.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace bachsim {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_foreign(char c) { return static_cast<unsigned char>(c) >= 0x80; }  // a part of a sign beyond ASCII
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// A reading that failed, for the student.
struct Trouble {
  std::string what;
};

// Words and numbers of an answer, in lower case.
struct Token {
  std::string word{};  // or:
  std::optional<std::int64_t> number{};
  std::int64_t factor = 1;  // that the number has in it, of `KB` and the like
};

// The signs of word processors that mean one that a keyboard has.
struct Sign {
  std::string_view written;
  char means;
};
constexpr std::array<Sign, 20> kSigns{
    {{"\xC2\xA0", ' '},     {"\xE2\x80\x8B", ' '}, {"\xEF\xBB\xBF", ' '}, {"\xE2\x86\x92", ' '}, {"\xE2\x80\x98", ' '},
     {"\xE2\x80\x99", ' '}, {"\xE2\x80\x9C", ' '}, {"\xE2\x80\x9D", ' '}, {"\xE2\x80\xA6", '.'}, {"\xE2\x80\x90", '-'},
     {"\xE2\x80\x91", '-'}, {"\xE2\x80\x92", '-'}, {"\xE2\x80\x93", '-'}, {"\xE2\x80\x94", '-'}, {"\xE2\x88\x92", '-'},
     {"\xE2\x89\xA0", '!'}, {"\xE2\x89\xA4", '<'}, {"\xE2\x89\xA5", '>'}, {"\xE2\x89\x88", '~'}, {"\xC2\xB1", '~'}}};

// Small letters and signs of a keyboard, without the frame of the blank, quotes and marks around it.
std::string cleaned(std::string_view written) {
  std::string text;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const std::string_view rest = written.substr(i);
    const auto* const sign =
        std::ranges::find_if(kSigns, [&](const Sign& each) { return rest.starts_with(each.written); });
    const char c = sign == kSigns.end() ? lower(written[i]) : sign->means;
    if (sign != kSigns.end()) i += sign->written.size() - 1;
    const bool inside = (c == '_' || c == '*') && !text.empty() && (is_letter(text.back()) || is_digit(text.back())) &&
                        i + 1 < written.size() && (is_letter(written[i + 1]) || is_digit(written[i + 1]));
    const bool frame = ((c == '_' || c == '*') && !inside) || c == '`' || c == '"' || c == '\'' || c == '\\';
    text += frame || c == '\t' || c == '\r' ? ' ' : c;
  }
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// The number that a word says.
std::optional<std::int64_t> number_of_word(std::string_view word) {
  static constexpr std::array<std::string_view, 13> kNumbers{
      "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"};
  const auto at = std::ranges::find(kNumbers, word);
  return at == kNumbers.end() ? std::nullopt : std::optional(at - kNumbers.begin());
}

// The signs before the number that a text begins with; npos: it begins with none.
std::size_t signs_before_number(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" -=<>!~,;");
  if (at == std::string_view::npos) return at;
  text.remove_prefix(at);
  const auto word = text.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(text, is_letter) - text.begin()));
  return is_digit(text.front()) || number_of_word(word) ? at : std::string_view::npos;
}

// The value, without what explains it. Words may go on behind a comma or a dash: `ready, swapped`. A number behind one
// is another answer, but where a truth is asked for: `yes, two processes`.
enum class Commas : std::uint8_t { End, GoOn };
std::string_view value_part(std::string_view text, Commas commas, bool truth) {
  static constexpr std::array<std::string_view, 6> kExplains{"(", "//", "#", " because", " since ", " as "};
  static constexpr std::array<std::string_view, 3> kMayExplain{";", " - ", " -- "};
  std::size_t end = text.size();
  for (const std::string_view mark : kExplains) end = std::min(end, text.find(mark, 1));
  for (std::size_t i = 1; i < end; ++i) {
    const std::string_view rest = text.substr(i, end - i);
    const auto* const mark =
        std::ranges::find_if(kMayExplain, [&](std::string_view each) { return rest.starts_with(each); });
    if (commas == Commas::GoOn || (rest.front() != ',' && mark == kMayExplain.end())) continue;
    const std::size_t signs = signs_before_number(rest.substr(1));
    if (signs == std::string_view::npos || (truth && is_letter(text.front()))) return text.substr(0, i);
    i += signs;
  }
  return text.substr(0, end);
}

// As many times a number; a unit of an answer says how often.
std::int64_t times(std::int64_t number, std::int64_t factor) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  if (number > kMost / factor || number < -kMost / factor) throw Trouble{"the number is too large"};
  return number * factor;
}

// The number at the beginning of a text, which loses it. The text begins with a digit.
Token take_number(std::string_view& text) {
  std::string digits;
  int base = 10;
  std::size_t i = 0;
  if (text.starts_with("0x") && text.size() > 2) {
    base = 16;
    i = 2;
  }
  const auto is_of_base = [base](char c) { return is_digit(c) || (base == 16 && c >= 'a' && c <= 'f'); };
  const auto three_behind = [&](std::size_t at) {
    return at + 3 < text.size() && std::ranges::all_of(text.substr(at + 1, 3), is_digit) &&
           (at + 4 == text.size() || !is_digit(text[at + 4]));
  };
  for (; i < text.size(); ++i) {
    const bool separates = base == 10 && (text[i] == ',' || text[i] == '_') && text.front() != '0' && three_behind(i);
    if (!is_of_base(text[i]) && !separates && !(text[i] == '_' && base == 16)) break;
    if (is_of_base(text[i])) digits += text[i];
  }
  if (digits.empty()) throw Trouble{"a number is wanted"};
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error != std::errc() || stop != digits.data() + digits.size()) throw Trouble{"the number is too large"};
  if (i + 1 < text.size() && (text[i] == '.' || text[i] == ',') && is_digit(text[i + 1]))
    throw Trouble{"it is no whole number"};
  std::int64_t factor = 1;
  constexpr std::string_view kSuffixes = "kmg";
  const std::size_t suffix = i < text.size() ? kSuffixes.find(text[i]) : std::string_view::npos;
  const std::string_view behind = text.substr(std::min(text.size(), i + 1));
  const std::string_view unit =
      behind.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(behind, is_letter) - behind.begin()));
  if (suffix != std::string_view::npos && (unit.empty() || unit == "b" || unit == "ib")) {
    factor = std::int64_t{1} << (10 * (suffix + 1));
    number = times(number, factor);
    i += 1 + unit.size();
  }
  text.remove_prefix(i);
  // `3rd` and `3pages` are numbers, `1e3` and `0b11` are others than they begin with.
  const auto word = std::ranges::find_if_not(text, is_letter);
  const bool goes_on = word != text.end() && (is_digit(*word) || is_foreign(*word));
  if (goes_on || (base == 16 && word != text.begin()))
    throw Trouble{"the number is written in a way that is not known here"};
  return {.number = number, .factor = unit.empty() ? 1 : factor};  // `38000K` is no 38000
}

std::vector<Token> tokens(std::string_view text) {
  std::vector<Token> all;
  char before = ' ';     // the last sign; that of a comparison stays until a word or number
  bool touches = false;  // a word or number comes just before
  while (!text.empty()) {
    const bool minus = text.size() > 1 && text.front() == '-' && is_digit(text[1]);
    if (minus) text.remove_prefix(1);
    const char c = text.front();
    if (is_digit(c)) {
      if (before == '<' || before == '>' || before == '!' || before == '~') throw Trouble{"it is no single value"};
      if (before == '.') throw Trouble{"it is no whole number"};
      if (!all.empty() && (before == '+' || before == '/' || before == '*' || before == '^'))
        throw Trouble{"a number is wanted, and no formula"};
      if (is_foreign(before)) throw Trouble{"the number is written in a way that is not known here"};
      all.push_back(take_number(text));
      if (minus) all.back().number = -*all.back().number;
      before = ' ';
      touches = true;
    } else if (is_letter(c)) {
      if (before == '!' || before == '~') throw Trouble{"it is no single value"};
      const auto end =
          std::ranges::find_if_not(text, [](char each) { return is_letter(each) || is_digit(each) || each == '_'; });
      all.push_back({.word = std::string(text.begin(), end)});
      text.remove_prefix(all.back().word.size());
      before = ' ';
      touches = true;
    } else {
      const bool arrow = before == '-' && c == '>';
      const bool compares = before == '<' || before == '>' || before == '!' || before == '~';
      const bool joins = before == '+' || before == '/' || before == '*' || before == '^';
      const bool exclaims = c == '!' && touches && !text.substr(1).starts_with('=');
      if (arrow || (!compares && !(joins && c == ' '))) before = arrow || exclaims ? ' ' : c;
      touches = false;
      text.remove_prefix(1);
    }
  }
  return all;
}

bool has_word(const std::vector<Token>& all, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(
      all, [&](const Token& token) { return !token.number && std::ranges::find(words, token.word) != words.end(); });
}

void refuse_doubt(const std::vector<Token>& all) {
  if (has_word(
          all,
          {"or",     "not",    "between", "about",  "maybe", "perhaps", "approximately", "roughly", "least",   "most",
           "than",   "almost", "nearly",  "around", "isn",   "isnt",    "aren",          "arent",   "neither", "nor",
           "under",  "over",   "up",      "cannot", "t",     "wasnt",   "werent",        "doesnt",  "didnt",   "hasnt",
           "havent", "cant",   "wont",    "un",     "non",   "without"}))
    throw Trouble{"it is no single value"};
}

// `none`, `never`, `no frame`
bool says_nothing(std::string_view text, const std::vector<Token>& all) {
  return text == "-" || (!all.empty() && !all.front().number &&
                         std::ranges::any_of(std::array<std::string_view, 7>{"none", "no", "never", "null", "nil",
                                                                             "nothing", "nowhere"},
                                             [&](std::string_view word) { return all.front().word == word; }));
}

std::optional<bool> truth_of_word(std::string_view word) {
  if (word == "yes" || word == "true" || word == "set") return true;
  if (word == "no" || word == "false" || word == "none" || word == "clear" || word == "nothing" || word == "never")
    return false;
  return std::nullopt;
}

// What the first truth of an answer says, which none behind it may deny: `yes/no`, `set: no`, `1, so no`; but `no bit
// set` is no. `behind`: what explains the answer. Empty if it has none but numbers.
std::optional<bool> read_truth(std::string_view text, const std::vector<Token>& all, std::string_view behind) {
  const bool two_sides = text.find_first_of("/>") != std::string_view::npos;
  std::optional<bool> first;
  bool in_words = false;
  bool of_set = false;  // what is denied
  for (const Token& token : all) {
    const auto number = token.number ? token.number : number_of_word(token.word);
    const auto truth =
        number && (*number == 0 || *number == 1) ? std::optional(*number == 1) : truth_of_word(token.word);
    in_words = in_words || truth_of_word(token.word);
    if (first && truth && *truth != *first && !(of_set && token.word == "set")) throw Trouble{"it is no single value"};
    if (first || !truth) continue;
    first = truth;
    of_set = !two_sides && (token.word == "no" || token.word == "never" || token.word == "none");
  }
  if (!first) return first;
  std::string word;
  for (const char c : std::string(behind) + " ") {
    if (is_letter(c)) {
      word += c;
    } else if (!word.empty()) {
      if (*first ? word == "no" || word == "false" || word == "clear" : word == "yes" || word == "true")
        throw Trouble{"it is no single value"};
      word.clear();
    }
  }
  return in_words ? first : std::nullopt;
}

// A number, or a word for it; `KB` and the like behind it have made it larger.
struct Reading {
  std::int64_t number;
  std::int64_t factor = 1;
};

// `no` and `set` are no numbers where there is another: `set to 0`, `4 no longer used`; but an answer may begin with
// them.
Reading read_number(const std::vector<Token>& all) {
  if (has_word(all, {"hundred",  "hundreds", "thousand", "thousands", "million", "millions", "billion",
                     "billions", "dozen",    "dozens",   "half",      "minus",   "twenty",   "thirty",
                     "forty",    "fifty",    "sixty",    "seventy",   "eighty",  "ninety"}))
    throw Trouble{"such a number is wanted in digits"};
  static constexpr std::array<std::string_view, 9> kUnits{"k", "kb", "kib", "m", "mb", "mib", "g", "gb", "gib"};
  std::optional<Reading> reading;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::optional<std::int64_t> said = all[i].number ? all[i].number : number_of_word(all[i].word);
    if (!said) continue;
    const auto unit = i + 1 == all.size() ? kUnits.end() : std::ranges::find(kUnits, all[i + 1].word);
    const std::int64_t more = unit == kUnits.end() ? 1 : std::int64_t{1} << (10 * ((unit - kUnits.begin()) / 3 + 1));
    const Reading now{.number = times(*said, more), .factor = times(all[i].factor, more)};
    if (reading && reading->number != now.number) throw Trouble{"there are two numbers"};
    reading = now;
  }
  if (reading) return *reading;
  for (const Token& token : all) {
    if (const auto truth = truth_of_word(token.word)) return {.number = *truth ? 1 : 0};
  }
  throw Trouble{"a number is wanted"};
}

// Swap and file blocks, with or without the words for them.
Disk read_disk(std::string_view text, const std::vector<Token>& all) {
  Disk disk;
  if (has_word(all, {"swap"}) + has_word(all, {"file", "fill"}) + has_word(all, {"zero"}) > 1)
    throw Trouble{"there are two disk blocks"};
  if (has_word(all, {"swap"}))
    disk.kind = DbdKind::Swap;
  else if (has_word(all, {"file"}) && !has_word(all, {"fill"}))
    disk.kind = DbdKind::File;
  else if (has_word(all, {"fill"}))
    disk.kind = DbdKind::Fill;
  else if (has_word(all, {"zero"}))
    disk.kind = DbdKind::Zero;
  else if (says_nothing(text, all))
    disk.kind = DbdKind::None;
  else
    throw Trouble{"a disk block is wanted"};
  if (disk.kind != DbdKind::Swap && disk.kind != DbdKind::File) return disk;
  std::optional<std::int64_t> block, device;
  std::vector<std::int64_t> others;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto number = all[i].number ? all[i].number : number_of_word(all[i].word);
    if (!number) continue;
    const std::string_view before = i == 0 ? std::string_view() : std::string_view(all[i - 1].word);
    if (before == "block" || before == "blk")
      block = number;
    else if (before == "device" || before == "dev")
      device = number;
    else
      others.push_back(*number);
  }
  if (!block && !others.empty()) {
    block = others.back();
    others.pop_back();
  }
  if (!device && disk.kind == DbdKind::Swap && !others.empty()) {
    device = others.back();
    others.pop_back();
  }
  if (!block || !others.empty()) throw Trouble{block ? "there are too many numbers" : "the block is wanted"};
  disk.block = static_cast<std::uint64_t>(*block);
  constexpr unsigned kNoDevice = std::numeric_limits<unsigned>::max();
  const std::int64_t said = device.value_or(1);
  const unsigned number = std::in_range<unsigned>(said) ? static_cast<unsigned>(said) : kNoDevice;
  disk.device = disk.kind == DbdKind::Swap ? number : 0;
  return disk;
}

// Letters and digits, with `_` for whatever is between them.
std::string joined(std::string_view text) {
  std::string words;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c))
      words += lower(c);
    else if (!words.empty() && words.back() != '_')
      words += '_';
  }
  while (words.ends_with('_')) words.pop_back();
  return words;
}

// The longest of the words that the text begins with.
std::string read_word(std::string_view text, std::vector<std::string> known) {
  const std::string words = joined(text);
  std::string best;
  for (const std::string& each : known) {
    const std::string word = joined(each);
    const bool begins = words.starts_with(word) && (words.size() == word.size() || words[word.size()] == '_');
    if (begins && word.size() > best.size()) best = word;
  }
  if (best.empty()) throw Trouble{fmt::format("one of these is wanted: {}", fmt::join(known, ", "))};
  for (const std::string& each : known) {
    const std::string behind = words.substr(best.size()) + "_";
    if (behind.find("_" + joined(each) + "_") != std::string::npos && joined(each) != best)
      throw Trouble{fmt::format("there are two: {} and {}", best, joined(each))};
  }
  return best;
}

// Whether two disk blocks are the same for a student, who need not say of which program a file is.
bool same(const Disk& disk, const Disk& right) {
  const bool block = disk.kind != DbdKind::Swap && disk.kind != DbdKind::File;
  return disk.kind == right.kind && (block || (disk.block == right.block && disk.device == right.device));
}

bool is_right(std::string_view written, const Blank& blank, const Field& right) {
  const bool words = blank.kind == Kind::State || blank.kind == Kind::Event;
  const bool block = blank.kind == Kind::Disk || blank.kind == Kind::Identity;
  const std::string_view text =
      value_part(written, words || block ? Commas::GoOn : Commas::End, blank.kind == Kind::Truth);
  const std::vector<Token> all = tokens(text);
  refuse_doubt(all);
  const bool nothing = says_nothing(text, all);
  const bool number_too = std::ranges::any_of(
      all, [](const Token& token) { return token.number.has_value() || number_of_word(token.word).has_value(); });
  if (nothing && number_too) throw Trouble{"it is no single value"};
  if (block) {
    const auto* disk = std::get_if<Disk>(&right);
    return same(read_disk(text, all), disk == nullptr ? Disk{} : *disk);
  }
  const auto* word = std::get_if<std::string>(&right);
  if (words || blank.kind == Kind::Errno || word != nullptr) {
    std::vector<std::string> known;
    for (const std::string_view each : words_of(blank.kind)) known.emplace_back(each);
    if (blank.kind == Kind::Errno && (nothing || (all.size() == 1 && all.front().number == 0))) return word == nullptr;
    if (blank.may_be_null && nothing) return right == Field(kNothing);
    if (known.empty()) return joined(text) == joined(word == nullptr ? "" : *word);
    const std::string said = read_word(text, std::move(known));
    return word != nullptr && said == joined(*word);
  }
  if (blank.may_be_null && nothing) return right == Field(kNothing);
  if (const auto* truth = std::get_if<bool>(&right)) {
    if (const auto said = read_truth(text, all, written.substr(text.size()))) return *said == *truth;
  }
  const Reading reading = read_number(all);
  const std::int64_t number = reading.number;
  if (const auto* value = std::get_if<std::int64_t>(&right))  // `4 KB` may be pages of 1K, or bytes
    return number == *value || (reading.factor == 1024 && number / 1024 == *value);
  if (const auto* truth = std::get_if<bool>(&right)) return number == (*truth ? 1 : 0);
  const auto* address = std::get_if<Address>(&right);
  return address != nullptr && static_cast<std::uint64_t>(number) == address->value;
}

// The values of a loop's rounds.
std::vector<std::string> split(const std::string& text) {
  const bool commas = text.find_first_of(",;") != std::string::npos;
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (commas ? c == ',' || c == ';' : c == ' ')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  for (std::string& part : parts) part = cleaned(part);
  std::erase_if(parts, [](const std::string& part) { return part.empty(); });
  return parts;
}

}  // namespace

std::string_view name(Mark mark) {
  switch (mark) {
    case Mark::Right:
      return "right";
    case Mark::Wrong:
      return "wrong";
    case Mark::Missing:
      return "missing";
    case Mark::Unclear:
      break;
  }
  return "unclear";
}

Judgement judge(std::string_view written, const Blank& blank) {
  KASSERT(!blank.answers.empty());
  const std::string text = cleaned(written);
  if (text.find_first_not_of("?. ") == std::string::npos) return {};
  try {
    const auto verdict = [](bool right) { return Judgement{.mark = right ? Mark::Right : Mark::Wrong}; };
    if (blank.answers.size() == 1) return verdict(is_right(text, blank, blank.answers.front().value));
    const std::vector<std::string> values = split(text);
    if (values.size() != blank.answers.size())
      throw Trouble{fmt::format("{} values are wanted, and here are {}", blank.answers.size(), values.size())};
    bool right = true;
    for (std::size_t i = 0; i < values.size(); ++i) right = is_right(values[i], blank, blank.answers[i].value) && right;
    return verdict(right);
  } catch (const Trouble& trouble) {
    return {.mark = Mark::Unclear, .trouble = trouble.what};
  }
}

}  // namespace bachsim
