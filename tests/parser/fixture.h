// What the parser's tests share: a script goes in, the dump or the errors come out as one text to
// compare.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <expected>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/parser/dump.h"
#include "workloads/language/parser.h"
#include "workloads/language/settings.h"

namespace bachsim {

// Files in memory. A name is meant from the folder of the file that includes it; `./` before it
// means nothing.
class Files : public Includes {
 public:
  Files() = default;
  explicit Files(std::map<std::string, std::string> texts) : texts_(std::move(texts)) {}

  std::expected<File, std::string> open(std::string_view wanted, const std::string& from) override {
    std::string identity = from.substr(0, from.rfind('/') + 1);
    identity += wanted.starts_with("./") ? wanted.substr(2) : wanted;
    const auto text = texts_.find(identity);
    if (text == texts_.end()) return std::unexpected("cannot read `" + std::string(wanted) + "`: no such file");
    return File{.name = std::string(wanted), .identity = std::move(identity), .text = text->second};
  }

 private:
  std::map<std::string, std::string> texts_;
};

// A script that is parsed, together with what it refers to. Tests write pieces of scripts: their processes come from
// nowhere, and their declarations are for nobody.
struct Parsed {
  explicit Parsed(std::string text, std::map<std::string, std::string> included = {})
      : files(std::move(included)), result(parse(sources, sources.add("a.bach", std::move(text)), "a.bach", files)) {
    std::erase_if(result.errors, [](const Diagnostic& error) { return error.what.starts_with("no statement before"); });
  }

  // All errors; where there are none, those of the machine it asks for.
  [[nodiscard]] std::string errors() const {
    std::string text;
    for (const Diagnostic& error : result.errors) text += render(sources, error);
    if (!text.empty()) return text;
    if (const auto config = configure(result.script, {}); !config) {
      for (const Diagnostic& error : config.error()) text += render(sources, error);
    }
    return text;
  }

  Sources sources;
  Files files;
  ParseResult result;
};

inline std::string errors_of(std::string_view text, std::map<std::string, std::string> included = {}) {
  return Parsed(std::string(text), std::move(included)).errors();
}

// Whether a line that was parsed makes no sense.
inline bool is_misuse(const Diagnostic& error) {
  return error.what.find(" is no number, no loop variable") != std::string::npos ||
         error.what.find(" is a word, no number") != std::string::npos;
}

// The dump of a script without errors of grammar; else its errors.
inline std::string dump_of(std::string_view text, std::map<std::string, std::string> included = {}) {
  const Parsed parsed(std::string(text), std::move(included));
  return std::ranges::all_of(parsed.result.errors, is_misuse) ? dump(parsed.result.script) : parsed.errors();
}

struct ScriptText {
  std::string_view script;
  std::string_view text;  // that comes of it
};

inline void check_dumps(const std::vector<ScriptText>& rows) {
  for (const ScriptText& row : rows) {
    CAPTURE(row.script);
    CHECK(dump_of(row.script) == row.text);
  }
}

inline void check_errors(const std::vector<ScriptText>& rows) {
  for (const ScriptText& row : rows) {
    CAPTURE(row.script);
    CHECK(errors_of(row.script) == row.text);
  }
}

// Scripts of one line, each with the one error it must give on the line below it, behind a caret:
//
//   P: fork C
//           ^ expected `as`, found `C`
//
// A program `sh` and a var `cell` are declared before; a block that the line opens is closed behind
// it.
inline void check_marked(std::string_view pairs) {
  const std::string stage = "program sh\nvar cell = data+8\n";
  std::istringstream lines{std::string(pairs)};
  std::string script;
  std::string mark;
  std::getline(lines, script);  // the rest of the line where the text begins
  while (std::getline(lines, script)) {
    REQUIRE(std::getline(lines, mark));
    const std::size_t caret = mark.find('^');
    REQUIRE(caret < mark.size() - 2);
    CHECK(errors_of(stage + script + (script.ends_with('{') ? "\n}\n" : "\n")) ==
          fmt::format("a.bach:3:{}: error: {}\n{}\n{}\n", caret + 1, mark.substr(caret + 2), script,
                      mark.substr(0, caret + 1)));
  }
}

}  // namespace bachsim
