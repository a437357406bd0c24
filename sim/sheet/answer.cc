#include "sim/sheet/answer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace bachsim {
namespace {

// The signs of word processors that mean one that a keyboard has.
struct Sign {
  std::string_view written;
  char means;
};
constexpr std::array<Sign, 21> kSigns{
    {{"\xC2\xA0", ' '},     {"\xE2\x80\x8B", ' '}, {"\xEF\xBB\xBF", ' '}, {"\xE2\x86\x92", ' '}, {"\xE2\x80\x98", ' '},
     {"\xE2\x80\x99", ' '}, {"\xE2\x80\x9C", ' '}, {"\xE2\x80\x9D", ' '}, {"\xE2\x80\xA6", '.'}, {"\xE2\x80\xA2", ' '},
     {"\xE2\x80\x90", '-'}, {"\xE2\x80\x91", '-'}, {"\xE2\x80\x92", '-'}, {"\xE2\x80\x93", '-'}, {"\xE2\x80\x94", '-'},
     {"\xE2\x88\x92", '-'}, {"\xE2\x89\xA0", '!'}, {"\xE2\x89\xA4", '<'}, {"\xE2\x89\xA5", '>'}, {"\xE2\x89\x88", '~'},
     {"\xC2\xB1", '~'}}};

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

// The number at the beginning of a text, which loses it. The text begins with a digit.
AnswerToken take_number(std::string_view& text) {
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
  if (digits.empty()) throw UnclearAnswer{"a number is wanted"};
  std::int64_t number = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error != std::errc() || stop != digits.data() + digits.size()) throw UnclearAnswer{"the number is too large"};
  if (i + 1 < text.size() && (text[i] == '.' || text[i] == ',') && is_digit(text[i + 1]))
    throw UnclearAnswer{"it is no whole number"};
  std::int64_t factor = 1;
  constexpr std::string_view kSuffixes = "kmg";
  const std::size_t suffix = i < text.size() ? kSuffixes.find(text[i]) : std::string_view::npos;
  const std::string_view behind = text.substr(std::min(text.size(), i + 1));
  const std::string_view unit =
      behind.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(behind, is_letter) - behind.begin()));
  if (suffix != std::string_view::npos && (unit.empty() || unit == "b" || unit == "ib")) {
    factor = std::int64_t{1} << (10 * (suffix + 1));
    number = so_many_times(number, factor);
    i += 1 + unit.size();
  }
  text.remove_prefix(i);
  // `3rd` and `3pages` are numbers, `1e3` and `0b11` are others than they begin with.
  const auto word = std::ranges::find_if_not(text, is_letter);
  const bool goes_on = word != text.end() && (is_digit(*word) || is_beyond_ascii(*word));
  if (goes_on || (base == 16 && word != text.begin()))
    throw UnclearAnswer{"the number is written in a way that is not known here"};
  return {.number = number, .factor = unit.empty() ? 1 : factor};  // `38000K` is no 38000
}

}  // namespace

bool means_nothing(std::string_view word) {
  static constexpr std::array<std::string_view, 7> kNothingWords{"none", "no",      "never",  "null",
                                                                 "nil",  "nothing", "nowhere"};
  return is_one_of(word, kNothingWords);
}

bool denies(std::string_view word) {
  static constexpr std::array<std::string_view, 14> kDenials{"not",     "cannot",   "t",    "false",   "clear",
                                                             "cleared", "off",      "zero", "neither", "nor",
                                                             "invalid", "inactive", "isn",  "without"};
  return (means_nothing(word) && word != "never") || is_one_of(word, kDenials) ||
         (word.starts_with("un") && word != "under");
}

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

namespace {

// Behind a bracket that is closed there may be another answer: `4 (P) 5 (C)`. `text` begins with the bracket.
void refuse_behind_brackets(std::string_view text) {
  std::size_t depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    if (depth == 0 && (is_letter(c) || is_digit(c) || is_beyond_ascii(c)))
      throw UnclearAnswer{"what stands behind the bracket may be another answer"};
    if (c == ')' && depth > 0) --depth;
  }
}

}  // namespace

AnswerParts parts_of(std::string_view text, Commas commas, bool truth) {
  static constexpr std::array<std::string_view, 3> kReasons{" because", " since ", " as "};
  static constexpr std::array<std::string_view, 3> kExplains{"(", "//", "#"};
  static constexpr std::array<std::string_view, 3> kMayExplain{";", " - ", " -- "};
  for (const std::string_view mark : kReasons) text = text.substr(0, text.find(mark, 1));
  std::size_t end = text.size();
  for (const std::string_view mark : kExplains) end = std::min(end, text.find(mark, 1));
  if (text.substr(end).starts_with('(')) refuse_behind_brackets(text.substr(end));
  const auto parts = [&](std::size_t value) {
    return AnswerParts{
        .value = text.substr(0, value), .aside = text.substr(value, end - value), .behind = text.substr(value)};
  };
  for (std::size_t i = 1; i < end; ++i) {
    const std::string_view rest = text.substr(i, end - i);
    const auto* const mark =
        std::ranges::find_if(kMayExplain, [&](std::string_view each) { return rest.starts_with(each); });
    if (commas == Commas::GoOn || (rest.front() != ',' && mark == kMayExplain.end())) continue;
    const std::size_t signs = signs_before_number(rest.substr(1));
    if (signs == std::string_view::npos || (truth && is_letter(text.front()))) return parts(i);
    i += signs;
  }
  return parts(end);
}

std::int64_t so_many_times(std::int64_t number, std::int64_t factor) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  if (number > kMost / factor || number < -kMost / factor) throw UnclearAnswer{"the number is too large"};
  return number * factor;
}

std::optional<std::int64_t> AnswerToken::value() const { return number ? number : number_of_word(word); }

std::vector<AnswerToken> answer_tokens(std::string_view text) {
  std::vector<AnswerToken> all;
  char before = ' ';     // the last sign; that of a comparison stays until a word or number
  bool touches = false;  // a word or number comes just before
  while (!text.empty()) {
    const bool minus = text.size() > 1 && text.front() == '-' && is_digit(text[1]);
    if (minus && touches) throw UnclearAnswer{"it is no single value"};
    if (minus) text.remove_prefix(1);
    const char c = text.front();
    if (is_digit(c)) {
      if (before == '<' || before == '>' || before == '!' || before == '~')
        throw UnclearAnswer{"it is no single value"};
      if (before == '.') throw UnclearAnswer{"it is no whole number"};
      if (!all.empty() && (before == '+' || before == '/' || before == '*' || before == '^'))
        throw UnclearAnswer{"a number is wanted, and no formula"};
      if (before == '-' && all.empty()) throw UnclearAnswer{"the minus stands apart from its number"};
      all.push_back(take_number(text));
      if (minus) all.back().number = -*all.back().number;
      before = ' ';
      touches = true;
    } else if (is_letter(c)) {
      if (before == '!' || before == '~') throw UnclearAnswer{"it is no single value"};
      const auto end =
          std::ranges::find_if_not(text, [](char each) { return is_letter(each) || is_digit(each) || each == '_'; });
      all.push_back({.word = std::string(text.begin(), end)});
      text.remove_prefix(all.back().word.size());
      before = ' ';
      touches = true;
    } else {
      const bool arrow = before == '-' && c == '>';
      const bool compares = before == '<' || before == '>' || before == '!' || before == '~';
      const bool apart = before == '-' && all.empty();
      const bool joins = apart || before == '+' || before == '/' || before == '*' || before == '^';
      const bool exclaims = c == '!' && touches && !text.substr(1).starts_with('=');
      if (arrow || (!compares && !(joins && c == ' '))) before = arrow || exclaims ? ' ' : c;
      touches = false;
      text.remove_prefix(1);
    }
  }
  return all;
}

std::vector<std::string_view> words_of_letters(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text, is_letter) - text.begin());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::max<std::size_t>(end, 1));
  }
  return words;
}

}  // namespace bachsim
