#include "sim/kernel/swapper.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/unit/one_process.h"

namespace bachsim {
namespace {

// Processes of 3 pages without text, in 6 frames: two have room.
struct Swapping : Machine {
  explicit Swapping(const Config& config = {.frames = 6, .swap = {40}, .paging = PagingPolicy::Off})
      : Machine(config) {}

  ProcSlot start(char name) { return kernel.spawn(three, static_cast<std::uint64_t>(name)).value(); }
  Findings found() { return findings(audit(kernel)); }

  // What moved in a second, and who ran: "a in, b out; a runs".
  std::string second() {
    kernel.run_second();
    const SwapperSecond& now = kernel.swapper().seconds().back();
    std::string text;
    for (const SwapperSecond::Move& move : now.moves)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", static_cast<char>(move.tag), move.in ? "in" : "out");
    return text + "; " + (now.runs ? std::string(1, static_cast<char>(*now.runs)) : "nobody");
  }

  ProgramId three = program(0, 2, 0, 1);
};

TEST_CASE_METHOD(Swapping, "a process that memory has no room for begins on swap") {
  const ProcSlot a = start('a');
  const ProcSlot b = start('b');
  const ProcSlot c = start('c');
  CHECK(state(a) == ProcessState::Ready);
  CHECK(state(b) == ProcessState::Ready);
  CHECK(state(c) == ProcessState::ReadySwapped);
  CHECK(kernel.gauges().swap_used == 3);
  CHECK(found().empty());
}

TEST_CASE_METHOD(Swapping, "a process comes in when it has been out for two seconds, and the one longest in leaves") {
  start('a');
  start('b');
  start('c');
  CHECK(second() == "; a");
  CHECK(second() == "; b");
  CHECK(second() == "a out, c in; c");
  CHECK(second() == "; b");
  CHECK(second() == "b out, a in; a");
  CHECK(found().empty());
}

TEST_CASE_METHOD(Swapping, "a sleeper leaves before one that is ready, however long that was in memory") {
  start('a');
  const ProcSlot b = start('b');
  const ProcSlot child = kernel.fork(b, 'd').value();
  REQUIRE(state(child) == ProcessState::ReadySwapped);
  wait(b);
  CHECK(second() == "; a");
  CHECK(second() == "; a");
  CHECK(second() == "b out, d in; d");
  CHECK(state(b) == ProcessState::AsleepSwapped);
  kernel.exit(child, 0);
  CHECK(state(b) == ProcessState::ReadySwapped);
  CHECK(second() == "b in; b");
  CHECK(found().empty());
}

TEST_CASE_METHOD(Swapping, "of those that are ready the one with the highest residence and nice leaves") {
  const ProcSlot a = start('a');
  start('b');
  start('c');
  kernel.nice(a, 15);
  CHECK(second() == "; a");
  CHECK(second() == "; b");
  CHECK(second() == "b out, c in; c");
}

TEST_CASE("with dispatch=nice the lowest nice value has the processor, and a worse one never does") {
  Swapping it({.frames = 6, .swap = {40}, .paging = PagingPolicy::Off, .dispatch = Dispatch::Nice});
  it.start('a');
  const ProcSlot b = it.start('b');
  it.kernel.nice(b, kPlainNice + 1);
  for (int i = 0; i < 5; ++i) CHECK(it.second() == "; a");
  it.kernel.nice(b, kPlainNice);
  CHECK(it.second() == "; b");
  CHECK(it.second() == "; a");
}

TEST_CASE_METHOD(Swapping, "a process has never run, whoever had its slot before") {
  const ProcSlot a = start('a');
  start('b');
  for (const char* const runs : {"; a", "; b", "; a"}) CHECK(second() == runs);
  kernel.exit(a, 0);
  REQUIRE(start('c') == a);
  CHECK(second() == "; c");
}

TEST_CASE("when a nice value has been set the page stealer may be due") {
  One it({.frames = 16, .swap = {16}, .low = 2});
  take_free_frames(it.kernel.vm());
  it.kernel.nice(it.process, kPlainNice);
  CHECK(it.kernel.counters().stealer.wakeups == 1);
}

TEST_CASE("with dispatch=nice the nice values of sleepers count too") {
  const auto leaves = [](Dispatch dispatch) {
    Swapping it({.frames = 12, .swap = {60}, .paging = PagingPolicy::Off, .dispatch = dispatch});
    const ProcSlot a = it.start('a');
    REQUIRE(it.kernel.fork(a, 'c'));
    REQUIRE(it.kernel.wait(a));
    static_cast<void>(it.second());
    const ProcSlot b = it.start('b');
    REQUIRE(it.kernel.fork(b, 'd'));
    REQUIRE(it.kernel.wait(b));
    it.kernel.nice(b, 39);
    it.start('e');
    static_cast<void>(it.second());
    static_cast<void>(it.second());
    const std::string moves = it.second();
    CHECK(it.found().empty());
    return moves.substr(0, moves.find(','));
  };
  CHECK(leaves(Dispatch::Turns) == "a out");
  CHECK(leaves(Dispatch::Nice) == "b out");
}

TEST_CASE("the record of the seconds counts as memory of the host") {
  HostBudget budget(std::uint64_t{4} << 20);
  Kernel kernel({.frames = 16}, {.budget = &budget});
  const ProgramId one = kernel.add_program({.name = "one", .data = 1});
  for (int i = 0; i < 8; ++i) kernel.spawn(one, 0).value();
  const auto run_for_ever = [&kernel] {
    for (int second = 0; second < 100'000; ++second) kernel.run_second();
  };
  CHECK_THROWS_AS(run_for_ever(), HostLimit);
  CHECK(kernel.swapper().seconds().size() > 1000);
}

TEST_CASE_METHOD(Swapping, "who is room for comes in at once") {
  const ProcSlot a = start('a');
  start('b');
  start('c');
  kernel.exit(a, 0);
  CHECK(second() == "c in; b");
}

TEST_CASE_METHOD(Swapping, "a space that is lent, borrowed, locked or gone is not moved") {
  const ProcSlot a = start('a');
  CHECK(kernel.swapper().can_move(a));
  const ProcSlot child = vfork(a);
  CHECK_FALSE(kernel.swapper().can_move(a));
  CHECK_FALSE(kernel.swapper().can_move(child));
  kernel.exit(child, 0);
  CHECK(kernel.swapper().can_move(a));
  CHECK_FALSE(kernel.swapper().can_move(child));
  kernel.plock(a, RegionType::Stack, true);
  CHECK_FALSE(kernel.swapper().can_move(a));
}

TEST_CASE_METHOD(Swapping, "a move that cannot be is refused") {
  const ProcSlot a = start('a');
  CHECK(kernel.swap_in(a).error().code == Errno::EINVAL_);
  REQUIRE(kernel.swap_out(a));
  CHECK(kernel.swap_out(a).error().code == Errno::EINVAL_);
  REQUIRE(kernel.swap_in(a));
  kernel.plock(a, RegionType::Stack, true);
  CHECK(kernel.swap_out(a).error().code == Errno::EINVAL_);
}

TEST_CASE("nor is a parent whose child has the processor") {
  Swapping it({.frames = 8, .swap = {40}, .first = RunsFirst::Child, .paging = PagingPolicy::Off});
  const ProcSlot a = it.start('a');
  const ProcSlot child = it.fork(a);
  CHECK_FALSE(it.kernel.swapper().can_move(a));
  it.kernel.exit(child, 0);
  CHECK(it.kernel.swapper().can_move(a));
}

TEST_CASE_METHOD(Swapping, "a process that finds no frames stays on swap") {
  start('a');
  const ProcSlot b = start('b');
  REQUIRE(kernel.swap_out(b));
  start('c');
  const Numbers then = numbers(kernel);
  CHECK_FALSE(kernel.swap_in(b));
  CHECK(changes(then, kernel).empty());
  CHECK(state(b) == ProcessState::ReadySwapped);
}

TEST_CASE_METHOD(Swapping, "a process that grows beyond memory waits on swap in its new size") {
  const ProcSlot a = start('a');
  start('b');
  store(a, page_at(kTextStart, 1), 42);
  brk(a, 1);
  CHECK(state(a) == ProcessState::ReadySwapped);
  CHECK(kernel.gauges().swap_used == 4);
  CHECK(kernel.counters().swapper.out == 1);
  CHECK(found().empty());
}

TEST_CASE_METHOD(Swapping, "a process that memory could never hold does not grow") {
  const ProcSlot a = start('a');
  brk(a, 3);
  const Numbers then = numbers(kernel);
  CHECK(kernel.brk(a, 1).error().code == Errno::ENOMEM_);
  CHECK(changes(then, kernel) == Numbers{{"syscall.brk", 1}, {"syscall.failed", 1}, {"trap.ecall", 1}});
}

// Paging, and whole processes that leave where a frame is wanted.
struct Hybrid : Swapping {
  explicit Hybrid(ForkMode fork = ForkMode::Cow, std::uint64_t high = 0)
      : Swapping({.frames = 6, .swap = {40}, .fork = fork, .paging = PagingPolicy::Hybrid, .high = high}) {}

  void fill(ProcSlot process, std::uint64_t pages) {
    for (std::uint64_t page = 0; page < pages; ++page) store(process, page_at(kTextStart, page), 1);
  }
};

TEST_CASE("a fault that finds no frame throws out another process whole") {
  Hybrid it(ForkMode::Cow, 2);
  const ProcSlot a = it.start('a');
  const ProcSlot b = it.start('b');
  const ProcSlot c = it.start('c');
  it.fill(a, 2);
  it.fill(b, 2);
  it.fill(c, 2);
  it.store(c, kStack, 1);
  CHECK(it.state(a) == ProcessState::ReadySwapped);
  CHECK(it.state(b) == ProcessState::Ready);
  CHECK(it.kernel.counters().swapper.out == 1);
  CHECK(it.kernel.counters().stealer.wakeups == 0);
  CHECK(it.found().empty());
}

TEST_CASE("a fault that finds no frame throws out processes up to the high water mark") {
  Hybrid it(ForkMode::Cow, 4);
  const ProcSlot a = it.start('a');
  const ProcSlot b = it.start('b');
  const ProcSlot c = it.start('c');
  it.fill(a, 2);
  it.fill(b, 2);
  it.fill(c, 2);
  it.store(c, kStack, 1);
  CHECK(it.kernel.counters().swapper.out == 2);
  CHECK(it.kernel.gauges().frames_free == 3);
  CHECK(it.found().empty());
}

TEST_CASE("a process that only shares frames is not thrown out, and the stealer has to work") {
  Hybrid it;
  const ProcSlot a = it.start('a');
  it.brk(a, 4);
  it.fill(a, 6);
  const ProcSlot b = it.start('b');
  it.fill(b, 1);
  CHECK(it.state(a) == ProcessState::ReadySwapped);
  it.kernel.swap_in(a).value();
  it.kernel.plock(b, RegionType::Data, true);
  it.fill(a, 6);
  CHECK(it.state(b) == ProcessState::Ready);
  CHECK(it.kernel.counters().stealer.wakeups > 0);
  CHECK(it.found().empty());
}

TEST_CASE("a fork that copies throws out others, never its parent") {
  Hybrid it(ForkMode::Copy);
  const ProcSlot a = it.start('a');
  const ProcSlot b = it.start('b');
  it.fill(a, 2);
  it.fill(b, 2);
  it.store(b, kStack, 7);
  const ProcSlot child = it.fork(b);
  CHECK(it.state(a) == ProcessState::ReadySwapped);
  CHECK(it.state(b) == ProcessState::Ready);
  CHECK(it.kernel.counters().fork.pages_copied == 3);
  CHECK(it.load(child, kStack) == 7);
  CHECK(it.found().empty());
}

TEST_CASE("a fork that copies and finds no frame at all leaves no trace of the child") {
  Swapping it({.frames = 6, .fork = ForkMode::Copy, .paging = PagingPolicy::Hybrid});
  const ProcSlot a = it.start('a');
  it.brk(a, 2);
  for (std::uint64_t page = 0; page < 4; ++page) it.store(a, page_at(kTextStart, page), 1);
  const Numbers then = numbers(it.kernel);
  CHECK(it.kernel.fork(a, 0).error().why == "no frames");
  const Numbers moved = changes(then, it.kernel);
  CHECK(moved.count("regions") + moved.count("tables.used") + moved.count("frames.used") + moved.count("processes") ==
        0);
  CHECK(it.state(a) == ProcessState::Ready);
  CHECK(it.found().empty());
}

}  // namespace
}  // namespace bachsim
