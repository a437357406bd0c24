#include "sim/sheet/disk_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "sim/sheet/answer.h"

namespace bachsim {
namespace {

// What an answer says that consists of some words, a letter each, and which of its numbers are the block and the
// device.
//
//   S swap   F file   P its program   B block   D device   n a number   : it joins two of them
//   L fill   Z zero   O zeros         X none    C copy
constexpr std::size_t kNone = 9;
struct Shape {
  std::string_view letters;
  DbdKind kind;
  std::size_t block = kNone;
  std::size_t device = kNone;
};
constexpr auto kShapes = std::to_array<Shape>({
    {"X", DbdKind::None},           {"XC", DbdKind::None},          {"XB", DbdKind::None},
    {"Z", DbdKind::Zero},           {"O", DbdKind::Zero},           {"ZL", DbdKind::Zero},
    {"LO", DbdKind::Zero},          {"L", DbdKind::Fill},           {"LF", DbdKind::Fill},
    {"Fn", DbdKind::File, 0},       {"FBn", DbdKind::File, 0},      {"BFn", DbdKind::File, 0},
    {"BnF", DbdKind::File, 0},      {"nF", DbdKind::File, 0},       {"FPn", DbdKind::File, 0},
    {"FPBn", DbdKind::File, 0},     {"BnFP", DbdKind::File, 0},     {"BnPF", DbdKind::File, 0},
    {"Sn", DbdKind::Swap, 0},       {"SBn", DbdKind::Swap, 0},      {"BSn", DbdKind::Swap, 0},
    {"BnS", DbdKind::Swap, 0},      {"nS", DbdKind::Swap, 0},       {"Snn", DbdKind::Swap, 1, 0},
    {"Sn:n", DbdKind::Swap, 1, 0},  {"SnBn", DbdKind::Swap, 1, 0},  {"SDnBn", DbdKind::Swap, 1, 0},
    {"SDnn", DbdKind::Swap, 1, 0},  {"SDn:n", DbdKind::Swap, 1, 0}, {"SBn:n", DbdKind::Swap, 1, 0},
    {"BSn:n", DbdKind::Swap, 1, 0}, {"BSnn", DbdKind::Swap, 1, 0},  {"Bn:nS", DbdKind::Swap, 1, 0},
    {"n:nS", DbdKind::Swap, 1, 0},  {"DnBnS", DbdKind::Swap, 1, 0}, {"SnDn", DbdKind::Swap, 0, 1},
    {"SBnDn", DbdKind::Swap, 0, 1}, {"BnSn", DbdKind::Swap, 0, 1},  {"BnSDn", DbdKind::Swap, 0, 1},
    {"BnDnS", DbdKind::Swap, 0, 1},
});

constexpr auto kDiskWords = std::to_array<std::pair<std::string_view, char>>({
    {"swap", 'S'},
    {"file", 'F'},
    {"fill", 'L'},
    {"filled", 'L'},
    {"zero", 'Z'},
    {"zeros", 'O'},
    {"zeroes", 'O'},
    {"zeroed", 'O'},
    {"device", 'D'},
    {"dev", 'D'},
    {"block", 'B'},
    {"blk", 'B'},
    {"copy", 'C'},
});
// Words that tell nothing.
constexpr auto kIdleInDisks = std::to_array<std::string_view>(
    {"a",  "an",   "the",  "it",  "its",   "s",    "is",    "on",      "of",     "in",     "at",  "to",
     "by", "from", "with", "for", "there", "disk", "space", "logical", "demand", "number", "same"});

constexpr bool is_sign(char c) { return !is_digit(c) && !is_letter(c); }

// `n`: it can only be a number.
char letter_of(std::string_view word, std::string_view program) {
  const auto* const known = std::ranges::find(kDiskWords, word, &std::pair<std::string_view, char>::first);
  return known != kDiskWords.end() ? known->second : means_nothing(word) ? 'X' : word == program ? 'P' : 'n';
}

// A letter for each word that tells something, and the numbers. `program` as for read_disk.
struct Spelling {
  Spelling(std::string_view text, std::string_view program) {
    std::string signs;        // since the last word that told something
    bool in_bracket = false;  // the last word
    while (!text.empty()) {
      const bool is_program = !program.empty() && text.starts_with(program) &&
                              !text.substr(program.size()).starts_with('_') &&
                              (text.size() == program.size() || is_sign(text[program.size()]));
      const std::string_view word(text.begin(),
                                  is_program ? text.begin() + program.size() : std::ranges::find_if(text, is_sign));
      if (word.empty()) {
        signs += text.front();
        text.remove_prefix(1);
        continue;
      }
      const std::string_view behind = text.substr(word.size());
      if (!is_one_of(word, kIdleInDisks)) {
        const char letter = letter_of(word, program);
        put(letter, signs, in_bracket, word);
        in_bracket = signs.ends_with('[') || signs.ends_with('(');
        signs.clear();
      }
      text = behind;
    }
    if (signs.find_first_not_of(" .,;)]") != std::string::npos) throw UnclearAnswer{"a disk block is wanted"};
  }

  std::string letters;
  std::vector<std::int64_t> numbers;

 private:
  // `signs` stand before the word. Two numbers are a pair, or one answer behind another.
  void put(char letter, std::string_view signs, bool pair_in_bracket, std::string_view word) {
    static constexpr std::string_view kKinds = "SFLZOX";
    const char before = letters.empty() ? ' ' : letters.back();
    const bool any = signs.find_first_not_of(' ') != std::string_view::npos;
    if (signs.find_first_not_of(letters.empty() ? " ([=" : " :,;-_()[]") != std::string_view::npos)
      throw UnclearAnswer{"a disk block is wanted"};
    if (any && kKinds.contains(before) && kKinds.contains(letter) && signs != "-")
      throw UnclearAnswer{"there are two disk blocks"};
    if (letter == 'n') {
      const std::vector<AnswerToken> number = answer_tokens(word);
      const bool has_unit = is_digit(word.front()) && is_letter(word.back()) && !word.starts_with("0x");
      if (number.size() != 1 || !number.front().value() || has_unit)
        throw UnclearAnswer{fmt::format("`{}` is not understood", word)};
      if (signs.ends_with('-') && signs != "-") throw UnclearAnswer{"a block is no negative number"};
      if (before == 'n' && (signs == "-" || signs == "_")) throw UnclearAnswer{"it is no single block"};
      if (before == 'n' && signs == "," && !pair_in_bracket && word.size() == 3)
        throw UnclearAnswer{"the comma may stand in a number, or between device and block"};
      if (before == 'n' && any) letters += ':';
      numbers.push_back(*number.front().value());
    }
    letters += letter;
  }
};

// Whether what stands behind a comma only explains: it tells nothing of a block, and denies nothing.
bool explains(std::string_view behind) {
  return std::ranges::none_of(behind, is_digit) &&
         std::ranges::none_of(words_of_letters(behind), [](std::string_view word) {
           return letter_of(word, {}) != 'n' || word.starts_with("no") || word == "t" || word == "cannot" ||
                  AnswerToken{.word = std::string(word)}.value();
         });
}

}  // namespace

Disk read_disk(std::string_view text, std::string_view program) {
  if (text == "-") return {};
  if (const std::size_t comma = text.find_first_of(",;", 1); comma < text.size() && explains(text.substr(comma)))
    text = text.substr(0, comma);
  const Spelling spelling(text, program);
  const auto* const shape = std::ranges::find(kShapes, spelling.letters, &Shape::letters);
  if (shape == kShapes.end())
    throw UnclearAnswer{"a disk block is wanted, such as swap:1:65, file:3, zero, fill or none"};
  Disk disk{.kind = shape->kind};
  if (shape->block == kNone) return disk;
  disk.block = static_cast<std::uint64_t>(spelling.numbers[shape->block]);
  if (disk.kind != DbdKind::Swap) return disk;
  constexpr unsigned kNoDevice = std::numeric_limits<unsigned>::max();
  const std::int64_t device = shape->device == kNone ? 1 : spelling.numbers[shape->device];
  disk.device = std::in_range<unsigned>(device) ? static_cast<unsigned>(device) : kNoDevice;
  return disk;
}

bool names_another(std::string_view behind, DbdKind said) {
  const std::string_view own = said == DbdKind::Swap   ? "S"
                               : said == DbdKind::File ? "F"
                               : said == DbdKind::Fill ? "LF"
                               : said == DbdKind::Zero ? "ZOL"
                                                       : "";
  return std::ranges::any_of(words_of_letters(behind), [&](std::string_view word) {
    static constexpr std::array<std::string_view, 3> kOrdinals{"first", "second", "third"};
    const auto* const known = std::ranges::find(kDiskWords, word, &std::pair<std::string_view, char>::first);
    const bool has_block = said == DbdKind::Swap || said == DbdKind::File;
    if (has_block && (is_one_of(word, kOrdinals) || AnswerToken{.word = std::string(word)}.value())) return true;
    return known != kDiskWords.end() && std::string_view("SFLZO").contains(known->second) &&
           !own.contains(known->second);
  });
}

}  // namespace bachsim
