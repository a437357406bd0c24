// Sheets of texts and of the textbook's scripts, with the answers of a run.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "sim/sheet/sheet.h"
#include "sim/sheet/sheet_forms.h"
#include "workloads/language/parser.h"
#include "workloads/language/run.h"
#include "workloads/language/settings.h"

namespace bachsim {

inline std::string text_of_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// A script of the textbook as the program carries it, with what it includes in its place.
inline std::string carried_text(const std::filesystem::path& path) {
  std::istringstream lines(text_of_file(path));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const bool include = line.starts_with("include \"");
    text += include ? carried_text(path.parent_path() / line.substr(9, line.size() - 10)) : line + "\n";
  }
  return text;
}

inline std::vector<std::filesystem::path> textbook_files() {
  std::vector<std::filesystem::path> scripts;
  const auto folder = std::filesystem::path(BACHSIM_SOURCE_DIR) / "workloads" / "textbook";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".bach") scripts.push_back(entry.path());
  }
  std::ranges::sort(scripts);
  REQUIRE(scripts.size() > 40);
  return scripts;
}

struct NoIncludes : Includes {
  std::expected<File, std::string> open(std::string_view, const std::string&) override {
    return std::unexpected("nothing is included here");
  }
};

// A sheet that is made of a text, and its answers.
struct Made {
  explicit Made(std::string text, bool answers = true)
      : parsed(parse(sources, sources.add("script.bach", std::move(text)), "script.bach", includes)) {
    REQUIRE(parsed.errors.empty());
    auto made = make_sheet(parsed.script, *choose(parsed.script), sources);
    if (!made) {
      for (const Diagnostic& error : made.error()) errors.push_back(error.what);
      return;
    }
    sheet = std::move(*made);
    sheet.head.name = "ex-1.1";
    if (!answers) return;
    const auto config = configure(parsed.script, {});
    REQUIRE(config);
    AnswerListener listener(sheet, sources);
    Run run(*config, parsed.script, listener, {.trace = true});
    run.watch(&listener.events);
    const auto mistake = run.run();
    REQUIRE(!mistake);
  }

  [[nodiscard]] const Blank& blank(std::size_t question, std::size_t number = 0) const {
    return sheet.questions().at(question)->blanks.at(number);
  }

  Sources sources;
  NoIncludes includes;
  ParseResult parsed;
  Sheet sheet;
  std::vector<std::string> errors;
};

}  // namespace bachsim
