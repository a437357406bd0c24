#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "workloads/import/page_ranges.h"
#include "workloads/import/strace_events.h"
#include "workloads/import/strace_script.h"

using namespace bachsim;

namespace {

// `7 fork()=8`, an event a word.
std::string events(const std::string& text) {
  std::string all;
  for (const StraceEvent& event : strace_events(text).events) {
    const std::string what = event.kind == StraceEvent::Kind::Call ? fmt::format("{}({})", event.name, event.arguments)
                             : event.kind == StraceEvent::Kind::Exited ? "exited"
                             : event.kind == StraceEvent::Kind::Killed ? "killed:" + event.name
                                                                       : event.name;
    all += fmt::format("{}{} {}{}", all.empty() ? "" : "; ", event.pid, what,
                       event.result ? fmt::format("={}", *event.result) : "");
  }
  return all;
}

// The script's operations and comments, without its head.
std::string body(const std::string& text) {
  const std::string script = script_of(strace_events(text), "t");
  return script.substr(script.find("\n\n", script.find("\nmachine")) + 2);
}

const std::string kSh = "7 execve(\"/bin/sh\", [\"sh\"], 0x1 /* 0 vars */) = 0\n";

}  // namespace

TEST_CASE("lines of strace have pids in three ways, and times") {
  CHECK(events("7 fork() = 8\n7 +++ exited with 3 +++\n") == "7 fork()=8; 7 exited=3");
  CHECK(events("fork() = 8\n[pid     8] brk(NULL) = 0x5000\n[pid 7] brk(NULL) = 0x10\n") ==
        "7 fork()=8; 8 brk(NULL)=20480; 7 brk(NULL)=16");
  CHECK(events("fork() = 8\n") == "1 fork()=8");
  CHECK(events("7 12:00:01.25 fork() = 8\n7 1700000000.5 fork() = 9\n     0.000012 fork() = 9") ==
        "7 fork()=8; 7 fork()=9; 1 fork()=9");
}

TEST_CASE("calls that other lines interrupt are put together where they begin") {
  CHECK(events("7 wait4(-1,  <unfinished ...>\n8 exit_group(0 <unfinished ...>\n8 <... exit_group resumed>) = ?\n"
               "8 +++ exited with 0 +++\r\n7 <... wait4 resumed>[{WIFEXITED(s)}], 0, NULL) = 8\n") ==
        "7 wait4(-1,[{WIFEXITED(s)}], 0, NULL)=8; 8 exit_group(0); 8 exited=0");
  CHECK(strace_events("7 <... wait4 resumed>) = 8\nhello world\n").not_understood == 2);
}

TEST_CASE("a child is told of in the middle of the call that makes it") {
  CHECK(events("clone(flags=SIGCHLDstrace: Process 8 attached\n, child_tidptr=0x7f) = 8\n[pid 8] getpid() = 8\n"
               "[pid 7] brk(NULL) = 0x10\n") ==
        "7 clone(flags=SIGCHLD, child_tidptr=0x7f)=8; 8 getpid()=8; 7 brk(NULL)=16");
  CHECK(events("vfork(strace: Process 8 attached\n <unfinished ...>\n[pid 8] exit_group(0) = ?\n"
               "[pid 7] <... vfork resumed>) = 8\n") == "7 vfork()=8; 8 exit_group(0)");
  CHECK(events("write(1, \"strace: Process 8 attached\", 26) = 26\n") ==
        "1 write(1, \"strace: Process 8 attached\", 26)=26");
  CHECK(events("fork(strace: Process 8 attached\n") == "1 fork()");
}

TEST_CASE("a call of the first process may begin or end while there is no other") {
  CHECK(events("vfork( <unfinished ...>\n[pid 8] exit_group(2) = ?\n[pid 8] +++ exited with 2 +++\n"
               "<... vfork resumed>) = 8\nwait4(-1) = 8\nexit_group(0) = ?\n[pid 7] +++ exited with 0 +++\n") ==
        "7 vfork()=8; 8 exit_group(2); 8 exited=2; 7 wait4(-1)=8; 7 exit_group(0); 7 exited=0");
  CHECK(events("fork() = 8\n[pid 7] wait4(-1,  <unfinished ...>\n[pid 8] +++ exited with 0 +++\n"
               "<... wait4 resumed>NULL) = 8\n") == "7 fork()=8; 7 wait4(-1,NULL)=8; 8 exited=0");
  // The first process goes before its child, which then has lines without a pid.
  CHECK(events("fork() = 8\n[pid 7] +++ exited with 0 +++\nbrk(NULL) = 0x10\n") ==
        "7 fork()=8; 7 exited=0; 8 brk(NULL)=16");
}

TEST_CASE("lines without a pid are of whoever is left, born in the trace or not") {
  const std::string two = "strace: Process 10 attached\nstrace: Process 20 attached\n[pid 10] brk(NULL) = 1\n";
  CHECK(events(two + "[pid 20] +++ exited with 6 +++\nbrk(NULL) = 1\nfork() = 30\n--- SIGUSR1 {} ---\n"
                     "+++ exited with 5 +++\n") ==
        "10 brk(NULL)=1; 20 exited=6; 10 brk(NULL)=1; 10 fork()=30; 10 SIGUSR1; 10 exited=5");
  // Without -f, 30 has no lines.
  CHECK(events(two + "[pid 10] fork() = 30\n[pid 10] +++ exited with 6 +++\nbrk(NULL) = 1\n") ==
        "10 brk(NULL)=1; 10 fork()=30; 10 exited=6; 20 brk(NULL)=1");
  // One that attaches goes on where another was the only one before.
  CHECK(events(two + "[pid 20] +++ exited with 6 +++\nfork(strace: Process 30 attached\n) = 30\n"
                     "[pid 10] +++ killed by SIGKILL +++\nbrk(NULL) = 1\n") ==
        "10 brk(NULL)=1; 20 exited=6; 10 fork()=30; 10 killed:SIGKILL; 30 brk(NULL)=1");
  CHECK(events("strace: Process 10 attached\nfork(strace: Process 20 attached\n <unfinished ...>\n"
               "[pid 20] +++ exited with 0 +++\n<... fork resumed>) = 20\nfork() = 20\n[pid 20] brk(NULL) = 1\n") ==
        "10 fork()=20; 20 exited=0; 10 fork()=20; 20 brk(NULL)=1");
  CHECK(events("strace: Process 10 attached with 3 threads\n[pid 11] +++ exited with 0 +++\n"
               "[pid 12] +++ exited with 0 +++\nbrk(NULL) = 1\n") == "11 exited=0; 12 exited=0; 10 brk(NULL)=1");
  // The end of 20 is lost in what a program has written.
  CHECK(events("strace: Process 10 attached\nbrk(NULL) = 1\nstrace: Process 20 attached\n"
               "hello[pid 20] +++ exited with 0 +++\nbrk(NULL) = 1\n") == "10 brk(NULL)=1; 10 brk(NULL)=1");
  // With -qq no line tells of an end.
  CHECK(
      events("fork() = 8\n[pid 8] brk(NULL) = 1\n[pid 7] brk(NULL) = 1\n[pid 7] exit_group(0) = ?\nbrk(NULL) = 1\n") ==
      "7 fork()=8; 8 brk(NULL)=1; 7 brk(NULL)=1; 7 exit_group(0); 8 brk(NULL)=1");
  // A thread that becomes its process is nobody any more.
  CHECK(events(two + "[pid 20] clone(CLONE_THREAD) = 21\n[pid 21] execve(\"/bin/ls\" <pid changed to 20 ...>\n"
                     "[pid 20] +++ superseded by execve in pid 21 +++\n[pid 20] <... execve resumed>) = 0\n"
                     "[pid 10] +++ exited with 0 +++\nbrk(NULL) = 1\n") ==
        "10 brk(NULL)=1; 20 clone(CLONE_THREAD)=21; 20 execve(\"/bin/ls\")=0; 10 exited=0; 20 brk(NULL)=1");
  CHECK(events("strace: Process 10 attached with 2 threads\n[pid 11] execve(\"/bin/ls\" <unfinished ...>\n"
               "+++ superseded by execve in pid 11 +++\n<... execve resumed>) = 0\n") == "10 execve(\"/bin/ls\")=0");
}

TEST_CASE("a call that is told when it has succeeded stands before what its child has done") {
  const std::string ends = "7 +++ exited with 0 +++\n";
  // 9 is born by 8, and both calls come behind what 9 has done.
  CHECK(events("9 getpid() = 9\n8 fork() = 9\n7 fork() = 8\n9 brk(NULL) = 0x10\n" + ends) ==
        "7 fork()=8; 8 fork()=9; 9 getpid()=9; 9 brk(NULL)=16; 7 exited=0");
  // A child that has ended; another one gets its pid.
  CHECK(events("8 execve()=0\n8 +++ exited with 3 +++\n7 vfork() = 8\n" + ends) ==
        "7 vfork()=8; 8 execve()=0; 8 exited=3; 7 exited=0");
  const std::string again = "7 fork() = 8\n8 getpid() = 8\n8 +++ exited with 3 +++\n7 fork() = 8\n8 getpid() = 8\n";
  CHECK(events(again + ends) == events(again) + "; 7 exited=0");
  // One to which strace is attached, and whose pid another one gets.
  const std::string attached = "8 getpid() = 8\n8 +++ exited with 3 +++\n7 fork() = 8\n8 getpid() = 8\n";
  CHECK(events(attached) == "8 getpid()=8; 8 exited=3; 7 fork()=8; 8 getpid()=8");
  // Where no ends are told, whoever has a pid may be another.
  CHECK(events("8 getpid() = 8\n7 fork() = 8\n") == "8 getpid()=8; 7 fork()=8");
}

TEST_CASE("children whose births are not in the trace are not the first process") {
  const std::string child = "[pid 11] brk(NULL) = 1\n[pid 11] +++ exited with 0 +++\n";
  const std::string attached = "strace: Process 11 attached\n" + child;
  CHECK(events("brk(NULL) = 1\n" + attached + "brk(NULL) = 1\n") ==
        "1 brk(NULL)=1; 11 brk(NULL)=1; 11 exited=0; 1 brk(NULL)=1");
  CHECK(events("brk(NULL) = 1\n[pid 7] wait4(-1, strace: Process 11 attached\n <unfinished ...>\n" + child) ==
        "7 brk(NULL)=1; 7 wait4(-1,); 11 brk(NULL)=1; 11 exited=0");
  // The first one's own calls may come last.
  CHECK(events(attached + "brk(NULL) = 1\n") == "11 brk(NULL)=1; 11 exited=0; 1 brk(NULL)=1");
  // Where strace does not tell who attaches (-q), the first one comes first.
  CHECK(events("brk(NULL) = 1\n[pid 7] brk(NULL) = 1\n" + child) ==
        "7 brk(NULL)=1; 7 brk(NULL)=1; 11 brk(NULL)=1; 11 exited=0");
}

TEST_CASE("what a thread executes its process does") {
  CHECK(events("7 clone(CLONE_THREAD) = 8\n8 execve(\"/bin/ls\", 0xc0 <pid changed to 7 ...>\n"
               "7 +++ superseded by execve in pid 8 +++\n7 <... execve resumed>) = 0\n") ==
        "7 clone(CLONE_THREAD)=8; 7 execve(\"/bin/ls\", 0xc0)=0");
  CHECK(events("7 clone(CLONE_THREAD) = 8\n8 execve(\"/bin/ls\", 0xc0 <unfinished ...>\n"
               "7 +++ superseded by execve in pid 8 +++\n7 <... execve resumed>) = 0\n") ==
        "7 clone(CLONE_THREAD)=8; 7 execve(\"/bin/ls\", 0xc0)=0");
}

TEST_CASE("results are numbers, errors or unknown") {
  CHECK(events("7 open(\"a = (b\", 0) = -1 ENOENT (No such file)\n7 exit_group(1) = ?\n7 brk(0x10) = 0x20\n") ==
        "7 open(\"a = (b\", 0)=-1; 7 exit_group(1); 7 brk(0x10)=32");
  CHECK(events("7 --- SIGCHLD {si_signo=SIGCHLD} ---\n7 +++ killed by SIGSEGV (core dumped) +++\n") ==
        "7 SIGCHLD; 7 killed:SIGSEGV");
  CHECK(events("7 lseek(3) = -9223372036854775808\n") == "7 lseek(3)=-9223372036854775808");
}

TEST_CASE("arguments are split where no quotes or brackets hold them together") {
  const auto event = strace_events("7 f(\"a,\\\"b\", [1, 2], {x=1, y=(2, 3)}, 4) = 0\n").events.front();
  const auto arguments = arguments_of(event);
  REQUIRE(arguments.size() == 4);
  CHECK(arguments[0] == "\"a,\\\"b\"");
  CHECK(arguments[2] == "{x=1, y=(2, 3)}");
}

TEST_CASE("page ranges count what is new and what goes") {
  PageRanges pages;
  CHECK(pages.add(10, 20) == 10);
  CHECK(pages.add(15, 25) == 5);
  CHECK(pages.remove(12, 14) == 2);
  CHECK(pages.remove(0, 100) == 13);
  CHECK(pages.remove(0, 100) == 0);
}

TEST_CASE("page ranges are sets of pages, and a copy of them goes its own way") {
  std::vector<PageRanges> ranges(1);
  std::vector<std::set<std::uint64_t>> sets(1);
  std::uint64_t state = 1;
  const auto random = [&state](std::uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::size_t which = random(ranges.size());
    const std::uint64_t first = random(1000);
    const std::uint64_t end = first + random(i % 50 == 0 ? 500 : 8);
    const std::size_t held = sets[which].size();
    if (random(3) == 0) {
      sets[which].erase(sets[which].lower_bound(first), sets[which].lower_bound(end));
      REQUIRE(ranges[which].remove(first, end) == held - sets[which].size());
    } else {
      for (std::uint64_t page = first; page < end; ++page) sets[which].insert(page);
      REQUIRE(ranges[which].add(first, end) == sets[which].size() - held);
    }
    if (i % 1000 != 0) continue;
    ranges.push_back(ranges[which]);
    sets.push_back(sets[which]);
  }
  for (std::size_t i = 0; i < ranges.size(); ++i) CHECK(ranges[i].remove(0, 2000) == sets[i].size());
}

TEST_CASE("page ranges that are put have first pages and keys") {
  PageRanges pages;
  pages.put({.first = 10, .end = 20, .key = 1});
  pages.put({.first = 15, .end = 25, .key = 2});
  PageRanges copy = pages;
  pages.put({.first = 10, .end = 30, .key = 3});
  pages.erase(15);
  pages.erase(16);
  CHECK(pages.at(10)->end == 30);
  CHECK(!pages.at(15));
  CHECK(copy.at(10)->key == 1);
  CHECK(copy.at(15)->key == 2);
  copy.clear();
  CHECK(!copy.at(10));
}

TEST_CASE("forks, execs, waits and exits of a tree") {
  CHECK(body(kSh + "7 fork() = 8\n8 execve(\"/bin/ls\", 0, 0) = 0\n8 exit_group(2) = ?\n8 +++ exited with 2 +++\n"
                   "7 wait4(-1, 0, 0, 0) = 8\n7 +++ killed by SIGKILL +++\n") ==
        "spawn sh as p7\np7: write stack[0]\np7: write data[0..0 + 1 * touched / 100 - 1]\np7: fork as p8\np8: write "
        "stack[0]\n"
        "p8: write data[0..written - 1]\np8: exec ls\np8: write stack[0]\np8: write data[0..0 + 1 * touched / 100 - "
        "1]\np8: exit 2\n"
        "p7: wait\n# p7: killed by SIGKILL\np7: exit 137\n");
}

TEST_CASE("processes to which strace is attached, and those whose births are not traced, have a process each") {
  const std::string attached = body(
      "strace: Process 10 attached\nstrace: Process 20 attached\n[pid 10] brk(0x1000) = 0x1000\n"
      "[pid 20] brk(0x1000) = 0x1000\n[pid 20] exit_group(6) = ?\n[pid 20] +++ exited with 6 +++\n"
      "brk(0x9000) = 0x9000\nfork() = 30\nexit_group(5) = ?\n+++ exited with 5 +++\n");
  CHECK(attached.find("p20: exit 6\np10: sbrk 8\n") != std::string::npos);
  CHECK(attached.find("p10: fork as p30\n") != std::string::npos);
  CHECK(attached.ends_with("p10: exit 5\n"));
  const std::string memory = body(
      "execve(\"/bin/sh\", [\"sh\"], 0x1) = 0\nstrace: Process 11 attached\n"
      "[pid 11] execve(\"/bin/a\", [\"a\"], 0x1) = 0\n[pid 11] exit_group(0) = ?\n[pid 11] +++ exited with 0 +++\n"
      "strace: Process 12 attached\n[pid 12] execve(\"/bin/b\", [\"b\"], 0x1) = 0\n[pid 12] exit_group(0) = ?\n"
      "[pid 12] +++ exited with 0 +++\nexecve(\"/bin/c\", [\"c\"], 0x1) = 0\nexit_group(7) = ?\n"
      "+++ exited with 7 +++\n");
  CHECK(memory.starts_with("spawn sh as p1\n"));
  CHECK(memory.find("spawn a as p11\n") != std::string::npos);
  CHECK(memory.find("spawn b as p12\n") != std::string::npos);
  CHECK(memory.find("p12: exit\np1: exec c\n") != std::string::npos);
  CHECK(memory.ends_with("p1: exit 7\n"));
}

TEST_CASE("a vfork child has the space until it execs or ends") {
  const std::string made =
      body(kSh +
           "7 clone(child_stack=0x1, flags=CLONE_VM|CLONE_VFORK|SIGCHLD) = 8\n8 brk(NULL) = 0x1000\n"
           "8 execve(\"/bin/as\", 0, 0) = 0\n7 fork() = 9\n");
  CHECK(made.find("p7: vfork as p8\n# p8: brk while a vfork child has the space\np8: exec as_\n") != std::string::npos);
  CHECK(made.find("p7: fork as p9\n") != std::string::npos);
}

TEST_CASE("private memory is data, shared memory has a key, and threads are no processes") {
  const std::string made =
      body(kSh +
           "7 brk(NULL) = 0x10000\n7 brk(0x31000) = 0x31000\n"
           "7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x70000\n"
           "7 munmap(0x70000, 8192) = 0\n"
           "7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1, 0) = 0x80000\n"
           "7 munmap(0x80000, 8192) = 0\n"
           "7 clone(flags=CLONE_VM|CLONE_THREAD) = 9\n9 mmap(0) = 0\n9 exit(0) = ?\n9 +++ exited with 0 +++\n");
  CHECK(made ==
        "spawn sh as p7\np7: write stack[0]\np7: write data[0..0 + 1 * touched / 100 - 1]\np7: sbrk 33\n"
        "p7: write data[1..1 + 33 * touched / 100 - 1]\np7: sbrk 2\np7: write data[34..34 + 2 * touched / 100 - 1]\n"
        "p7: sbrk -2\np7: shmget m1 2\np7: shmat m1\np7: shmdt m1\n# p7: clone of a thread, 9\n");
}

TEST_CASE("what is not mapped is counted at the head") {
  const std::string made = script_of(
      strace_events(kSh +
                    "7 mprotect(0x1, 2, 0) = 0\n7 mprotect(0x1, 2, 0) = 0\n7 execve(\"/x\", 0, 0) = -1 ENOENT (No)\n"),
      "a\"{b}");
  CHECK(made.find("# mapped: 1 execve\n# not mapped: 1 execve that failed, 2 mprotect\n") != std::string::npos);
  CHECK(made.find("title \"strace: a__b_\"\n") != std::string::npos);
}

TEST_CASE("a process goes on when the first of its threads has ended") {
  const std::string all = kSh +
                          "7 clone(CLONE_THREAD) = 8\n7 exit(0) = ?\n8 fork() = 9\n8 exit(0) = ?\n"
                          "8 +++ exited with 0 +++\n7 +++ exited with 3 +++\n";
  CHECK(body(all).find("p7: fork as p9\n") != std::string::npos);
  CHECK(body(all).ends_with("p7: exit 3\n"));
}

TEST_CASE("what comes behind a process's end is counted") {
  const std::string all = kSh + "7 exit_group(0) = ?\n7 +++ exited with 0 +++\n";
  CHECK(script_of(strace_events(all), "t").find("# not mapped: nothing\n") != std::string::npos);
  CHECK(script_of(strace_events(all + "7 brk(NULL) = 1\n7 --- SIGHUP {} ---\n"), "t")
            .find("# not mapped: 2 events of processes that have ended\n") != std::string::npos);
}

TEST_CASE("a signal whose name has other characters is none of strace's") {
  const StraceEvents trace = strace_events(kSh + "7 --- SIG\033[31m {} ---\n7 +++ killed by SIG\a +++\n");
  CHECK(trace.events.size() == 1);
  CHECK(trace.not_understood == 2);
}

TEST_CASE("a process that has no data left forks") {
  const std::string made =
      script_of(strace_events(kSh + "7 brk(NULL) = 0x5000\n7 brk(0x1000) = 0x1000\n7 fork() = 8\n"), "t");
  CHECK(made.find("p7: sbrk -1\np7: fork as p8\np8: write stack[0]\n") != std::string::npos);
  CHECK(made.find("written") == std::string::npos);
}

TEST_CASE("memory for which there are no addresses is a comment") {
  const std::string made = body(
      kSh + "7 mmap(NULL, 1000000000000, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000\n");
  CHECK(made.find("# p7: mmap of 244140625 pages, for which there are no addresses\n") != std::string::npos);
  CHECK(made.find("sbrk") == std::string::npos);
  const std::string large = script_of(
      strace_events(kSh + "7 mmap(NULL, 18446744073709551615, PROT_WRITE|PROT_EXEC, MAP_PRIVATE, 3, 0) = 0x1000\n"),
      "t");
  CHECK(large.find("program sh text=8388608 data=8388608\n") != std::string::npos);
}

TEST_CASE("processes that lend their space one to the other end one by one, however many they are") {
  std::string trace;
  for (int pid = 1; pid < 100'000; ++pid)
    trace += fmt::format("{} vfork() = {}\n{} exit_group(0) = ?\n", pid, pid + 1, pid);
  const std::string made = body(trace + "100000 exit_group(3) = ?\n");
  CHECK(made.ends_with("p100000: exit 3\np99999: exit\n" + made.substr(made.find("p99998: exit\n"))));
  CHECK(made.ends_with("p2: exit\np1: exit\n"));
}

TEST_CASE("whom a thread bears its process has borne") {
  const std::string thread = "5 clone(CLONE_THREAD) = 6\n";
  const std::string threads = thread + "6 clone(CLONE_THREAD) = 7\n";
  CHECK(body(threads + "7 brk(NULL) = 0x1000\n7 brk(0x9000) = 0x9000\n7 exit(0) = ?\n7 +++ exited with 0 +++\n")
            .ends_with("# p5: clone of a thread, 6\n"));
  CHECK(body(threads + "7 fork() = 8\n8 exit_group(3) = ?\n").find("p5: fork as p8\n") != std::string::npos);
  // A process that sleeps bears nobody.
  const std::string made =
      body(thread + "5 fork() = 9\n5 wait4(9, NULL, 0, NULL) = 9\n6 fork() = 8\n8 getpid() = 8\n9 exit_group(0) = ?\n");
  CHECK(made.find("spawn unknown as p8\n") != std::string::npos);
  CHECK(made.ends_with("p9: exit\n"));
}

TEST_CASE("a pid that comes back is another process's, or no thread's any more") {
  CHECK(body("5 clone(CLONE_THREAD) = 5\n5 exit_group(0) = ?\n").ends_with("p5: exit\n"));
  CHECK(body("5 clone(CLONE_THREAD) = 6\n6 exit(0) = ?\n5 fork() = 6\n6 fork() = 7\n").find("p6: fork as p7\n") !=
        std::string::npos);
  // 1 is a lender no more, but another that lends, too.
  CHECK(body("1 vfork() = 3\n3 fork() = 1\n1 vfork() = 4\n3 exit_group(0) = ?\n1 fork() = 9\n")
            .ends_with("p1_2: vfork as p4\np3: exit\n# p1_2: fork while a vfork child has the space\n"));
}

TEST_CASE("a child that was reaped has ended, though the trace does not have its end") {
  // The wait stands where it began, before what the child does meanwhile.
  const std::string begun = kSh + "7 fork() = 8\n7 wait4(-1,  <unfinished ...>\n8 brk(NULL) = 0x1000\n";
  for (const auto& [returned, exit] :
       {std::pair{"[{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 8", "p8: exit 3\n"},
        std::pair{"[{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0, 0) = 8", "p8: exit 137\n"},
        std::pair{"NULL, 0, NULL) = 8", "p8: exit\n"}}) {
    const std::string trace = begun + "7 <... wait4 resumed>" + returned + "\n";
    CHECK(body(trace).ends_with("p7: wait\n" + std::string(exit)));
    CHECK(body(trace + "7 fork() = 9\n").find("p7: wait\n" + std::string(exit) + "p7: fork as p9\n") !=
          std::string::npos);
    CHECK(body(trace + "8 exit_group(5) = ?\n7 fork() = 9\n").find("p7: wait\np8: exit 5\np7: fork as p9\n") !=
          std::string::npos);
  }
  CHECK(body(begun + "7 <... wait4 resumed>NULL, 0, NULL) = ?\n").ends_with("written - 1]\n"));
  CHECK(body(kSh + "7 fork() = 8\n7 waitid(P_ALL, 0, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=8, si_status=4, "
                   "si_utime=0}, WEXITED, NULL) = 0\n")
            .ends_with("p7: wait\np8: exit 4\n"));
}

TEST_CASE("children of children that were reaped have ended first") {
  const std::string made = body(kSh +
                                "7 fork() = 8\n8 fork() = 9\n8 wait4(-1, NULL, 0, NULL) = 9\n"
                                "7 wait4(-1, NULL, 0, NULL) = 8\n7 fork() = 10\n");
  CHECK(made.find("p8: wait\np7: wait\np9: exit\np8: exit\np7: fork as p10\n") != std::string::npos);
}

TEST_CASE("a child that was reaped while it slept for others has ended behind them") {
  // It was killed while its vfork child had the space, and whatever that one does later comes too late.
  const std::string killed =
      kSh +
      "7 fork() = 8\n7 wait4(-1,  <unfinished ...>\n8 vfork() = 9\n9 fork() = 10\n9 wait4(-1,  <unfinished ...>\n" +
      "8 +++ killed by SIGKILL +++\n7 <... wait4 resumed>[{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0, NULL) = 8\n" +
      "9 <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 10\n7 fork() = 11\n";
  CHECK(body(killed).find("# p8: killed by SIGKILL\np10: exit 3\np9: exit\np8: exit 137\np7: fork as p11\n") !=
        std::string::npos);
  CHECK(body(killed + "9 exit_group(0) = ?\n8 exit_group(0) = ?\n").find("p9: exit\np8: exit 137\np7: fork") !=
        std::string::npos);
}

TEST_CASE("whoever waits for one that has lost its pid to another process sleeps on") {
  const std::string made = body(kSh +
                                "7 fork() = 8\n8 vfork() = 9\n7 wait4(-1, NULL, 0, NULL) = 8\n9 fork() = 8\n"
                                "7 fork() = 10\n7 fork() = 11\n7 exit_group(0) = ?\n9 exit_group(0) = ?\n");
  CHECK(made.find("p9: fork as p8_2\n") != std::string::npos);
  CHECK(made.find("p7: wait\np7:") == std::string::npos);
  CHECK(made.find("p7: fork as p10") == std::string::npos);
}

TEST_CASE("whoever waits for a child that another has, or whose birth is not in the trace, does not sleep") {
  CHECK(body(kSh + "7 wait4(-1, NULL, 0, NULL) = 6\n").ends_with("# p7: wait4 for 6, which is not a child of it\n"));
  const std::string twice =
      kSh + "7 fork() = 8\n8 exit_group(0) = ?\n7 wait4(8, 0, 0, 0) = 8\n7 wait4(8, 0, 0, 0) = 8\n";
  CHECK(body(twice).ends_with("p8: exit\np7: wait\n# p7: wait4 for 8, which is not a child of it\n"));
}

TEST_CASE("whose pid another gets has ended before") {
  CHECK(body(kSh + "7 fork() = 8\n7 fork() = 8\n").find("p8: exit\np7: fork as p8_2\n") != std::string::npos);
}

TEST_CASE("whoever has lost its pid lives on, and has its frames") {
  const auto frames = [](const std::string& last) {
    const std::string all = kSh + "7 brk(NULL) = 0x10000\n7 brk(0x90000) = 0x90000\n" + last;
    const std::string script = script_of(strace_events(all), "t");
    const std::size_t at = script.find("\nmachine frames=");
    return script.substr(at, script.find('\n', at + 1) - at);
  };
  CHECK(frames("7 vfork() = 7\n") == frames("7 vfork() = 8\n"));
}
