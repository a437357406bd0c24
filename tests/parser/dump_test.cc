// Scripts and what the parser understood, as dump() shows it.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kernel/counters.h"
#include "tests/parser/fixture.h"

namespace bachsim {
namespace {

// How an expression is understood. `cell` is a var, I a loop variable.
std::string dump_of_expression(std::string_view expression) {
  const std::string dump = dump_of("var cell = data+8\nrepeat 1 as I {\nexpect " + std::string(expression) + "\n}\n");
  const std::string head = "repeat 1 as $0 {\n  expect ";
  if (!dump.starts_with(head)) return dump;
  return dump.substr(head.size(), dump.find(" \"") - head.size());
}

void check_expressions(const std::vector<ScriptText>& rows) {
  for (const ScriptText& row : rows) {
    CAPTURE(row.script);
    CHECK(dump_of_expression(row.script) == row.text);
  }
}

// One line of an operation, behind a stage that all of them share.
std::string dump_of_line(std::string_view line) {
  const std::string stage = "program sh text=0 data=0 bss=0 stack=1\n";
  const std::string dump = dump_of("program sh\nvar cell = data+8\nvar high = @0x200000\n" + std::string(line) + '\n');
  return dump.starts_with(stage) ? dump.substr(stage.size()) : dump;
}

void check_lines(const std::vector<ScriptText>& rows) {
  for (const ScriptText& row : rows) {
    CAPTURE(row.script);
    CHECK(dump_of_line(row.script) == std::string(row.text) + '\n');
  }
}

TEST_CASE("a script is parsed as its author meant it") {
  check_dumps({{R"(# fig-9.16.bach: vfork lets a child corrupt its parent
title "Figure 9.16: vfork and the corruption of process state"

machine frames=64 swap=128
program demo text=1 data=1 stack=1
var global = data+0
var local  = stack+0

spawn demo as parent
parent: local = 1
parent: vfork as child
child:  global = 2
child:  local = 3
child:  exit
parent: print global, local
expect parent.global == 2
expect parent.local == 3
expect counter.fork.ptes_copied == 0
)",
                R"(title "Figure 9.16: vfork and the corruption of process state"
machine frames=64
machine swap=128
program demo text=1 data=1 bss=0 stack=1
spawn demo as parent
parent: write stack+0 = 1
parent: vfork as child
child: write data+0 = 2
child: write stack+0 = 3
child: exit
parent: print data+0 "global", stack+0 "local"
expect (parent.(data+0) == 2) "parent.global == 2"
expect (parent.(stack+0) == 3) "parent.local == 3"
expect (counter.fork.ptes_copied == 0) "counter.fork.ptes_copied == 0"
)"}});
}

TEST_CASE("a script may be empty") {
  for (const std::string_view script : {"", "\n", "\n\n\n", "# nothing", "# nothing\n", "  \t \r\n", "\r\n"}) {
    CAPTURE(script);
    CHECK(dump_of(script).empty());
    CHECK(errors_of(script).empty());
  }
}

TEST_CASE("statements that set the stage are parsed") {
  check_dumps({
      {"title \"\"", ""},
      {"title \"A # is no comment in a text\"", "title \"A # is no comment in a text\"\n"},
      {"note \"ünï \\ {{}%s\"", "note \"ünï \\ {}%s\"\n"},
      {"machine frames=1", "machine frames=1\n"},
      {"machine frames = 64 swap = 4096 , 1K max-age=7\nmachine frames=0x20 tlb=1M",
       "machine frames=64\nmachine swap=4096,1K\nmachine max-age=7\nmachine frames=32\nmachine "
       "tlb=1024K\n"},
      {"machine mode=sv48 fork=vfork vfork=fork ad=software paging=on stack-limit=8M",
       "machine mode=sv48\nmachine fork=vfork\nmachine vfork=fork\nmachine ad=software\nmachine "
       "paging=on\n"
       "machine stack-limit=8192K\n"},
      {"program a", "program a text=0 data=0 bss=0 stack=1\n"},
      {"program a text=1 data=2 bss=3 stack=4", "program a text=1 data=2 bss=3 stack=4\n"},
      {"program a stack=0 text=9", "program a text=9 data=0 bss=0 stack=0\n"},
      {"program a text=4K data=4097K bss=1M stack=0K", "program a text=4K data=4097K bss=1024K stack=0K\n"},
      {"program a text=1K data=128G bss=33554432", "program a text=1K data=134217728K bss=33554432 stack=1\n"},
      {"program b text=1\nprogram a file-of=b stack=2 working-set=3",
       "program b text=1 data=0 bss=0 stack=1\nprogram a text=0 data=0 bss=0 stack=2 file-of=b working-set=3\n"},
      {"program a sticky text=1 unaligned file=7", "program a text=1 data=0 bss=0 stack=1 unaligned sticky file=7\n"},
      {"program a file=7 , 0x10,3 sticky", "program a text=0 data=0 bss=0 stack=1 sticky file=7,16,3\n"},
      {"program a file=1 file=2", "program a text=0 data=0 bss=0 stack=1 file=2\n"},
      {"program a\nprogram _b2", "program a text=0 data=0 bss=0 stack=1\nprogram _b2 text=0 data=0 bss=0 stack=1\n"},
      {"var a = data[1]\nvar b = shm.log+16\nvar c = a", ""},
  });
}

TEST_CASE("a section keeps its suffix and its address until the machine is known") {
  check_dumps({
      {"program a text=5K", "program a text=5K data=0 bss=0 stack=1\n"},
      {"program a text=1G", "program a text=1048576K data=0 bss=0 stack=1\n"},
      {"program a text=32K@0 data=64K @ 64K stack=2@0x20000",
       "program a text=32K@0 data=64K@64K bss=0 stack=2@131072\n"},
  });
}

TEST_CASE("presets are parsed") {
  check_lines({
      {"preset P @66K frame=1036 invalid disk=swap:1:847", "preset P @66K frame=1036 disk=swap:1:847 invalid"},
      {"preset P data[2] valid cow", "preset P data[2] valid cow"},
      {"preset P[1] cell referenced modified age=2 writable", "preset P[1] data+8 age=2 writable referenced modified"},
      {"preset P text+5 disk=zero", "preset P text+5 disk=zero"},
      {"preset P stack[0] disk=none", "preset P stack[0] disk=none"},
      {"preset P text[1] disk=fill invalid", "preset P text[1] disk=fill invalid"},
      {"preset P text[1] disk=fill:5", "preset P text[1] disk=fill:5"},
      {"preset P text[1] disk=file:1+2 frame=2*3", "preset P text[1] frame=(2 * 3) disk=file:(1 + 2)"},
      {"preset pfdata 1861 disk=swap:1:1206", "preset pfdata 1861 disk=swap:1:1206"},
      {"preset pfdata 1+2 disk=file:sh:0", "preset pfdata (1 + 2) disk=file:sh:0"},
      {"preset pfdata 1 disk=none", "preset pfdata 1 disk=none"},
      {"preset freelist 1776 401 2+3", "preset freelist 1776 401 (2 + 3)"},
  });
}

TEST_CASE("spawn and time statements are parsed") {
  check_lines({
      {"spawn sh as P", "spawn sh as P"},
      {"spawn sh as P[1+2]", "spawn sh as P[(1 + 2)]"},
      {"note \"here\"", "note \"here\""},
      {"tick", "tick"},
      {"tick 3", "tick 3"},
      {"tick 2*3", "tick (2 * 3)"},
      {"run 60", "run 60"},
      {"run 2*3", "run (2 * 3)"},
      {"age", "age"},
      {"steal", "steal"},
      {"steal 5", "steal 5"},
      {"vhand: begin steal 5", "vhand: begin steal 5"},
      {"vhand: finish", "vhand: finish"},
      {"finish", "finish"},
      {"audit", "audit"},
      {"expect frames.free", "expect frames.free \"frames.free\""},
  });
}

TEST_CASE("every view can be shown") {
  for (const std::string_view view : view_words()) {
    const std::string line = "show " + std::string(view) + (view == "walk" ? " P @2097152" : "");
    CHECK(dump_of_line(line) == line + '\n');
  }
  check_lines({
      {"show pages P", "show pages P"},
      {"show pages P Q[2] P", "show pages P Q[2] P"},
      {"show pages P [ 2 ] Q", "show pages P[2] Q"},
  });
}

TEST_CASE("every operation is parsed") {
  check_lines({
      {"P: read data[0]", "P: read data[0]"},
      {"P: fetch text[0]", "P: fetch text[0]"},
      {"P: write data[0]", "P: write data[0]"},
      {"P: write data[0] = 1 + 2", "P: write data[0] = (1 + 2)"},
      {"P: write cell", "P: write data+8"},
      {"P: write cell = -1", "P: write data+8 = (-1)"},
      {"P: cell = -1", "P: write data+8 = (-1)"},
      {"P: high = P.pid", "P: write @2097152 = P.pid"},
      {"P: print 1", "P: print 1 \"1\""},
      {"P: fork as C", "P: fork as C"},
      {"P: vfork as C[0]", "P: vfork as C[0]"},
      {"P: exec sh", "P: exec sh"},
      {"P: exit", "P: exit"},
      {"P: exit 256 - 1", "P: exit (256 - 1)"},
      {"P: wait", "P: wait"},
      {"P: sbrk 2", "P: sbrk 2"},
      {"P: sbrk -4K", "P: sbrk (-4K)"},
      {"P: shmget 5 2", "P: shmget 5 2"},
      {"P: shmget log 8K", "P: shmget log 8K"},
      {"P: shmget log 2 * 3", "P: shmget log (2 * 3)"},
      {"P: shmat log", "P: shmat log"},
      {"P: shmat 0x7fff_ffff_ffff_ffff", "P: shmat 9223372036854775807"},
      {"P: shmdt log", "P: shmdt log"},
      {"P: shmrm 5", "P: shmrm 5"},
      {"P: plock text", "P: plock text"},
      {"P: plock data", "P: plock data"},
      {"P: punlock stack", "P: punlock stack"},
      {"P: nice 20", "P: nice 20"},
      {"P: nice -1 + 2", "P: nice ((-1) + 2)"},
      {"P: swapout", "P: swapout"},
      {"P: begin swapout", "P: begin swapout"},
      {"P: begin read data[0]", "P: begin read data[0]"},
      {"P: finish", "P: finish"},
      {"P: swapin", "P: swapin"},
      {"P[3]: wait", "P[3]: wait"},
      {"P[Q[R.pid].pid]:wait", "P[Q[R.pid].pid]: wait"},
      {"cell: cell = 1", "cell: write data+8 = 1"},
      {"sh: exec sh", "sh: exec sh"},
  });
}

TEST_CASE("every location is parsed") {
  check_lines({
      {"P: read data[1]", "P: read data[1]"},
      {"P: read data [ 1 + 1 ]", "P: read data[(1 + 1)]"},
      {"P: read text[0..3]", "P: read text[0..3]"},
      {"P: read text[ 0 .. 3 ]", "P: read text[0..3]"},
      {"P: read text[3..0]", "P: read text[3..0]"},
      {"P: read stack[1-1..2*2]", "P: read stack[(1 - 1)..(2 * 2)]"},
      {"P: read stack[*]", "P: read stack[*]"},
      {"P: read stack[ * ]", "P: read stack[*]"},
      {"P: read data+0", "P: read data+0"},
      {"P: read data + 8 * 2 + 8", "P: read data+((8 * 2) + 8)"},
      {"P: read data+-8", "P: read data+(-8)"},
      {"P: read @0x200000", "P: read @2097152"},
      {"P: read @ 2M + 8", "P: read @(2048K + 8)"},
      {"P: read @(1 == 2)", "P: read @(1 == 2)"},
      {"P: read cell", "P: read data+8"},
      {"P: read high", "P: read @2097152"},
      {"P: read shm.log[1]", "P: read shm.log[1]"},
      {"P: read shm . 7 [*]", "P: read shm.7[*]"},
      {"P: read shm.log+8", "P: read shm.log+8"},
      {"P: read shm.log[0..1]", "P: read shm.log[0..1]"},
      {"P: write shm.0x7[0] = 1", "P: write shm.7[0] = 1"},
  });
}

TEST_CASE("a location takes sums and no looser operator") {
  CHECK(dump_of_line("P: read data+8 == 8") ==
        R"(a.bach:4:16: error: expected the end of the line, found `==`
P: read data+8 == 8
               ^
)");
  CHECK(dump_of_line("P: write @8 = 8") == "P: write @8 = 8\n");
}

TEST_CASE("a var stands for the location it was given, also through another var") {
  check_dumps({{"var a = stack[2]\nvar b = a\nP: b = 1\nP: read a\nexpect P.b == 1\n",
                "P: write stack[2] = 1\nP: read stack[2]\nexpect (P.(stack[2]) == 1) \"P.b == 1\"\n"}});
}

TEST_CASE("print knows its locations from its values") {
  check_lines({
      {"P: print cell, data[0..1], @8, 3, cell",
       "P: print data+8 \"cell\", data[0..1] \"data[0..1]\", "
       "@8 \"@8\", 3 \"3\", data+8 \"cell\""},
      {"P: print P.cell, P.pid, zombie", "P: print P.(data+8) \"P.cell\", P.pid \"P.pid\", zombie \"zombie\""},
      {"P: print (1), -1", "P: print 1 \"(1)\", (-1) \"-1\""},
      {"P: print data+8*2, data + 8", "P: print data+(8 * 2) \"data+8*2\", data+8 \"data + 8\""},
  });
}

TEST_CASE("print keeps its text as the script has it with blanks run together") {
  check_lines({
      {"P:\tprint   1   +\t \t2  ,  data [ 0 ]  ", "P: print (1 + 2) \"1 + 2\", data[0] \"data [ 0 ]\""},
      {"P: print 1+2,data[0]# a comment", "P: print (1 + 2) \"1+2\", data[0] \"data[0]\""},
      {"P: print 1 + 2 # a comment", "P: print (1 + 2) \"1 + 2\""},
      {"P: print 1\t+\t2", "P: print (1 + 2) \"1 + 2\""},
      {"P: print ( 0x10  ), 1_000,1K", "P: print 16 \"( 0x10 )\", 1000 \"1_000\", 1K \"1K\""},
      {"expect  1  ==\t1   # here", "expect (1 == 1) \"1 == 1\""},
      {"expect (1==1)", "expect (1 == 1) \"(1==1)\""},
  });
}

TEST_CASE("blocks nest and their variables get slots by depth") {
  check_dumps({{R"(repeat 3 {
  tick
}
repeat 2 as I {
  for J in 0..I {
    P[J]: write data[I * J]
    repeat J { # no name
      for K in J..I+1 {
        expect I + J == K
      }
    }
    age
  }
  tick I
}
for I in 2..1 {
}
audit
)",
                R"(repeat 3 as $0 {
  tick
}
repeat 2 as $0 {
  for $1 in 0..$0 {
    P[$1]: write data[($0 * $1)]
    repeat $1 as $2 {
      for $3 in $1..($0 + 1) {
        expect (($0 + $1) == $3) "I + J == K"
      }
    }
    age
  }
  tick $0
}
for $0 in 2..1 {
}
audit
)"}});
}

TEST_CASE("a loop variable is a word like any other outside its loop") {
  check_dumps(
      {{"repeat 1 as I {\ntick I\n}\nexpect I == 1\n", "repeat 1 as $0 {\n  tick $0\n}\nexpect (I == 1) \"I == 1\"\n"},
       {"repeat I as I {\n}\n", "repeat I as $0 {\n}\n"},
       {"for I in I..I {\n}\n", "for $0 in I..I {\n}\n"}});
}

TEST_CASE("a loop variable may have the name of a process") {
  check_dumps({{"repeat 1 as P {\nexpect P.pid + P == P[P].pid\n}\n",
                "repeat 1 as $0 {\n  expect ((P.pid + $0) == P[$0].pid) \"P.pid + P == P[P].pid\"\n}\n"}});
}

TEST_CASE("a block may hold nothing") {
  check_dumps({{"repeat 1 {\n}", "repeat 1 as $0 {\n}\n"},
               {"repeat 1 {\n\n# nothing\n\n}\n", "repeat 1 as $0 {\n}\n"},
               {"repeat 1 {\nrepeat 2 {\n}\n}", "repeat 1 as $0 {\n  repeat 2 as $1 {\n  }\n}\n"}});
}

TEST_CASE("numbers are decimal or hexadecimal with blanks of their own and suffixes") {
  check_expressions({
      {"0", "0"},
      {"007", "7"},
      {"1_000_000", "1000000"},
      {"0x0", "0"},
      {"0xfF", "255"},
      {"0xdead_beef", "3735928559"},
      {"0x1_0", "16"},
      {"1K", "1K"},
      {"1M", "1024K"},
      {"1G", "1048576K"},
      {"0x10K", "16K"},
      {"1_0K", "10K"},
      {"0K", "0K"},
      {"18446744073709551615", "18446744073709551615"},
      {"0xffff_ffff_ffff_ffff", "18446744073709551615"},
      {"17179869183G", "18014398508433408K"},
      {"18014398509481983K", "18014398509481983K"},
      {"000000000000000000000000000001", "1"},
      {"0x000000000000000000000000000001", "1"},
  });
}

TEST_CASE("operators bind from loose to tight") {
  check_expressions({
      {"1 or 2 and 3", "(1 or (2 and 3))"},
      {"1 and 2 or 3", "((1 and 2) or 3)"},
      {"not 1 and 2", "((not 1) and 2)"},
      {"1 and not 2", "(1 and (not 2))"},
      {"not 1 or not 2", "((not 1) or (not 2))"},
      {"not 1 == 2", "(not (1 == 2))"},
      {"not not 1 < 2", "(not (not (1 < 2)))"},
      {"1 == 2 and 3 != 4", "((1 == 2) and (3 != 4))"},
      {"1 + 2 == 3", "((1 + 2) == 3)"},
      {"1 == 2 + 3", "(1 == (2 + 3))"},
      {"1 < 2 - 3", "(1 < (2 - 3))"},
      {"1 <= 2", "(1 <= 2)"},
      {"1 > 2", "(1 > 2)"},
      {"1 >= 2", "(1 >= 2)"},
      {"1<2 or 3>4", "((1 < 2) or (3 > 4))"},
      {"1 + 2 * 3", "(1 + (2 * 3))"},
      {"1 * 2 + 3", "((1 * 2) + 3)"},
      {"1 - 2 / 3", "(1 - (2 / 3))"},
      {"1 % 2 - 3", "((1 % 2) - 3)"},
      {"-1 * 2", "((-1) * 2)"},
      {"1 * -2", "(1 * (-2))"},
      {"1 - -2", "(1 - (-2))"},
      {"1--2", "(1 - (-2))"},
      {"- - 1", "(-(-1))"},
      {"-1 + 2", "((-1) + 2)"},
      {"not -1", "(not (-1))"},
  });
}

TEST_CASE("operators of one strength bind from left to right") {
  check_expressions({
      {"1 - 2 - 3", "((1 - 2) - 3)"},
      {"1 - 2 + 3", "((1 - 2) + 3)"},
      {"1 + 2 - 3", "((1 + 2) - 3)"},
      {"8 / 4 / 2", "((8 / 4) / 2)"},
      {"8 / 4 * 2 % 3", "(((8 / 4) * 2) % 3)"},
      {"1 or 2 or 3", "((1 or 2) or 3)"},
      {"1 and 2 and 3", "((1 and 2) and 3)"},
  });
}

TEST_CASE("brackets come first") {
  check_expressions({
      {"(1)", "1"},
      {"((((1))))", "1"},
      {"1 - (2 - 3)", "(1 - (2 - 3))"},
      {"(1 + 2) * 3", "((1 + 2) * 3)"},
      {"(1 or 2) and 3", "((1 or 2) and 3)"},
      {"not (1 or 2)", "(not (1 or 2))"},
      {"-(1 + 2)", "(-(1 + 2))"},
      {"(1 < 2) < 3", "((1 < 2) < 3)"},
      {"1 == (2 == 3)", "(1 == (2 == 3))"},
      {"(not 1) + 1", "((not 1) + 1)"},
  });
}

TEST_CASE("bare words may have colons") {
  check_expressions({
      {"zombie", "zombie"},
      {"EAGAIN", "EAGAIN"},
      {"null", "null"},
      {"none", "none"},
      {"swap:1:17", "swap:1:17"},
      {"file:0", "file:0"},
      {"file:sh:3", "file:sh:3"},
      {"file:sh:0x3", "file:sh:0x3"},
      {"P.state == zombie", "(P.state == zombie)"},
      {"P.data[1].disk == swap:1:17", "(P.data[1].disk == swap:1:17)"},
      {"pfdata[2].disk != swap:1:1 and 1", "((pfdata[2].disk != swap:1:1) and 1)"},
      {"P.waiting_for == vfork", "(P.waiting_for == vfork)"},
      {"P.waiting_for == wait", "(P.waiting_for == wait)"},
      {"region[1].type == stack", "(region[1].type == stack)"},
      {"P.text.type == text", "(P.text.type == text)"},
      {"swap", "swap"},
      {"cell", "cell"},
      {"I", "$0"},
      {"I == J", "($0 == J)"},
  });
}

TEST_CASE("every counter and gauge is known by its path") {
  Counters{}.for_each([](std::string_view group, std::string_view name, std::uint64_t) {
    const std::string path = "counter." + std::string(group) + '.' + std::string(name);
    CHECK(dump_of_expression(path) == path);
  });
  Gauges{}.for_each([](std::string_view name, std::uint64_t) { CHECK(dump_of_expression(name) == name); });
}

TEST_CASE("paths into the state are parsed") {
  check_expressions({
      {"pfdata[613].refs", "pfdata[613].refs"},
      {"pfdata[1+1].disk", "pfdata[(1 + 1)].disk"},
      {"pfdata[I].free", "pfdata[$0].free"},
      {"region[4].refs", "region[4].refs"},
      {"region[4].pages", "region[4].pages"},
      {"region[4].type", "region[4].type"},
      {"region[4].program", "region[4].program"},
      {"swap_use[1,2743]", "swap_use[1,2743]"},
      {"swap_use[I, I * 2]", "swap_use[$0,($0 * 2)]"},
      {"swap_map[1,2].address", "swap_map[1,2].address"},
      {"swap_map[1].held", "swap_map[1].held"},
      {"swap_map[I, I + 1].units", "swap_map[$0,($0 + 1)].units"},
      {"P.pid", "P.pid"},
      {"P.ppid", "P.ppid"},
      {"P.state", "P.state"},
      {"P.status", "P.status"},
      {"P.errno", "P.errno"},
      {"P.waiting_for", "P.waiting_for"},
      {"P.awaited_region", "P.awaited_region"},
      {"P.awaited_frame", "P.awaited_frame"},
      {"vhand.awaited_frame", "vhand.awaited_frame"},
      {"region[1].locked_by", "region[1].locked_by"},
      {"pfdata[1].sleepers", "pfdata[1].sleepers"},
      {"P.program", "P.program"},
      {"P.satp", "P.satp"},
      {"P.cell", "P.(data+8)"},
      {"P[I].cell", "P[$0].(data+8)"},
      {"P[I + 1].pid", "P[($0 + 1)].pid"},
      {"P[P[1].pid].pid", "P[P[1].pid].pid"},
      {"P.text.region", "P.text.region"},
      {"P.data.refs", "P.data.refs"},
      {"P.stack.pages", "P.stack.pages"},
      {"P.data.type", "P.data.type"},
      {"P.data.start", "P.data.start"},
      {"P.text.program", "P.text.program"},
      {"P.shm.log.refs", "P.shm.log.refs"},
      {"P.shm.7.region", "P.shm.7.region"},
      {"P.data[3].valid", "P.data[3].valid"},
      {"P.data[3].frame", "P.data[3].frame"},
      {"P.data[3].writable", "P.data[3].writable"},
      {"P.data[3].cow", "P.data[3].cow"},
      {"P.data[3].referenced", "P.data[3].referenced"},
      {"P.data[3].modified", "P.data[3].modified"},
      {"P.data[3].age", "P.data[3].age"},
      {"P.data[3].disk", "P.data[3].disk"},
      {"P.data[3].refs", "P.data[3].refs"},
      {"P.data[3].value", "P.data[3].value"},
      {"P.shm.log[I].value", "P.shm.log[$0].value"},
      {"pfdata[P.data[0].frame].refs", "pfdata[P.data[0].frame].refs"},
      {"P . data [ 3 ] . valid", "P.data[3].valid"},
  });
}

TEST_CASE("every statement knows its line and where its text ends") {
  const Parsed parsed(
      "program sh\n\n  spawn sh as P # C\nP : exit\t\nrepeat  2  as I  { # D\n tick I\n}\nexpect 1 "
      "== 1\nage");
  std::vector<std::string> texts;
  for (const Statement& statement : parsed.result.script.statements)
    texts.push_back(fmt::format("{} {}", parsed.sources.find(statement.place).line,
                                parsed.sources.slice(statement.place, statement.end)));
  CHECK(texts == std::vector<std::string>{"3 spawn sh as P", "4 P : exit", "5 repeat  2  as I  {", "6 tick I",
                                          "8 expect 1 == 1", "9 age"});
}

TEST_CASE("a location that a var gives has the place where the var is used") {
  const Parsed parsed("var cell = data+8\nP: cell = 1\nP: write cell\n");
  std::vector<std::uint32_t> lines;
  for (const Statement& statement : parsed.result.script.statements) {
    const OperationBody& body = *std::get<OperationStatement>(statement.body).body;
    lines.push_back(parsed.sources.find(std::get<WriteOp>(body).where.place).line);
  }
  CHECK(lines == std::vector<std::uint32_t>{2, 3});
}

TEST_CASE("blanks and comments mean nothing between words") {
  const std::string dump = "program sh text=1 data=0 bss=0 stack=1\nspawn sh as P\nP: read data[0]\n";
  for (const std::string_view script : {
           "program sh text=1\nspawn sh as P\nP: read data[0]\n",
           "  program\tsh text = 1\r\n\tspawn sh as P\r\nP :read data [ 0 ]\r\n",
           "program sh text=1# a\n# b\n   # c\nspawn sh as P # \"d\n\n\nP:read data[0]#",
           "program sh text=1\n\n\nspawn sh as P\n\nP:read data[0]",
           "\r\nprogram sh text\t=\t1 \nspawn sh as P\nP:read data[0]",
       }) {
    CAPTURE(script);
    CHECK(dump_of(script) == dump);
  }
}

TEST_CASE("upper and lower case differ") {
  check_dumps({{"program Tick\nspawn Tick as tIck\ntIck: wait\n",
                "program Tick text=0 data=0 bss=0 stack=1\nspawn Tick as tIck\ntIck: wait\n"}});
}

TEST_CASE("attributes that are no words of the language may name things") {
  check_dumps(
      {{"program frame\nvar cow = data[0]\nspawn frame as refs\nrefs: cow = 1\nexpect refs.cow == "
        "refs.data[0].cow\n",
        "program frame text=0 data=0 bss=0 stack=1\nspawn frame as refs\nrefs: write data[0] = 1\n"
        "expect (refs.(data[0]) == refs.data[0].cow) \"refs.cow == refs.data[0].cow\"\n"}});
}

TEST_CASE("an included file stands where its include stands") {
  const std::map<std::string, std::string> files{{"stage", "program sh\nvar cell = data+8"},
                                                 {"body", "P: cell = 1\ninclude \"more\"\nP: wait\n"},
                                                 {"more", "# nothing but\nP: cell = 2\n"}};
  CHECK(dump_of("include \"stage\"\nspawn sh as P\ninclude \"body\" # twice\ninclude "
                "\"./body\"\nP: exit\n",
                files) ==
        R"(program sh text=0 data=0 bss=0 stack=1
spawn sh as P
P: write data+8 = 1
P: write data+8 = 2
P: wait
P: write data+8 = 1
P: write data+8 = 2
P: wait
P: exit
)");
}

TEST_CASE("an included file is meant from the folder of the file that includes it") {
  CHECK(dump_of("include \"sub/b\"\ninclude \"c\"\n", {{"sub/b", "include \"c\"\ninclude \"d/e\"\ninclude \"c\"\n"},
                                                       {"sub/c", "tick 1\n"},
                                                       {"sub/d/e", "tick 2\n"},
                                                       {"c", "tick 3\n"}}) == "tick 1\ntick 2\ntick 1\ntick 3\n");
}

TEST_CASE("an included file may stand in a block and use its variable") {
  CHECK(dump_of("repeat 2 as I {\ninclude \"body\"\n}\ntick\n", {{"body", "repeat I as J {\ntick I * J\n}\n"}}) ==
        R"(repeat 2 as $0 {
  repeat $0 as $1 {
    tick ($0 * $1)
  }
}
tick
)");
}

TEST_CASE("a file may be included by many but not by itself") {
  CHECK(dump_of("include \"a\"\ninclude \"b\"\n", {{"a", "include \"c\"\n"}, {"b", "include \"c\""}, {"c", "tick"}}) ==
        "tick\ntick\n");
}

TEST_CASE("an expression may nest 500 deep") {
  const std::string open(499, '(');
  const std::string close(499, ')');
  CHECK(dump_of_expression(open + "1" + close) == "1");

  std::string sum = "1";
  std::string dump = "1";
  for (int i = 0; i < 499; ++i) {
    sum += "+1";
    dump = "(" + dump + " + 1)";
  }
  CHECK(dump_of_expression(sum) == dump);

  CHECK(dump_of_expression(std::string(499, '-') + "1").ends_with("(-1" + close));
}

TEST_CASE("blocks may nest 100 deep") {
  std::string script;
  std::string dump;
  for (std::size_t i = 0; i < 100; ++i) {
    script += "repeat 1 {\n";
    dump += std::string(2 * i, ' ') + "repeat 1 as $" + std::to_string(i) + " {\n";
  }
  for (std::size_t i = 100; i-- > 0;) {
    script += "}\n";
    dump += std::string(2 * i, ' ') + "}\n";
  }
  CHECK(dump_of(script) == dump);
}

TEST_CASE("a script may have many thousands of lines and names") {
  std::string script = "program sh\n";
  std::string dump = "program sh text=0 data=0 bss=0 stack=1\n";
  for (int i = 0; i < 5000; ++i) {
    const std::string line = "spawn sh as P" + std::to_string(i) + '\n';
    script += line;
    dump += line;
  }
  CHECK(dump_of(script) == dump);
}

}  // namespace
}  // namespace bachsim
