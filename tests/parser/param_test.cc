// Params: how they are written, chosen and used, and values in notes.
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include "regions/random.h"
#include "tests/parser/fixture.h"
#include "workloads/language/params.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

struct Printed : Listener {
  std::string text;
  std::size_t unjudged = 0;
  void line(std::string_view line) override { text.append(line) += '\n'; }
  void expectation(const Expectation& expectation) override {
    text += fmt::format("{}: {}\n", expectation.text, expectation.held ? "held" : "failed");
  }
  void not_judged(const Expectation& expectation) override {
    text += fmt::format("{} is {}\n", expectation.text, bachsim::text(expectation.left.value_or(kNothing)));
  }
};

// A script with choices of the command line: its output, or all that is wrong.
std::string result_of(std::string_view script, std::vector<std::string> definitions = {},
                      std::optional<std::uint64_t> seed = {}) {
  Parsed parsed{std::string(script)};
  std::string errors;
  const auto add = [&](const Diagnostic& error) { errors += render(parsed.sources, error); };
  for (const Diagnostic& error : parsed.result.errors) add(error);
  if (!errors.empty()) return errors;
  ParamChoices choices{.seed = seed, .definitions = {}};
  for (std::string& word : definitions) {
    const auto definition = parse_definition(parsed.sources, parsed.sources.add("-D", std::move(word)));
    if (!definition) return render(parsed.sources, definition.error());
    choices.definitions.push_back(*definition);
  }
  const auto values = choose(parsed.result.script, choices);
  if (!values) {
    for (const Diagnostic& error : values.error()) add(error);
    return errors;
  }
  const auto config = configure(parsed.result.script, {}, {}, *values);
  if (!config) {
    for (const Diagnostic& error : config.error()) add(error);
    return errors;
  }
  Printed printed;
  Run run(*config, parsed.result.script, printed, {.params = *values});
  if (const auto mistake = run.run()) return printed.text + render(parsed.sources, *mistake);
  return printed.text;
}

// Params alone, chosen: `A=1 B=2`; or what is wrong.
std::string chosen(std::string_view script, std::vector<std::string> definitions = {},
                   std::optional<std::uint64_t> seed = {}) {
  std::string all(script);
  const Parsed parsed(all);
  for (const ParamDeclaration& param : parsed.result.script.params)
    all += fmt::format("note \"{0}={{{0}}}\"\n", param.name);
  std::string text = result_of(all, std::move(definitions), seed);
  if (text.find(": error: ") == std::string::npos) std::ranges::replace(text, '\n', ' ');
  return text;
}

std::vector<std::int64_t> drawn(std::string_view script, std::uint64_t seed) {
  const Parsed parsed{std::string(script)};
  return choose(parsed.result.script, {.seed = seed, .definitions = {}}).value();
}

// Two lines each: a first line of a script, and what is wrong with it, behind a caret.
void check_first_lines(std::string_view pairs) {
  std::istringstream lines{std::string(pairs)};
  std::string script;
  std::string mark;
  std::getline(lines, script);
  while (std::getline(lines, script)) {
    REQUIRE(std::getline(lines, mark));
    const std::size_t caret = mark.find('^');
    CAPTURE(script);
    CHECK(result_of(script + "\n") == fmt::format("a.bach:1:{}: error: {}\n{}\n{}\n", caret + 1, mark.substr(caret + 2),
                                                  script, mark.substr(0, caret + 1)));
  }
}

TEST_CASE("a param is parsed as its author meant it") {
  check_dumps(
      {{"param A = 7\n", "param A = 7\n"},
       {"param A = -7\n", "param A = (-7)\n"},
       {"param A = 30..60\n", "param A = 30..60\n"},
       {"param A = 45 in 30..60 step 5\n", "param A = 45 in 30..60 step 5\n"},
       {"param A = 10, 20, 40..50\n", "param A = 10, 20, 40..50\n"},
       {"param A = 20 in 10, 20\n", "param A = 20 in 10, 20\n"},
       {"title \"t\"\nparam A = 1\nparam B = A * 2 in A..(A + 3) * 2 # both\n",
        "title \"t\"\nparam A = 1\nparam B = (A * 2) in A..((A + 3) * 2)\n"},
       {"param A = 64K\nmachine frames=A swap=A * 2,(A),5 fork=cow\n",
        "param A = 64K\nmachine frames=A\nmachine swap=(A * 2),A,5\nmachine fork=cow\n"},
       {"param A = 2\nprogram sh text=A data=A + 1@A * 4K bss=(A) stack=1 file=A,A + 1\n",
        "param A = 2\nprogram sh text=A data=(A + 1)@(A * 4K) bss=A stack=1 file=A,(A + 1)\n"},
       {"param A = 2\nrepeat A as I {\nexpect P.data[I].disk == swap:1:A by default\n}\n",
        "param A = 2\nrepeat A as $0 {\n  expect (P.data[$0].disk == swap:1:A) \"P.data[I].disk == swap:1:A\" by "
        "default\n}\n"},
       {"param cow = 2\nmachine fork=cow\n", "param cow = 2\nmachine fork=cow\n"},
       {"note \"a{{b} {1 + 2}{P.pid} }\"\n", "note \"a{b} {(1 + 2)}{P.pid} }\"\n"},
       {"note \"{{\"\n", "note \"{\"\n"}});
}

TEST_CASE("a param has its default, what -D sets, or what a seed draws") {
  constexpr std::string_view kScript =
      "param A = 45 in 30..60\nparam B = 10, 20, 40..80 step 5\nparam C = A + B in A + 1..300\nparam D = 7\n";
  CHECK(chosen(kScript) == "A=45 B=10 C=55 D=7 ");
  CHECK(chosen(kScript, {"A=30"}) == "A=30 B=10 C=40 D=7 ");
  CHECK(chosen(kScript, {"A=30", "D=-9", "B=75", "A=60"}) == "A=60 B=75 C=135 D=-9 ");
  CHECK(chosen(kScript, {"D=-9223372036854775808"}) == "A=45 B=10 C=55 D=-9223372036854775808 ");
  CHECK(chosen(kScript, {" C = 0x3c "}) == "A=45 B=10 C=60 D=7 ");
  CHECK(chosen(kScript, {"D=1K"}) == "A=45 B=10 C=55 D=1024 ");
  // Others can draw these numbers, too: docs/workload-language.md says how.
  CHECK(chosen(kScript, {}, 4711) == "A=46 B=75 C=101 D=7 ");
  CHECK(chosen(kScript, {"A=31"}, 4711) == "A=31 B=75 C=143 D=7 ");
}

TEST_CASE("numbers of a seed are SplitMix64's, and others for each name") {
  Random random(0, "A");
  CHECK(random.next() == 0x5c71'ee7a'3c53'bb57);
  CHECK(random.next() == 0x6bb8'4de1'e8ec'4df5);
  CHECK(Random(1, "A").next() == 0x17c0'cd2c'0d6c'6e73);
  CHECK(Random(0, "B").next() == 0xecdb'a0e9'ca51'91cb);
  CHECK(Random(0, "A").below(1) == 0);
  // The first number is passed over, as it is below 2^64 mod n.
  constexpr std::uint64_t kMost = std::uint64_t{1} << 63;
  for (std::uint64_t seed = 0; seed < 100; ++seed) CHECK(Random(seed, "A").below(kMost + 1) <= kMost);
}

TEST_CASE("each value of a param is drawn about as often as the others") {
  std::map<std::int64_t, int> often;
  constexpr int kSeeds = 7000;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed)
    ++often[drawn("param A = 9 in 3, 5..9 step 2, -4..-2\n", seed)[0]];
  CHECK(often.size() == 7);
  for (const auto& [value, count] : often) {
    CAPTURE(value, count);
    CHECK((value == 3 || value == 5 || value == 7 || value == 9 || (-4 <= value && value <= -2)));
    CHECK(std::abs(count - kSeeds / 7) < kSeeds / 7 / 5);
  }
}

TEST_CASE("a param's draw does not depend on other params, but through its bounds") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const std::int64_t alone = drawn("param B = 1..1000\n", seed)[0];
    CHECK(drawn("param A = 1..9\nparam B = 1..1000\nparam C = 1..5\n", seed)[1] == alone);
    const auto both = drawn("param A = 1..9\nparam B = A..A + 999\n", seed);
    CHECK(both[1] == both[0] + alone - 1);
  }
}

TEST_CASE("params are numbers wherever a script has some") {
  CHECK(result_of("param A = 3 in 1..9\nparam S = 20\nmachine frames=S * 2 swap=S,S + 1\n"
                  "program sh text=A data=A + 1 stack=(A - 2) file=A,9\n"
                  "spawn sh as P[A]\nrepeat A as I {\nP[3]: write data[I] = A * I\n}\n"
                  "P[3]: write data[A]\nP[3]: print data[A - 1], A\n"
                  "note \"{P[A].data[2].value} of {A}, {P[A].data[0].disk} {P[A].state} {P[A].data.start}{{}\"\n"
                  "P[A]: swapout\n"
                  "expect frames.total == 40 and swap.total == 41 and P[A].data.pages == 4\n"
                  "expect P[A].data[0].disk == swap:1:(A - 2)\n"
                  "expect P[A].data[1].disk == swap:1:2\n"
                  "expect P[A].text[0].disk != file:A\n"
                  "expect P[A].data.pages == 4 by default\n") ==
        "P[3]: data[A - 1] = 6, A = 3\n6 of 3, none ready 0x400000{}\n"
        "frames.total == 40 and swap.total == 41 and P[A].data.pages == 4: held\n"
        "P[A].data[0].disk == swap:1:(A - 2): held\n"
        "P[A].data[1].disk == swap:1:2: held\n"
        "P[A].text[0].disk != file:A: held\n"
        "P[A].data.pages == 4: held\n");
}

TEST_CASE("what is for the defaults is judged with these alone") {
  constexpr std::string_view kScript =
      "param A = 3 in 1..9\nexpect A == 3 by default\nexpect A == 4 by default\nexpect A < 9\n";
  CHECK(result_of(kScript) == "A == 3: held\nA == 4: failed\nA < 9: held\n");
  CHECK(result_of(kScript, {"A=3"}) == "A == 3: held\nA == 4: failed\nA < 9: held\n");
  CHECK(result_of(kScript, {"A=4"}) == "A == 3 is 4\nA == 4 is 4\nA < 9: held\n");
}

TEST_CASE("a param that is wrong says where") {
  check_first_lines(R"(
param
     ^ expected a param's name, found the end of the line
param 3 = 4
      ^ expected a param's name, found `3`
param frames = 4
      ^ expected a param's name; `frames` is a word of the language
param zombie = 4
      ^ expected a param's name; `zombie` is a word that paths may have as their value
param swap = 4
      ^ expected a param's name; `swap` is a word of the language
param A
       ^ expected `=`, found the end of the line
param A 4
        ^ expected `=`, found `4`
param A =
         ^ expected a number, found the end of the line
param A = P
          ^ expected a number, found `P`
param A = A
          ^ expected a number, found `A`
param A = (P.pid)
           ^ before the run only numbers and params are known
param A = 1 + (2 < 3)
                 ^ before the run only numbers and params are known
param A = 1 == 2
            ^ expected the end of the line, found `==`
param A = "4"
          ^ expected a number, found a text in quotes
param A = 1..
             ^ expected a number, found the end of the line
param A = 1.
           ^ expected the end of the line, found `.`
param A = 1..2..3
              ^ expected the end of the line, found `..`
param A = 1 step 2
            ^ expected the end of the line, found `step`
param A = 1..5 step
                   ^ expected a number, found the end of the line
param A = 1..5 step 0
                    ^ a step is 1 or more, not 0
param A = 1..5 step -1
                    ^ a step is 1 or more, not -1
param A = 1,
            ^ expected a number, found the end of the line
param A = 1..5 in 1..9
               ^ expected the end of the line; the default, before `in`, is one number, found `in`
param A = 1, 2 in 1..9
               ^ expected the end of the line, found `in`
param A = 10 in 1..9
          ^ `A` is one of 1..9, not 10
param A = 4 in 1..9  step 2, 6
          ^ `A` is one of 1..9 step 2, 6, not 4
param A = 9..1
          ^ no number is from 9 to 1
param A = 9223372036854775808
          ^ the number does not fit in 64 bits
param A = 0xffffffffffffffffff
          ^ `0xffffffffffffffffff` is above 2^64-1
param A = 4G * 4G
             ^ the number does not fit in 64 bits
param A = 1 / 0
            ^ division by zero
param A = -9223372036854775808..9223372036854775807
          ^ these are too many values
param A = 1 2
            ^ expected the end of the line, found `2`
note "{"
      ^ the value has no `}`; `{{` is a brace
note "a {1 + } b"
             ^ expected an expression, found `}`
note "{}"
       ^ expected an expression, found `}`
note "{1 2}"
         ^ expected `}`, found `2`
note "{zombie}"
       ^ `zombie` is no number, no loop variable and no path
note "{1 # 2}"
              ^ expected `}`, found the end of the line
note "{frames.fre}"
       ^ there is no gauge `frames.fre`; did you mean `frames.free`?
note "{1 / 0}"
         ^ division by zero
note "{P.pid}" x
               ^ expected the end of the line, found `x`
expect 1 == 1 by default
              ^ the script has no params, which have defaults
expect 1 == 1 by
                ^ expected `default`, found the end of the line
program sh text=P
                ^ expected a number of pages, or of bytes with K, M or G, found `P`
program sh text=1 + P
                    ^ before the run only numbers and params are known
machine frames=(1 - 2)
                  ^ `frames` cannot be below 0: -1
machine frames=1 / 0
                 ^ division by zero
program sh text=(2 - 4)
                   ^ a size cannot be below 0: -2
)");
}

TEST_CASE("a param is no other thing, and stands in the script's head") {
  const std::string head = "param A = 3 in 1..9\n";
  const auto check_second = [&](std::string_view line, std::size_t column, std::string_view what, bool declared) {
    CAPTURE(line);
    std::string text = fmt::format("a.bach:2:{}: error: {}\n{}\n{:>{}}\n", column, what, line, "^", column);
    if (declared) text += "a.bach:1:7: note: it is declared here\nparam A = 3 in 1..9\n      ^\n";
    CHECK(errors_of(head + std::string(line) + "\n") == text);
  };
  check_second("program A", 9, "expected a program's name; `A` is a param", true);
  check_second("var A = data+8", 5, "expected a var's name; `A` is a param", true);
  check_second("P: fork as A", 12, "expected a process's name; `A` is a param", true);
  check_second("A: exit", 1, "`A` is a param, and no process", false);
  check_second("P: A = 4", 4, "`A` is neither an operation nor a var", false);
  check_second("print A.pid", 1, "a process must do this: `NAME: print`", false);
  check_second("expect A.pid == 2", 8, "`A` is a param, and no process", false);
  check_second("P: shmget A 2", 11, "expected a key: a name or a number; `A` is a param", true);
  check_second("machine fork=A", 14, "`fork` is one of cow, copy, vfork, not `A`", false);
  check_second("machine fork=(A)", 14, "`fork` takes a word, not `(A)`", false);
  check_second("machine frames=B", 16, "`frames` takes a number, not `B`", false);
  check_second("expect Aa == 2", 8, "`Aa` is no number, no loop variable and no path; did you mean `A`?", false);
  CHECK(errors_of(head + "param A = 4\n") ==
        "a.bach:2:7: error: param `A` is declared twice\nparam A = 4\n      ^\n"
        "a.bach:1:7: note: the first one is here\nparam A = 3 in 1..9\n      ^\n");
  CHECK(errors_of(head + "for A in 1..2 {\n}\n") ==
        "a.bach:2:5: error: expected a loop variable's name; `A` is a param\nfor A in 1..2 {\n    ^\n"
        "a.bach:1:7: note: it is declared here\nparam A = 3 in 1..9\n      ^\n");
  for (const std::string_view before : {"machine frames=64", "note \"x\"", "program sh", "tick", "include \"empty\""}) {
    CAPTURE(before);
    CHECK(errors_of(std::string(before) + "\nparam A = 3\n", {{"empty", ""}})
              .ends_with("a.bach:2:1: error: a param stands before all statements but `title`\nparam A = 3\n^\n"));
  }
  CHECK(errors_of("include \"more\"\n", {{"more", "param A = 3\n"}}) ==
        "more:1:1: error: a param stands in the script that is run, not in a file that it includes\nparam A = 3\n^\n");
  CHECK(errors_of("param A = 3\ninclude \"more\"\n", {{"more", "repeat A {\n}\n"}}).empty());
}

TEST_CASE("one mistake of a param is one error") {
  CHECK(errors_of("param A = 3 in\nmachine frames=A\nrepeat A {\n}\nnote \"{A}\"\n") ==
        "a.bach:1:15: error: expected a number, found the end of the line\nparam A = 3 in\n              ^\n");
}

TEST_CASE("a definition that is wrong says where") {
  const std::string script = "param alpha = 3 in 1..9\nparam B = 7\n";
  const auto check = [&](std::string_view word, std::size_t column, std::string_view what) {
    CAPTURE(word);
    CHECK(chosen(script, {std::string(word)}) ==
          fmt::format("-D:1:{}: error: {}\n{}\n{:>{}}\n", column, what, word, "^", column));
  };
  check("alhpa=4", 1, "the script has no param `alhpa`; did you mean `alpha`?");
  check("X=4", 1, "the script has no param `X`");
  check("alpha=10", 7, "`alpha` is one of 1..9, not 10");
  check("alpha = -1", 9, "`alpha` is one of 1..9, not -1");
  check("alpha=x", 7, "expected a number, found `x`");
  check("alpha=", 7, "expected a number, found the end");
  check("alpha", 6, "expected `=`, found the end");
  check("alpha=1+1", 8, "expected the end of the number, found `+`");
  check("B=9223372036854775808", 3, "the number does not fit in 64 bits");
  check("B=-9223372036854775809", 3, "the number does not fit in 64 bits");
  check("B=99999999999999999999", 3, "`99999999999999999999` is above 2^64-1");
  check("frames=4", 1, "expected a param's name; `frames` is a word of the language");
  check("3=4", 1, "expected a param's name, found `3`");
  check("", 1, "expected a param's name, found the end");
  // All that is wrong with them, in their order.
  CHECK(chosen(script, {"X=4", "alpha=10"}) ==
        "-D:1:1: error: the script has no param `X`\nX=4\n^\n"
        "-D:1:7: error: `alpha` is one of 1..9, not 10\nalpha=10\n      ^\n");
}

TEST_CASE("a default that another param makes impossible says so") {
  const std::string script = "param A = 3 in 1..9\nparam B = 5 in A..9\n";
  CHECK(chosen(script) == "A=3 B=5 ");
  CHECK(chosen(script, {"A=6"}) == "a.bach:2:11: error: `B` is one of A..9, not 5\nparam B = 5 in A..9\n          ^\n");
  CHECK(chosen(script, {"A=6", "B=8"}) == "A=6 B=8 ");
  for (std::uint64_t seed = 0; seed < 50; ++seed) CHECK(chosen(script, {}, seed).starts_with("A="));
}

TEST_CASE("a param that nobody uses is warned of") {
  const auto warnings = [](std::string_view script) {
    std::string text;
    const Parsed parsed{std::string(script)};
    for (const Diagnostic& warning : parsed.result.warnings) text += warning.what + "\n";
    return text;
  };
  CHECK(warnings("param A = 3\n") == "nobody uses the param `A`\n");
  CHECK(warnings("param A = 3\nnote \"{A}\"\n").empty());
  CHECK(warnings("param A = 3\nparam B = A\nmachine frames=B\n").empty());
  CHECK(warnings("param A = 3\nmachine swap=64\nprogram sh\nspawn sh as P\nexpect P.stack[0].disk == swap:1:A\n")
            .empty());
}

}  // namespace
}  // namespace bachsim
