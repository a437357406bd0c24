// The params of a script: numbers that it leaves open, and that are chosen before it runs. A script and these numbers
// give one run.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/language/ast.h"
#include "workloads/language/diagnostic.h"

namespace bachsim {

// [param], in the order of Script::params.
using ParamValues = std::vector<std::int64_t>;

// One NAME=NUMBER of -D.
struct Definition {
  std::string_view name;
  Place place;
  std::int64_t value;
  Place value_place;
};

struct ParamChoices {
  std::optional<std::uint64_t> seed{};
  std::vector<Definition> definitions{};  // later ones win
};

// The number for each param: that of its definition; else, with a seed, one of its values, drawn; else its default.
// On failure, all that is wrong with the definitions, or what is wrong with the script's declarations.
[[nodiscard]] std::expected<ParamValues, std::vector<Diagnostic>> choose(const Script& script,
                                                                         const ParamChoices& choices = {});

// The same with their names, for people.
struct NamedParam {
  std::string_view name;
  std::int64_t value;
  bool hexadecimal;  // the script writes it so
};
[[nodiscard]] std::string value_text(const NamedParam& param);
[[nodiscard]] std::vector<NamedParam> named(const Script& script, const ParamValues& values);

// Whether these are the defaults.   REQUIRES: they came from choose(script, ...)
[[nodiscard]] bool are_defaults(const Script& script, const ParamValues& values);

// The value of an expression before the run. Throws a Diagnostic where it has none: one of other things than numbers
// and params, a division by zero, or a number outside 64 bits.
[[nodiscard]] std::int64_t constant(const Expr* expr, const ParamValues& values);

// The same for what cannot be below 0; `of` names it in the mistake. A number alone may have all 64 bits.
[[nodiscard]] std::uint64_t constant_count(const Expr* expr, const ParamValues& values, std::string_view of);

}  // namespace bachsim
