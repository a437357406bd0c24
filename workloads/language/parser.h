// From text to Script: docs/workload-language.md.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/language/ast.h"
#include "workloads/language/diagnostic.h"
#include "workloads/language/params.h"
#include "workloads/language/source.h"

namespace bachsim {

// More errors than this are not looked for.
inline constexpr std::size_t kMaxErrors = 20;

// How a parser comes by the files that a script includes.
class Includes {
 public:
  Includes() = default;
  Includes(const Includes&) = delete;
  Includes& operator=(const Includes&) = delete;
  virtual ~Includes() = default;

  struct File {
    std::string name;      // as errors call it
    std::string identity;  // equal for two ways to one file
    std::string text;
  };

  // The file that `wanted` means in a file of this identity. On failure, why not, for the user.
  [[nodiscard]] virtual std::expected<File, std::string> open(std::string_view wanted,
                                                              const std::string& from_identity) = 0;
  // The same for a file of references, which is not read yet.
  [[nodiscard]] virtual std::expected<std::unique_ptr<ReferenceFile>, std::string> references(
      std::string_view wanted, const std::string& /*from_identity*/) {
    return std::unexpected(fmt::format("cannot read `{}`: there are no files here", wanted));
  }
};

struct ParseResult {
  Script script;
  std::vector<Diagnostic> errors;    // in the order of the text; empty: the script is whole
  std::vector<Diagnostic> warnings;  // of a whole script: declarations that nobody uses, in the order of the text
};

// Parses a text of `sources`, and those it includes, which it adds to `sources`. The texts of `behind` are read as if
// they stood at the end of the first. The script refers to the texts: `sources` must outlive it.
[[nodiscard]] ParseResult parse(Sources& sources, std::size_t file, const std::string& identity, Includes& includes,
                                std::span<const std::size_t> behind = {});

// Parses KEY=VALUE as --set has it, from a text that `sources` keeps.
[[nodiscard]] std::expected<Setting, Diagnostic> parse_setting(Sources& sources, std::size_t file);

// The same for NAME=NUMBER as -D has it.
[[nodiscard]] std::expected<Definition, Diagnostic> parse_definition(Sources& sources, std::size_t file);

}  // namespace bachsim
