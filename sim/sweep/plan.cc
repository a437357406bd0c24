#include "sim/sweep/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <ranges>
#include <utility>

#include "workloads/language/characters.h"

namespace bachsim {
namespace {

constexpr std::size_t kMostValues = 1'000'000;

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Without the blanks around it.
std::string_view bare(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

// Adds the numbers of `A..B` or `A..B:STEP`. Says what is wrong.
std::string add_range(std::string_view text, std::vector<std::string>& values) {
  const std::size_t dots = text.find("..");
  const std::string_view behind = text.substr(dots + 2);
  const std::size_t colon = behind.find(':');
  const auto first = number(text.substr(0, dots));
  const auto last = number(behind.substr(0, colon));
  const auto step = colon == std::string_view::npos ? std::optional<std::int64_t>(1) : number(behind.substr(colon + 1));
  if (!first || !last || !step) return fmt::format("`{}` is no range: FIRST..LAST or FIRST..LAST:STEP", text);
  if (*step < 1) return fmt::format("`{}`: a step is 1 or more", text);
  if (*last < *first) return fmt::format("`{}`: no number is from {} to {}", text, *first, *last);
  const auto distance = static_cast<std::uint64_t>(*last) - static_cast<std::uint64_t>(*first);
  const std::uint64_t steps = distance / static_cast<std::uint64_t>(*step);
  if (values.size() > kMostValues || steps >= kMostValues - values.size())
    return fmt::format("`{}`: more than {} values", text, kMostValues);
  for (std::uint64_t i = 0; i <= steps; ++i)
    values.push_back(fmt::format(
        "{}", static_cast<std::int64_t>(static_cast<std::uint64_t>(*first) + i * static_cast<std::uint64_t>(*step))));
  return {};
}

}  // namespace

std::expected<std::vector<std::string>, std::string> values_of(std::string_view list) {
  std::vector<std::string> values;
  for (const auto part : std::views::split(list, ',')) {
    const std::string_view text = bare({part.begin(), part.end()});
    if (text.empty()) return std::unexpected(fmt::format("`{}` has a value that is empty", list));
    if (text.find("..") == std::string_view::npos) {
      values.emplace_back(text);
    } else if (std::string wrong = add_range(text, values); !wrong.empty()) {
      return std::unexpected(std::move(wrong));
    }
  }
  if (values.empty()) return std::unexpected("a list has one value or more");
  std::vector<std::string> sorted = values;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
    return std::unexpected(fmt::format("`{}` is there twice", *twice));
  return values;
}

std::optional<std::uint64_t> seed_of(std::string_view word) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seed);
  const bool whole = error == std::errc{} && end == word.data() + word.size();
  return whole && fmt::format("{}", seed) == word ? std::optional(seed) : std::nullopt;
}

std::string Plan::vary(Axis::Kind kind, std::string_view written) {
  std::string text(written);
  std::ranges::replace(text, '\t', ' ');  // a table shows no tabs, and so no part of a sweep has them
  if (printable(text) != text) return fmt::format("`{}` has characters that do not show", printable(text));
  const std::size_t sign = text.find('=');
  const std::string_view name = bare(std::string_view(text).substr(0, sign));
  if (sign == std::string_view::npos || name.empty()) return fmt::format("`{}` is no NAME=LIST", text);
  auto values = values_of(std::string_view(text).substr(sign + 1));
  if (!values) return std::move(values.error());
  if (const auto wrong = std::ranges::find_if(*values, [](const std::string& word) { return !seed_of(word); });
      kind == Axis::Kind::Seed && wrong != values->end())
    return fmt::format("`{}` is no seed", *wrong);
  // Seeds have no column.
  const auto same = [&](const Axis& axis) {
    return axis.name == name && (axis.kind != Axis::Kind::Seed) == (kind != Axis::Kind::Seed);
  };
  if (std::ranges::any_of(axes, same)) return fmt::format("`{}` is varied twice", name);
  axes.push_back({.kind = kind, .name = std::string(name), .values = std::move(*values)});
  return {};
}

std::uint64_t Plan::runs() const {
  std::uint64_t runs = 1;
  for (const Axis& axis : axes) runs = runs > kMostRuns ? runs : runs * axis.values.size();
  return runs;
}

std::uint64_t Plan::repetitions() const {
  return !axes.empty() && axes.back().kind == Axis::Kind::Seed ? axes.back().values.size() : 1;
}

std::vector<std::size_t> Plan::indices_of(std::uint64_t run) const {
  std::vector<std::size_t> chosen(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    chosen[i] = run % axes[i].values.size();
    run /= axes[i].values.size();
  }
  return chosen;
}

}  // namespace bachsim
