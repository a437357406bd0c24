#include "workloads/language/params.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>

#include "regions/random.h"

namespace bachsim {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kLeastNumber = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMostNumber = std::numeric_limits<std::int64_t>::max();

std::int64_t narrow(Wide number, Place place) {
  if (number < kLeastNumber || number > kMostNumber) fail(place, "the number does not fit in 64 bits");
  return static_cast<std::int64_t>(number);
}

// One stretch of the values that a param may have, which are `count`.
struct Stretch {
  std::int64_t first;
  std::uint64_t step;
  std::uint64_t count;

  [[nodiscard]] std::int64_t at(std::uint64_t index) const {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(first) + index * step);
  }
  [[nodiscard]] bool has(std::int64_t value) const {
    if (value < first) return false;
    const std::uint64_t distance = static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(first);
    return distance % step == 0 && distance / step < count;
  }
};

Stretch stretch_of(const ParamDeclaration::Range& range, const ParamValues& before) {
  const std::int64_t first = constant(range.first, before);
  if (range.last == nullptr) return {.first = first, .step = 1, .count = 1};
  const std::int64_t last = constant(range.last, before);
  const std::int64_t step = range.step == nullptr ? 1 : constant(range.step, before);
  if (step < 1) fail(range.step->place, "a step is 1 or more, not {}", step);
  if (last < first) fail(range.first->place, "no number is from {} to {}", first, last);
  const std::uint64_t distance = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first);
  const auto width = static_cast<std::uint64_t>(step);
  if (distance / width >= static_cast<std::uint64_t>(kMostNumber))
    fail(range.first->place, "these are too many values");
  return {.first = first, .step = width, .count = distance / width + 1};
}

std::vector<Stretch> stretches_of(const ParamDeclaration& param, const ParamValues& before) {
  std::vector<Stretch> stretches;
  std::uint64_t count = 0;
  for (const ParamDeclaration::Range& range : param.values) {
    stretches.push_back(stretch_of(range, before));
    count += stretches.back().count;
    if (count > static_cast<std::uint64_t>(kMostNumber)) fail(range.first->place, "these are too many values");
  }
  return stretches;
}

std::int64_t draw(const ParamDeclaration& param, const std::vector<Stretch>& stretches, std::uint64_t seed) {
  std::uint64_t count = 0;
  for (const Stretch& stretch : stretches) count += stretch.count;
  std::uint64_t index = Random(seed, param.name).below(count);
  auto stretch = stretches.begin();
  for (; index >= stretch->count; ++stretch) index -= stretch->count;
  return stretch->at(index);
}

std::int64_t default_of(const ParamDeclaration& param, const std::vector<Stretch>& stretches,
                        const ParamValues& before) {
  return param.standard == nullptr ? stretches.front().first : constant(param.standard, before);
}

// A value that somebody has said must be one of those that the param may have.
void check_value(const ParamDeclaration& param, const std::vector<Stretch>& stretches, std::int64_t value,
                 Place place) {
  if (stretches.empty() || std::ranges::any_of(stretches, [value](const auto& each) { return each.has(value); }))
    return;
  throw Diagnostic{place, fmt::format("`{}` is one of {}, not {}", param.name, param.values_text, value), {}};
}

std::int64_t value_of(const ParamDeclaration& param, const ParamValues& before, const ParamChoices& choices) {
  const std::vector<Stretch> stretches = stretches_of(param, before);
  const auto is_of_param = [&param](const Definition& each) { return each.name == param.name; };
  const auto definition = std::find_if(choices.definitions.rbegin(), choices.definitions.rend(), is_of_param);
  if (definition != choices.definitions.rend()) {
    check_value(param, stretches, definition->value, definition->value_place);
    return definition->value;
  }
  if (choices.seed && !stretches.empty()) return draw(param, stretches, *choices.seed);
  const std::int64_t value = default_of(param, stretches, before);
  if (param.standard != nullptr) check_value(param, stretches, value, param.standard->place);
  return value;
}

}  // namespace

std::expected<ParamValues, std::vector<Diagnostic>> choose(const Script& script, const ParamChoices& choices) {
  std::vector<Diagnostic> errors;
  std::vector<std::string_view> names;
  for (const ParamDeclaration& param : script.params) names.push_back(param.name);
  for (const Definition& definition : choices.definitions) {
    if (std::ranges::find(names, definition.name) == names.end())
      errors.push_back({definition.place, fmt::format("the script has no param `{}`{}", definition.name,
                                                      did_you_mean(definition.name, names))});
  }
  ParamValues values;
  for (const ParamDeclaration& param : script.params) {
    try {
      values.push_back(value_of(param, values, choices));
    } catch (Diagnostic& mistake) {
      errors.push_back(std::move(mistake));
      break;  // params behind it may depend on it
    }
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return values;
}

std::vector<NamedParam> named(const Script& script, const ParamValues& values) {
  std::vector<NamedParam> params;
  for (std::size_t i = 0; i < values.size(); ++i)
    params.push_back({script.params[i].name, values[i], script.params[i].hexadecimal});
  return params;
}

std::string value_text(const NamedParam& param) {
  return param.hexadecimal ? fmt::format("{:#x}", param.value) : fmt::format("{}", param.value);
}

bool are_defaults(const Script& script, const ParamValues& values) {
  const auto defaults = choose(script);
  return defaults && *defaults == values;
}

std::int64_t constant(const Expr* expr, const ParamValues& values) {
  switch (expr->kind) {
    case ExprKind::Number:
      return narrow(static_cast<Wide>(expr->number), expr->place);
    case ExprKind::Param:
      return values[expr->slot];
    case ExprKind::Negate:
      if (expr->left->kind == ExprKind::Number) return narrow(-static_cast<Wide>(expr->left->number), expr->place);
      return narrow(-static_cast<Wide>(constant(expr->left, values)), expr->place);
    case ExprKind::Add:
    case ExprKind::Subtract:
    case ExprKind::Multiply:
    case ExprKind::Divide:
    case ExprKind::Remainder:
      break;
    default:  // it has other parts, or none
      fail(expr->place, "before the run only numbers and params are known");
  }
  const Wide left = constant(expr->left, values);
  const Wide right = constant(expr->right, values);
  switch (expr->kind) {
    case ExprKind::Add:
      return narrow(left + right, expr->place);
    case ExprKind::Subtract:
      return narrow(left - right, expr->place);
    case ExprKind::Multiply:
      return narrow(left * right, expr->place);
    default:
      if (right == 0) fail(expr->place, "division by zero");
      return narrow(expr->kind == ExprKind::Divide ? left / right : left % right, expr->place);
  }
}

std::uint64_t constant_count(const Expr* expr, const ParamValues& values, std::string_view of) {
  if (expr->kind == ExprKind::Number) return expr->number;
  const std::int64_t number = constant(expr, values);
  if (number < 0) fail(expr->place, "{} cannot be below 0: {}", of, number);
  return static_cast<std::uint64_t>(number);
}

}  // namespace bachsim
