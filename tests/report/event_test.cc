#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "sim/report/event_text.h"
#include "tests/parser/fixture.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

using Sentences = std::vector<std::string>;

// `vfault-swap (fault swap): region 2, page 0, frame 1, disk swap:1:1`.
std::string described(const Event& event, const State& state) {
  std::string groups;
  for (std::size_t i = 0; i < event_group_words().size(); ++i) {
    if (in_group(event.kind, static_cast<EventGroup>(i)))
      groups += fmt::format("{}{}", groups.empty() ? "" : " ", event_group_words()[i]);
  }
  std::string members;
  for_each_member(event, state, [&members](std::string_view member, const Field& value) {
    members += fmt::format("{} {} {}", members.empty() ? ":" : ",", member, text(value));
  });
  return fmt::format("{} ({}){}", name(event.kind), groups, members);
}

// Keeps the events of each statement, in words.
struct Watcher : Listener {
  Events events;
  EventGroup hidden;
  Sentences last;                          // of the statement done last, but for those of the hidden group
  std::map<EventKind, std::string> kinds;  // the first of each: its groups and its members

  explicit Watcher(EventGroup group) : hidden(group) {}
  void done(const Statement&, const Run& run) override {
    last.clear();
    for (const Event& event : events) {
      kinds.try_emplace(event.kind, described(event, run.state()));
      if (!in_group(event.kind, hidden)) last.push_back(event_text(event, run.state()));
    }
    events.clear();
  }
};

// A run of a script from its beginning to its end, watched.
struct Watched {
  explicit Watched(const std::string& script, EventGroup hidden)
      : watcher(hidden),
        parsed(script),
        run(configure(parsed.result.script, {}).value(), parsed.result.script, watcher, {.trace = true}) {
    REQUIRE(parsed.errors().empty());
    run.watch(&watcher.events);
    const auto mistake = run.run();
    INFO((mistake ? mistake->what : ""));
    REQUIRE_FALSE(mistake);
  }
  Watcher watcher;
  Parsed parsed;
  Run run;
};

// A script's last statement, and the events that it makes. Before it stand the programs and `before`.
struct Branch {
  std::string machine;
  std::string before;
  std::string last;
  Sentences told;
};

Watched watched(const Branch& branch, EventGroup hidden) {
  CAPTURE(branch.machine, branch.before, branch.last);
  return Watched("machine frames=16 swap=16 max-age=2\nmachine " + branch.machine +
                     "\nprogram demo text=1 data=1 bss=1\nprogram wide text=1 data=3\n"
                     "program fill text=1 data=1 unaligned\nspawn demo as P\nP: fetch text[0]\n" +
                     branch.before + branch.last + "\n",
                 hidden);
}

const std::string kStore = "P: store page fault (scause 15) at 0x400000, region 2 page 0";
const std::string kLoad = "P: load page fault (scause 13) at 0x400000, region 2 page 0";
const std::string kStoreToBss = "P: store page fault (scause 15) at 0x401000, region 2 page 1";

// Those of faults and of the stealer; regions are not told.
const std::vector<Branch> kFaults{
    {"frames=16",
     "",
     "P: write text[0]",
     {"P: store page fault (scause 15) at 0x200000, region 1 page 0",
      "P: pfault: not a store to a page that is copy on write, so SIGSEGV", "P is killed with status 139"}},
    {"frames=16",
     "",
     "P: fetch data[0]",
     {"P: instruction page fault (scause 12) at 0x400000, region 2 page 0",
      "P: vfault: the region does not allow the access, so SIGSEGV", "P is killed with status 139"}},
    {"frames=16",
     "",
     "P: read @(0x100000000)",
     {"P: load page fault (scause 13) at 0x100000000", "P: no region, and no stack that may grow to there, so SIGSEGV",
      "P is killed with status 139"}},
    {"frames=16", "", "P: read data[0]", {kLoad, "P: vfault: not in the cache, so read file:demo:1 into frame 1"}},
    {"frames=16",
     "",
     "P: write data[0]",
     {kStore, "P: vfault: not in the cache, so read file:demo:1 into frame 1, which a store makes private"}},
    {"frames=16", "", "P: write data[1]", {kStoreToBss, "P: vfault: demand zero, so clear frame 1"}},
    {"frames=16",
     "P: read data[0]\nP: exec demo\nP: fetch text[0]\n",
     "P: read data[0]",
     {kLoad, "P: vfault: file:demo:1 is in the cache, frame 1, so rescue"}},
    {"frames=16",
     "P: exec fill\nP: fetch text[0]\n",
     "P: read data[0]",
     {kLoad, "P: vfault: demand fill, so read file:fill:1 into frame 2"}},
    {"frames=3",
     "P: write data[1]\nsteal 3\nP: fetch text[0]\nP: read data[0]\nP: write stack[0]\n",
     "P: write data[1]",
     {kStoreToBss, "P: vhand: free frames 0 < 1, so steal", "P: vhand: region 3 page 0 referenced, so age 0",
      "P: vhand: region 1 page 0 referenced, so age 0", "P: vhand: region 2 page 0 referenced, so age 0",
      "P: vhand: region 3 page 0 not referenced, so age 0 -> 1",
      "P: vhand: region 1 page 0 not referenced, so age 0 -> 1",
      "P: vhand: region 2 page 0 not referenced, so age 0 -> 1",
      "P: vhand: region 3 page 0 not referenced, so age 1 -> 2",
      "P: vhand: region 3 page 0 at age 2 has no copy on disk, so write it",
      "P: vhand: region 3 page 0 leaves frame 1, is at swap:1:2 now",
      "P: vfault: not in the cache, so read swap:1:1 into frame 1"}},
    {"prepage=2",
     "P: exec wide\nP: fetch text[0]\n",
     "P: read data[0]",
     {kLoad, "P: vfault: not in the cache, so read file:wide:1 into frame 2",
      "P: vfault: region 2 page 1 too, read ahead from file:wide:2 into frame 3",
      "P: vfault: region 2 page 2 too, read ahead from file:wide:3 into frame 4"}},
    {"working-set=1",
     "P: write data[0]\n",
     "P: write data[1]",
     {kStoreToBss, "P: the working set is full, 1, so region 2 page 0 must leave",
      "P: vhand: region 2 page 0 at age 0 has no copy on disk, so write it",
      "P: vhand: region 2 page 0 leaves frame 1, is at swap:1:1 now", "P: vfault: demand zero, so clear frame 2"}},
    {"frames=16",
     "P: write data[0]\nP: fork as C\n",
     "P: write data[0]",
     {kStore, "P: pfault: count 2 > 1, so copy frame 1 to frame 2"}},
    {"frames=16",
     "P: write data[0]\nP: fork as C\nC: exit\nP: fetch text[0]\n",
     "P: write data[0]",
     {kStore, "P: pfault: count 1, so keep frame 1"}},
    {"frames=16",
     "P: read data[0]\n",
     "P: write data[0]",
     {kStore, "P: pfault: count 1, so keep frame 1, give up file:demo:1"}},
    {"ad=software",
     "P: read data[1]\n",
     "P: write data[1]",
     {kStoreToBss, "P: the access is allowed, and only A or D is missing, so set it"}},
    {"frames=16",
     "",
     "P: write stack[2]",
     {"P: store page fault (scause 15) at 0x3fffffd000",
      "P: below the stack and within its limit, so it grows: pages 1 -> 3",
      "P: vfault: demand zero, so clear frame 1"}},
    {"tables=8",
     "",
     "P: write stack[2000]",
     {"P: store page fault (scause 15) at 0x3fff82f000",
      "P: below the stack and within its limit, so it grows: pages 1 -> 2001", "P: no page-table frame is free",
      "P is killed with status 137"}},
    {"frames=2 swap=1 max-age=1",
     "P: write data[*]\nP: write stack[0]\n",
     "P: write data[0]",
     {kStore, "P: vhand: free frames 0 < 1, so steal", "P: vhand: region 2 page 1 referenced, so age 0",
      "P: vhand: region 3 page 0 referenced, so age 0", "P: vhand: region 2 page 1 not referenced, so age 0 -> 1",
      "P: vhand: region 2 page 1 at age 1 has no copy on disk, so write it",
      "P: vhand: no block of swap is free, so region 2 page 1 stays in frame 0",
      "P: vhand: region 3 page 0 not referenced, so age 0 -> 1",
      "P: vhand: region 3 page 0 at age 1 has no copy on disk, so write it",
      "P: vhand: no block of swap is free, so region 3 page 0 stays in frame 1",
      "P: no frame is free, and none could be stolen", "P is killed with status 137"}},
    {"max-age=4",
     "P: write data[*]\n",
     "steal 2",
     {"vhand: region 1 page 0 referenced, so age 0", "vhand: region 2 pages 0-1 referenced, so age 0",
      "vhand: region 1 page 0 not referenced, so age 0 -> 1", "vhand: region 2 pages 0-1 not referenced, so age 0 -> 1",
      "vhand: the same again, 2 times", "vhand: region 1 page 0 not referenced, so age 3 -> 4",
      "vhand: region 1 page 0 at age 4 is the same as file:demo:0, so write nothing",
      "vhand: region 1 page 0 leaves frame 0, is at file:demo:0 now",
      "vhand: region 2 page 0 not referenced, so age 3 -> 4",
      "vhand: region 2 page 0 at age 4 has no copy on disk, so write it",
      "vhand: region 2 page 0 leaves frame 1, is at swap:1:1 now"}},
    {"max-age=1",
     "P: write data[1]\nsteal 3\nP: read data[1]\n",
     "steal 3",
     {"vhand: region 2 page 1 referenced, so age 0", "vhand: region 2 page 1 not referenced, so age 0 -> 1",
      "vhand: region 2 page 1 at age 1 is the same as swap:1:1, so write nothing",
      "vhand: region 2 page 1 leaves frame 1, is at swap:1:1 now"}},
    {"max-age=1",
     "P: write data[1]\nsteal 3\nP: write data[1]\n",
     "steal 3",
     {"vhand: region 2 page 1 referenced, so age 0", "vhand: region 2 page 1 not referenced, so age 0 -> 1",
      "vhand: region 2 page 1 at age 1 was written since it came from swap:1:1, so give that up and write it",
      "vhand: region 2 page 1 leaves frame 1, is at swap:1:1 now"}},
    {"valid=software",
     "P: write data[1]\nage\n",
     "P: write data[1]",
     {kStoreToBss, "P: the kernel's own valid bit is set, so set A and give the rights back"}},
    {"max-age=1 cluster=4 out-list=keep",
     "P: write data[1]\nage\nage\n",
     "P: write data[1]",
     {kStoreToBss, "P: vfault: region 2 page 1 waits on the out-list, in frame 1, so rescue"}},
    {"max-age=1 cluster=2 out-list=keep",
     "P: write data[1]\nage\nage\nP: read data[1]\nP: write stack[0]\nage\n",
     "age",
     {"vhand: region 3 page 0 not referenced, so age 0 -> 1",
      "vhand: region 3 page 0 at age 1 has no copy on disk, so write it",
      "vhand: region 2 page 1 was rescued from the list, so it is written and stays in frame 1",
      "vhand: region 3 page 0 leaves frame 2, is at swap:1:2 now"}},
    {"frames=3 stealer=fifo",
     "P: read data[0]\nP: write data[1]\n",
     "P: write stack[0]",
     {"P: store page fault (scause 15) at 0x3ffffff000, region 3 page 0", "P: vhand: free frames 0 < 1, so steal",
      "P: vhand: frame 0 has had its pages longest",
      "P: vhand: region 1 page 0 is the same as file:demo:0, so write nothing",
      "P: vhand: region 1 page 0 leaves frame 0, is at file:demo:0 now", "P: vfault: demand zero, so clear frame 0"}},
    {"window=references working-set=2",
     "P: write data[1]\nP: read data[0]\n",
     "P: write stack[0]",
     {"P: store page fault (scause 15) at 0x3ffffff000, region 3 page 0", "P: vfault: demand zero, so clear frame 3",
      "P: none of the last 2 references was to region 2 page 1, so it must leave",
      "P: vhand: region 2 page 1 at age 0 has no copy on disk, so write it",
      "P: vhand: region 2 page 1 leaves frame 1, is at swap:1:1 now"}},
};

// Those of processes.
const std::vector<Branch> kProcesses{
    {"frames=16", "", "spawn demo as Q", {"Q is spawned"}},
    {"frames=16", "", "P: fork as C", {"P forks C"}},
    {"first=child", "", "P: fork as C", {"P forks C", "P waits until C has had its turn"}},
    {"first=child", "P: fork as C\n", "C: exit", {"C exits with status 0", "P may run again"}},
    {"frames=16", "", "P: vfork as C", {"P vforks C, which borrows its space", "P sleeps until C execs or exits"}},
    {"frames=16", "P: vfork as C\n", "C: exec wide", {"C execs wide", "P wakes"}},
    {"frames=16", "P: vfork as C\n", "C: exit 3", {"C exits with status 3", "P wakes"}},
    {"frames=16", "P: fork as C\n", "P: wait", {"P sleeps until a child exits"}},
    {"frames=16", "P: fork as C\nP: wait\n", "C: exit 7", {"C exits with status 7", "P wakes"}},
    {"frames=16", "P: fork as C\nC: exit 7\n", "P: wait", {"P reaps C, status 7"}},
    {"frames=16", "", "P: swapout", {"P leaves memory for swap"}},
    {"frames=16", "P: swapout\n", "P: swapin", {"P comes back into memory"}},
    {"frames=16", "P: fork as C\n", "C: fetch text[0]", {"satp 0x8000200000080016 of C"}},
    {"fork=copy", "P: write data[0]\n", "P: fork as C", {"P forks C"}},
};

// Those of who sleeps inside the kernel.
const std::vector<Branch> kSleepers{
    {"io=sleep",
     "P: exec wide\nP: fork as C\nP: begin fetch text[0]\nC: begin fetch text[0]\n",
     "finish",
     {"P wakes: its transfer has ended", "C wakes: region 1 is unlocked", "satp 0x8000200000080010 of P",
      "C: vfault: region 1 page 0 is valid by now, so nothing is to be done", "satp 0x8000300000080016 of C"}},
    {"io=sleep",
     "",
     "P: begin read data[0]",
     {"P: load page fault (scause 13) at 0x400000, region 2 page 0",
      "P: vfault: not in the cache, so read file:demo:1 into frame 1", "P sleeps until its transfer ends"}},
    {"io=sleep",
     "P: exec wide\nP: fork as C\nP: begin fetch text[0]\n",
     "C: begin fetch text[0]",
     {"satp 0x8000300000080016 of C", "C: instruction page fault (scause 12) at 0x200000, region 1 page 0",
      "C sleeps until P unlocks region 1"}},
    {"io=sleep",
     "P: fork as C\nP: begin read data[0]\n",
     "C: begin read data[0]",
     {"satp 0x8000200000080016 of C", "C: load page fault (scause 13) at 0x400000, region 4 page 0",
      "C sleeps until P has read the contents of frame 1"}},
    {"io=sleep frames=2 swap=0",
     "P: write data[0]\n",
     "P: begin write data[1]",
     {"P: store page fault (scause 15) at 0x401000, region 2 page 1", "P sleeps until a frame is free"}},
    {"io=sleep frames=2 swap=0",
     "P: write data[0]\nP: write data[1]\nP: begin write stack[0]\n",
     "finish",
     {"vhand: free frames 0 < 1, so steal", "vhand: region 2 page 0 not referenced, so age 1 -> 2",
      "vhand: region 2 page 0 at age 2 has no copy on disk, so write it",
      "vhand: no block of swap is free, so region 2 page 0 stays in frame 1",
      "vhand: region 2 page 1 referenced, so age 0", "vhand: region 2 page 0 not referenced, so age 2 -> 2",
      "vhand: region 2 page 0 at age 2 has no copy on disk, so write it",
      "vhand: no block of swap is free, so region 2 page 0 stays in frame 1",
      "vhand: region 2 page 1 not referenced, so age 0 -> 1", "vhand: region 2 page 0 not referenced, so age 2 -> 2",
      "vhand: region 2 page 0 at age 2 has no copy on disk, so write it",
      "vhand: no block of swap is free, so region 2 page 0 stays in frame 1",
      "vhand: region 2 page 1 not referenced, so age 1 -> 2",
      "vhand: region 2 page 1 at age 2 has no copy on disk, so write it",
      "vhand: no block of swap is free, so region 2 page 1 stays in frame 0", "P wakes: no frame will be free",
      "P: no frame is free, and none could be stolen", "P is killed with status 137"}},
    {"io=sleep",
     "P: fork as C\nP: begin read data[0]\nC: begin read data[0]\n",
     "P: finish",
     {"P wakes: its transfer has ended", "C wakes: the contents of frame 1 are valid", "satp 0x8000100000080010 of P"}},
    {"io=sleep frames=2 swap=0",
     "P: fork as C\nC: write data[0]\nP: begin write data[1]\n",
     "C: exit",
     {"C exits with status 0", "P wakes: a frame is free"}},
    {"io=sleep",
     "P: fork as C\nP: begin exec wide\nC: begin exec wide\n",
     "P: finish",
     {"P wakes: its transfer has ended", "C wakes: the text, region 2, is loaded"}},
    {"io=sleep",
     "P: fork as C\nP: begin exec wide\n",
     "C: begin exec wide",
     {"C sleeps until P has loaded the text, region 2"}},
    {"io=sleep",
     "P: write data[1]\nP: fork as C\nC: exit\nage\nage\nvhand: begin steal 2\nP: begin write data[1]\nvhand: finish\n",
     "P: finish",
     {"P: pfault: region 2 page 1 is not valid any more, so the instruction faults anew",
      "P: store page fault (scause 15) at 0x401000, region 2 page 1",
      "P: vfault: swap:1:1 is in the cache, frame 1, so rescue",
      "P: store page fault (scause 15) at 0x401000, region 2 page 1",
      "P: pfault: count 1, so keep frame 1, give up swap:1:1"}},
    {"io=sleep",
     "P: write data[1]\nage\nage\nvhand: begin steal 2\nP: begin write data[1]\n",
     "vhand: finish",
     {"vhand wakes: its transfer has ended",
      "vhand: region 2 page 1 was stored to while it was written, so it stays in frame 1",
      "vhand: region 2 page 1 referenced, so age 0", "vhand: region 2 page 1 not referenced, so age 0 -> 1",
      "vhand: region 2 page 1 not referenced, so age 1 -> 2",
      "vhand: region 2 page 1 at age 2 was written since it came from swap:1:1, so give that up and write it",
      "vhand sleeps until its transfer ends", "vhand wakes: its transfer has ended",
      "vhand: region 2 page 1 leaves frame 1, is at swap:1:1 now"}},
};

// Those of calls that change a count or a mark.
const std::vector<Branch> kCalls{
    {"frames=16", "P: shmget board 1\n", "P: shmget board 1", {"P: the key has region 4 already"}},
    {"frames=16",
     "P: shmget board 1\nP: shmat board\n",
     "P: shmrm board",
     {"P: the key of region 4 is removed: count 2 -> 1"}},
    {"frames=16",
     "P: shmget board 1\n",
     "P: shmrm board",
     {"P: the key of region 4 is removed: count 1 -> 0", "P: region 4: pages 1 -> 0", "P: region 4 freed"}},
    {"frames=16", "", "P: plock data", {"P: region 2 is locked in memory"}},
    {"frames=16", "P: plock data\n", "P: plock data", {}},
    {"frames=16", "P: plock data\n", "P: punlock data", {"P: region 2 is locked in memory no longer"}},
    {"frames=16", "", "P: nice 25", {"P: nice value 20 -> 25"}},
    {"frames=16", "", "P: nice 20", {}},
};

const Sentences kKinds{
    "region-allocated (region): region 1",
    "region-freed (region): region 1",
    "region-grown (region): region 1, was 0, is 1",
    "region-duplicated (region): region 2, copy 4",
    "region-copied (copy region): region 2, copy 4",
    "region-attached (region): region 1",
    "region-detached (region): region 1",
    "trap (fault): scause 12, address 0x200000, region 1, page 0",
    "no-region (fault): address 0x100000000",
    "stack-grows (fault): address 0x3fffffd000, region 3, was 1, is 3",
    "used-set (fault): region 2, page 1",
    "vfault-violation (fault): region 2, page 0",
    "vfault-cache (fault): region 2, page 0, frame 1, disk file:demo:1",
    "vfault-zero (fault): region 2, page 1, frame 1",
    "vfault-fill (fault): region 1, page 0, frame 1, disk file:fill:0",
    "vfault-file (fault): region 1, page 0, frame 0, disk file:demo:0, private -",
    "vfault-swap (fault swap): region 2, page 1, frame 1, disk swap:1:1",
    "prepaged (fault): region 2, page 1, frame 3, disk file:wide:2",
    "working-set-full (fault steal): region 2, page 0, limit 1",
    "pfault-violation (fault): region 1, page 0",
    "pfault-copied (fault copy): region 2, page 0, count 2, from 1, frame 2",
    "pfault-kept (fault): region 2, page 0, count 1, frame 1, disk none",
    "no-frame (fault): region 2, page 0",
    "no-tables (fault): region 3, page 2000",
    "vhand-woken (steal): free 0, goal 1",
    "vhand-referenced (age): region 1, page 0, pages 1",
    "vhand-aged (age): region 1, page 0, pages 1, was 0, is 1",
    "vhand-rounds (age): rounds 1",
    "vhand-no-copy (steal): region 2, page 1, frame 1, age 2",
    "vhand-current-copy (steal): region 1, page 0, frame 0, age 2, disk file:demo:0",
    "vhand-old-copy (steal): region 2, page 1, frame 1, age 1, disk swap:1:1",
    "vhand-stole (steal): region 1, page 0, frame 0, disk file:demo:0",
    "vhand-found-no-block (steal): region 2, page 1, frame 0",
    "spawned (fork)",
    "forked (fork): child C",
    "vforked (fork): child C",
    "execed (exec): program demo",
    "exited (exit): status 0",
    "killed (exit): status 139",
    "reaped (exit): child C, status 7",
    "sleeps-vfork (sleep): child C",
    "sleeps-wait (sleep)",
    "wakes (sleep)",
    "preempted (sleep): child C",
    "resumed (sleep)",
    "satp (satp): satp 0x8000100000080010",
    "swapped-out (swap)",
    "swapped-in (swap)",
    "sleeps-transfer (sleep)",
    "sleeps-lock (sleep): region 1, by P",
    "sleeps-contents (sleep): frame 1, by P",
    "sleeps-frame (sleep)",
    "sleeps-text (sleep): region 2, by P",
    "transfer-ended (sleep)",
    "unlocked (sleep): region 1",
    "contents-valid (sleep): frame 1",
    "frame-freed (sleep)",
    "frame-refused (sleep)",
    "text-loaded (sleep): region 2",
    "found-valid (fault): region 1, page 0",
    "found-invalid (fault): region 2, page 1",
    "vhand-modified (steal): region 2, page 1, frame 1",
    "rights-given (fault): region 2, page 1",
    "vfault-out-list (fault): region 2, page 1, frame 1",
    "vhand-rescued (steal): region 2, page 1, frame 1",
    "vhand-chose (steal): frame 0, stealer fifo",
    "left-window (steal): region 2, page 1, limit 2",
    "key-found (region): region 4",
    "key-removed (region): region 4, was 2, is 1",
    "plocked (region): region 2",
    "punlocked (region): region 2",
    "reniced (): was 20, is 25",
};

TEST_CASE("each branch of a fault and of the stealer says why it was taken") {
  for (const Branch& branch : kFaults) {
    CAPTURE(branch.machine, branch.before, branch.last);
    CHECK(watched(branch, EventGroup::Region).watcher.last == branch.told);
  }
}

TEST_CASE("processes that come, go, sleep and wake are told of") {
  for (const Branch& branch : kProcesses) {
    CAPTURE(branch.machine, branch.before, branch.last);
    CHECK(watched(branch, EventGroup::Region).watcher.last == branch.told);
  }
}

TEST_CASE("whoever sleeps inside the kernel says for what, and what it finds when it wakes") {
  for (const Branch& branch : kSleepers) {
    CAPTURE(branch.machine, branch.before, branch.last);
    CHECK(watched(branch, EventGroup::Region).watcher.last == branch.told);
  }
}

TEST_CASE("calls that change no page are told of") {
  for (const Branch& branch : kCalls) {
    CAPTURE(branch.machine, branch.before, branch.last);
    CHECK(watched(branch, EventGroup::Satp).watcher.last == branch.told);
  }
}

TEST_CASE("each kind of event is among these, with its groups and its members") {
  std::map<EventKind, std::string> seen;
  for (const auto* branches : {&kFaults, &kProcesses, &kSleepers, &kCalls}) {
    for (const Branch& branch : *branches) seen.merge(watched(branch, EventGroup::Region).watcher.kinds);
  }
  Sentences kinds;
  for (auto& [kind, description] : seen) kinds.push_back(std::move(description));
  CHECK(kinds == kKinds);
}

}  // namespace
}  // namespace bachsim
