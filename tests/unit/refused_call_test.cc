#include <catch2/catch.hpp>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "regions/layout.h"
#include "tests/model/snapshot.h"
#include "tests/unit/one_process.h"

namespace bachsim {
namespace {

// A call that a limit or its argument refuses.
struct Refused {
  std::string counter;  // none of what is no system call
  Errno code;
  std::string why;
  Config config;
  std::function<void(Machine&, ProcSlot)> prepare;
  std::function<SysResult<void>(Machine&, ProcSlot)> call;
};

SysResult<void> without_value(const SysResult<ProcSlot>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

SysResult<void> fork(Machine& m, ProcSlot p) { return without_value(m.kernel.fork(p, 0)); }
SysResult<void> vfork(Machine& m, ProcSlot p) { return without_value(m.kernel.vfork(p, 0)); }
SysResult<void> exec_other(Machine& m, ProcSlot p) { return m.kernel.exec(p, ProgramId{1}); }
SysResult<void> exec_same(Machine& m, ProcSlot p) { return m.kernel.exec(p, ProgramId{0}); }
SysResult<void> wait(Machine& m, ProcSlot p) { return m.kernel.wait(p); }
auto brk(std::int64_t bytes) {
  return [bytes](Machine& m, ProcSlot p) { return m.kernel.brk(p, bytes); };
}
auto shmget(std::uint64_t key, std::int64_t pages) {
  return [key, pages](Machine& m, ProcSlot p) { return m.kernel.shmget(p, key, pages); };
}
auto shmat(std::uint64_t key) {
  return [key](Machine& m, ProcSlot p) { return m.kernel.shmat(p, key); };
}
SysResult<void> shmdt(Machine& m, ProcSlot p) { return m.kernel.shmdt(p, 5); }
SysResult<void> shmctl(Machine& m, ProcSlot p) { return m.kernel.shmctl_remove(p, 5); }

SysResult<void> spawn(Machine& m, ProcSlot) { return without_value(m.kernel.spawn(ProgramId{0}, 0)); }
SysResult<void> spawn_other(Machine& m, ProcSlot) { return without_value(m.kernel.spawn(ProgramId{1}, 0)); }
SysResult<void> swap_out(Machine& m, ProcSlot p) { return m.kernel.swap_out(p); }
SysResult<void> swap_in(Machine& m, ProcSlot p) { return m.kernel.swap_in(p); }

void nothing(Machine&, ProcSlot) {}
auto made(std::int64_t pages) {
  return [pages](Machine& m, ProcSlot p) { m.kernel.shmget(p, 5, pages).value(); };
}
auto attached(std::int64_t pages) {
  return [pages](Machine& m, ProcSlot p) { m.shm(p, 5, pages); };
}
void with_child(Machine& m, ProcSlot p) { CHECK(m.fork(p) != p); }

void touched(Machine& m, ProcSlot p) { m.store(p, kData, 1); }
void locked(Machine& m, ProcSlot p) { m.kernel.plock(p, RegionType::Data, true); }
void with_borrower(Machine& m, ProcSlot p) { CHECK(m.vfork(p) != p); }
void on_swap(Machine& m, ProcSlot p) { m.kernel.swap_out(p).value(); }
// On swap, and another has its frames.
void replaced(Machine& m, ProcSlot p) {
  on_swap(m, p);
  CHECK(m.spawn(ProgramId{0}) != p);
}

// Data without its leaf table, and nothing left to make it of: the text is held, so it gives
// nothing back.
void without_data(Machine& m, ProcSlot p) {
  m.brk(p, -2);
  m.kernel.shmget(p, 5, 1).value();
}

// Shared memory has the addresses of two leaf tables under such a limit.
constexpr std::uint64_t kHugeStack = (128 * kGiB - 2 * kLeafSpan) / kPageSize;
constexpr auto kFull = "the process table is full";
constexpr auto kNoRegion = "the region table is full";
constexpr auto kNoTables = "no page-table frames";
constexpr auto kNoRoom = "neither frames nor an extent of swap";
constexpr auto kNoExtent = "no extent of swap is long enough";
constexpr auto kImmovable = "cannot be moved: its space is lent, borrowed or locked";
constexpr PagingPolicy kOff = PagingPolicy::Off;

// Program 0 is (1, 1, 1, 1): 6 table frames, 3 regions. Program 1 has 1000 pages of bss: 7 table
// frames.
const std::vector<Refused> kRefusals{
    {"fork", Errno::EAGAIN_, kFull, {.nproc = 2}, nothing, fork},
    {"fork", Errno::EAGAIN_, kNoRegion, {.nregion = 4}, nothing, fork},
    {"fork", Errno::ENOMEM_, kNoTables, {.tables = 6 + kForkTables - 1}, nothing, fork},
    {"fork", Errno::EAGAIN_, kFull, {.nproc = 2, .nregion = 3, .tables = 6}, nothing, fork},
    {"fork", Errno::EAGAIN_, kNoRegion, {.nregion = 3, .tables = 6}, nothing, fork},
    {"fork", Errno::EAGAIN_, kNoRegion, {.fork = ForkMode::Copy, .nregion = 4}, nothing, fork},
    {"fork", Errno::ENOMEM_, kNoTables, {.fork = ForkMode::Copy, .tables = 10}, nothing, fork},
    {"fork", Errno::EAGAIN_, kFull, {.fork = ForkMode::Vfork, .nproc = 2}, nothing, fork},
    {"vfork", Errno::EAGAIN_, kFull, {.nproc = 2}, nothing, vfork},
    {"vfork", Errno::EAGAIN_, kNoRegion, {.vfork = VforkMode::Fork, .nregion = 4}, nothing, vfork},
    {"vfork", Errno::ENOMEM_, kNoTables, {.vfork = VforkMode::Fork, .tables = 10}, nothing, vfork},
    {"exec", Errno::ENOMEM_, kNoRegion, {.nregion = 5}, with_child, exec_other},
    {"exec", Errno::ENOMEM_, kNoTables, {.tables = 6}, nothing, exec_other},
    {"exec", Errno::ENOMEM_, kNoRegion, {.nregion = 5, .tables = 11}, with_child, exec_other},
    {"exec", Errno::ENOMEM_, kNoTables, {.tables = 6}, without_data, exec_same},
    {"wait", Errno::ECHILD_, "it has no children", {}, nothing, wait},
    {"brk", Errno::EINVAL_, "the data region would end below its start", {}, nothing, brk(-2 * kPage - 1)},
    {"brk",
     Errno::EINVAL_,
     "the data region would end below its start",
     {},
     nothing,
     brk(std::numeric_limits<std::int64_t>::min())},
    {"brk", Errno::ENOMEM_, kNoTables, {.tables = 6}, nothing, brk(510 * kPage + 1)},
    {"brk", Errno::ENOMEM_, "no address space", {}, nothing, brk(((1 << 25) - 1024 - 2) * kPage + 1)},
    {"brk", Errno::ENOMEM_, "no address space", {}, nothing, brk(std::numeric_limits<std::int64_t>::max())},
    {"shmget", Errno::EINVAL_, "fewer than 1 page", {}, nothing, shmget(5, 0)},
    {"shmget", Errno::EINVAL_, "fewer than 1 page", {}, nothing, shmget(5, -1)},
    {"shmget", Errno::EINVAL_, "fewer than 1 page", {}, made(2), shmget(5, 0)},
    {"shmget", Errno::EINVAL_, "the segment is smaller", {}, made(2), shmget(5, 3)},
    {"shmget",
     Errno::EINVAL_,
     "more pages than there are addresses",
     {.stack_limit = kHugeStack},
     nothing,
     shmget(5, 1025)},
    {"shmget", Errno::ENOSPC_, kNoRegion, {.nregion = 3}, nothing, shmget(5, 1)},
    {"shmget", Errno::ENOMEM_, kNoTables, {.tables = 6}, nothing, shmget(5, 1)},
    {"shmget", Errno::ENOSPC_, kNoRegion, {.nregion = 3, .tables = 6}, nothing, shmget(5, 1)},
    {"shmat", Errno::EINVAL_, "no such key", {}, nothing, shmat(5)},
    {"shmat", Errno::EINVAL_, "no such key", {}, made(1), shmat(6)},
    {"shmat", Errno::ENOMEM_, kNoTables, {.tables = 7}, made(1), shmat(5)},
    {"shmat", Errno::ENOMEM_, "no address space", {.stack_limit = kHugeStack}, attached(513), shmat(5)},
    {"shmdt", Errno::EINVAL_, "not attached", {}, made(1), shmdt},
    {"shmctl", Errno::EINVAL_, "no such key", {}, nothing, shmctl},
};

// Where memory is assigned at once, program 0 takes 4 frames, and its fork 3 more or an extent of 3 blocks. Program 1
// takes 1003, less what its exec gives back.
const std::vector<Refused> kNoMemory{
    {"fork", Errno::ENOMEM_, kNoRoom, {.frames = 6, .paging = kOff}, nothing, fork},
    {"fork", Errno::ENOMEM_, kNoRoom, {.frames = 6, .swap = {2, 2}, .paging = kOff}, nothing, fork},
    {"fork", Errno::ENOMEM_, kNoRoom, {.frames = 6, .fork = ForkMode::Copy, .paging = kOff}, nothing, fork},
    {"fork", Errno::EAGAIN_, kNoRegion, {.frames = 6, .paging = kOff, .nregion = 4}, nothing, fork},
    {"fork", Errno::ENOMEM_, kNoTables, {.frames = 6, .paging = kOff, .tables = 10}, nothing, fork},
    {"fork", Errno::ENOMEM_, kNoRoom, {.frames = 8, .paging = kOff}, attached(2), fork},
    {"vfork", Errno::ENOMEM_, kNoRoom, {.frames = 6, .vfork = VforkMode::Fork, .paging = kOff}, nothing, vfork},
    {"exec", Errno::ENOMEM_, kNoRoom, {.frames = 1002, .swap = {2000}, .paging = kOff}, nothing, exec_other},
    {"exec", Errno::ENOMEM_, kNoRoom, {.frames = 1003, .swap = {1002}, .paging = kOff}, with_child, exec_other},
    {"brk", Errno::ENOMEM_, kNoRoom, {.frames = 4, .swap = {16}, .paging = kOff}, nothing, brk(kPage)},
    {"brk", Errno::ENOMEM_, kNoRoom, {.frames = 7, .swap = {3}, .paging = kOff}, with_child, brk(kPage)},
    {"brk", Errno::ENOMEM_, kNoRoom, {.frames = 7, .swap = {16}, .paging = kOff}, locked, brk(4 * kPage)},
    {"shmat", Errno::ENOMEM_, kNoRoom, {.frames = 4, .swap = {16}, .paging = kOff}, made(1), shmat(5)},
    {"", Errno::ENOMEM_, kNoRoom, {.frames = 6, .swap = {2}, .paging = kOff}, nothing, spawn},
    {"", Errno::ENOMEM_, kNoRoom, {.frames = 100, .swap = {2000}, .paging = kOff}, nothing, spawn_other},
    {"", Errno::ENOMEM_, "no frames", {.frames = 4, .swap = {4}, .paging = kOff}, replaced, swap_in},
};

// No system calls: the operator's.
const std::vector<Refused> kMoves{
    {"", Errno::EAGAIN_, kFull, {.nproc = 2}, nothing, spawn},
    {"", Errno::ENOMEM_, kNoRegion, {.nregion = 4}, nothing, spawn},
    {"", Errno::ENOMEM_, kNoTables, {.tables = 10}, nothing, spawn},
    {"", Errno::ENOMEM_, kNoExtent, {}, touched, swap_out},
    {"", Errno::EINVAL_, kImmovable, {.swap = {16}}, locked, swap_out},
    {"", Errno::EINVAL_, kImmovable, {.swap = {16}}, with_borrower, swap_out},
    {"", Errno::EINVAL_, "is on swap already", {.swap = {16}}, on_swap, swap_out},
    {"", Errno::EINVAL_, "is in memory already", {.swap = {16}}, nothing, swap_in},
};

void check_refused(const Refused& refused, const Config& config) {
  CAPTURE(refused.counter, refused.why, static_cast<int>(config.paging), static_cast<int>(config.io));
  One it(config);
  CHECK(it.program(1, 1, 1000, 1) == ProgramId{1});
  refused.prepare(it, it.process);
  it.before = numbers(it.kernel);
  const Snapshot tables = snapshot_of(it.kernel);
  const auto result = refused.call(it, it.process);
  REQUIRE_FALSE(result);
  CHECK(name(result.error().code) == name(refused.code));
  CHECK(result.error().why == refused.why);
  const Numbers counted{{"syscall." + refused.counter, 1}, {"syscall.failed", 1}, {"trap.ecall", 1}};
  CHECK(changes(it.before, it.kernel) == (refused.counter.empty() ? Numbers{} : counted));
  CHECK(first_change(tables, snapshot_of(it.kernel)) == "");
  CHECK(it.found().empty());
}

TEST_CASE("a call that is refused changes nothing but its own counts") {
  std::size_t refused = 0;
  for (const auto* rows : {&kRefusals, &kMoves}) {
    for (const Refused& row : *rows) {
      for (const PagingPolicy paging : {PagingPolicy::On, PagingPolicy::Off, PagingPolicy::Hybrid}) {
        for (const IoMode io : {IoMode::Atomic, IoMode::Sleep}) {
          Config config = row.config;
          config.paging = paging;
          config.io = io;
          check_refused(row, config);
          ++refused;
        }
      }
    }
  }
  for (const Refused& row : kNoMemory) check_refused(row, row.config);
  fmt::print("checked: {} refused calls, which changed no table\n", refused + kNoMemory.size());
}

TEST_CASE("calls that need all that is left succeed") {
  SECTION("fork") {
    One it({.nproc = 3, .nregion = 5, .tables = 6 + kForkTables});
    CHECK(it.kernel.fork(it.process, 0));
  }
  SECTION("exec, by what it gives back") {
    One it({.nregion = 3, .tables = 6});
    const ProgramId other = it.program(1, 1, 1, 1);
    CHECK(it.kernel.exec(it.process, other));
    CHECK(it.kernel.vm().tables.peak() == 6);
  }
  SECTION("shmget, of addresses") {
    One it({.stack_limit = kHugeStack});
    CHECK(it.kernel.shmget(it.process, 5, 1024));
  }
  SECTION("shmat, of addresses") {
    One it({.stack_limit = kHugeStack});
    it.shm(it.process, 5, 512);
    CHECK(it.kernel.shmat(it.process, 5));
    CHECK(it.pregion(it.process, 4).anchor.value == kShmStart.value + kLeafSpan);
  }
}

}  // namespace
}  // namespace bachsim
