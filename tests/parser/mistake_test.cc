// Mistakes that only a run finds. It ends there, and says where.
#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>

#include "tests/parser/fixture.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

struct PrintedLines : Listener {
  std::string text;
  void line(std::string_view line) override { text.append(line) += '\n'; }
};

// What the script prints, and the mistake that ends it.
std::string run_of(const std::string& script) {
  const Parsed parsed(script);
  if (const std::string errors = parsed.errors(); !errors.empty()) return errors;
  PrintedLines lines;
  Run run(configure(parsed.result.script, {}).value(), parsed.result.script, lines);
  const auto mistake = run.run();
  return lines.text + (mistake ? render(parsed.sources, *mistake) : "no mistake\n");
}

// Statements, which follow those of `stage`; and below the last one what is wrong with it, behind a caret. Then the
// next ones.
void check_mistakes(const std::string& stage, std::string_view cases) {
  std::istringstream lines{std::string(cases)};
  std::string script = stage;
  std::string last;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t caret = line.find_first_not_of(' ');
    if (caret == std::string::npos || line[caret] != '^') {
      script += line + "\n";
      last = line;
      continue;
    }
    const auto number = std::ranges::count(script, '\n');
    if (last.ends_with('{')) script += "}\n";
    CHECK(run_of(script + "note \"not reached\"\n") == fmt::format("a.bach:{}:{}: error: {}\n{}\n{}\n", number,
                                                                   caret + 1, line.substr(caret + 2), last,
                                                                   line.substr(0, caret + 1)));
    script = stage;
  }
}

TEST_CASE("a mistake of a process, a path or a number ends the run") {
  check_mistakes(
      "program demo text=1 data=1 bss=1 stack=1\n"
      "spawn demo as P\n",
      R"(P: vfork as C
P: read data[0]
^ `P` is asleep: it waits for its vfork child to exec or exit
P: fork as C
P: wait
P: read data[0]
^ `P` is asleep: it waits for a child to end
P: exit 5 / (P.pid - 2)
          ^ division by zero
P: read data+(8-16)
               ^ the offset is below 0: -8
P: write data+8
P: read data+12
             ^ a cell's place is a multiple of 8, not 12
repeat P.pid - 3 {
             ^ a loop cannot run -1 times
P: fork as C
C: exit
P: fork as C
           ^ `C` names a process that has not been reaped
P: shmget pool 1
P: read shm.pool[0]
        ^ the process has no shm.pool attached
P: read data[0-1]
              ^ the page cannot be below 0: -1
P: read data[0x7fff_ffff_ffff_ffff]
             ^ the page is beyond every address
expect pfdata[1023].refs == 0
expect pfdata[1024].refs == 0
              ^ there is no frame 1024
expect P.data[1].valid == 0
expect P.data[2].valid == 0
              ^ there is no page 2: the region has 2
expect region[3].refs == 1
expect region[4].refs == 1
              ^ there is no region 4
expect swap_use[1,1] == 0
                ^ there is no swap device 1
P: exit 3
expect P.status == 3
P: read data[0]
^ `P` has ended and been reaped
P: exit
expect P.pid == 2
expect P.state == reaped
expect P.errno == 0
expect P.ppid == 1
       ^ a reaped process has no ppid
expect 5 % 0 == 0
         ^ division by zero
steal 0
steal -1
      ^ the number of frames cannot be below 0: -1
tick 0
tick 1 - 2
       ^ the number of ticks cannot be below 0: -1
var far = data[9]
expect P.far == 0
       ^ there is no page at 0x409000
P: fork as C
C: exit
C: read data[0]
^ `C` is a zombie
P: fork as C
C: exit
expect C.data.pages == 1
         ^ the process has no data: it has ended
)");
}

TEST_CASE("a preset that would break a rule ends the run") {
  check_mistakes(
      "machine frames=16 reserve=2 swap=16\n"
      "program sh text=2 data=2 bss=1\n"
      "spawn sh as P\n"
      "P: write data[2]\n",
      R"(preset P data[2] age=4
                     ^ an age is at most max-age, 3
preset P data[2] disk=swap:1:3
preset pfdata 9 disk=swap:1:3
                     ^ frame 2 holds the block already
preset P data[2] disk=swap:1:3 modified
P: write data[2] = 1
preset P data[0] invalid disk=swap:1:3
                              ^ the block is an old copy of a page that has been modified: data[2] of `P`
preset P data[2] invalid disk=fill
                              ^ the page is behind the end of the file; `fill:BLOCK` names a block of it
preset P data[2] disk=zero
                      ^ a page that is in memory is not to be filled on demand
preset P data[0] frame=5 writable
                         ^ the page is shared, or of the file: it is copied on write
preset P data[0] frame=2
                       ^ frame 2 is in use: data[2] of `P`
preset P data[0] frame=1
                       ^ frame 1 is reserved
preset freelist 5 2
                  ^ frame 2 is in use: data[2] of `P`
preset freelist 5 6 5
                    ^ frame 5 is named twice
preset P data[0] disk=zero modified
                           ^ only a page that is in memory can be so
preset P @0x1000 valid
         ^ there is no page at 0x1000
preset P data[0] invalid disk=swap:1:17
                                     ^ swap device 1 has no block 17
preset P data[0] invalid disk=swap:2:1
                                   ^ there is no swap device 2
preset P data[0] disk=file:4
                           ^ the file of `sh` has no block 4
preset P data[0] frame=16 invalid
                       ^ there is no frame 16
preset P data[3] valid
         ^ there is no page 3: the region has 3
preset P shm.board[0] valid
         ^ the process has no shm.board attached
preset P data[2] invalid
                 ^ a page that is not in memory is on a disk: `disk=` tells where
P: fork as C
C: exit
preset C data[0] valid
       ^ `C` is a zombie
preset pfdata 2 disk=none
              ^ frame 2 is in use: data[2] of `P`
preset P stack[0] disk=file:0
                       ^ a page of stack is in no file
preset P text[0] cow
                 ^ only pages of data and stack are copied on write
preset P text[0] valid writable
                       ^ text is never written
)");
}

TEST_CASE("a mistake on a machine of another kind ends the run") {
  check_mistakes("", R"(machine page=1K frames=16
program sh data=2K@64K
var beyond = data+3072
spawn sh as P
expect P.beyond == 0
       ^ there is no page at 67K
machine frames=8 swap=4,6
program demo bss=2
spawn demo as P
expect swap_map[1,1].address == 1 and swap_map[1,1].units == 4
expect swap_map[2,1].address == 1 and swap_map[2,1].units == 6
expect swap_map[2,2].units == 0
                  ^ the map of swap device 2 has no entry 2
machine swap=4
program demo text=1 data=1 bss=1 stack=1
spawn demo as P
expect swap_use[1,4] == 0
expect swap_use[1,5] == 0
                  ^ swap device 1 has no block 5
machine frames=32 swap=32
program sh data=4
spawn sh as P
preset pfdata 9 disk=swap:1:17
preset freelist 3 1
^ after this preset identity 7 does not hold: frame 9: it holds swap block 1:17, which no dbd names
machine frames=1 swap=16
program sh data=2
spawn sh as P
preset P data[0] frame=0
preset P data[1] valid
                 ^ no frame is free
machine paging=off frames=16 swap=16
program sh data=2
spawn sh as P
preset P data[0] frame=9
preset P data[0] invalid disk=swap:1:1
                 ^ under paging=off a page is in memory when its process is
)");
}

}  // namespace
}  // namespace bachsim
