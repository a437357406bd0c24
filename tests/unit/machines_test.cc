// Many machines in one process: one budget for all, and nothing else that they share.
#include <catch2/catch.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kLimit = std::uint64_t{1} << 30;

// A small machine runs a small program. Returns what it counted.
Counters run_machine(HostBudget& budget) {
  Kernel kernel({.frames = 16, .swap = {16}}, {.budget = &budget});
  const ProgramId program = kernel.add_program({.name = "small", .text = 1, .data = 2});
  const ProcSlot parent = kernel.spawn(program, 0).value();
  *kernel.access(parent, kData, Access::Store).value() = std::byte{1};
  const ProcSlot child = kernel.fork(parent, 0).value();
  *kernel.access(child, kData, Access::Store).value() = std::byte{2};
  kernel.exit(child, 0);
  kernel.wait(parent).value();
  return kernel.counters();
}

}  // namespace

TEST_CASE("a budget has what was not taken, to the byte") {
  HostBudget budget(100);
  CHECK(budget.take(60));
  CHECK(budget.left() == 40);
  CHECK_FALSE(budget.take(41));
  CHECK(budget.left() == 40);
  CHECK(budget.take(40));
  CHECK(budget.left() == 0);
  budget.give_back(70);
  CHECK(budget.left() == 70);
}

TEST_CASE("a share that moves takes its bytes and its limit along") {
  HostBudget budget(2 * kMiB);
  {
    HostShare first(&budget);
    first.commit(1);
    HostShare second(std::move(first));
    CHECK(budget.left() == kMiB);
    second.commit(kMiB - 1);
    CHECK(budget.left() == kMiB);
    second.commit(1);
    CHECK(budget.left() == 0);
    CHECK_THROWS_AS(second.commit(kMiB), HostLimit);
  }
  CHECK(budget.left() == 2 * kMiB);
}

TEST_CASE("ten thousand machines live one after the other, and give all memory back") {
  HostBudget budget(kLimit);
  const Counters first = run_machine(budget);
  bool equal = true;
  for (int i = 1; i < 10'000; ++i) equal = run_machine(budget) == first && equal;
  CHECK(equal);
  CHECK(budget.left() == kLimit);
}

TEST_CASE("machines on several threads share one budget and nothing else") {
  constexpr int kThreads = 4;
  HostBudget budget(kLimit);
  const Counters first = run_machine(budget);
  std::vector<std::uint8_t> equal(kThreads, 1);
  std::vector<std::thread> threads;
  for (std::uint8_t& mine : equal) {
    threads.emplace_back([&budget, &first, &mine] {
      for (int i = 0; i < 10'000 / kThreads; ++i) mine = run_machine(budget) == first && mine == 1 ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(equal == std::vector<std::uint8_t>(kThreads, 1));
  CHECK(budget.left() == kLimit);
}

TEST_CASE("many machines live at one time") {
  HostBudget budget(kLimit);
  std::vector<std::unique_ptr<Kernel>> machines;
  for (int i = 0; i < 500; ++i) {
    machines.push_back(std::make_unique<Kernel>(Config{.frames = 16}, Host{.budget = &budget}));
    const ProgramId program = machines.back()->add_program({.name = "small", .text = 1, .data = 2});
    *machines.back()->access(machines.back()->spawn(program, 0).value(), kData, Access::Store).value() = std::byte{1};
  }
  CHECK(budget.left() < kLimit);
  machines.clear();
  CHECK(budget.left() == kLimit);
}

TEST_CASE("attached memory counts while it is attached, and a zombie keeps none of it") {
  HostBudget budget(std::uint64_t{16} << 20);
  Kernel kernel({.frames = 16}, {.budget = &budget});
  const ProcSlot parent = kernel.spawn(kernel.add_program({.name = "small", .text = 1, .data = 1}), 0).value();
  kernel.shmget(parent, 1, 1).value();
  for (int i = 0; i < 1000; ++i) kernel.shmat(parent, 1).value();
  for (int zombies = 0; zombies < 200; ++zombies) kernel.exit(kernel.fork(parent, 0).value(), 0);
  const auto fork_for_ever = [&] {
    for (int living = 0; living < 1000; ++living) kernel.fork(parent, 0).value();
  };
  CHECK_THROWS_AS(fork_for_ever(), HostLimit);
}

TEST_CASE("a machine that finds too little in the budget says so, and gives back what it had") {
  HostBudget budget(std::uint64_t{64} << 10);
  CHECK_THROWS_AS(run_machine(budget), HostLimit);
  CHECK(budget.left() == std::uint64_t{64} << 10);
}

TEST_CASE("events that nobody clears end at the budget, and a list that is not watched any more is not its") {
  HostBudget budget(std::uint64_t{16} << 20);
  Events events;
  {
    Kernel kernel({.frames = 16}, {.budget = &budget});
    const ProcSlot process = kernel.spawn(kernel.add_program({.name = "small", .text = 1, .data = 1}), 0).value();
    kernel.watch(&events);
    const auto brk_for_ever = [&] {
      for (std::int64_t sign = 1;; sign = -sign)
        kernel.brk(process, sign * static_cast<std::int64_t>(kPageSize)).value();
    };
    CHECK_THROWS_AS(brk_for_ever(), HostLimit);
    CHECK(events.size() * sizeof(Event) > std::uint64_t{1} << 20);
    CHECK_THROWS_AS(brk_for_ever(), HostLimit);
    events.clear();
    for (int i = 0; i < 1000; ++i) kernel.brk(process, 0).value();  // there is room again
    kernel.watch(nullptr);
    for (int i = 0; i < 8; ++i) {
      CHECK_NOTHROW(kernel.watch(&events));
      kernel.watch(nullptr);
    }
  }
  CHECK(budget.left() == std::uint64_t{16} << 20);
}

TEST_CASE("what shared memory takes of the host comes back when it is detached, and when its process ends") {
  for (const bool detaches : {false, true}) {
    CAPTURE(detaches);
    HostBudget budget(std::uint64_t{64} << 20);
    Kernel kernel({.frames = 16, .swap = {16}}, {.budget = &budget});
    const ProgramId program = kernel.add_program({.name = "prog", .data = 1});
    const ProcSlot first = kernel.spawn(program, 0).value();
    REQUIRE(kernel.shmget(first, 5, 1));
    const int times = 16'000;
    std::uint64_t left = 0;
    for (int i = 0; i < times; ++i) {
      const ProcSlot process = detaches ? first : kernel.spawn(program, 1).value();
      kernel.shmat(process, 5).value();
      if (detaches)
        kernel.shmdt(process, 5).value();
      else
        kernel.exit(process, 0);
      static_cast<void>(kernel.take_reaped());
      if (i == 0) left = budget.left();
    }
    CHECK(budget.left() == left);
  }
}

}  // namespace bachsim
