// Where an operation ends: the page stealer's low-water check, and who may act.
#include "tests/unit/one_process.h"

namespace bachsim {
namespace {

const Config kWatched{.frames = 8, .swap = {16}, .low = 4, .high = 4, .max_age = 1};

TEST_CASE("a call or an access made alone is an operation: the stealer works on the way back to user mode") {
  One it(kWatched);
  CHECK(it.kernel.counters().stealer.wakeups == 0);
  it.brk(it.process, 8);
  for (std::uint64_t page = 0; page < 4; ++page) CHECK(it.kernel.store(it.process, page_at(kData, page), page) == page);
  CHECK(it.kernel.counters().stealer.wakeups == 0);
  CHECK(it.kernel.store(it.process, page_at(kData, 4), 4) == 4u);
  CHECK(it.kernel.counters().stealer.wakeups == 1);
  CHECK(it.kernel.gauges().frames_free == 4);
  CHECK(it.kernel.load(it.process, page_at(kData, 1)) == 1u);
  CHECK(it.found().empty());
}

TEST_CASE("what is done between begin and end is one operation") {
  One it(kWatched);
  it.brk(it.process, 8);
  REQUIRE(it.kernel.begin_operation(it.process) == Kernel::Turn::Now);
  for (std::uint64_t page = 0; page < 6; ++page) CHECK(it.kernel.store(it.process, page_at(kData, page), page));
  it.brk(it.process, 1);
  CHECK(it.kernel.gauges().frames_free == 2);
  CHECK(it.kernel.counters().stealer.wakeups == 0);
  it.kernel.end_operation();
  CHECK(it.kernel.counters().stealer.wakeups == 1);
  CHECK(it.kernel.gauges().frames_free == 4);
}

TEST_CASE("a parent acts later while its child preempts it, and never while it sleeps") {
  One it({.frames = 16, .first = RunsFirst::Child});
  const ProcSlot child = it.fork(it.process);
  CHECK(it.kernel.begin_operation(it.process) == Kernel::Turn::Later);
  it.kernel.tick(1);
  CHECK(it.kernel.begin_operation(it.process) == Kernel::Turn::Now);
  it.wait(it.process);
  it.kernel.end_operation();
  CHECK(it.kernel.begin_operation(it.process) == Kernel::Turn::Never);
  it.kernel.exit(child, 0);
  CHECK(it.kernel.begin_operation(it.process) == Kernel::Turn::Now);
  it.kernel.end_operation();
}

TEST_CASE("under paging=hybrid a process on swap comes back to act, and under paging=off it does not") {
  const struct {
    PagingPolicy paging;
    Kernel::Turn turn;
  } cases[] = {{PagingPolicy::Hybrid, Kernel::Turn::Now}, {PagingPolicy::Off, Kernel::Turn::Never}};
  for (const auto& [paging, turn] : cases) {
    CAPTURE(paging);
    One it({.frames = 16, .swap = {16}, .paging = paging});
    REQUIRE(it.kernel.swap_out(it.process));
    CHECK(it.kernel.begin_operation(it.process) == turn);
    CHECK(it.state(it.process) == (turn == Kernel::Turn::Now ? ProcessState::Ready : ProcessState::ReadySwapped));
  }
}

}  // namespace
}  // namespace bachsim
