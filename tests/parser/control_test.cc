// Branches, numbers by chance, definitions, and what calls return: how they are written, and what a run makes of them.
#include <numeric>
#include <string>

#include "tests/parser/fixture.h"
#include "workloads/language/run.h"
#include "workloads/language/zipf.h"

namespace bachsim {
namespace {

struct Lines : Listener {
  std::string text;
  std::string failed;
  std::string told;
  const Sources* sources = nullptr;
  void line(std::string_view line) override { text.append(line) += '\n'; }
  void expectation(const Expectation& expectation) override {
    if (expectation.held) return;
    failed += expectation.text;
    for (const Note& note : expectation.calls) failed += "; " + note.what;
    failed += '\n';
  }
  void done(const Statement& statement, const Run&) override {
    if (sources != nullptr) told.append(sources->slice(statement.place, statement.end)) += '\n';
  }
};

// What a run prints, and what stopped it; or why it cannot begin.
std::string output_of(std::string_view script, std::uint64_t seed = 0) {
  Parsed parsed{std::string(script)};
  if (const std::string errors = parsed.errors(); !errors.empty()) return errors;
  Lines lines;
  Config config = configure(parsed.result.script, {}).value();
  config.seed = seed;
  Run run(config, parsed.result.script, lines);
  if (const auto mistake = run.run()) lines.text += render(parsed.sources, *mistake);
  return lines.text + lines.failed;
}

std::string steps_of_run(std::string_view script) {
  Parsed parsed{std::string(script)};
  Lines lines;
  lines.sources = &parsed.sources;
  Run run(configure(parsed.result.script, {}).value(), parsed.result.script, lines, {.trace = true});
  CHECK_FALSE(run.run());
  return lines.told + fmt::format("{} steps\n", run.standing().steps);
}

// The statements that a script has been taken apart to, wherever they stand.
std::string all_errors(std::string_view script) {
  Sources sources;
  Files files;
  const ParseResult result = parse(sources, sources.add("a.bach", std::string(script)), "a.bach", files);
  std::string text;
  for (const Diagnostic& error : result.errors) text += render(sources, error);
  for (const Diagnostic& warning : result.warnings) text += render(sources, warning, "warning");
  return text;
}

constexpr std::string_view kDraws = R"(repeat 12 {
  note "{random(1..6)}"
}
)";

std::string joined(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

TEST_CASE("the first branch whose condition holds is done, and no other") {
  CHECK(output_of(R"(for I in 0..4 {
  if I == 1 {
    note "one"
  } else if I % 2 == 0 {
    note "even {I}"
    if I == 2 {
      note "two"
    }
  } else {
    note "other"
  }
}
if 0 {
  note "never"
}
)") == "even 0\none\neven 2\ntwo\nother\neven 4\n");
}

TEST_CASE("a branch is written as blocks are") {
  check_dumps({
      {"if 1 {\n  tick\n} else if 2 {\n  tick\n} else {\n  age\n}\ntick\n",
       "if 1 {  # behind it: 6\n  tick\n}\nif 2 {  # behind it: 6\n  tick\n}\nelse {\n  age\n}\ntick\n"},
      {"repeat 2 as I {\n  if I {\n    for J in 0..I {\n      tick I + J\n    }\n  }\n}\n",
       "repeat 2 as $0 {\n  if $0 {  # behind it: 4\n    for $2 in 0..$0 {\n      tick ($0 + $2)\n    }\n  }\n}\n"},
  });
}

TEST_CASE("mistakes in branches are told") {
  check_marked(R"(
if
  ^ expected an expression, found the end of the line
if 1
    ^ expected `{`, found the end of the line
if 1 = 1 {
     ^ `=` stores; `==` compares
if zombie {
   ^ `zombie` is no number, no loop variable and no path
if 1 { tick }
       ^ expected the end of the line, found `tick`
else {
^ expected a statement, found `else`
)");
  check_errors({
      {"if 1 {\n} else {\n} else {\n}\n", "a.bach:3:3: error: an `else` has no `else`\n} else {\n  ^\n"},
      {"repeat 1 {\n} else {\n}\n", "a.bach:2:3: error: an `else` stands behind the block of an `if`\n} else {\n  ^\n"},
      {"if 1 {\n} else tick {\n}\n", "a.bach:2:8: error: expected `{`, found `tick`\n} else tick {\n       ^\n"},
      {"if 1 +  {\n} else {\n  tick\n}\n",
       "a.bach:1:9: error: expected an expression, found `{`\nif 1 +  {\n        ^\n"},
      {"if 1 {\n", "a.bach:1:1: error: this block has no `}`\nif 1 {\n^\n"},
      {"if 1 {\n  var a = data[0]\n}\n",
       "a.bach:2:3: error: `var` cannot stand in a block\n  var a = data[0]\n  ^\n"
       "a.bach:1:1: note: the block begins here\nif 1 {\n^\n"},
  });
}

TEST_CASE("a name that one branch gives counts as given behind it, and not before it") {
  CHECK(all_errors("program sh\nif 1 {\n  spawn sh as P\n} else {\n  spawn sh as Q\n}\nP: exit\nQ: exit\n").empty());
  CHECK(all_errors("program sh\nif 1 {\n  P: exit\n  spawn sh as P\n}\n") ==
        "a.bach:3:3: error: no statement before this makes a process `P`\n  P: exit\n  ^\n");
  CHECK(all_errors("program sh\nrepeat 2 as I {\n  if I {\n    P: exit\n  }\n  spawn sh as P\n}\n").empty());
}

TEST_CASE("a branch takes a step at its head and one at its end, and the conditions before it none") {
  CHECK(steps_of_run("if 0 {\n  age\n} else if 1 {\n  tick\n}\nage\n") == "tick\nage\n4 steps\n");
  CHECK(steps_of_run("if 0 {\n  age\n}\nage\n") == "age\n2 steps\n");
}

TEST_CASE("numbers are drawn as a seed says, and as other programs would") {
  CHECK(joined(output_of(kDraws)) == "5 2 5 2 1 4 2 4 3 3 5 5 ");
  CHECK(joined(output_of(kDraws, 7)) == "2 6 4 1 3 4 3 6 5 5 5 1 ");
  CHECK(joined(output_of("repeat 16 {\n  note \"{zipf(10, 1)}\"\n}\n")) == "7 2 1 0 0 0 6 8 0 1 1 7 3 0 2 1 ");
  const std::string skewed = "212 609 667 188 105 540 223 356 4 14 814 40 971 4 465 13 ";
  CHECK(joined(output_of("repeat 16 {\n  note \"{zipf(1000, 0.8)}\"\n}\n")) == skewed);
  CHECK(joined(output_of("repeat 16 {\n  note \"{zipf(1000, 80 percent)}\"\n}\n")) == skewed);
  CHECK(joined(output_of("repeat 2 {\n  note \"{zipf(1_000_000, 0.12)}\"\n}\n")) == "418462 891350 ");
  CHECK(output_of("note \"{random(5..5)} {random(-9223372036854775807 - 1..9223372036854775807)}\"\n") ==
        "5 276760687987763675\n");
}

TEST_CASE("what draws nothing changes no draw, and a number that is not wanted is passed over") {
  const std::string with = "tick\nrepeat 12 {\n  age\n  note \"{random(1..6)}\"\n  tick 2\n}\n";
  CHECK(output_of(with) == output_of(kDraws));
  CHECK(output_of("if 0 and random(1..6) {\n}\nnote \"{random(1..6)}\"\n") == "2\n");
}

TEST_CASE("a statement that looks at its number twice sees one number") {
  CHECK(output_of(R"(program sh data=64
spawn sh as C[0]
spawn sh as C[1]
repeat 40 {
  C[random(0..1)]: write data[random(0..31)..random(32..63)] = 1
  C[random(0..1)]: read data+8*random(0..32)
}
expect counter.trap.store_fault > 0
)")
            .empty());
}

TEST_CASE("an operation that waits draws what it would have drawn in its turn") {
  constexpr std::string_view kScript = R"(machine first=child
program sh data=8
spawn sh as P
P: print random(1..1000), zipf(1000, 1)
P: fork as C
P: print random(1..1000), zipf(1000, 1)
C: print random(1..1000), zipf(1000, 1)
C: exit
P: print random(1..1000), zipf(1000, 1)
)";
  std::string child_first = output_of(kScript);
  std::string parent_first = output_of("machine first=parent\n" + std::string(kScript.substr(kScript.find('\n') + 1)));
  const auto sorted = [](const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    std::ranges::sort(lines);
    return lines;
  };
  CHECK(child_first != parent_first);
  CHECK(sorted(child_first) == sorted(parent_first));
}

TEST_CASE("weights of Zipf's law are those of exact arithmetic, cut off") {
  CHECK(Zipf::weight(0, 100) == std::uint64_t{1} << 40);
  CHECK(Zipf::weight(1, 100) == std::uint64_t{1} << 39);
  CHECK(Zipf::weight(2, 100) == 366503875925);
  CHECK(Zipf::weight(5, 100) == 183251937962);
  CHECK(Zipf::weight(1, 80) == 631503599063);
  CHECK(Zipf::weight(3, 80) == 362703572709);
  CHECK(Zipf::weight(Zipf::kMaxNumbers - 1, 100) == std::uint64_t{1} << 20);
  CHECK(Zipf::weight(Zipf::kMaxNumbers - 1, 0) == std::uint64_t{1} << 40);
  CHECK(Zipf::weight(Zipf::kMaxNumbers - 1, Zipf::kMaxExponent) == 0);
}

TEST_CASE("a draw by Zipf's law does not depend on the draws before it") {
  Zipf large;
  Random random = Random::of_draw(1, 1);
  for (std::uint32_t exponent = 0; exponent < 10; ++exponent) static_cast<void>(large.draw(random, 1 << 14, exponent));
  std::vector<std::uint64_t> counts(4);
  for (std::uint64_t i = 0; i < 4000; ++i) {
    Zipf small;
    Random one = Random::of_draw(5, i);
    Random other = one;
    const std::uint64_t drawn = small.draw(one, 4, 100);
    REQUIRE(drawn == large.draw(other, 4, 100));
    ++counts.at(drawn);
  }
  // 1 : 1/2 : 1/3 : 1/4
  CHECK(std::abs(static_cast<int>(counts[0]) - 1920) < 150);
  CHECK(std::abs(static_cast<int>(counts[1]) - 960) < 150);
  CHECK(std::abs(static_cast<int>(counts[2]) - 640) < 150);
  CHECK(std::abs(static_cast<int>(counts[3]) - 480) < 150);
}

TEST_CASE("mistakes in numbers by chance are told") {
  check_marked(R"(
tick random(1)
             ^ expected `..`, found `)`
tick random(1..2
                ^ expected `)`, found the end of the line
tick zipf(10)
            ^ expected `,` and the exponent, found `)`
tick zipf(10, 0.125)
                ^ an exponent has one or two digits behind its point
tick zipf(10, 11)
              ^ an exponent is from 0 to 10
tick zipf(10, 1 + 1)
                   ^ expected `percent`: an exponent is a number such as 1 or 0.8, or N percent, found `)`
machine frames=random(1..2)
                     ^ before the run only numbers and params are known
tick random
     ^ `random` is no number, no loop variable and no path
)");
  CHECK(output_of("tick random(3..2)\n") ==
        "a.bach:1:13: error: no number is from 3 to 2\ntick random(3..2)\n            ^\n");
  CHECK(output_of("tick zipf(0, 1)\n") ==
        "a.bach:1:11: error: zipf draws from 1 to 1048576 numbers, not from 0\ntick zipf(0, 1)\n          ^\n");
  CHECK(output_of("tick zipf(4, 0 - 1 percent)\n") ==
        "a.bach:1:16: error: an exponent is from 0 to 10, not -1 percent\ntick zipf(4, 0 - 1 percent)\n               "
        "^\n");
  CHECK(all_errors("program random\nspawn random as zipf\nzipf: exit\n").empty());
}

TEST_CASE("a definition is done where it is called, with what it is given") {
  constexpr std::string_view kCalled = R"(program sh data=8
var cell = data+8
define touch(P, N) {
  repeat N as I {
    P: write data[I] = N * 10 + I
  }
  P: print data[0..N - 1], N
}
define family(PROGRAM, P, N) {
  spawn PROGRAM as P
  for I in 1..N {
    P: fork as KID[I]
    touch(KID[I], I + 1)
  }
}
family(sh, A, 2)
touch(A, A.data.pages / 4)
)";
  constexpr std::string_view kUnrolled = R"(program sh data=8
spawn sh as A
for I in 1..2 {
  A: fork as KID[I]
  repeat I + 1 as J {
    KID[I]: write data[J] = (I + 1) * 10 + J
  }
  KID[I]: print data[0..I], I + 1
}
repeat 2 as I {
  A: write data[I] = 20 + I
}
A: print data[0..1], 2
)";
  const std::string unrolled = output_of(kUnrolled);
  // A print has its items as the script writes them.
  const auto values = [](const std::string& text) {
    std::string result;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      bool value = false;
      result += line.substr(0, line.find(':'));
      for (std::size_t i = line.find(':'); i < line.size(); ++i) {
        if (line[i] == '=') value = true;
        if (line[i] == ',') value = false;
        if (value) result += line[i];
      }
      result += '\n';
    }
    return result;
  };
  CHECK(values(output_of(kCalled)) == values(unrolled));
  CHECK(values(unrolled) == "KID[1]= 20 21= 2\nKID[2]= 30 31 32= 3\nA= 20 21= 2\n");
}

TEST_CASE("an argument has its value once, before the body begins") {
  CHECK(output_of(R"(program sh data=64
define twice(P, N) {
  P: write data[0..7]
  note "{N} {N}"
}
define at(P, N) {
  note "{P.pid == N}"
}
spawn sh as C[0]
spawn sh as C[1]
twice(C[0], frames.free)
repeat 8 {
  at(C[random(0..1)], 2)
}
)")
            .starts_with("1024 1024\n"));
  CHECK(output_of("define same(A) {\n  expect A == A\n}\nrepeat 20 {\n  same(random(1..1000))\n}\n").empty());
  CHECK(output_of("program sh\nspawn sh as C[0]\nspawn sh as C[1]\ndefine same(P) {\n  expect P.pid == "
                  "P.pid\n}\nrepeat 20 {\n  "
                  "same(C[random(0..1)])\n}\n")
            .empty());
}

TEST_CASE("a parameter that is a name may be a family's, and be passed on") {
  CHECK(output_of(R"(program sh
define one(P) {
  note "{P.pid}"
}
define all(P, N) {
  repeat N as I {
    one(P[I])
  }
}
repeat 3 as I {
  spawn sh as C[I]
}
all(C, 3)
)") == "2\n3\n4\n");
}

TEST_CASE("a call is told of, and takes steps as a block does") {
  CHECK(steps_of_run("define t(N) {\n  tick N\n}\nt(2)\nage\n") == "t(2)\ntick N\nage\n4 steps\n");
}

TEST_CASE("mistakes in definitions and calls are told with both places") {
  CHECK(all_errors("define t(N) {\n  tick M\n}\ntick\nt(1)\nt(2)\n") ==
        "a.bach:2:8: error: `M` is no number, no loop variable and no path\n  tick M\n       ^\n"
        "a.bach:5:1: note: in `t`, which is called here\nt(1)\n^\n");
  CHECK(all_errors("define t(P) {\n  P: exit\n}\nt(A)\n") ==
        "a.bach:2:3: error: no statement before this makes a process `A`\n  P: exit\n  ^\n"
        "a.bach:4:1: note: in `t`, which is called here\nt(A)\n^\n");
  CHECK(output_of("define inner(N) {\n  tick 1 / N\n}\ndefine outer(N) {\n  inner(N - 1)\n}\nouter(1)\n") ==
        "a.bach:2:10: error: division by zero\n  tick 1 / N\n         ^\n"
        "a.bach:5:3: note: in `inner`, which is called here\n  inner(N - 1)\n  ^\n"
        "a.bach:7:1: note: in `outer`, which is called here\nouter(1)\n^\n");
  CHECK(output_of("define t(N) {\n  expect N == 2\n}\nt(2)\nt(3)\n") == "N == 2; in `t`, which is called here\n");
  CHECK(all_errors("define a() {\n  b()\n}\ndefine b() {\n  a()\n}\na()\n") ==
        "a.bach:5:3: error: a definition cannot call itself: `a` calls `b` calls `a`\n  a()\n  ^\n"
        "a.bach:2:3: note: in `b`, which is called here\n  b()\n  ^\n"
        "a.bach:7:1: note: in `a`, which is called here\na()\n^\n");
}

TEST_CASE("a call fits its definition") {
  check_errors({
      {"define t(N) {\n  tick N\n}\nt(1, 2)\n",
       "a.bach:4:1: error: `t` has 1 parameter, not 2\nt(1, 2)\n^\n"
       "a.bach:1:8: note: it is defined here\ndefine t(N) {\n       ^\n"},
      {"define touch() {\n}\ntuoch()\n",
       "a.bach:3:1: error: there is no definition `tuoch`; did you mean `touch`?\ntuoch()\n^\n"},
      {"t()\ndefine t() {\n}\nt()\n", "a.bach:1:1: error: there is no definition `t`\nt()\n^\n"},
      {"define t(P) {\n  P: exit\n}\nt(3)\n",
       "a.bach:2:3: error: `P` is a number here, and no process\n  P: exit\n  ^\n"
       "a.bach:4:1: note: in `t`, which is called here\nt(3)\n^\n"},
      {"program sh\ndefine t(N) {\n  tick N\n}\nspawn sh as A\nt(A)\n",
       "a.bach:3:8: error: `N` is a name here, and no number\n  tick N\n       ^\n"
       "a.bach:6:1: note: in `t`, which is called here\nt(A)\n^\n"},
      {"define t() {\n}\ndefine t() {\n}\nt()\n",
       "a.bach:3:8: error: `t` is defined twice\ndefine t() {\n       ^\n"
       "a.bach:1:8: note: the first one is here\ndefine t() {\n       ^\n"},
      {"define t(A, A) {\n  nonsense\n}\nt(1, 2)\n",
       "a.bach:1:13: error: the parameter `A` is there already\ndefine t(A, A) {\n            ^\n"},
      {"define t() {\n", "a.bach:1:1: error: this block has no `}`\ndefine t() {\n^\n"},
      {"repeat 2 {\n  define t() {\n  }\n}\n",
       "a.bach:2:3: error: `define` cannot stand in a block\n  define t() {\n  ^\n"
       "a.bach:1:1: note: the block begins here\nrepeat 2 {\n^\n"},
      {"define t(N) {\n  repeat 2 as N {\n  }\n}\nt(1)\n",
       "a.bach:2:15: error: `N` is a parameter of the definition\n  repeat 2 as N {\n              ^\n"
       "a.bach:5:1: note: in `t`, which is called here\nt(1)\n^\n"},
  });
  CHECK(all_errors("define t(N) {\n  tick\n}\ndefine u() {\n}\nt(1)\n") ==
        "a.bach:1:10: warning: nobody uses the parameter `N`\ndefine t(N) {\n         ^\n"
        "a.bach:4:8: warning: nobody uses the definition `u`\ndefine u() {\n       ^\n");
}

TEST_CASE("a definition sees its own variables, and an included file's definitions are the script's") {
  CHECK(errors_of("define t() {\n  tick I\n}\nrepeat 2 as I {\n  t()\n}\n") ==
        "a.bach:2:8: error: `I` is no number, no loop variable and no path\n  tick I\n       ^\n"
        "a.bach:5:3: note: in `t`, which is called here\n  t()\n  ^\n");
  CHECK(
      errors_of("define t() {\n  repeat 2 as I {\n    tick I\n  }\n}\nrepeat 2 as I {\n  t()\n  tick I\n}\n").empty());
  CHECK(dump_of("include \"d\"\nt(3)\n", {{"d", "define t(N) {\n  include \"e\"\n}\n"}, {"e", "tick N\n"}}) ==
        "t(3) {\n  tick $0\n}\n");
}

TEST_CASE("blocks of all kinds nest as deep as loops, and definitions are not called without end") {
  std::string ifs;
  std::string defines;
  for (int i = 0; i < 100'000; ++i) {
    ifs += "if 1 {\n";
    defines += "define d" + std::to_string(i) + "() {\n";
  }
  std::string closed;
  for (int i = 0; i < 100'000; ++i) closed += "}\n";
  for (const std::string& script : {ifs, ifs + closed, defines + closed})
    CHECK(errors_of(script).find("blocks nest more than 100 deep") != std::string::npos);
  CHECK(errors_of(defines).find("this block has no `}`") != std::string::npos);
  // Each calls the one before it twice: too much to be read, and soon told.
  std::string doubled = "define d0() {\n  tick\n}\n";
  for (int i = 1; i < 60; ++i) doubled += fmt::format("define d{0}() {{\n  d{1}()\n  d{1}()\n}}\n", i, i - 1);
  CHECK(errors_of(doubled + "d59()\n").find("the calls of a script come to more than 4 MiB of text") !=
        std::string::npos);
  std::string chain = "define d0() {\n  tick\n}\n";
  for (int i = 1; i < 120; ++i) chain += fmt::format("define d{0}() {{\n  d{1}()\n}}\n", i, i - 1);
  CHECK(errors_of(chain + "d119()\n").find("blocks nest more than 100 deep") != std::string::npos);
  CHECK(errors_of(chain + "d99()\n").empty());
}

TEST_CASE("a call returns what the manual says") {
  CHECK(output_of(R"(machine nproc=4
program sh data=2
spawn sh as P
expect P.result == null
P: fork as C
expect P.result == C.pid
expect C.result == 0
P: sbrk 3
expect P.result == 2 * 4096
expect P.break == 5 * 4096
P: sbrk -100
expect P.result == -1
expect P.errno == EINVAL
P: sbrk 0
expect P.result == P.break
P: shmget board 2
P: shmat board
expect P.result == P.shm.board.start
P: shmget board 1
expect P.result == P.shm.board.region
P: shmdt board
expect P.result == 0
P: wait
expect P.result == null
C: exec sh
expect C.result == null
C: exit 3
expect P.result == C.pid
P: wait
expect P.result == -1
P: vfork as D
expect P.result == D.pid
expect D.result == 0
D: exit
P: wait
expect P.result == D.pid
expect D.result == null
P: fork as E
P: fork as F
E: fork as G
expect E.result == -1
expect E.errno == EAGAIN
)") == "P: sbrk: EINVAL (the data region would end below its start)\nP: wait: ECHILD (it has no children)\n"
       "E: fork: EAGAIN (the process table is full)\n");
}

TEST_CASE("a process that ends leaves its children's statuses to init, and what it returned alone") {
  CHECK(output_of(R"(program sh
spawn sh as P
P: fork as C
C: fork as G
G: exit
C: exit
expect C.result == null
P: wait
expect P.result == C.pid
)")
            .empty());
}

}  // namespace bachsim
