// Scripts of the textbook with params: each seed is a sheet of its own, which the simulator can answer.
#include <fmt/format.h>

#include <set>

#include "tests/sheet/made.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kSeeds = 50;
constexpr std::size_t kDifferentSheets = 45;  // of these, at least
constexpr std::uint64_t kAudited = 3;         // seeds whose runs are audited after each statement; an audit is long

// Fills a sheet, and hears what does not hold.
struct JudgedAnswers : AnswerListener {
  using AnswerListener::AnswerListener;
  void expectation(const Expectation& expectation) override {
    AnswerListener::expectation(expectation);
    if (expectation.held) return;
    failed += expectation.text;
    if (expectation.left) failed += fmt::format(": {} and {}", text(*expectation.left), text(*expectation.right));
    failed += '\n';
  }
  std::string failed{};
};

struct Variants {
  explicit Variants(const std::filesystem::path& path)
      : name(path.stem().string()), parsed(parse(sources, sources.add(name, carried_text(path)), name, includes)) {}

  // Runs one with audits, and returns its sheet with the answers.
  std::string sheet_of(const ParamChoices& choices) {
    const auto params = choose(parsed.script, choices);
    if (!params) return "params: " + render(sources, params.error().front());
    const auto config = configure(parsed.script, {}, {}, *params);
    if (!config) return "machine: " + render(sources, config.error().front());
    auto sheet = make_sheet(parsed.script, *params, sources);
    if (!sheet) return "sheet: " + render(sources, sheet.error().front());
    JudgedAnswers listener(*sheet, sources);
    Run run(*config, parsed.script, listener,
            {.audit_each = choices.seed.value_or(0) <= kAudited, .trace = true, .params = *params});
    run.watch(&listener.events);
    const auto mistake = run.run();
    CHECK(listener.failed == "");
    if (mistake) FAIL_CHECK(render(sources, *mistake));
    return sheet_text(*sheet, {.answers = true});
  }

  std::string name;
  Sources sources;
  NoIncludes includes;
  ParseResult parsed;
};

TEST_CASE("every seed of every script with params is a sheet with answers") {
  std::size_t with_params = 0;
  for (const std::filesystem::path& path : textbook_files()) {
    Variants variants(path);
    CAPTURE(variants.name);
    REQUIRE(variants.parsed.errors.empty());
    if (variants.parsed.script.params.empty()) continue;
    ++with_params;
    std::set<std::string> sheets;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      CAPTURE(seed);
      sheets.insert(variants.sheet_of({.seed = seed, .definitions = {}}));
    }
    CHECK(sheets.size() >= kDifferentSheets);
    // Without a seed the numbers are the book's, and all of them are judged.
    CHECK(variants.sheet_of({}).find("____") == std::string::npos);
  }
  CHECK(with_params >= 12);
}

}  // namespace
}  // namespace bachsim
