#include "sim/sheet/written.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "sim/sheet/answer.h"

namespace bachsim {
namespace {

bool has_word(const std::vector<AnswerToken>& all, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(all, [&](const AnswerToken& token) {
    return !token.number && std::ranges::find(words, token.word) != words.end();
  });
}

// Words that leave a value as it is.
constexpr std::array<std::string_view, 49> kPlainWords{
    "a",  "an",   "the",  "it",   "its",   "s",     "is",    "are",     "be",   "of",   "to",    "in",     "on",
    "by", "at",   "for",  "from", "with",  "this",  "that",  "there",   "they", "them", "have",  "has",    "had",
    "do", "does", "both", "each", "all",   "still", "total", "exactly", "just", "only", "equal", "equals", "so",
    "st", "nd",   "rd",   "th",   "think", "i",     "we",    "get",     "gets", "same"};
// What is counted or asked for. Of states, events and errors these could be another answer.
constexpr std::array<std::string_view, 158> kThings{
    "frame",      "frames",      "page",     "pages",     "block",     "blocks",     "byte",      "bytes",
    "bit",        "bits",        "process",  "processes", "region",    "regions",    "pregion",   "pregions",
    "table",      "tables",      "entry",    "entries",   "pte",       "ptes",       "dbd",       "dbds",
    "pfdata",     "count",       "counts",   "counter",   "refs",      "ref",        "reference", "references",
    "number",     "value",       "answer",   "address",   "fault",     "faults",     "time",      "times",
    "copy",       "copies",      "write",    "writes",    "read",      "reads",      "transfer",  "transfers",
    "second",     "seconds",     "swap",     "memory",    "disk",      "cow",        "valid",     "modified",
    "referenced", "stack",       "data",     "text",      "bss",       "shm",        "parent",    "child",
    "children",   "kernel",      "used",     "use",       "free",      "shared",     "left",      "error",
    "errors",     "call",        "calls",    "file",      "word",      "words",      "extent",    "extents",
    "hole",       "holes",       "map",      "maps",      "unit",      "units",      "slot",      "slots",
    "level",      "levels",      "miss",     "misses",    "hit",       "hits",       "wakeup",    "wakeups",
    "turn",       "turns",       "store",    "stores",    "load",      "loads",      "fetch",     "fetches",
    "fork",       "forks",       "exec",     "execs",     "exit",      "exits",      "image",     "images",
    "program",    "programs",    "lookup",   "lookups",   "copied",    "stolen",     "kept",      "freed",
    "examined",   "duplicated",  "zeros",    "zeroed",    "allocated", "device",     "devices",   "pid",
    "id",         "ids",         "ppn",      "vpn",       "validity",  "protection", "user",      "own",
    "ahead",      "transferred", "swapped",  "written",   "loaded",    "mapped",     "found",     "growth",
    "descriptor", "descriptors", "places",   "place",     "row",       "rows",       "steps",     "step",
    "signal",     "status",      "returned", "returns",   "waits",     "wait"};
constexpr std::array<std::string_view, 9> kUnits{"k", "kb", "kib", "m", "mb", "mib", "g", "gb", "gib"};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, word) != words.end();
}

bool means_nothing(std::string_view word) {
  static constexpr std::array<std::string_view, 7> kNothingWords{"none", "no",      "never",  "null",
                                                                 "nil",  "nothing", "nowhere"};
  return is_one_of(word, kNothingWords);
}

// `none`, `never`, `no frame`
bool says_nothing(std::string_view text, const std::vector<AnswerToken>& all) {
  return text == "-" || (!all.empty() && !all.front().number && means_nothing(all.front().word));
}

std::optional<bool> truth_of_word(std::string_view word) {
  if (word == "yes" || word == "true" || word == "set") return true;
  if (word == "no" || word == "false" || word == "none" || word == "clear" || word == "nothing" || word == "never")
    return false;
  return std::nullopt;
}

constexpr std::array<std::string_view, 9> kDiskWords{"swap", "file",   "fill", "zero",   "demand",
                                                     "blk",  "device", "dev",  "nowhere"};

// A word that is not known could change what the answer says: `was 4`, `4 or so`. `program`: of the right file's block.
void refuse_unknown_words(const std::vector<AnswerToken>& all, const Blank& blank, std::string_view program) {
  const bool of_disk = blank.kind == Kind::Disk || blank.kind == Kind::Identity;
  const auto is_known = [&](std::size_t i) {
    const std::string_view word = all[i].word;
    if (all[i].value() || is_one_of(word, kPlainWords) || is_one_of(word, kThings)) return true;
    if (i == 0 && means_nothing(word)) return true;
    if (i > 0 && all[i - 1].value() && is_one_of(word, kUnits)) return true;
    if (of_disk) return is_one_of(word, kDiskWords) || word == program;
    if (blank.kind != Kind::Truth) return truth_of_word(word) == true;
    return truth_of_word(word).has_value() || (i == 1 && word == "longer" && all.front().word == "no");
  };
  static constexpr std::array<std::string_view, 14> kDoubts{"or",    "nor",     "between", "about",  "around",
                                                            "maybe", "perhaps", "than",    "almost", "nearly",
                                                            "least", "most",    "roughly", "over"};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (is_known(i)) continue;
    const std::string& word = all[i].word;
    throw UnclearAnswer{is_one_of(std::string_view(word), kDoubts) ? "it is no single value"
                                                                   : fmt::format("`{}` is not understood", word)};
  }
}

// What stands behind a value may take it back: `3, then 4`.
void refuse_second_thoughts(std::string_view behind) {
  static constexpr std::array<std::string_view, 12> kDoubts{"but", "now",     "then",   "later",   "until",   "except",
                                                            "or",  "instead", "longer", "anymore", "finally", "maybe"};
  for (const std::string_view word : words_of_letters(behind))
    if (is_one_of(word, kDoubts)) throw UnclearAnswer{fmt::format("`{}` leaves open what the answer is", word)};
}

// What the first truth of an answer says, which none behind it may deny: `yes/no`, `set: no`, `1, so no`, `no longer
// clear`; but `no bit set` is no. `behind`: what explains the answer. Empty if it has none but numbers.
std::optional<bool> read_truth(std::string_view text, const std::vector<AnswerToken>& all, std::string_view behind) {
  const bool two_sides = text.find_first_of("/>") != std::string_view::npos;
  std::optional<bool> first;
  bool in_words = false;
  bool of_set = false;  // what is denied
  for (const AnswerToken& token : all) {
    const auto number = token.value();
    const auto truth =
        number && (*number == 0 || *number == 1) ? std::optional(*number == 1) : truth_of_word(token.word);
    in_words = in_words || truth_of_word(token.word);
    const bool denies = first && truth && (of_set ? token.word != "set" : *truth != *first);
    if (denies) throw UnclearAnswer{"it is no single value"};
    if (first || !truth) continue;
    first = truth;
    of_set = !two_sides && means_nothing(token.word);
  }
  if (!first) return first;
  static constexpr std::array<std::string_view, 6> kDenials{"no", "not", "cannot", "t", "false", "clear"};
  const std::vector<std::string_view> words = words_of_letters(behind);
  for (const std::string_view word : words)
    if (*first ? is_one_of(word, kDenials) : word == "yes" || word == "true" || (word == "set" && !of_set))
      throw UnclearAnswer{"it is no single value"};
  if (!*first && !words.empty() && words.front() == "set") throw UnclearAnswer{"it is no single value"};
  return in_words ? first : std::nullopt;
}

// A number, or a word for it; `KB` and the like behind it have made it larger.
struct Reading {
  std::int64_t number;
  std::int64_t factor = 1;
};

// `set` is no number where there is another: `set to 0`; but it may be the answer.
Reading read_number(std::string_view text, const std::vector<AnswerToken>& all) {
  // `4 = 0x4` is one number; `2 * 2` and `2 for P, 2 for C` are two.
  const bool says_again = text.find_first_of("=,;") != std::string_view::npos;
  static constexpr std::array<std::string_view, 6> kPointsTo{"same", "s", "this", "that", "the", "each"};
  std::optional<Reading> reading;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::optional<std::int64_t> said = all[i].value();
    if (!said) continue;
    if (i > 0 && all[i].word == "one" && is_one_of(all[i - 1].word, kPointsTo))
      throw UnclearAnswer{"`one` may be no number here"};
    const auto unit = i + 1 == all.size() ? kUnits.end() : std::ranges::find(kUnits, all[i + 1].word);
    const std::int64_t more = unit == kUnits.end() ? 1 : std::int64_t{1} << (10 * ((unit - kUnits.begin()) / 3 + 1));
    const Reading now{.number = so_many_times(*said, more), .factor = so_many_times(all[i].factor, more)};
    const bool again = says_again && i > 0 && all[i - 1].value();
    if (reading && (!again || reading->number != now.number)) throw UnclearAnswer{"there are two numbers"};
    reading = now;
  }
  if (reading) return *reading;
  for (const AnswerToken& token : all) {
    if (const auto truth = truth_of_word(token.word)) return {.number = *truth ? 1 : 0};
  }
  throw UnclearAnswer{"a number is wanted"};
}

// Swap and file blocks, with or without the words for them.
Disk read_disk(std::string_view text, const std::vector<AnswerToken>& all) {
  Disk disk;
  if (has_word(all, {"swap"}) + has_word(all, {"file", "fill"}) + has_word(all, {"zero"}) > 1)
    throw UnclearAnswer{"there are two disk blocks"};
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
    throw UnclearAnswer{"a disk block is wanted"};
  if (disk.kind != DbdKind::Swap && disk.kind != DbdKind::File) return disk;
  static constexpr std::array<std::string_view, 6> kOfOthers{"page", "pages", "frame", "frames", "region", "process"};
  std::optional<std::int64_t> block, device;
  std::vector<std::int64_t> others;
  const auto take = [](std::optional<std::int64_t>& into, std::int64_t number) {
    if (into && *into != number) throw UnclearAnswer{"there are two disk blocks"};
    into = number;
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto number = all[i].value();
    if (!number) continue;
    const std::string_view before = i == 0 ? std::string_view() : std::string_view(all[i - 1].word);
    const std::string_view behind = i + 1 == all.size() ? std::string_view() : std::string_view(all[i + 1].word);
    if (is_one_of(before, kOfOthers) || is_one_of(behind, kOfOthers))
      throw UnclearAnswer{"there is a number that is no block's"};
    if (before == "block" || before == "blk")
      take(block, *number);
    else if (before == "device" || before == "dev")
      take(device, *number);
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
  if (!block || !others.empty()) throw UnclearAnswer{block ? "there are too many numbers" : "the block is wanted"};
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

// A state's words for what Bach calls `ready to run, swapped`.
std::string of_state(std::string words) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kSame{
      {{"_to_run", ""}, {"_in_memory", ""}, {"_on_swap", "_swapped"}}};
  for (const auto& [written, means] : kSame)
    if (const std::size_t at = words.find(written); at != std::string::npos) words.replace(at, written.size(), means);
  return words;
}

// The longest of the words that the text begins with. `behind` must not lead to another.
std::string read_word(const std::string& words, std::string_view behind, const std::vector<std::string>& known) {
  std::string best;
  for (const std::string& word : known) {
    const bool begins = words.starts_with(word) && (words.size() == word.size() || words[word.size()] == '_');
    if (begins && word.size() > best.size()) best = word;
  }
  if (best.empty()) throw UnclearAnswer{fmt::format("one of these is wanted: {}", fmt::join(known, ", "))};
  const std::string rest = words.substr(best.size()) + "_";
  for (const std::string& word : known) {
    if (word != best && rest.contains("_" + word + "_"))
      throw UnclearAnswer{fmt::format("there are two: {} and {}", best, word)};
    if (!word.starts_with(best + "_")) continue;
    for (const std::string_view each : words_of_letters(behind))  // `ready (swapped)`
      if (each.size() > 3 && word.substr(best.size() + 1).starts_with(each))
        throw UnclearAnswer{fmt::format("there are two: {} and {}", best, word)};
  }
  for (const std::string_view each : words_of_letters(rest))
    if (!is_one_of(each, kPlainWords) && !best.contains(each))
      throw UnclearAnswer{fmt::format("`{}` is not understood", each)};
  return best;
}

// Whether two disk blocks are the same for a student, who need not say of which program a file is.
bool same(const Disk& disk, const Disk& right) {
  const bool block = disk.kind != DbdKind::Swap && disk.kind != DbdKind::File;
  return disk.kind == right.kind && (block || (disk.block == right.block && disk.device == right.device));
}

// `no error` is one answer, `no children` and `none, EAGAIN` may be others.
void refuse_other_words(const std::vector<AnswerToken>& all, std::string_view aside,
                        const std::vector<std::string>& known) {
  static constexpr std::array<std::string_view, 4> kThingsThatAreNot{"error", "errors", "event", "errno"};
  for (std::size_t i = 1; i < all.size(); ++i)
    if (!is_one_of(all[i].word, kPlainWords) && !is_one_of(all[i].word, kThingsThatAreNot))
      throw UnclearAnswer{fmt::format("`{}` is not understood", all[i].word)};
  for (const std::string_view each : words_of_letters(aside))
    if (std::ranges::count(known, each) > 0) throw UnclearAnswer{"it is no single value"};
}

bool has_digit(std::string_view text) { return std::ranges::any_of(text, is_digit); }

// A number, an address, or a truth that is written as a number.
bool is_right_number(const AnswerParts& parts, const std::vector<AnswerToken>& all, const Field& right) {
  const Reading reading = read_number(parts.value, all);
  const std::int64_t number = reading.number;
  if (const auto* truth = std::get_if<bool>(&right)) return number == (*truth ? 1 : 0);
  for (const AnswerToken& token : answer_tokens(parts.aside))
    if (token.value() && *token.value() != number) throw UnclearAnswer{"there are two numbers"};
  if (const auto* value = std::get_if<std::int64_t>(&right))  // `4 KB` may be pages of 1K, or bytes
    return number == *value || (reading.factor == 1024 && number / 1024 == *value);
  const auto* address = std::get_if<Address>(&right);
  return address != nullptr && static_cast<std::uint64_t>(number) == address->value;
}

bool is_right(std::string_view written, const Blank& blank, const Field& right) {
  const bool words = blank.kind == Kind::State || blank.kind == Kind::Event;
  const bool block = blank.kind == Kind::Disk || blank.kind == Kind::Identity;
  const AnswerParts parts = parts_of(written, words || block ? Commas::GoOn : Commas::End, blank.kind == Kind::Truth);
  const std::vector<AnswerToken> all = answer_tokens(parts.value);
  refuse_second_thoughts(parts.behind);
  const bool nothing = says_nothing(parts.value, all);
  const bool number_too = std::ranges::any_of(all, [](const AnswerToken& token) { return token.value().has_value(); });
  if (nothing && number_too) throw UnclearAnswer{"it is no single value"};

  const auto* word = std::get_if<std::string>(&right);
  if (words || blank.kind == Kind::Errno || word != nullptr) {
    std::vector<std::string> known;
    for (const std::string_view each : words_of(blank.kind)) known.push_back(joined(each));
    const bool no_error = blank.kind == Kind::Errno && (nothing || (all.size() == 1 && all.front().number == 0));
    if (no_error || (blank.may_be_null && nothing)) {
      refuse_other_words(all, parts.aside, known);
      return no_error ? word == nullptr : right == Field(kNothing);
    }
    const std::string text = blank.kind == Kind::State ? of_state(joined(parts.value)) : joined(parts.value);
    if (known.empty()) return text == joined(word == nullptr ? "" : *word);
    const std::string said = read_word(text, parts.behind, known);
    for (const std::string_view each : words_of_letters(parts.aside))
      if (std::ranges::count(known, each) > 0 && each != said)
        throw UnclearAnswer{fmt::format("there are two: {} and {}", said, each)};
    return word != nullptr && said == joined(*word);
  }
  const auto* disk = std::get_if<Disk>(&right);
  refuse_unknown_words(all, blank, disk == nullptr ? "" : cleaned(disk->program));
  if (block) {
    const Disk said = read_disk(parts.value, all);
    if (said.has_block() && has_digit(parts.behind)) throw UnclearAnswer{"the numbers of a block are wanted together"};
    return same(said, disk == nullptr ? Disk{} : *disk);
  }
  if (blank.may_be_null && nothing) {
    for (const AnswerToken& token : answer_tokens(parts.aside))
      if (token.value() || truth_of_word(token.word) == true) throw UnclearAnswer{"it is no single value"};
    return right == Field(kNothing);
  }
  if (const auto* truth = std::get_if<bool>(&right)) {
    if (const auto said = read_truth(parts.value, all, parts.behind)) return *said == *truth;
  }
  return is_right_number(parts, all, right);
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
      throw UnclearAnswer{fmt::format("{} values are wanted, and here are {}", blank.answers.size(), values.size())};
    bool right = true;
    for (std::size_t i = 0; i < values.size(); ++i) right = is_right(values[i], blank, blank.answers[i].value) && right;
    return verdict(right);
  } catch (const UnclearAnswer& trouble) {
    return {.mark = Mark::Unclear, .trouble = trouble.what};
  }
}

}  // namespace bachsim
