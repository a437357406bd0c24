// Runs, a step at a time, and where they stand.
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "tests/parser/fixture.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

using Notes = std::vector<std::string>;

struct Recorder : Listener {
  Notes lines;
  std::vector<bool> held;
  int done_statements = 0;

  void line(std::string_view text) override { lines.emplace_back(text); }
  void expectation(const Expectation& expectation) override { held.push_back(expectation.held); }
  void done(const Statement&, const Run&) override { ++done_statements; }
};

// A script and a run of it.
struct Running {
  explicit Running(std::string_view text, const RunOptions& options = {})
      : parsed(std::string(text)),
        run(configure(parsed.result.script, {}).value(), parsed.result.script, seen, options) {
    REQUIRE(parsed.errors().empty());
  }

  // All that can be told of where it is.
  [[nodiscard]] std::string stand() const {
    const Standing& at = run.standing();
    std::string text = fmt::format("statement {} after {} steps;", at.statement, at.steps);
    for (const OpenBlock& block : at.blocks)
      text += fmt::format(" loop {}: {} of {}..{};", block.head, block.now, block.first, block.last);
    run.kernel().counters().for_each([&](std::string_view group, std::string_view name, std::uint64_t value) {
      if (value != 0) text += fmt::format(" {}.{}={}", group, name, value);
    });
    run.kernel().gauges().for_each(
        [&](std::string_view name, std::uint64_t value) { text += fmt::format(" {}={}", name, value); });
    for (const std::string& line : seen.lines) text += "\n" + line;
    return text;
  }

  Parsed parsed;
  Recorder seen;
  Run run;
};

Standing standing_at(std::vector<OpenBlock> blocks, std::uint32_t statement, std::uint64_t steps) {
  Standing at;
  at.blocks = std::move(blocks);
  at.statement = statement;
  at.steps = steps;
  return at;
}

std::uint64_t steps_of(std::string_view text) {
  Running running(text);
  CHECK_FALSE(running.run.run());
  return running.run.standing().steps;
}

// Loops, calls that fail, a child that runs first, and operations of its parent that wait meanwhile.
constexpr std::string_view kFamily = R"(machine frames=32 nproc=6 first=child
program sh data=3
var cell = data+0
spawn sh as P
repeat 3 as I {
  P: write data[I] = I
  P: fork as C[I]
  P: print data[I]
  C[I]: cell = I + 10
  C[I]: print cell
  for J in 0..I {
    C[I]: write data[J] = I * J
  }
  C[I]: exit I
  P: wait
}
repeat 0 {
  note "never"
}
P: fork as D
P: print cell
P: exit
tick
note "the end"
)";

TEST_CASE("a step is a statement, the end of a round, or a second of run") {
  CHECK(steps_of("") == 0);
  CHECK(steps_of("note \"a\"\nnote \"b\"\n") == 2);
  CHECK(steps_of("repeat 3 {\n  note \"a\"\n}\n") == 1 + 3 * 2);
  CHECK(steps_of("repeat 3 {\n}\n") == 1 + 3);
  CHECK(steps_of("repeat 0 {\n  note \"a\"\n}\n") == 1);
  CHECK(steps_of("for I in 2..1 {\n  note \"a\"\n}\n") == 1);
  CHECK(steps_of("repeat 2 {\n  repeat 2 {\n    note \"a\"\n  }\n}\n") == 1 + 2 * (1 + 2 * 2 + 1));
  CHECK(steps_of("run 3\n") == 1 + 3);
}

TEST_CASE("a run that is stepped does what a run at one go does") {
  Running whole(kFamily);
  CHECK_FALSE(whole.run.run());
  Running stepped(kFamily);
  for (int steps = 0; !stepped.run.ended(); ++steps) {
    REQUIRE(steps < 1000);
    stepped.run.step();
  }
  CHECK_FALSE(stepped.run.mistake());
  CHECK(stepped.stand() == whole.stand());
  CHECK(stepped.seen.lines.back() == "the end");
}

TEST_CASE("a run from the start that takes as many steps stands at the same place with the same machine") {
  Running stepped(kFamily);
  std::vector<std::string> trail{stepped.stand()};
  while (!stepped.run.ended()) {
    stepped.run.step();
    trail.push_back(stepped.stand());
  }
  for (std::size_t steps = 0; steps + 1 < trail.size(); ++steps) {
    Running again(kFamily);
    again.run.run_to(steps);
    CAPTURE(steps);
    REQUIRE(again.run.standing().steps == steps);
    REQUIRE(again.stand() == trail[steps]);
  }
}

TEST_CASE("steps that have been taken are not taken again") {
  Running running(kFamily);
  running.run.run_to(10);
  const std::string before = running.stand();
  running.run.run_to(10);
  running.run.run_to(3);
  CHECK(running.stand() == before);
}

TEST_CASE("the seconds of run are one step of a run that is stepped") {
  Running running("run 3\nnote \"a\"\n");
  running.run.step();
  CHECK(running.run.standing() == standing_at({}, 1, 4));
  running.run.step();
  CHECK(running.run.standing().steps == 5);
  CHECK(running.seen.lines == Notes{"a"});
}

TEST_CASE("where a run stands shows the loops that are open, outermost first") {
  Running running("repeat 2 as I {\n  for J in 5..6 {\n    note \"a\"\n  }\n}\nnote \"b\"\n");
  running.run.run_to(6);  // repeat, for, note, round, note, round
  const OpenBlock outer{.head = 0, .first = 0, .last = 1, .now = 0};
  CHECK(running.run.standing().blocks == std::vector{outer});
  running.run.run_to(9);  // round, for, note
  CHECK(
      running.run.standing() ==
      standing_at({{.head = 0, .first = 0, .last = 1, .now = 1}, {.head = 1, .first = 5, .last = 6, .now = 5}}, 3, 9));
}

TEST_CASE("a run that has come to its end stays there") {
  Running running("note \"a\"\n");
  CHECK_FALSE(running.run.ended());
  CHECK_FALSE(running.run.run());
  CHECK(running.run.ended());
  running.run.step();
  CHECK(running.run.standing().steps == 1);
  CHECK(running.seen.lines == Notes{"a"});
}

TEST_CASE("a mistake ends a run where it stands") {
  Running running("program sh\nspawn sh as P\nrepeat 2 as I {\n  note \"a\"\n  tick 1 / (1 - I)\n}\nnote \"b\"\n");
  const auto mistake = running.run.run();
  REQUIRE(mistake);
  CHECK(render(running.parsed.sources, *mistake) ==
        "a.bach:5:10: error: division by zero\n  tick 1 / (1 - I)\n         ^\n");
  CHECK(running.run.ended());
  const std::string before = running.stand();
  running.run.step();
  CHECK(running.stand() == before);
  CHECK(running.seen.lines == Notes{"a", "a"});
  CHECK(running.run.standing().blocks.size() == 1);
}

TEST_CASE("a run takes no more steps than it may") {
  Running running("repeat 1000000000000 {\n}\n", {.max_steps = 50});
  const auto mistake = running.run.run();
  REQUIRE(mistake);
  CHECK(mistake->what == "the run has taken 50 steps; --max-steps allows more");
}

TEST_CASE("an expectation is told, whether it holds or not, and ends nothing") {
  Running running("program sh\nspawn sh as P\nexpect P.pid == 3\nexpect P.pid == 2\n");
  CHECK_FALSE(running.run.run());
  CHECK(running.seen.held == std::vector{false, true});
}

TEST_CASE("a traced run tells of every statement but loops") {
  Running running("repeat 2 {\n  note \"a\"\n}\nnote \"b\"\n", {.trace = true});
  CHECK_FALSE(running.run.run());
  CHECK(running.seen.done_statements == 3);
}

TEST_CASE("operations of a process that waits for its child are done in their order, with the loops of their time") {
  Running running(R"(machine first=child
program sh data=4
var cell = data+0
spawn sh as P
P: fork as C
repeat 3 as I {
  P: cell = I
  P: print cell
}
C: print cell
C: exit
note "the parent has done it"
)");
  CHECK_FALSE(running.run.run());
  CHECK(running.seen.lines ==
        Notes{"C: cell = 0", "P: cell = 0", "P: cell = 1", "P: cell = 2", "the parent has done it"});
}

TEST_CASE("twenty thousand forks that wait for children that run first are done in good time") {
  constexpr int kForks = 20'000;
  Running running(
      fmt::format("machine first=child frames=100000\nprogram sh\nspawn sh as P\nrepeat {} as I {{\n"
                  "  P: fork as C[I]\n}}\n",
                  kForks));
  CHECK_FALSE(running.run.run());
  CHECK(running.run.kernel().processes().size() == kForks + 1);
}

TEST_CASE("a mistake of an operation that has waited leaves the loops of the script as they were") {
  Running running(R"(machine first=child
program sh data=4
spawn sh as P
P: fork as C
repeat 2 as I {
  P: nice I - 1
}
repeat 1 as J {
  C: exit
}
)");
  const auto mistake = running.run.run();
  REQUIRE(mistake);
  CHECK(mistake->what == "a nice value is from 0 to 39, not -1");
  REQUIRE(running.run.standing().blocks.size() == 1);
  CHECK(running.run.standing().blocks.front().head == 4);
}

TEST_CASE("where a run stands tells the operations that wait, and an open row of presets") {
  Running waiting("machine first=child\nprogram sh\nspawn sh as P\nP: fork as C\nP: exit\nC: exit\n");
  waiting.run.run_to(2);
  const Standing before = waiting.run.standing();
  CHECK(before.waiting.empty());
  waiting.run.step();
  CHECK_FALSE(waiting.run.standing().waiting.empty());
  CHECK_FALSE(waiting.run.standing().waiting == before.waiting);
  CHECK_FALSE(waiting.run.run());
  CHECK(waiting.run.standing().waiting.empty());
  CHECK(waiting.run.standing().waiting.bytes() == 0);

  Running presets("program sh data=2\nspawn sh as P\npreset P data[0] frame=3\nnote \"a\"\n");
  presets.run.run_to(2);
  CHECK(presets.run.standing().preset == 1);
  presets.run.step();
  CHECK_FALSE(presets.run.standing().preset);
}

TEST_CASE("who watches a run hears the events of each step") {
  Running running("program sh data=2\nspawn sh as P\nP: write data[0]\nnote \"a\"\n");
  Events events;
  running.run.watch(&events);
  running.run.run_to(1);
  events.clear();
  running.run.step();
  CHECK_FALSE(events.empty());
  events.clear();
  running.run.step();
  CHECK(events.empty());
}

TEST_CASE("characters that nobody sees are printed as their bytes") {
  Running running("note \"a\u2028b\tc\"\n");
  CHECK_FALSE(running.run.run());
  CHECK(running.seen.lines == Notes{"a\\xe2\\x80\\xa8b\tc"});
}

TEST_CASE("samples are kept at each tick, if the run is asked for them or the script shows them") {
  Running unasked("tick\ntick\n");
  CHECK_FALSE(unasked.run.run());
  CHECK(unasked.run.samples().empty());
  Running asked("tick\ntick 5\n", {.sample = true});
  CHECK_FALSE(asked.run.run());
  REQUIRE(asked.run.samples().size() == 2);
  CHECK(asked.run.samples()[1].ticks == 6);
  Running shown("tick\nshow sar\n");
  CHECK_FALSE(shown.run.run());
  CHECK(shown.run.samples().size() == 1);
}

TEST_CASE("a run in which nobody acts has the stage, and what can be said of it") {
  const std::string_view script =
      "machine frames=8 swap=8\n"
      "program demo bss=2 stack=0\n"
      "spawn demo as P\n"
      "preset P data[1] frame=5\n"
      "P: write data[0] = 7\n"
      "P: fork as C\n"
      "age\n"
      "expect P.data[1].frame == 5\n"  // the preset
      "expect P.data[0].value == 7\n"
      "expect C.data[1].refs == 2\n"  // nobody has the name
      "expect counter.syscall.exec == 0\n"
      "C: exit\n"
      "P: wait\n"
      "spawn demo as C\n"
      "repeat 2 as I {\n"
      "  preset P data[2] frame=I\n"  // there is no page 2 yet, and `sbrk` would make it
      "  expect P.data.pages == 2 + I\n"
      "  P: sbrk 1\n"
      "}\n";
  Running idle(script, {.idle = true});
  CHECK_FALSE(idle.run.run());
  CHECK(idle.seen.held == std::vector<bool>{true, false, false, true, true, false});
  CHECK(idle.seen.lines.empty());
  CHECK(idle.run.kernel().counters().syscall.fork == 0);
  CHECK(idle.run.kernel().counters().process.created == 2);
}

}  // namespace
}  // namespace bachsim
