// Words that a comparison may have, names that somebody makes, and declarations that somebody uses.
#include "tests/parser/fixture.h"

namespace bachsim {
namespace {

const std::string kStage = "program sh data=1\nprogram other data=1\nvar cell = data+8\nspawn sh as P\n";

// The errors and warnings of a script behind the stage, a line each: `LINE: what`, counted from there.
std::string said(const std::string& script, bool warnings = false) {
  Sources sources;
  Files files;
  const ParseResult result = parse(sources, sources.add("a.bach", kStage + script), "a.bach", files);
  std::string text;
  for (const Diagnostic& each : warnings ? result.warnings : result.errors)
    text += fmt::format("{}: {}\n", static_cast<int>(sources.find(each.place).line) - 4, each.what);
  return text;
}

}  // namespace

TEST_CASE("a word is one of those that the other side can be") {
  for (const std::string_view good : {"P.state == zombie",
                                      "reaped != P.state",
                                      "P.state == P.state",
                                      "P.errno == EAGAIN",
                                      "P.errno == 0",
                                      "P.waiting_for == null",
                                      "P.waiting_for == wait",
                                      "P.awaited_frame == null",
                                      "P.awaited_region == region[1].refs",
                                      "vhand.waiting_for == transfer",
                                      "vhand.awaited_region == null",
                                      "P.data.locked_by == vhand",
                                      "P.data.locked_by == P.pid",
                                      "region[1].locked_by != null",
                                      "pfdata[1].read_by == null",
                                      "P.program == other",
                                      "P.data.program == null",
                                      "P.data.type == shm",
                                      "P.data[0].disk == none",
                                      "P.data[0].disk == fill",
                                      "P.data[0].disk == file:3",
                                      "P.data[0].disk == swap:1:17",
                                      "pfdata[1].disk == file:sh:3",
                                      "pfdata[1].disk == swap:1:17",
                                      "pfdata[1].disk == P.data[0].disk",
                                      "P.data[0].frame == null",
                                      "P.status == null",
                                      "(P.state) == (zombie)",
                                      "not P.state == zombie and P.pid == 2",
                                      "P.errno == P.pid"}) {
    CAPTURE(good);
    CHECK(said(fmt::format("expect {}\n", good)).empty());
  }
  const std::vector<ScriptText> rows{
      {"P.state != zombi",
       "`state` is one of ready, asleep, ready_swapped, asleep_swapped, preempted, zombie, reaped, not `zombi`; did "
       "you "
       "mean `zombie`?"},
      {"P.errno == EGAIN",
       "`errno` is 0 or one of EAGAIN, ECHILD, EINVAL, ENOMEM, ENOSPC, not `EGAIN`; did you mean `EAGAIN`?"},
      {"wiat == P.waiting_for",
       "`waiting_for` is one of vfork, wait, transfer, lock, contents, frame, text, null, not `wiat`; did you mean "
       "`wait`?"},
      {"P.data.type == EAGAIN", "`type` is one of text, data, stack, shm, not `EAGAIN`"},
      {"P.program == othr", "there is no program `othr`; did you mean `other`?"},
      {"P.data[0].disk == swap:1", "`disk` is one of none, zero, fill, file:BLOCK, swap:DEVICE:BLOCK, not `swap:1`"},
      {"P.data[0].disk == null", "`disk` is one of none, zero, fill, file:BLOCK, swap:DEVICE:BLOCK, not `null`"},
      {"pfdata[1].disk == file:hs:3", "`disk` is one of none, file:PROGRAM:BLOCK, swap:DEVICE:BLOCK, not `file:hs:3`"},
      {"pfdata[1].disk == zero", "`disk` is one of none, file:PROGRAM:BLOCK, swap:DEVICE:BLOCK, not `zero`"},
      {"P.pid == null", "`pid` is a number, not `null`"},
      {"P.data[0].frame == nul", "`frame` is a number or null, not `nul`; did you mean `null`?"},
      {"P.state == 3", "`state` is never equal to a number"},
      {"P.state == P.data.type", "`state` is never equal to `type`"},
      {"P.state < zombie", "`state` is no number: words are equal or not"},
      {"1 >= zombie", "`zombie` is no number: words are equal or not"},
      {"zombie", "`zombie` is no number, no loop variable and no path"},
      {"zombie == zombie", "`zombie` is no number, no loop variable and no path"},
      {"1 + zombie == 2", "`zombie` is no number, no loop variable and no path"},
      {"not zombie", "`zombie` is no number, no loop variable and no path"},
      {"P.state", "`state` is a word, no number"},
      {"P.data[P.program].valid", "`program` is a word, no number"},
  };
  for (const ScriptText& row : rows) {
    CAPTURE(row.script);
    CHECK(said(fmt::format("expect {}\n", row.script)) == fmt::format("1: {}\n", row.text));
  }
}

TEST_CASE("print shows numbers, locations and paths, no bare word") {
  CHECK(said("P: print P.state, cell, data[0], 3, P.data[0].disk\n").empty());
  CHECK(said("P: print nonsense\n") == "1: `nonsense` is no number, no loop variable and no path\n");
  CHECK(said("P: print pid\n") == "1: `pid` is no number, no loop variable and no path; did you mean `P.pid`?\n");
  CHECK(said("P: print 1 + cell\n") ==
        "1: `cell` is no number, no loop variable and no path; did you mean `P.cell`?\n");
  CHECK(said("repeat 2 as round {\nP: sbrk roud\n}\n") ==
        "2: `roud` is no number, no loop variable and no path; did you mean `round`?\n");
}

TEST_CASE("a name that no statement before can have made is an error") {
  CHECK(said("P: fork as C\nC: exit\nexpect C.pid == 3\nshow pages P C\npreset C data[0] valid\n").empty());
  CHECK(said("parnt: exit\nP: fork as parent\n") ==
        "1: no statement before this makes a process `parnt`; did you mean `parent`?\n");
  CHECK(said("C: exit\nP: fork as C\n") == "1: no statement before this makes a process `C`\n");
  CHECK(said("spawn sh as Q[1]\nexpect Q.pid == 1\nP[0]: exit\n") ==
        "2: no statement before this makes a process `Q`; did you mean `Q[...]`?\n"
        "3: no statement before this makes a process `P[0]`; did you mean `P`?\n");
}

TEST_CASE("later rounds of a loop come behind all of its statements") {
  CHECK(said("repeat 2 {\nfor i in 0..1 {\nC[i]: exit\n}\nP: fork as C[0]\n}\nC[0]: exit\n").empty());
  CHECK(said("repeat 2 {\nC: exit\n}\nP: fork as C\n") == "2: no statement before this makes a process `C`\n");
}

TEST_CASE("an index that is a number is that process and no other") {
  CHECK(said("P: fork as C[0]\nC[1]: exit\n") == "2: no statement before this makes a process `C[1]`\n");
  CHECK(said("P: fork as C[0]\nrepeat 1 as i {\nC[i]: exit\n}\n").empty());
  CHECK(said("repeat 2 as i {\nP: fork as C[i]\n}\nC[1]: exit\n").empty());
}

TEST_CASE("what else is wrong hides names that nobody makes") {
  CHECK(said("P: frk as C\nC: exit\n").find("no statement before") == std::string::npos);
}

TEST_CASE("declarations that nobody uses are warnings") {
  CHECK(said("P: cell = 3\nP: exec other\nP: shmget a 3\nP: shmat a\n", true).empty());
  CHECK(said("repeat 2 as i {\nP: exit\n}\nP: shmget a 3\n", true) ==
        "-2: nobody uses the program `other`\n-1: nobody uses the var `cell`\n"
        "1: nobody uses the loop variable `i`\n4: nobody uses the key `a`\n");
  CHECK(said("expect P.shm.a.refs == P.cell\nP: exec other\nP: shmget a 3\n", true).empty());
}

}  // namespace bachsim
