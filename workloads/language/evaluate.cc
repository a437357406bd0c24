// Expressions: 64-bit integers that wrap, and words that are compared.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "workloads/language/evaluator.h"

namespace bachsim {
namespace {

std::uint64_t bits(std::int64_t number) { return static_cast<std::uint64_t>(number); }

// REQUIRES: `expr` is a sum, a difference, a product, a quotient or a remainder, of these two
std::int64_t arithmetic(const Expr* expr, std::int64_t left, std::int64_t right) {
  switch (expr->kind) {
    case ExprKind::Add:
      return static_cast<std::int64_t>(bits(left) + bits(right));
    case ExprKind::Subtract:
      return static_cast<std::int64_t>(bits(left) - bits(right));
    case ExprKind::Multiply:
      return static_cast<std::int64_t>(bits(left) * bits(right));
    default:
      break;
  }
  if (right == 0) fail(expr->place, "division by zero");
  const bool quotient = expr->kind == ExprKind::Divide;
  if (right == -1) return quotient ? static_cast<std::int64_t>(0 - bits(left)) : 0;  // the one that does not fit wraps
  return quotient ? left / right : left % right;
}

// Empty for a word.
std::optional<std::int64_t> number_of(const Field& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* address = std::get_if<Address>(&value)) return static_cast<std::int64_t>(address->value);
  return std::nullopt;
}

}  // namespace

std::int64_t Evaluator::number(const Expr* expr) const {
  switch (expr->kind) {
    case ExprKind::Number:
      return static_cast<std::int64_t>(expr->number);
    case ExprKind::LoopVariable:
      return surroundings_.blocks[expr->slot].now;
    case ExprKind::Param:
      return params_[expr->slot];
    case ExprKind::Draw:
      return draw(*expr->draw);
    case ExprKind::Negate:
      return static_cast<std::int64_t>(0 - bits(number(expr->left)));
    case ExprKind::Not:
      return truth(expr->left) ? 0 : 1;
    case ExprKind::And:
      return truth(expr->left) && truth(expr->right) ? 1 : 0;
    case ExprKind::Or:
      return truth(expr->left) || truth(expr->right) ? 1 : 0;
    case ExprKind::Word:
    case ExprKind::Path:
      break;
    default:
      if (is_comparison(expr->kind)) return compare(expr, value(expr->left), value(expr->right)) ? 1 : 0;
      return arithmetic(expr, number(expr->left), number(expr->right));
  }
  const Field result = value(expr);
  const auto number = number_of(result);
  if (!number) fail(expr->place, "`{}` is no number", text(result));
  return *number;
}

Field Evaluator::value(const Expr* expr) const {
  if (expr->kind == ExprKind::Word) return word(*expr->word);
  if (expr->kind == ExprKind::Path) return look(*expr->path);
  return number(expr);
}

std::int64_t Evaluator::draw(const Draw& draw) const {
  Random random = Random::of_draw(kernel_.config().seed, surroundings_.first_draw + draw.number);
  const std::int64_t last = number(draw.last);
  if (draw.first == nullptr) {
    const std::int64_t exponent = number(draw.exponent);
    if (last < 1 || bits(last) > Zipf::kMaxNumbers)
      fail(draw.last->place, "zipf draws from 1 to {} numbers, not from {}", Zipf::kMaxNumbers, last);
    if (exponent < 0 || exponent > Zipf::kMaxExponent)
      fail(draw.exponent->place, "an exponent is from 0 to {}, not {} percent", Zipf::kMaxExponent / 100, exponent);
    const std::uint64_t drawn = zipf_.draw(random, bits(last), static_cast<std::uint32_t>(exponent));
    if (zipf_.weights() > Zipf::kMaxWeights)
      fail(draw.exponent->place, "zipf has worked out {} weights for numbers and exponents that take turns",
           Zipf::kMaxWeights);
    return static_cast<std::int64_t>(drawn);
  }
  const std::int64_t first = number(draw.first);
  if (first > last) fail(draw.first->place, "no number is from {} to {}", first, last);
  const std::uint64_t count = bits(last) - bits(first) + 1;
  return static_cast<std::int64_t>(bits(first) + (count == 0 ? random.next() : random.below(count)));
}

std::string Evaluator::word(const WordText& word) const {
  if (word.parts.empty()) return std::string(word.text);
  std::string text;
  for (const WordText::Part& part : word.parts) {
    text += text.empty() ? "" : ":";
    text += part.value == nullptr ? std::string(part.text) : std::to_string(number(part.value));
  }
  return text;
}

bool Evaluator::compare(const Expr* expr, const Field& left, const Field& right) const {
  const auto a = number_of(left);
  const auto b = number_of(right);
  const bool equal = a == b && (a || left == right);
  if (expr->kind == ExprKind::Equal) return equal;
  if (expr->kind == ExprKind::NotEqual) return !equal;
  if (!a || !b) fail(expr->place, "`{}` is no number: words are equal or not", text(a ? right : left));
  if (expr->kind == ExprKind::Less) return *a < *b;
  if (expr->kind == ExprKind::LessEqual) return *a <= *b;
  return expr->kind == ExprKind::Greater ? *a > *b : *a >= *b;
}

std::uint64_t Evaluator::count(const Expr* expr, std::string_view of) const {
  const std::int64_t result = number(expr);
  if (result < 0) fail(expr->place, "{} cannot be below 0: {}", of, result);
  return bits(result);
}

std::int64_t Evaluator::bytes(const Expr* expr) const {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const bool negative = expr->kind == ExprKind::Negate;
  const Expr* operand = negative ? expr->left : expr;
  if (operand->kind == ExprKind::Number && operand->suffixed) {
    const auto size = static_cast<std::int64_t>(std::min<std::uint64_t>(operand->number, kMost));
    return negative ? -size : size;
  }
  const auto page = static_cast<std::int64_t>(kernel_.config().page);
  return std::clamp(number(expr), -kMost / page, kMost / page) * page;
}

std::int64_t Evaluator::pages(const Expr* expr) const {
  const auto page = static_cast<std::int64_t>(kernel_.config().page);
  const std::int64_t size = bytes(expr);
  return size / page + (size % page > 0 ? 1 : 0);
}

}  // namespace bachsim
