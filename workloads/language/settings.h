// From a script's machine statements, and --set, to the Config of a machine.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "regions/config.h"
#include "workloads/language/ast.h"
#include "workloads/language/diagnostic.h"
#include "workloads/language/params.h"

namespace bachsim {

// The script's settings in their order, then the overrides. All that is wrong comes back together, in the order of
// the text: what the parser found (`errors`), wrong settings, and programs that do not fit the machine. `params`: as
// choose() gives them; none: the defaults.
[[nodiscard]] std::expected<Config, std::vector<Diagnostic>> configure(const Script& script,
                                                                       std::span<const Setting> overrides,
                                                                       std::vector<Diagnostic> errors = {},
                                                                       ParamValues params = {});

// The script's programs for that machine.   REQUIRES: `config` came from configure(script, ...) with these params,
// which may be left out where the script has none
[[nodiscard]] std::vector<Program> programs_of(const Script& script, const Config& config,
                                               const ParamValues& params = {});

// Every machine key with the value in use, for reports.
struct KeyValue {
  std::string_view key;
  // A number, a word, a list of numbers; or nothing: no limit.
  std::variant<std::monostate, std::uint64_t, std::string_view, std::vector<std::uint64_t>> value;
};
[[nodiscard]] std::vector<KeyValue> settings_of(const Config& config);

// Every machine key, and the words that it takes; none where it takes numbers.
struct MachineKey {
  std::string_view name;
  std::vector<std::string_view> words;
};
[[nodiscard]] std::vector<MachineKey> machine_keys();

}  // namespace bachsim
