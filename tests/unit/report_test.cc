#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/report/json.h"
#include "sim/report/table.h"
#include "sim/report/views.h"
#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

// P has stored to both pages of its data and forked Q, which has stored to the first.
struct Shared : Machine {
  Letters names;
  State state{kernel, names};
  ProgramId prog = program(1, 2, 0, 1);
  ProcSlot parent = kernel.spawn(prog, 0).value();
  ProcSlot child = kNoProcess;

  Shared() {
    load(parent, kText);
    store(parent, page_at(kData, 0), 1);
    store(parent, page_at(kData, 1), 2);
    child = kernel.fork(parent, 1).value();
    store(child, kData, 3);
  }
  std::string view(View view, std::vector<ProcSlot> only = {}) {
    StringSink sink;
    write_view(sink, view, state, {}, only);
    return sink.text();
  }
  std::string json(std::string_view section) {
    StringSink sink;
    const Sources none;
    JsonReport(none).write(sink, {.state = state, .samples = {}}, {}, {section});
    return sink.text();
  }
};

TEST_CASE("a table aligns its columns, and is nothing without lines") {
  Table table({{"NAME", Align::Left}, {"PAGES", Align::Right}});
  CHECK(table.text().empty());
  table.add({"sh", "3"});
  table.add({"editor", "128"});
  CHECK(table.text() ==
        "NAME    PAGES\n"
        "sh          3\n"
        "editor    128\n");
}

TEST_CASE("a table's longest words are cut at the width of a report, and kept no longer") {
  Table table({{"A", Align::Left}, {"B", Align::Left}, {"N", Align::Right}});
  table.add({std::string(1'000'000, 'a'), std::string(50, 'b'), "1"});
  const std::string text = table.text();
  CHECK(text.find('\n') <= kReportWidth);
  CHECK(text.find("~  b") != std::string::npos);
}

TEST_CASE_METHOD(Shared, "processes, and those that are named alone") {
  CHECK(view(View::Processes) ==
        "PROCESSES: 2 alive\n"
        "NAME  PID  PPID  STATE  STATUS  PROGRAM  TEXT  DATA  STACK  SHM\n"
        "P       2     1  ready       -  prog        1     2      3  -\n"
        "Q       3     2  ready       -  prog        1     4      5  -\n");
  CHECK(view(View::Pregions, {child}) ==
        "PREGIONS\n"
        "NAME  TYPE   REG         REGVA  PAGES  ACCESS  FLAGS\n"
        "Q     text     1      0x200000      1  r-x\n"
        "Q     data     4      0x400000      2  rw-\n"
        "Q     stack    5  0x3ffffff000      1  rw-\n");
  CHECK(view(View::Regions, {child}).find("   2  data") == std::string::npos);
}

TEST_CASE_METHOD(Shared, "pages that count on are one row; a page that differs is not") {
  CHECK(view(View::Pages, {parent}) ==
        "REGION 1: text, 1 page, 1 valid\n"
        "PAGE  FLAGS  FRAME  REFS  AGE  DISK\n"
        "   0  v--r-      0     1    0  file:0\n"
        "\n"
        "REGION 2: data, 2 pages, 2 valid\n"
        "PAGE  FLAGS  FRAME  REFS  AGE  DISK\n"
        "   0  v-crm      1     1    0  none\n"
        "   1  v-crm      2     2    0  none\n"
        "\n"
        "REGION 3: stack, 1 page, 0 valid\n"
        "PAGE  FLAGS  FRAME  REFS  AGE  DISK\n"
        "   0  --c--      -     0    0  zero\n");
  const ProcSlot other = kernel.spawn(prog, 2).value();
  CHECK(view(View::Pages, {other}).find(" 0-1  -----      -     0    0  file:1-2\n") != std::string::npos);
}

TEST_CASE_METHOD(Shared, "frames, the free list and the hash queues") {
  CHECK(view(View::Pfdata) ==
        "FRAMES: 16 total, 0 reserved, 12 free, 4 used, 1 shared, peak 4\n"
        "FRAME  REFS  DISK\n"
        "    0     1  file:prog:0\n"
        "    1     1  none\n"
        "    2     2  none\n"
        "    3     1  none\n");
  CHECK(view(View::Freelist) == "FREE LIST: 12 frames, from its head\n  4-15\n");
  CHECK(view(View::Hash) ==
        "HASH QUEUES: 1 frame\n"
        "DISK         FRAME  REFS  FREE\n"
        "file:prog:0      0     1  -\n");
}

TEST_CASE_METHOD(Shared, "swap and its map") {
  kernel.swap_out(child).value();
  CHECK(view(View::Swap) ==
        "SWAP: 16 blocks, 14 free, 2 used\n"
        "DEVICE  BLOCK  REFS\n"
        "     1    1-2     1\n");
  CHECK(view(View::Map) ==
        "SWAP MAP 1: 16 blocks, 14 free in 1 extent\n"
        "ADDRESS  UNITS\n"
        "      3     14\n");
}

TEST_CASE_METHOD(Shared, "a figure shows what a store changes") {
  const std::string figure = view(View::Figure, {parent});
  CHECK(figure.substr(0, figure.find("\n\n")) ==
        "PROCESS P: prog\n"
        "          VIRTUAL  PAGE  STATE    W  COW  REF  MOD  AGE  DISK BLOCK\n"
        "         0x200000     0  valid    -  -    yes  -      0  file 0\n"
        "0x400000-0x401000   1-2  valid    -  yes  yes  yes    0  -\n"
        "     0x3ffffff000     -  invalid  -  yes  -    -      -  demand zero");
}

TEST_CASE_METHOD(Shared, "a tree has the tables of its process; a vfork child's are its parent's") {
  const ProcSlot borrower = kernel.vfork(child, 2).value();
  CHECK(view(View::Tree, {borrower}).find("  the space of Q\n") != std::string::npos);
  CHECK(view(View::Tree, {child}).find("      [0] ppn 0x80003 dau-wr- at 0x400000\n") != std::string::npos);
}

TEST_CASE_METHOD(Shared, "all is its parts, with empty lines between") {
  const std::string all = view(View::All);
  CHECK(all.starts_with(view(View::Processes) + "\n" + view(View::Pregions) + "\nREGIONS: 5 active\n"));
  CHECK(all.ends_with("\n\n" + view(View::Counters)));
}

TEST_CASE_METHOD(Shared, "sections of JSON are made of the same rows") {
  const std::string head = R"({"format":1,"title":"","script":"","status":"expectation failed",)";
  CHECK(json("pfdata") == head + R"("pfdata":[{"frame":0,"refs":1,"disk":"file:prog:0","free":false},)"
                                 R"({"frame":1,"refs":1,"disk":"none","free":false},)"
                                 R"({"frame":2,"refs":2,"disk":"none","free":false},)"
                                 R"({"frame":3,"refs":1,"disk":"none","free":false}]})"
                                 "\n");
  CHECK(json("freelist") == head + R"("freelist":[4,5,6,7,8,9,10,11,12,13,14,15]})"
                                   "\n");
  CHECK(json("swap_map") == head + R"("swap_map":[{"device":1,"free":[[1,16]]}]})"
                                   "\n");
  CHECK(json("processes")
            .find(R"("pregions":[{"type":"text","region":1,"start":"0x200000","pages":1,"access":"r-x"},)") !=
        std::string::npos);
  CHECK(json("regions").find(R"({"page":1,"valid":true,"frame":2,"writable":false,"cow":true,"referenced":true,)"
                             R"("modified":true,"age":0,"disk":"none"})") != std::string::npos);
}

TEST_CASE("sections are known by their names and by those of views") {
  CHECK(member_of("pages") == "regions");
  CHECK(member_of("swap_use") == "swap_use");
  CHECK(member_of("tree") == "tree");
}

TEST_CASE("a run that was stopped says in JSON where and why") {
  Machine machine;
  const Letters names;
  Sources sources;
  sources.add("a.bach", "title \"A\"\nspawn sh as P\n");
  StringSink sink;
  JsonReport(sources).write(
      sink, {.state = State(machine.kernel, names), .samples = {}},
      {.script = "a.bach", .error = Diagnostic{.place = {10}, .what = "there is no program `sh`"}}, {});
  CHECK(sink.text() ==
        R"({"format":1,"title":"","script":"a.bach","status":"error","error":{"file":"a.bach","line":2,"column":1,)"
        R"("message":"there is no program `sh`"}})"
        "\n");
}

TEST_CASE("sar has a line a tick, and the averages") {
  Machine machine;
  const Letters names;
  const State state(machine.kernel, names);
  StringSink sink;
  write_view(sink, View::Sar, state, {});
  CHECK(sink.text() == "SAR: no tick\n");
  write_view(sink, View::Sar, state,
             {{.ticks = 2, .validity_faults = 3, .free_frames = 5}, {.ticks = 4, .validity_faults = 4}});
  CHECK(sink.text().find("\n      2  1.50  ") != std::string::npos);
  CHECK(sink.text().find("\n      4  0.50  ") != std::string::npos);
  CHECK(sink.text().find("\nAverage  1.00  ") != std::string::npos);
}

TEST_CASE_METHOD(Shared, "counters that moved") {
  const auto before = state.counters();
  load(child, kText);
  store(child, page_at(kData, 1), 4);
  std::vector<std::string> texts;
  for (const NumberRow& row : moved(before, state.counters())) {
    if (!row.name.starts_with("tlb.")) texts.push_back(fmt::format("{} +{}", row.name, row.value));
  }
  CHECK(texts ==
        std::vector<std::string>{"trap.store_fault +1", "pfault.total +1", "pfault.copied +1", "frame.allocated +1"});
}

}  // namespace
}  // namespace bachsim
