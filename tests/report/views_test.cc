#include "sim/report/views.h"

#include <catch2/catch.hpp>
#include <string>

#include "sim/report/table.h"
#include "tests/parser/fixture.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

// The tables that a script shows.
struct ShownTables : Listener {
  StringSink sink;

  void show(const Statement& statement, const Run& run) override {
    const auto& show = std::get<ShowStatement>(statement.body);
    write_view(sink, show.view, run.state(), run.samples(), run.named(show.names));
  }
};

std::string tables(const std::string& script) {
  const Parsed parsed(script);
  REQUIRE(parsed.errors().empty());
  ShownTables listener;
  Run run(configure(parsed.result.script, {}).value(), parsed.result.script, listener);
  const auto mistake = run.run();
  REQUIRE_FALSE(mistake.has_value());
  return listener.sink.text();
}

// Two processes of four pages take turns in a memory that has room for one.
const std::string kTurns = R"(
machine frames=6 paging=off swap=16
program p text=0 data=3 stack=1
spawn p as A
spawn p as B
)";

TEST_CASE("summary: of more processes than a line has room for, the first, and how many more") {
  const auto alive = [](const std::string& name) {
    const std::string text =
        tables(fmt::format("program p data=1\nspawn p as {0}1\nspawn p as {0}2\nshow summary\n", name));
    return text.substr(0, text.find('\n'));
  };
  CHECK(alive("P") == "PROCESSES: 2 alive: P1 ready, P2 ready");
  const std::string half(30, 'P');
  CHECK(alive(half) == "PROCESSES: 2 alive: " + half + "1 ready, 1 more");
  CHECK(alive(half + half) == "PROCESSES: 2 alive");
}

TEST_CASE("swapper: how long each has been where it is, who runs, and what moves") {
  CHECK(tables(kTurns + "show swapper\n") == "SWAPPER: no second has been run\n");
  CHECK(tables(kTurns + "run 4\nshow swapper\n") ==
        "SWAPPER: seconds in memory (i) or out (o)\n"
        "TIME   A   B  RUNS  SWAPS\n"
        "   0  0i  0o  A     -\n"
        "   1  1i  1o  A     -\n"
        "   2  2i  2o  B     out A, in B\n"
        "   3  1o  1i  B     -\n");
}

TEST_CASE("swapper: of more processes than a page has room for, only what moves and runs") {
  std::string script = "machine frames=6 paging=off swap=100\nprogram p text=0 data=3 stack=1\n";
  for (int i = 0; i < 11; ++i) script += fmt::format("spawn p as P{}\n", i);
  CHECK(tables(script + "run 1\nshow swapper\n") ==
        "SWAPPER: seconds in memory (i) or out (o)\n"
        "TIME  RUNS  SWAPS\n"
        "   0  P0    -\n");
}

// B goes out at its beginning, and A in second 2: two extents are taken. B's four blocks come back one by one.
TEST_CASE("map-cost: extents that the map holds, and how many its calls looked at") {
  CHECK(tables(kTurns + "run 4\nshow map-cost\n") ==
        "SWAP MAP COST in extents\n"
        "DEVICE  HELD  MOST  MALLOCS  LOOKED AT  MFREES  LOOKED AT\n"
        "     1     2     2        2          2       4          7\n");
  CHECK(tables("machine swap=16 swap-map=bits\nshow map-cost\n").starts_with("SWAP MAP COST in words of 64 bits\n"));
}

const std::string kReferences = R"(
machine frames=16 tlb=4
program p text=1 data=3 stack=1
spawn p as P
P: write data[0..2] = 1
P: write stack[0] = 1
age
P: read data[1]
)";

TEST_CASE("working-set: the page that was referenced last comes first, and a stack's is in brackets") {
  CHECK(tables(kReferences + "show working-set\n") == "WORKING SET P: 1 0 2 [0]\n");
  CHECK(tables(kReferences + "age\nage\nP: write stack[0] = 2\nshow working-set P\n") == "WORKING SET P: [0] 1 0 2\n");
}

// To age a page is to clear its bit, and so to empty the TLB.
TEST_CASE("tlb: an entry has its slot, its page and what it grants") {
  CHECK(tables(kReferences + "show tlb\n") ==
        "TLB: 4 entries\n"
        "SLOT  ASID   ADDRESS      PPN  GRANTS\n"
        "   1     1  0x401000  0x80001  rw-\n");
}

TEST_CASE("a name that goes on and on is cut in every view") {
  const std::string name(1'000, 'n');
  const std::string script = fmt::format(
      "machine frames=16 swap=16\nprogram {0} text=1 data=1\nspawn {0} as {0}\n{0}: write data[0] = 1\n", name);
  for (const std::string_view view : {"processes", "pregions", "regions", "pages", "pfdata", "hash", "tree", "figure",
                                      "working-set", "summary", "all"}) {
    const std::string text = tables(fmt::format("{}show {}\n", script, view));
    CAPTURE(view);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      CHECK(end - begin <= 2 * kReportWidth);
      begin = end + 1;
    }
  }
}

}  // namespace
}  // namespace bachsim
