// Expressions, from loose to tight: or, and, not, comparisons (no chains), + -, * / %, minus sign.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "sim/state/state.h"
#include "workloads/language/grammar.h"

namespace bachsim {
namespace {

// How strongly an operator binds its operands.
enum Strength : unsigned { kNoOperator, kOr, kAnd, kNot, kComparison, kSum, kProduct };

struct Operator {
  ExprKind kind = ExprKind::Number;
  unsigned strength = kNoOperator;
};

// The operators that are signs, in the order of TokenKind.
constexpr std::array kOperators{Operator{ExprKind::Multiply, kProduct},       Operator{ExprKind::Add, kSum},
                                Operator{ExprKind::Subtract, kSum},           Operator{ExprKind::Divide, kProduct},
                                Operator{ExprKind::Remainder, kProduct},      Operator{ExprKind::Equal, kComparison},
                                Operator{ExprKind::NotEqual, kComparison},    Operator{ExprKind::Less, kComparison},
                                Operator{ExprKind::LessEqual, kComparison},   Operator{ExprKind::Greater, kComparison},
                                Operator{ExprKind::GreaterEqual, kComparison}};
constexpr auto kFirstOperator = static_cast<std::size_t>(TokenKind::Star);
static_assert(kFirstOperator + kOperators.size() == static_cast<std::size_t>(TokenKind::GreaterEqual) + 1);

Operator operator_of(const Token& token) {
  if (token.kind >= TokenKind::Star) return kOperators[static_cast<std::size_t>(token.kind) - kFirstOperator];
  if (token.is(Word::Or)) return {.kind = ExprKind::Or, .strength = kOr};
  if (token.is(Word::And)) return {.kind = ExprKind::And, .strength = kAnd};
  return {};
}

}  // namespace

Expr* Grammar::node(ExprKind kind, Place place) {
  auto* const expr = script_.arena.make<Expr>();
  expr->kind = kind;
  expr->place = place;
  return expr;
}

// The height of an expression above parts of these heights.
std::uint16_t Grammar::above(Place place, std::initializer_list<const Expr*> parts) const {
  std::uint16_t height = 0;
  for (const Expr* part : parts) height = std::max<std::uint16_t>(height, part == nullptr ? 0 : part->height);
  if (height >= kMaxHeight) fail(place, "the expression nests more than {} deep", kMaxHeight);
  return height + 1;
}

const Expr* Grammar::join(ExprKind kind, Place place, const Expr* left, const Expr* right) {
  if (is_comparison(kind)) {
    check_comparison(kind, place, left, right);
  } else {
    number_of(left);
    if (right != nullptr) number_of(right);
  }
  Expr* const expr = node(kind, place);
  expr->height = above(place, {left, right});
  expr->left = left;
  expr->right = right;
  return expr;
}

const Expr* Grammar::any_expression() {
  if (++nesting_ > kMaxHeight) fail(token_.begin, "the expression nests more than {} deep", kMaxHeight);
  const Expr* expr = operators(kOr);
  --nesting_;
  return expr;
}

const Expr* Grammar::sum() { return number_of(operators_of_sum()); }

const Expr* Grammar::operators_of_sum() { return operators(kSum); }

// Operands, with the operators between them that bind at least so strongly (precedence climbing).
const Expr* Grammar::operators(unsigned least) {
  const Expr* left = at(TokenKind::Number) ? number() : least <= kNot && at(Word::Not) ? negation() : unary();
  return operator_of(token_).strength < least ? left : operators_behind(left, least);
}

const Expr* Grammar::operators_behind(const Expr* left, unsigned least) {
  for (;;) {
    const Operator op = operator_of(token_);
    if (op.strength < least) return left;
    const Place place = take_place();
    const Expr* right = operators(op.strength + 1);
    left = join(op.kind, place, left, right);
    if (op.strength == kComparison && operator_of(token_).strength == kComparison)
      fail(token_.begin, "comparisons do not chain; join two with `and`");
  }
}

const Expr* Grammar::negation() {
  std::vector<Place> nots;
  while (at(Word::Not)) nots.push_back(take_place());
  const Expr* expr = operators(kComparison);
  for (; !nots.empty(); nots.pop_back()) expr = join(ExprKind::Not, nots.back(), expr, nullptr);
  return expr;
}

const Expr* Grammar::unary() {
  if (!at(TokenKind::Minus)) return primary();
  std::vector<Place> signs;
  while (at(TokenKind::Minus)) signs.push_back(take_place());
  const Expr* expr = primary();
  for (; !signs.empty(); signs.pop_back()) expr = join(ExprKind::Negate, signs.back(), expr, nullptr);
  return expr;
}

const Expr* Grammar::primary() {
  switch (token_.kind) {
    case TokenKind::Number:
      return number();
    case TokenKind::Name:
      return named();
    case TokenKind::LeftParen:
      return expression_in_parentheses();
    default:
      expected("an expression");
  }
}

const Expr* Grammar::number() {
  Expr* const expr = node(ExprKind::Number, token_.begin);
  expr->suffixed = token_.suffixed;
  expr->number = token_.number;
  advance();
  return expr;
}

const Expr* Grammar::named() {
  const Token name = take();
  if (!is_word(name.symbol)) {
    if (at(TokenKind::Dot) && name.symbol == vhand_ && !is_process(name.symbol)) return stealer_path(name);
    if (at(TokenKind::Dot) || at(TokenKind::LeftBracket)) return process_path(name);
    if (at_draw(name)) return draw(name);
    const Expr* const number = variable_or_param(name);
    return number != nullptr ? number : bare_word(name);
  }
  switch (static_cast<Word>(name.symbol)) {
    case Word::And:
    case Word::Or:
    case Word::In:
    case Word::As:
    case Word::Not:
    case Word::Else:
      fail(name.begin, "expected an expression, found `{}`", text_of(name));
    case Word::Counter:
      return counter_path(name);
    case Word::Pfdata:
      return indexed_path(name, PathKind::PageFrame);
    case Word::Region:
      return indexed_path(name, PathKind::RegionById);
    case Word::SwapUse:
      return indexed_path(name, PathKind::SwapUse);
    case Word::SwapMap:
      return indexed_path(name, PathKind::SwapExtent);
    case Word::Processes:
    case Word::Regions:
      return gauge_path(name);
    case Word::Frames:
    case Word::Tables:
    case Word::Swap:
      if (at(TokenKind::Dot)) return gauge_path(name);
      return bare_word(name);
    default:
      return bare_word(name);
  }
}

// The number that a name stands for, if it does; its name is already taken.
const Expr* Grammar::variable_or_param(const Token& name) {
  const auto variable = std::ranges::find(variables(), name.symbol, &LoopVariable::name);
  if (variable != variables().end()) {
    use(variable->place);
    Expr* const expr = node(ExprKind::LoopVariable, name.begin);
    expr->slot = variable->slot;
    return expr;
  }
  if (const Argument* const bound = argument(name.symbol)) [[unlikely]] {
    use(bound->declared);
    if (bound->is_name) fail(name.begin, "`{}` is a name here, and no number", text_of(name));
    Expr* const expr = node(ExprKind::LoopVariable, name.begin);
    expr->slot = bound->slot;
    return expr;
  }
  if (!is_param(name.symbol)) return nullptr;
  Expr* const expr = node(ExprKind::Param, name.begin);
  expr->slot = param_slots_[name.symbol];
  use(script_.params[expr->slot].place);
  return expr;
}

// `zombie`, `EAGAIN`, `swap:1:17`, `swap:1:(A+1)`: names, numbers and expressions joined by colons without blanks.
const Expr* Grammar::bare_word(const Token& first) {
  std::vector<WordText::Part> parts;
  bool plain = true;
  std::uint16_t height = 1;
  while (at(TokenKind::Colon) && token_.begin == last_end_) {
    if (parts.empty()) parts.push_back({.text = text_of(first), .value = nullptr});
    take();
    const Token part = token_;
    if (token_.begin != last_end_) expected("a name or a number behind the `:`");
    const Expr* value = nullptr;
    if (at(TokenKind::LeftParen)) {
      value = expression_in_parentheses();
    } else if (at(TokenKind::Name) || at(TokenKind::Number)) {
      take();
      if (part.kind == TokenKind::Name) value = variable_or_param(part);
    } else {
      expected("a name or a number behind the `:`");
    }
    if (value != nullptr) {
      number_of(value);
      plain = false;
      height = std::max(height, above(part.begin, {value}));
    }
    parts.push_back({.text = sources_.slice(part.begin, last_end_), .value = value});
  }
  auto* const word = script_.arena.make<WordText>();
  word->text = sources_.slice(first.begin, last_end_);
  if (!plain) word->parts = script_.arena.keep(parts);
  Expr* const expr = node(ExprKind::Word, first.begin);
  expr->height = height;
  expr->word = word;
  return expr;
}

const Expr* Grammar::expression_in_parentheses() {
  take();
  const Expr* expr = any_expression();
  want(TokenKind::RightParen, "`)`");
  return expr;
}

const Expr* Grammar::path(const Path& path) {
  auto* const kept = script_.arena.make<Path>();
  *kept = path;
  Expr* const expr = node(ExprKind::Path, path.place);
  const Expr* const cell = path.location == nullptr ? nullptr : path.location->first;
  expr->height = above(path.place, {path.first, path.second, path.process.index, cell});
  expr->path = kept;
  return expr;
}

const Expr* Grammar::counter_path(const Token& word) {
  want(TokenKind::Dot, "`.` and a counter's group");
  const Token group = want(TokenKind::Name, "a counter's group");
  want(TokenKind::Dot, "`.` and a counter's name");
  const Token last = want(TokenKind::Name, "a counter's name");
  return number_path({.kind = PathKind::Counter, .place = word.begin}, group.begin,
                     fmt::format("{}.{}", text_of(group), text_of(last)), counter_names());
}

const Expr* Grammar::gauge_path(const Token& word) {
  std::string name(text_of(word));
  if (accept(TokenKind::Dot)) name += fmt::format(".{}", text_of(want(TokenKind::Name, "a gauge's name")));
  return number_path({.kind = PathKind::Gauge, .place = word.begin}, word.begin, name, gauge_names());
}

// A counter or gauge by its full name.
const Expr* Grammar::number_path(Path path, Place mistake, const std::string& name,
                                 std::span<const std::string> names) {
  const auto known = std::ranges::find(names, name);
  if (known == names.end())
    fail(mistake, "there is no {} `{}`{}", path.kind == PathKind::Counter ? "counter" : "gauge", name,
         did_you_mean(name, std::vector<std::string_view>(names.begin(), names.end())));
  path.index = static_cast<std::uint32_t>(known - names.begin());
  return this->path(path);
}

// A column that paths may name. `also`: what else might have been meant.
template <class Columns>
const ColumnInfo* Grammar::column(const Columns& columns, std::string_view of) {
  const std::string_view text = at(TokenKind::Name) ? text_of(token_) : std::string_view();
  std::vector<std::string_view> words;
  for (const ColumnInfo& candidate : columns) {
    if (!candidate.is(kInPath)) continue;
    if (candidate.name == text) {
      take();
      return &candidate;
    }
    words.push_back(candidate.name);
  }
  const std::string list = fmt::format("{}", fmt::join(words, ", "));
  if constexpr (std::is_same_v<const Columns, decltype(kProcessColumns)>)
    std::ranges::copy(var_names(), std::back_inserter(words));
  expected(fmt::format("an attribute of {} ({})", of, list), did_you_mean(text, words));
}

const Expr* Grammar::indexed_path(const Token& word, PathKind kind) {
  Path result{.kind = kind, .place = word.begin};
  want(TokenKind::LeftBracket, "`[`");
  result.first = expression();
  if (kind == PathKind::SwapUse) want(TokenKind::Comma, "`,` and the block");
  if (kind == PathKind::SwapUse || (kind == PathKind::SwapExtent && accept(TokenKind::Comma)))
    result.second = expression();
  want(TokenKind::RightBracket, "`]`");
  if (kind == PathKind::SwapUse) return path(result);
  want(TokenKind::Dot, "`.` and an attribute");
  if (kind == PathKind::PageFrame)
    result.column = column(kFrameColumns, "pfdata");
  else if (kind == PathKind::RegionById)
    result.column = column(kRegionColumns, "a region");
  else if (result.second != nullptr)
    result.column = column(kExtentColumns, "an entry");
  else
    result = {.kind = PathKind::SwapMap,
              .column = column(kDeviceColumns, "a swap map"),
              .first = result.first,
              .place = word.begin};
  return path(result);
}

const Expr* Grammar::process_path(const Token& name) {
  const ProcessRef process = ref_of(name.symbol, name.begin, Giving::No);
  want(TokenKind::Dot, "`.` and what to look at");
  if (at_region()) return region_path(name, process);
  Path result{.kind = PathKind::Process, .process = process, .place = name.begin};
  if (at(TokenKind::Name)) {
    if (const auto var = vars_.find(token_.symbol); var != vars_.end()) {
      use(var->second.place);
      result.kind = PathKind::Cell;
      auto* const location = script_.arena.make<Location>();
      *location = var->second.used_at(take_place());
      result.location = location;
      return path(result);
    }
  }
  result.column = column(kProcessColumns, "a process");
  return path(result);
}

const Expr* Grammar::stealer_path(const Token& name) {
  want(TokenKind::Dot, "`.` and what to look at");
  return path({.kind = PathKind::Stealer, .column = column(kInsideColumns, "the page stealer"), .place = name.begin});
}

const Expr* Grammar::region_path(const Token& name, ProcessRef process) {
  Path result{.kind = PathKind::Pregion, .process = process, .region = region_ref(), .place = name.begin};
  if (accept(TokenKind::LeftBracket)) {
    result.kind = PathKind::Page;
    result.first = expression();
    want(TokenKind::RightBracket, "`]`");
    want(TokenKind::Dot, "`.` and an attribute of the page");
    result.column = column(kPageColumns, "a page");
    return path(result);
  }
  want(TokenKind::Dot, "`.` and an attribute of the region, or `[` and a page");
  result.column = column(kPregionColumns, "a region");
  return path(result);
}

}  // namespace bachsim
