// Checks comparisons: a word is one of those that the other side can be.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "sim/state/rows.h"
#include "workloads/language/grammar.h"

namespace bachsim {
namespace {

bool is_word_kind(Kind kind) {
  return kind == Kind::State || kind == Kind::Event || kind == Kind::Type || kind == Kind::Disk ||
         kind == Kind::Identity || kind == Kind::Program;
}

// The column that a path leads to; nullptr for what is no row's and a number.
const ColumnInfo* column_of(const Expr* expr) { return expr->kind == ExprKind::Path ? expr->path->column : nullptr; }

// A path that is never a number.
bool is_wordy(const Expr* expr) {
  const ColumnInfo* column = column_of(expr);
  return column != nullptr && is_word_kind(column->kind);
}

// A process is of a program; a region is of the one whose file that runs.
bool is_of_process(const ColumnInfo& column) {
  return std::ranges::any_of(kProcessColumns, [&column](const ColumnInfo& each) { return &each == &column; });
}

bool is_one_of(std::string_view word, const std::vector<std::string_view>& words) {
  return std::ranges::find(words, word) != words.end();
}

// The first part of `file:3`, which is cut off.
std::string_view cut_part(std::string_view& text) {
  const std::size_t colon = text.find(':');
  const std::string_view part = text.substr(0, colon);
  text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + 1);
  return part;
}

// The same if it is a decimal number as reports write it: without zeros before it.
std::optional<std::uint64_t> cut_number(std::string_view& text) {
  const std::string_view part = cut_part(text);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(part.begin(), part.end(), number);
  const bool plain = part.size() == 1 || !part.starts_with('0');
  return error == std::errc() && end == part.end() && plain ? std::optional(number) : std::nullopt;
}

// A list of words for a message. Those of a disk have numbers behind them.
std::string list_of(const ColumnInfo& column) {
  std::string list;
  for (const std::string_view word : words_of(column.kind)) {
    list += list.empty() ? "" : ", ";
    list += word;
    if (word == "swap")
      list += ":DEVICE:BLOCK";
    else if (word == "file")
      list += column.kind == Kind::Identity ? ":PROGRAM:BLOCK" : ":BLOCK";
  }
  if (column.is(kMayBeNull)) list += ", null";
  return list;
}

// A disk block with numbers that are known when it runs.
bool word_of_parts_can_be(const ColumnInfo& column, const WordText& word) {
  const auto& parts = word.parts;
  const auto number = [](const WordText::Part& part) {
    std::string_view text = part.text;
    return part.value != nullptr || cut_number(text).has_value();
  };
  const bool of_swap = parts.front().text == "swap" && parts.size() == 3 && number(parts[1]) && number(parts[2]);
  const bool of_file = parts.front().text == "file" && parts.size() == 2 && number(parts[1]);
  return (of_swap && (column.kind == Kind::Disk || column.kind == Kind::Identity)) ||
         (of_file && column.kind == Kind::Disk);
}

}  // namespace

std::string_view Grammar::file_owner(std::string_view name) {
  const auto program = programs_.find(symbols_.intern(name));
  if (program == programs_.end()) return {};
  const auto& owner = script_.programs[program->second.value].file_of;
  return owner ? std::string_view(script_.programs[owner->value].name) : std::string_view();
}

bool Grammar::can_be(const ColumnInfo& column, const Expr* expr) {
  if (!expr->word->parts.empty()) return word_of_parts_can_be(column, *expr->word);
  std::string_view word = expr->word->text;
  if (word == "null") return column.is(kMayBeNull);
  if (column.kind == Kind::Program) return is_program(word) && (is_of_process(column) || file_owner(word).empty());
  const std::string_view head = cut_part(word);
  if (!is_one_of(head, words_of(column.kind))) return false;
  const bool disk = column.kind == Kind::Disk || column.kind == Kind::Identity;
  if (disk && head == "swap") {
    const auto device = cut_number(word);
    const auto block = cut_number(word);
    if (device.value_or(0) == 0 || block.value_or(0) == 0) return false;  // both count from 1
    script_.swap_compared.push_back({.place = expr->place, .device = *device, .block = *block});
  } else if (disk && head == "file") {
    if (column.kind == Kind::Identity) {
      const std::string_view program = cut_part(word);
      if (!is_program(program) || !file_owner(program).empty()) return false;
    }
    if (!cut_number(word)) return false;
  }
  return word.empty();
}

// A bare word where a number is wanted.
void Grammar::stray_word(const Expr* word) {
  if (misuse_) return;
  const std::string_view text = word->word->text;
  std::string hint;
  const auto is_attribute = [&](const ColumnInfo& info) { return info.is(kInPath) && info.name == text; };
  const auto var = std::ranges::any_of(vars_, [&](const auto& each) { return symbols_.spelling(each.first) == text; });
  if (!actor_.empty() && (var || std::ranges::any_of(kProcessColumns, is_attribute)))
    hint = fmt::format("; did you mean `{}.{}`?", actor_, text);
  else
    hint = did_you_mean(text, number_names());
  misuse(word->place, "`{}` is no number, no loop variable and no path{}", text, hint);
}

void Grammar::check_word(const Expr* word, const Expr* other) {
  const ColumnInfo* column = column_of(other);
  if (column == nullptr) return stray_word(word);
  const std::string_view text = word->word->text;
  if (can_be(*column, word) || misuse_) return;
  if (column->kind == Kind::Program) {
    if (const std::string_view owner = file_owner(text); !owner.empty())
      return misuse(word->place, "`{}` has no regions of its own: it runs the file of `{}`", text, owner);
    return misuse(word->place, "there is no program `{}`{}", text, did_you_mean(text, program_names()));
  }
  std::vector<std::string_view> known = words_of(column->kind);
  if (column->is(kMayBeNull)) known.emplace_back("null");
  const bool number = known.size() == (column->is(kMayBeNull) ? 1 : 0);
  std::ranges::copy(number_names(), std::back_inserter(known));
  const std::string is = number                        ? column->is(kMayBeNull) ? "a number or null" : "a number"
                         : column->kind == Kind::Errno ? "0 or one of " + list_of(*column)
                         : column->kind == Kind::Actor ? "a pid or one of " + list_of(*column)
                                                       : "one of " + list_of(*column);
  std::string_view block = text;
  const std::string_view head = cut_part(block);
  std::string hint = is_one_of(head, known) ? "" : did_you_mean(head, known);
  if (const std::string_view owner = file_owner(cut_part(block)); column->kind == Kind::Identity && !owner.empty())
    hint = fmt::format("; did you mean `file:{}:{}`?", owner, block);
  misuse(word->place, "`{}` is {}, not `{}`{}", column->name, is, text, hint);
}

void Grammar::check_number(const Expr* expr) {
  if (expr->kind == ExprKind::Word) stray_word(expr);
  if (is_wordy(expr)) misuse(expr->place, "`{}` is a word, no number", column_of(expr)->name);
}

void Grammar::check_comparison(ExprKind kind, Place place, const Expr* left, const Expr* right) {
  if (kind != ExprKind::Equal && kind != ExprKind::NotEqual) {
    for (const Expr* side : {left, right}) {
      if (side->kind == ExprKind::Word || is_wordy(side))
        misuse(place, "`{}` is no number: words are equal or not",
               side->kind == ExprKind::Word ? side->word->text : column_of(side)->name);
    }
    return;
  }
  if (left->kind == ExprKind::Word) return check_word(left, right);
  if (right->kind == ExprKind::Word) return check_word(right, left);
  // Two paths, or a path and a number.
  const auto words = [](const Expr* side) {
    const Kind of = is_wordy(side) ? column_of(side)->kind : Kind::Number;
    return of == Kind::Identity ? Kind::Disk : of;
  };
  if (words(left) == words(right)) return;
  const Expr* const wordy = is_wordy(left) ? left : right;
  const Expr* const other = is_wordy(left) ? right : left;
  misuse(place, "`{}` is never equal to {}", column_of(wordy)->name,
         is_wordy(other) ? fmt::format("`{}`", column_of(other)->name) : "a number");
}

}  // namespace bachsim
