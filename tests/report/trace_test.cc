#include <catch2/catch.hpp>

#include "sim/report/echo.h"
#include "sim/report/trace_text.h"
#include "tests/report/scripts.h"

namespace bachsim {
namespace {

const std::vector<std::string> kNames{"P", "family", "steal"};

// What a trace of the words prints.
std::string trace(const std::string& words, const std::string& text) {
  struct Printer : Listener {
    explicit Printer(TraceChoice choice) : tracer(std::move(choice)) {}
    void begin(const Statement&, const Run& run) override { tracer.begin(run.state()); }
    void done(const Statement&, const Run& run) override {
      printed += bachsim::text(tracer.done(events, run.state(), false));
      events.clear();
    }
    Tracer tracer;
    Events events;
    std::string printed;
  };
  Scripted script("a.bach", text);
  Printer printer(trace_choice(words, script.parsed.script.process_names).value());
  Run run(configure(script.parsed.script, {}).value(), script.parsed.script, printer, {.trace = true});
  run.watch(&printer.events);
  REQUIRE_FALSE(run.run());
  return printer.printed;
}

const std::string kFork =
    "machine frames=8\nprogram sh text=1 bss=4\nspawn sh as P\nP: write data[*] = 7\n"
    "P: fork as C[1]\nC[1]: write data[1] = 8\nP: fork as C[2]\nC[2]: exit\n";

TEST_CASE("a trace tells the kinds and the processes that are chosen") {
  CHECK(trace("copy", kFork) == "    C[1]: pfault: count 2 > 1, so copy frame 1 to frame 4\n");
  CHECK(trace("fork,exit", kFork) ==
        "    P is spawned\n    P forks C[1]\n    P forks C[2]\n    C[2] exits with status 0\n");
  CHECK(trace("fault,C[1]", kFork) ==
        "    C[1]: store page fault (scause 15) at 0x401000, region 4 page 1\n"
        "    C[1]: pfault: count 2 > 1, so copy frame 1 to frame 4\n");
  CHECK(trace("fork,exit,C", kFork) == "    P forks C[1]\n    P forks C[2]\n    C[2] exits with status 0\n");
  CHECK(trace("age", kFork).empty());
}

TEST_CASE("counts are told with what they were, entries side by side in one line") {
  CHECK(trace("count", kFork) ==
        "    regions 1-3: count 0 -> 1\n"
        "    frames 0-3: count 0 -> 1\n"
        "    region 1: count 1 -> 2\n    regions 4-5: count 0 -> 1\n    frames 0-3: count 1 -> 2\n"
        "    frame 1: count 2 -> 1\n    frame 4: count 0 -> 1\n"
        "    region 1: count 2 -> 3\n    regions 6-7: count 0 -> 1\n    frame 0: count 2 -> 3\n"
        "    frame 1: count 1 -> 2\n    frames 2-3: count 2 -> 3\n"
        "    region 1: count 3 -> 2\n    regions 6-7: count 1 -> 0\n    frame 0: count 3 -> 2\n"
        "    frame 1: count 2 -> 1\n    frames 2-3: count 3 -> 2\n");
  CHECK(trace("counter", "machine frames=8\ntick 3\n") == "    trap.timer +3\n");
}

TEST_CASE("the words of a trace are within the budget of the machine's host") {
  struct Measure : Listener {
    explicit Measure(HostBudget& of_host) : budget(of_host) {}
    void begin(const Statement&, const Run& run) override { tracer.begin(run.state()); }
    void done(const Statement&, const Run& run) override {
      const std::uint64_t before = budget.left();
      const Traced traced = tracer.done(events, run.state(), false);
      taken = before - budget.left();
      bytes = text(traced).size();
      events.clear();
    }
    HostBudget& budget;
    Tracer tracer{{.groups = ~0u, .counts = false, .counters = false}};
    Events events;
    std::uint64_t taken = 0;  // by the statement done last
    std::uint64_t bytes = 0;
  };
  Scripted script("a.bach", "machine frames=20000\nprogram sh bss=20000\nspawn sh as P\nP: write data[*]\n");
  HostBudget budget(std::uint64_t{1} << 30);
  Measure measure(budget);
  Run run(configure(script.parsed.script, {}).value(), script.parsed.script, measure, {.trace = true},
          {.budget = &budget});
  run.watch(&measure.events);
  REQUIRE_FALSE(run.run());
  CHECK(measure.bytes > 2'000'000);
  CHECK(measure.taken > 2 * measure.bytes);
}

TEST_CASE("words that choose nothing are told, with a suggestion") {
  CHECK(trace_choice("all", kNames)->whole);
  CHECK_FALSE(trace_choice("steal", kNames)->whole);
  CHECK(trace_choice("steal", kNames)->processes.empty());  // a kind, before it is a process
  CHECK(trace_choice("family[3]", kNames)->processes == std::vector<std::string>{"family[3]"});
  const std::string kinds =
      " is no kind of event and no process of the script (kinds are fault, copy, steal, age, fork, exec, exit, swap, "
      "sleep, satp, region, count, counter, all)";
  CHECK(trace_choice("copy,stael", kNames).error() == "`stael`" + kinds + "; did you mean `steal`?");
  CHECK(trace_choice("famly", kNames).error() == "`famly`" + kinds + "; did you mean `family`?");
  CHECK(trace_choice("", kNames).error() == "``" + kinds);
}

TEST_CASE("an echo has the effect behind the statement") {
  CHECK(echo_text("tick", "") == "tick");
  CHECK(echo_text("P: write data[0] = 10", "zero fault, frame 0") ==
        "P: write data[0] = 10               zero fault, frame 0");
}

}  // namespace
}  // namespace bachsim
