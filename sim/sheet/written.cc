#include "sim/sheet/written.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "sim/sheet/answer.h"
#include "sim/sheet/disk_answer.h"
#include "sim/sheet/word_answer.h"

namespace bachsim {
namespace {

// Words that leave a value as it is.
constexpr std::array<std::string_view, 49> kPlainWords{
    "a",  "an",   "the",  "it",   "its",   "s",     "is",    "are",     "be",   "of",   "to",    "in",     "on",
    "by", "at",   "for",  "from", "with",  "this",  "that",  "there",   "they", "them", "have",  "has",    "had",
    "do", "does", "both", "each", "all",   "still", "total", "exactly", "just", "only", "equal", "equals", "so",
    "st", "nd",   "rd",   "th",   "think", "i",     "we",    "get",     "gets", "same"};
// What is counted or asked for.
constexpr std::array<std::string_view, 160> kThings{
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
    "signal",     "status",      "returned", "returns",   "waits",     "wait",       "line",      "lines"};
constexpr std::array<std::string_view, 9> kUnits{"k", "kb", "kib", "m", "mb", "mib", "g", "gb", "gib"};

using Tokens = std::vector<AnswerToken>;

// Whether it is a part of the name of what is asked: `refs: 2` of P.data[0].refs.
bool is_asked(std::string_view word, const Blank& blank) {
  const std::string asks = cleaned(blank.asks);
  const std::vector<std::string_view> words = words_of_letters(asks);
  return std::ranges::find(words, word) != words.end();
}

// The first word or number that is neither plain nor a part of the name of what is asked.
std::size_t first_telling(const Tokens& all, const Blank& blank) {
  const auto tells = [&](const AnswerToken& token) {
    return token.value() || (!is_one_of(token.word, kPlainWords) && !is_asked(token.word, blank));
  };
  return static_cast<std::size_t>(std::ranges::find_if(all, tells) - all.begin());
}

// `none`, `never`, `no frame`, `it never ran`
bool says_nothing(std::string_view text, const Tokens& all, const Blank& blank) {
  const std::size_t first = first_telling(all, blank);
  if (text != "-" && (first == all.size() || !means_nothing(all[first].word))) return false;
  if (std::ranges::any_of(all, [](const AnswerToken& token) { return token.value().has_value(); }))
    throw UnclearAnswer{"it is no single value"};
  static constexpr std::array<std::string_view, 3> kOfSheets{"answer", "value", "number"};
  for (const AnswerToken& token : all)
    if (is_one_of(token.word, kOfSheets)) throw UnclearAnswer{"it may be no answer at all"};
  return true;
}

std::optional<bool> truth_of_word(std::string_view word) {
  if (word == "yes" || word == "true" || word == "set") return true;
  if (means_nothing(word) || word == "false" || word == "clear") return false;
  return std::nullopt;
}

// A word that is not known could change what the answer says: `was 4`, `4 or so`.
void refuse_unknown_words(const Tokens& all, const Blank& blank) {
  const std::size_t first = first_telling(all, blank);
  const auto is_known = [&](std::size_t i) {
    const std::string_view word = all[i].word;
    if (all[i].value() || is_one_of(word, kPlainWords) || is_one_of(word, kThings)) return true;
    if (i <= first && (means_nothing(word) || is_asked(word, blank))) return true;
    if (i > 0 && all[i - 1].value() && is_one_of(word, kUnits)) return true;
    if (blank.kind != Kind::Truth) return truth_of_word(word) == true || is_asked(word, blank);
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
  static constexpr std::array<std::string_view, 13> kDoubts{"perhaps", "but",     "now",  "then",    "later",
                                                            "until",   "except",  "or",   "instead", "longer",
                                                            "anymore", "finally", "maybe"};
  for (const std::string_view word : words_of_letters(behind))
    if (is_one_of(word, kDoubts)) throw UnclearAnswer{fmt::format("`{}` leaves open what the answer is", word)};
}

// What the first truth of an answer says, which none behind it may deny: `yes/no`, `set: no`, `1, so no`, `no longer
// clear`; but `no bit set` is no. `behind`: what explains the answer. Empty if it has none but numbers.
std::optional<bool> read_truth(std::string_view text, const Tokens& all, std::string_view behind, const Blank& blank) {
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
  const std::vector<std::string_view> words = words_of_letters(behind);
  const bool denied = std::ranges::any_of(words, denies);
  for (const std::string_view word : words)
    if (*first ? denied : word == "yes" || word == "true" || (word == "set" && !of_set))
      throw UnclearAnswer{"it is no single value"};
  if (!*first && !words.empty() && words.front() == "set") throw UnclearAnswer{"it is no single value"};
  // `no, modified` of what is modified
  const std::string asks = cleaned(blank.asks);
  const std::vector<std::string_view> asked = words_of_letters(asks);
  if (!*first && !denied && !asked.empty() && std::ranges::find(words, asked.back()) != words.end())
    throw UnclearAnswer{"it is no single value"};
  return in_words ? first : std::nullopt;
}

// A number, or a word for it; `KB` and the like behind it have made it larger.
struct Reading {
  std::int64_t number;
  std::int64_t factor = 1;
};

// `139, signal 11`: a status and the signal that it stands for.
bool is_signal_of(std::int64_t status, const Tokens& all, std::size_t at) {
  return at > 0 && all[at - 1].word == "signal" && all[at].value() == status - 128;
}

// `set` is no number where there is another: `set to 0`; but it may be the answer. `is_sum`: of several values, so that
// `yes` says no number.
Reading read_number(std::string_view text, const Tokens& all, bool is_sum) {
  // `4 = 0x4` is one number; `2 * 2` and `2 for P, 2 for C` are two.
  const bool says_again = text.find_first_of("=,;") != std::string_view::npos;
  // `the second one` is no number; `is one`, `page one` are.
  static constexpr std::array<std::string_view, 12> kBeforeOne{"is",    "are",    "be",   "just",  "only",  "exactly",
                                                               "equal", "equals", "page", "frame", "block", "region"};
  std::optional<Reading> reading;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::optional<std::int64_t> said = all[i].value();
    if (!said || (reading && is_signal_of(reading->number, all, i))) continue;
    if (i > 0 && all[i].word == "one" && !all[i - 1].number && !is_one_of(all[i - 1].word, kBeforeOne))
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
    const auto truth = truth_of_word(token.word);
    if (truth && !(*truth && is_sum)) return {.number = *truth ? 1 : 0};
  }
  throw UnclearAnswer{"a number is wanted"};
}

// Whether two disk blocks are the same for a student, who need not say of which program a file is.
bool same(const Disk& disk, const Disk& right) {
  const bool block = disk.kind != DbdKind::Swap && disk.kind != DbdKind::File;
  return disk.kind == right.kind && (block || (disk.block == right.block && disk.device == right.device));
}

// `no error` is one answer, `no children` and `none, EAGAIN` may be others.
void refuse_other_words(const Tokens& all, std::string_view aside, const Blank& blank) {
  static constexpr std::array<std::string_view, 4> kThingsThatAreNot{"error", "errors", "event", "errno"};
  for (std::size_t i = first_telling(all, blank) + 1; i < all.size(); ++i)
    if (!is_one_of(all[i].word, kPlainWords) && !is_one_of(all[i].word, kThingsThatAreNot))
      throw UnclearAnswer{fmt::format("`{}` is not understood", all[i].word)};
  for (const std::string_view known : words_of(blank.kind))
    for (const std::string_view each : words_of_letters(aside))
      if (each == joined(known)) throw UnclearAnswer{"it is no single value"};
}

// A word of the blank's kind; where there is none, `none` or `no error`.
bool is_right_word(const AnswerParts& parts, const Blank& blank, const Field& right) {
  const auto* word = std::get_if<std::string>(&right);
  const Tokens all = answer_tokens(parts.value);
  const bool nothing = says_nothing(parts.value, all, blank);
  const bool no_error = blank.kind == Kind::Errno && (nothing || (all.size() == 1 && all.front().number == 0));
  if (no_error || (blank.may_be_null && nothing)) {
    refuse_other_words(all, parts.aside, blank);
    return no_error ? word == nullptr : right == Field(kNothing);
  }
  if (words_of(blank.kind).empty()) return joined(parts.value) == joined(word == nullptr ? "" : *word);
  return read_word(parts.whole(), blank) == joined(word == nullptr ? "" : *word);
}

bool is_right_block(const AnswerParts& parts, const Field& right) {
  const auto* disk = std::get_if<Disk>(&right);
  const Disk said = read_disk(parts.value, disk == nullptr ? "" : cleaned(disk->program));
  if (said.has_block() && std::ranges::any_of(parts.behind, is_digit))
    throw UnclearAnswer{"the numbers of a block are wanted together"};
  if (names_another(parts.behind, said.kind)) throw UnclearAnswer{"there are two disk blocks"};
  return same(said, disk == nullptr ? Disk{} : *disk);
}

// Whether a number stands in a text by itself, and is not a part of another: 140, but not of 1400.
bool has_number(std::string_view text, std::string_view number) {
  for (std::size_t at = text.find(number); at != std::string_view::npos; at = text.find(number, at + 1)) {
    const std::size_t end = at + number.size();
    if ((at == 0 || !is_digit(text[at - 1])) && (end == text.size() || !is_digit(text[end]))) return true;
  }
  return false;
}

// A number, an address, or a truth that is written as a number.
bool is_right_number(const AnswerParts& parts, const Tokens& all, const Blank& blank, const Field& right) {
  const Reading reading = read_number(parts.value, all, blank.asks.contains(" + "));
  const std::int64_t number = reading.number;
  for (const std::string_view word : words_of_letters(parts.behind))
    if (word.starts_with("hex") && !parts.value.contains("0x"))
      throw UnclearAnswer{"a hexadecimal number has 0x before it"};
  if (const auto* truth = std::get_if<bool>(&right)) {
    static constexpr std::array<std::string_view, 5> kNumbered{"frame", "page", "block", "region", "process"};
    const bool of_thing = std::ranges::any_of(all, [](const AnswerToken& token) {  // `in frame 1` is no truth
      return is_one_of(token.word, kNumbered);
    });
    if (of_thing || (number != 0 && number != 1)) throw UnclearAnswer{"yes or no is wanted"};
    return number == (*truth ? 1 : 0);
  }
  if (const std::string again = joined(parts.behind); again == "no" || again == "not")
    throw UnclearAnswer{"it is no single value"};
  // `11 (139)`: the signal, or the status.
  if (number > 0 && number < 128 && has_number(parts.behind, std::to_string(number + 128)))
    throw UnclearAnswer{"there are two numbers"};
  const Tokens aside = answer_tokens(parts.aside);
  for (std::size_t i = 0; i < aside.size(); ++i)
    if (aside[i].value() && *aside[i].value() != number && !is_signal_of(number, aside, i))
      throw UnclearAnswer{"there are two numbers"};
  if (const auto* value = std::get_if<std::int64_t>(&right))  // `4 KB` may be pages of 1K, or bytes
    return number == *value || (reading.factor == 1024 && number / 1024 == *value);
  const auto* address = std::get_if<Address>(&right);
  return address != nullptr && static_cast<std::uint64_t>(number) == address->value;
}

bool is_right(std::string_view written, const Blank& blank, const Field& right) {
  const bool words = blank.kind == Kind::State || blank.kind == Kind::Event;
  const bool block = blank.kind == Kind::Disk || blank.kind == Kind::Identity;
  const AnswerParts parts = parts_of(written, words || block ? Commas::GoOn : Commas::End, blank.kind == Kind::Truth);
  refuse_second_thoughts(words || block ? parts.whole() : parts.behind);
  if (std::ranges::any_of(parts.value, is_beyond_ascii) || std::ranges::any_of(parts.behind, is_beyond_ascii))
    throw UnclearAnswer{"it has letters or signs that are not known here"};
  if (block) return is_right_block(parts, right);
  if (words || blank.kind == Kind::Errno || std::holds_alternative<std::string>(right))
    return is_right_word(parts, blank, right);

  const Tokens all = answer_tokens(parts.value);
  const bool nothing = says_nothing(parts.value, all, blank);
  const auto* truth = std::get_if<bool>(&right);
  if (truth != nullptr && parts.behind.empty()) {
    if (parts.value == "y") return *truth;
    if (parts.value == "n" || parts.value == "not set") return !*truth;
  }
  refuse_unknown_words(all, blank);
  if (blank.may_be_null && nothing) {
    for (const AnswerToken& token : answer_tokens(parts.aside))
      if (token.value() || truth_of_word(token.word) == true) throw UnclearAnswer{"it is no single value"};
    return right == Field(kNothing);
  }
  if (truth != nullptr) {
    const std::string again = joined(parts.behind);  // `no, 1`
    if (const auto said = read_truth(parts.value, all, parts.behind, blank)) {
      if (again == (*said ? "0" : "1")) throw UnclearAnswer{"it is no single value"};
      return *said == *truth;
    }
    if (again == "0" || again == "1") throw UnclearAnswer{"it is no single value"};
  }
  return is_right_number(parts, all, blank, right);
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
