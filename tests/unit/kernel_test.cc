#include "sim/kernel/kernel.h"

#include <catch2/catch.hpp>
#include <functional>
#include <limits>
#include <map>

#include "regions/layout.h"
#include "regions/pregion.h"
#include "sim/kernel/audit.h"
#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

using List = std::vector<std::uint32_t>;

// What a fork of a process with these sections takes: 1 root, 2 middle tables, 1 leaf table for
// data and stack each.
constexpr std::int64_t kForkTables = 5;

struct One : Machine {
  explicit One(const Config& config = {.frames = 16, .swap = {16}}) : Machine(config) {}

  Findings found() { return findings(audit(kernel)); }

  ProgramId prog = program(1, 1, 1, 1);
  ProcSlot process = spawn(prog);
  Numbers before = numbers(kernel);
};

TEST_CASE_METHOD(One, "spawn makes a child of init, with tables that only describe") {
  CHECK(pid(process) == 2);
  CHECK(kernel.process(process).parent == kInit);
  CHECK(state(process) == ProcessState::Ready);
  CHECK(regions(process) == List{1, 2, 3});
  Vm& vm = kernel.vm();
  CHECK(show(vm, RegionId{1}, 0) == "no frame, file 0");
  CHECK(show(vm, RegionId{2}, 0) == "no frame, file 1");
  CHECK(show(vm, RegionId{2}, 1) == "no frame, zero");
  CHECK(show(vm, RegionId{3}, 0) == "no frame, zero");
  CHECK(pregion(process, 0).anchor == VirtAddr{2 * kMiB});
  CHECK(pregion(process, 1).anchor == VirtAddr{4 * kMiB});
  CHECK(pregion(process, 2).anchor == VirtAddr{256 * kGiB});
  const Machine empty;
  CHECK(changes(numbers(empty.kernel), kernel) ==
        Numbers{{"process.created", 1}, {"processes", 1}, {"regions", 3}, {"tables.used", 6}, {"tables.peak", 6}});
}

TEST_CASE_METHOD(One, "a process always has text, data and stack, even of 0 pages") {
  const ProcSlot empty = spawn(program(0, 0, 0, 0));
  CHECK(regions(empty).size() == 3);
  CHECK(pregion(empty, 1).anchor == kTextStart);
  CHECK(changes(before, kernel)["tables.used"] == 1);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "processes of one program share its text") {
  const ProcSlot other = spawn(prog);
  CHECK(regions(other) == List{1, 4, 5});
  CHECK(kernel.vm().regions[RegionId{1}].refs == 2);
}

TEST_CASE("spawn is refused, and changes nothing, at a limit") {
  auto [config, code, why] = GENERATE(table<Config, Errno, std::string>({
      {{.nproc = 2}, Errno::EAGAIN_, "the process table is full"},
      {{.nregion = 5}, Errno::ENOMEM_, "the region table is full"},
      {{.tables = 11}, Errno::ENOMEM_, "no page-table frames"},
      {{.nproc = 2, .nregion = 3, .tables = 6}, Errno::EAGAIN_, "the process table is full"},
      {{.nregion = 3, .tables = 6}, Errno::ENOMEM_, "the region table is full"},
  }));
  One it(config);
  const ProgramId other = it.program(1, 1, 1, 1);
  it.before = numbers(it.kernel);
  const auto refused = it.kernel.spawn(other, 0);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == code);
  CHECK(refused.error().why == why);
  CHECK(changes(it.before, it.kernel).empty());
  CHECK(it.found().empty());
}

// A call that a limit or its argument refuses.
struct Refused {
  std::string counter;
  Errno code;
  std::string why;
  Config config;
  std::function<void(Machine&, ProcSlot)> prepare;
  std::function<SysResult<void>(Machine&, ProcSlot)> call;
};

SysResult<void> without_value(const SysResult<ProcSlot>& result) {
  if (!result)
    return std::unexpected(result.error());
  return {};
}

SysResult<void> fork(Machine& m, ProcSlot p) {
  return without_value(m.kernel.fork(p, 0));
}
SysResult<void> vfork(Machine& m, ProcSlot p) {
  return without_value(m.kernel.vfork(p, 0));
}
SysResult<void> exec_other(Machine& m, ProcSlot p) {
  return m.kernel.exec(p, ProgramId{1});
}
SysResult<void> exec_same(Machine& m, ProcSlot p) {
  return m.kernel.exec(p, ProgramId{0});
}
SysResult<void> wait(Machine& m, ProcSlot p) {
  return m.kernel.wait(p);
}
auto brk(std::int64_t pages) {
  return [pages](Machine& m, ProcSlot p) { return m.kernel.brk(p, pages); };
}
auto shmget(std::uint64_t key, std::int64_t pages) {
  return [key, pages](Machine& m, ProcSlot p) { return m.kernel.shmget(p, key, pages); };
}
auto shmat(std::uint64_t key) {
  return [key](Machine& m, ProcSlot p) { return m.kernel.shmat(p, key); };
}
SysResult<void> shmdt(Machine& m, ProcSlot p) {
  return m.kernel.shmdt(p, 5);
}
SysResult<void> shmctl(Machine& m, ProcSlot p) {
  return m.kernel.shmctl_remove(p, 5);
}

void nothing(Machine&, ProcSlot) {}
auto made(std::int64_t pages) {
  return [pages](Machine& m, ProcSlot p) { m.kernel.shmget(p, 5, pages).value(); };
}
auto attached(std::int64_t pages) {
  return [pages](Machine& m, ProcSlot p) { m.shm(p, 5, pages); };
}
void with_child(Machine& m, ProcSlot p) {
  CHECK(m.fork(p) != p);
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
    {"brk", Errno::EINVAL_, "the data region would end below its start", {}, nothing, brk(-3)},
    {"brk",
     Errno::EINVAL_,
     "the data region would end below its start",
     {},
     nothing,
     brk(std::numeric_limits<std::int64_t>::min())},
    {"brk", Errno::ENOMEM_, kNoTables, {.tables = 6}, nothing, brk(511)},
    {"brk", Errno::ENOMEM_, "no address space", {}, nothing, brk((1 << 25) - 1024 - 2 + 1)},
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

TEST_CASE("a call that is refused changes nothing but its own counts") {
  const Refused& refused = GENERATE_REF(from_range(kRefusals.begin(), kRefusals.end()));
  CAPTURE(refused.counter, refused.why);
  One it(refused.config);
  CHECK(it.program(1, 1, 1000, 1) == ProgramId{1});
  refused.prepare(it, it.process);
  it.before = numbers(it.kernel);
  const auto result = refused.call(it, it.process);
  REQUIRE_FALSE(result);
  CHECK(name(result.error().code) == name(refused.code));
  CHECK(result.error().why == refused.why);
  CHECK(changes(it.before, it.kernel) ==
        Numbers{{"syscall." + refused.counter, 1}, {"syscall.failed", 1}, {"trap.ecall", 1}});
  CHECK(it.state(it.process) == ProcessState::Ready);
  CHECK(it.found().empty());
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

TEST_CASE_METHOD(One, "fork shares text and shared memory and duplicates data and stack") {
  shm(process, 5, 3);
  store(process, kData, 1);
  store(process, page_at(kData, 1), 2);
  store(process, kStack, 3);
  before = numbers(kernel);
  const ProcSlot child = fork(process);
  CHECK(pid(child) == 3);
  CHECK(kernel.process(child).parent == process);
  CHECK(regions(child) == List{1, 5, 6, 4});
  CHECK(changes(before, kernel) == Numbers{{"syscall.fork", 1},
                                           {"trap.ecall", 1},
                                           {"fork.regions_shared", 2},
                                           {"fork.regions_duplicated", 2},
                                           {"fork.ptes_copied", 3},
                                           {"fork.frame_refs", 3},
                                           {"fork.tables_allocated", kForkTables + 1},
                                           {"frames.shared", 3},
                                           {"tables.used", kForkTables + 1},
                                           {"tables.peak", kForkTables + 1},
                                           {"process.created", 1},
                                           {"processes", 1},
                                           {"regions", 2}});
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "after a fork parent and child do not see each other's stores, but in shared memory") {
  shm(process, 5, 1);
  store(process, kData, 1);
  const ProcSlot child = fork(process);
  store(process, kData, 2);
  store(child, page_at(kData, 1), 3);
  store(child, kShmStart, 4);
  CHECK(load(child, kData) == 1);
  CHECK(load(process, page_at(kData, 1)) == 0);
  CHECK(load(process, kShmStart) == 4);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "a fork takes from the TLB what it takes from the parent's pages") {
  store(process, kData, 1);
  REQUIRE(fork(process) != process);
  const std::uint64_t faults = kernel.counters().pfault.copied;
  store(process, kData, 2);
  CHECK(kernel.counters().pfault.copied == faults + 1);
}

TEST_CASE_METHOD(One, "fork counts the swap blocks that it shares") {
  store(process, kData, 1);
  store(process, page_at(kData, 1), 2);
  swap_out(kernel.vm(), {RegionId{2}, 0});
  kernel.vm().hart.sfence_vma();
  before = numbers(kernel);
  REQUIRE(fork(process) != process);
  CHECK(changes(before, kernel)["fork.swap_refs"] == 1);
  CHECK(changes(before, kernel)["fork.frame_refs"] == 1);
  CHECK(found().empty());
}

TEST_CASE("fork by copying copies what is in memory or on swap") {
  One it({.frames = 16, .swap = {16}, .fork = ForkMode::Copy});
  it.store(it.process, kData, 1);
  it.store(it.process, page_at(kData, 1), 2);
  swap_out(it.kernel.vm(), {RegionId{2}, 0});
  it.kernel.vm().hart.sfence_vma();
  it.before = numbers(it.kernel);
  const ProcSlot child = it.fork(it.process);
  CHECK(changes(it.before, it.kernel) == Numbers{{"syscall.fork", 1},
                                                 {"trap.ecall", 1},
                                                 {"fork.regions_shared", 1},
                                                 {"fork.regions_duplicated", 2},
                                                 {"fork.ptes_copied", 3},
                                                 {"fork.pages_copied", 1},
                                                 {"fork.tables_allocated", kForkTables},
                                                 {"frame.allocated", 2},
                                                 {"frames.free", -2},
                                                 {"frames.used", 2},
                                                 {"frames.peak", 1},
                                                 {"swap.reads", 1},
                                                 {"swap.transfers", 1},
                                                 {"tables.used", kForkTables},
                                                 {"tables.peak", kForkTables},
                                                 {"process.created", 1},
                                                 {"processes", 1},
                                                 {"regions", 2}});
  CHECK(it.load(child, kData) == 1);
  CHECK(it.load(child, page_at(kData, 1)) == 2);
  CHECK(it.found().empty());
}

TEST_CASE("a fork by copying that finds no frame leaves nothing behind but what the stealer did") {
  One it({.frames = 4, .fork = ForkMode::Copy, .max_age = 1});
  it.store(it.process, page_at(kData, 1), 1);
  it.store(it.process, kStack, 2);
  it.store(it.process, VirtAddr{kStack.value - kPageSize}, 3);
  it.before = numbers(it.kernel);
  const auto refused = it.kernel.fork(it.process, 0);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errno::ENOMEM_);
  // The data was copied, of the stack nothing. The stealer found no swap space in its two rounds of
  // three pages (it passes over the stack page being copied).
  CHECK(changes(it.before, it.kernel) == Numbers{{"syscall.fork", 1},
                                                 {"syscall.failed", 1},
                                                 {"trap.ecall", 1},
                                                 {"frame.allocated", 1},
                                                 {"frame.freed", 1},
                                                 {"frames.peak", 1},
                                                 {"stealer.wakeups", 1},
                                                 {"stealer.examined", 6},
                                                 {"stealer.referenced", 3},
                                                 {"tables.peak", kForkTables}});
  CHECK(it.found().empty());
  it.kernel.exit(it.process, 0);
  CHECK(it.pid(it.spawn(it.prog)) == 3);  // no pid was used up
}

TEST_CASE_METHOD(One, "a vfork child runs on its parent's space, and nothing is copied or counted") {
  store(process, kData, 1);
  before = numbers(kernel);
  const ProcSlot child = vfork(process);
  CHECK(changes(before, kernel) ==
        Numbers{{"syscall.vfork", 1}, {"trap.ecall", 1}, {"process.created", 1}, {"processes", 1}});
  CHECK(state(process) == ProcessState::Asleep);
  CHECK(load(child, kData) == 1);
  store(child, kData, 2);
  brk(child, 1);
  kernel.exit(child, 7);
  CHECK(state(process) == ProcessState::Ready);
  CHECK(state(child) == ProcessState::Zombie);
  CHECK(load(process, kData) == 2);
  CHECK(kernel.vm().regions[RegionId{2}].pages == 3);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "the exec of a vfork child wakes its parent and leaves the space to it") {
  store(process, kData, 1);
  const ProcSlot child = vfork(process);
  exec(child, prog);
  CHECK(state(process) == ProcessState::Ready);
  CHECK(state(child) == ProcessState::Ready);
  CHECK(regions(child) == List{1, 4, 5});
  CHECK(regions(process) == List{1, 2, 3});
  CHECK(load(child, page_at(kData, 1)) == 0);
  CHECK(load(process, kData) == 1);
  CHECK(found().empty());
}

TEST_CASE("a vfork child's exec has nothing to give back") {
  One it({.tables = 6 + 5});
  const ProcSlot child = it.vfork(it.process);
  // It shares its text: 5 table frames are enough, 6 would not be.
  CHECK(it.kernel.exec(child, it.program(1, 1, 1, 1)).error().code == Errno::ENOMEM_);
  CHECK(it.state(it.process) == ProcessState::Asleep);
  CHECK(it.kernel.exec(child, it.prog));
  CHECK(it.found().empty());
}

TEST_CASE_METHOD(One, "vfork children borrow on, and give back to whom they borrowed from") {
  store(process, kData, 1);
  const ProcSlot child = vfork(process);
  const ProcSlot grandchild = vfork(child);
  store(grandchild, kData, 2);
  CHECK(state(child) == ProcessState::Asleep);
  kernel.exit(grandchild, 0);
  CHECK(state(child) == ProcessState::Ready);
  CHECK(state(process) == ProcessState::Asleep);
  const ProcSlot forked = fork(child);
  CHECK(load(forked, kData) == 2);
  kernel.exit(child, 0);
  CHECK(state(process) == ProcessState::Ready);
  CHECK(found().empty());
}

TEST_CASE("vfork is a fork in everything under vfork=fork, and fork a vfork under fork=vfork") {
  SECTION("vfork=fork") {
    One it({.vfork = VforkMode::Fork});
    const ProcSlot child = it.vfork(it.process);
    CHECK(it.state(it.process) == ProcessState::Ready);
    CHECK(it.regions(child) == List{1, 4, 5});
    CHECK(it.kernel.counters().syscall.vfork == 1);
    CHECK(it.kernel.counters().fork.regions_duplicated == 2);
  }
  SECTION("fork=vfork") {
    One it({.fork = ForkMode::Vfork});
    CHECK(it.fork(it.process) != it.process);
    CHECK(it.state(it.process) == ProcessState::Asleep);
    CHECK(it.kernel.counters().syscall.fork == 1);
    CHECK(it.kernel.counters().fork == ForkCounters{});
  }
}

TEST_CASE_METHOD(One, "exec releases the old space and describes the new one") {
  store(process, kData, 1);
  store(process, kStack, 2);
  const ProgramId other = program(0, 2, 0, 2);
  exec(process, other);
  CHECK(kernel.process(process).program == other);
  CHECK(regions(process) == List{1, 2, 3});
  CHECK(kernel.vm().regions[RegionId{2}].pages == 2);
  CHECK(kernel.gauges().frames_used == 0);
  CHECK(pid(process) == 2);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "a process that execs its own program keeps the text") {
  REQUIRE(kernel.access(process, kText, Access::Fetch));
  store(process, page_at(kData, 1), 1);
  exec(process, prog);
  CHECK(regions(process) == List{1, 2, 3});
  CHECK(show(kernel.vm(), RegionId{1}, 0) == "frame 0 RXUA, file 0");
  CHECK(load(process, page_at(kData, 1)) == 0);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "sticky text outlives its last user, other text does not") {
  const ProgramId sticky = program(1, 0, 0, 0, true);
  const ProcSlot first = spawn(sticky);
  REQUIRE(kernel.access(first, kText, Access::Fetch));
  kernel.exit(first, 0);
  kernel.exit(process, 0);
  CHECK(kernel.gauges().regions == 1);
  CHECK(kernel.gauges().frames_used == 1);
  const ProcSlot second = spawn(sticky);
  const std::uint64_t faults = kernel.counters().vfault.total;
  REQUIRE(kernel.access(second, kText, Access::Fetch));
  CHECK(kernel.counters().vfault.total == faults);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "exit gives everything back, and the parent hears of it") {
  const ProcSlot child = fork(process);
  store(child, kStack, 1);
  kernel.exit(child, 44);
  CHECK(state(child) == ProcessState::Zombie);
  CHECK(kernel.process(child).status == 44);
  CHECK(kernel.gauges().processes == 1);
  CHECK(kernel.gauges().frames_used == 0);
  CHECK_FALSE(kernel.any_reaped());
  wait(process);
  const auto reaped = kernel.take_reaped();
  REQUIRE(reaped.size() == 1);
  CHECK(reaped[0].status == 44);
  CHECK_FALSE(kernel.any_reaped());
  CHECK(kernel.processes() == std::vector<ProcSlot>{process});
}

TEST_CASE_METHOD(One, "init reaps its own children at once") {
  kernel.exit(process, 3);
  CHECK(kernel.take_reaped().size() == 1);
  CHECK(kernel.processes().empty());
  CHECK(kernel.gauges().tables_used == 0);
  CHECK(kernel.counters().process == ProcessCounters{.created = 1, .exited = 1});
}

TEST_CASE_METHOD(One, "wait reaps the zombie with the lowest pid first") {
  std::vector<ProcSlot> children;
  for (const std::uint64_t tag : {30u, 40u, 50u})
    children.push_back(kernel.fork(process, tag).value());
  for (const std::size_t i : {2u, 0u, 1u})
    kernel.exit(children[i], 0);
  for (const std::uint64_t tag : {30u, 40u, 50u}) {
    wait(process);
    CHECK(kernel.take_reaped().at(0).tag == tag);
  }
  CHECK(kernel.wait(process).error().code == Errno::ECHILD_);
}

TEST_CASE_METHOD(One, "a process that waits sleeps until its first child ends") {
  const ProcSlot first = kernel.fork(process, 10).value();
  const ProcSlot second = kernel.fork(process, 20).value();
  wait(process);
  CHECK(state(process) == ProcessState::Asleep);
  kernel.exit(second, 0);
  CHECK(state(process) == ProcessState::Ready);
  CHECK(kernel.take_reaped().at(0).tag == 20);
  kernel.exit(first, 0);
  CHECK(state(first) == ProcessState::Zombie);
}

TEST_CASE_METHOD(One, "the children of a process that ends go to init, which reaps the zombies") {
  const ProcSlot child = fork(process);
  const ProcSlot grandchild = fork(child);
  const ProcSlot zombie = fork(child);
  kernel.exit(zombie, 0);
  kernel.exit(child, 0);
  CHECK(kernel.process(grandchild).parent == kInit);
  CHECK(kernel.take_reaped().size() == 1);
  CHECK(kernel.processes() == std::vector<ProcSlot>{process, child, grandchild});
  kernel.exit(grandchild, 0);
  CHECK(kernel.take_reaped().size() == 1);
  wait(process);
  CHECK(kernel.processes() == std::vector<ProcSlot>{process});
}

TEST_CASE("zombies and init count as processes until they are reaped") {
  One it({.nproc = 3});
  it.kernel.exit(it.fork(it.process), 0);
  CHECK(it.kernel.fork(it.process, 0).error().code == Errno::EAGAIN_);
  it.wait(it.process);
  CHECK(it.pid(it.fork(it.process)) == 4);
}

TEST_CASE_METHOD(One, "processes are listed by pid whatever place of the table they have") {
  const ProcSlot second = spawn(prog);
  const ProcSlot third = spawn(prog);
  kernel.exit(process, 0);
  const ProcSlot fourth = spawn(prog);
  CHECK(fourth == process);
  CHECK(kernel.processes() == std::vector<ProcSlot>{second, third, fourth});
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "a process in the place of one that ended has a space of its own on the hart") {
  store(process, page_at(kData, 1), 1);
  kernel.exit(process, 0);
  const ProcSlot next = spawn(prog);
  REQUIRE(next == process);
  CHECK(load(next, page_at(kData, 1)) == 0);
  CHECK(kernel.vm().hart.satp().root == kernel.space(next).root);
  CHECK(kernel.vm().hart.satp().asid == 2);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "sbrk grows the data region with zero pages, and shrinks it") {
  brk(process, 2);
  store(process, page_at(kData, 3), 1);
  store(process, page_at(kData, 2), 2);
  brk(process, -1);
  CHECK(death(process, page_at(kData, 3), Access::Load) == Stop::Sigsegv);
  CHECK(kernel.counters().syscall.brk == 2);
  CHECK(kernel.counters().syscall.failed == 0);
}

TEST_CASE_METHOD(One, "what sbrk gave back is zero when it comes again") {
  store(process, page_at(kData, 1), 1);
  brk(process, -2);
  CHECK(kernel.gauges().frames_used == 0);
  brk(process, 2);
  CHECK(load(process, page_at(kData, 1)) == 0);
  CHECK(load(process, kData) == 0);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "data ends at 128 GiB") {
  CHECK(kernel.brk(process, (1 << 25) - 1024 - 2 + 1).error().code == Errno::ENOMEM_);
  const ProcSlot full = spawn(program(1, 0, 0, 1));
  CHECK(kernel.brk(full, (1 << 25) - 1024 + 1).error().code == Errno::ENOMEM_);
}

TEST_CASE_METHOD(One, "shared memory lives until it is removed and detached") {
  shm(process, 5, 2);
  const RegionId segment = region(process, 3);
  const ProcSlot other = spawn(prog);
  REQUIRE(kernel.shmat(other, 5));
  store(process, kShmStart, 9);
  CHECK(load(other, kShmStart) == 9);
  REQUIRE(kernel.shmdt(process, 5));
  REQUIRE(kernel.shmdt(other, 5));
  CHECK(kernel.vm().regions[segment].refs == 1);
  CHECK(kernel.gauges().frames_used == 1);
  REQUIRE(kernel.shmat(other, 5));
  CHECK(load(other, kShmStart) == 9);
  REQUIRE(kernel.shmctl_remove(process, 5));
  CHECK(kernel.shm_region(5) == RegionId{});
  CHECK(load(other, kShmStart) == 9);
  kernel.exit(other, 0);
  CHECK_FALSE(kernel.vm().regions[segment].active);
  CHECK(kernel.gauges().frames_used == 0);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "shmget of a key that exists finds it, and makes it anew after its removal") {
  shm(process, 5, 3);
  const RegionId segment = kernel.shm_region(5);
  REQUIRE(kernel.shmget(process, 5, 2));
  CHECK(kernel.shm_region(5) == segment);
  REQUIRE(kernel.shmctl_remove(process, 5));
  REQUIRE(kernel.shmget(process, 5, 9));
  CHECK(kernel.shm_region(5) != segment);
  CHECK(kernel.vm().regions[segment].refs == 1);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "shared memory is attached in the first gap that is long enough") {
  const auto place = [this](std::size_t index) {
    return (pregion(process, index).anchor.value - kShmStart.value) / kLeafSpan;
  };
  shm(process, 1, 1);
  shm(process, 2, 513);
  shm(process, 3, 512);
  CHECK(place(3) == 0);
  CHECK(place(4) == 1);
  CHECK(place(5) == 3);
  REQUIRE(kernel.shmdt(process, 2));
  shm(process, 4, 1025);
  CHECK(place(5) == 4);
  shm(process, 5, 1);
  CHECK(place(6) == 1);
  REQUIRE(kernel.shmat(process, 5));  // a second time
  CHECK(place(7) == 2);
  CHECK(found().empty());
}

TEST_CASE_METHOD(One, "a plock is on the pregion: neither fork nor exec hands it on") {
  const auto locks = [this](std::uint32_t id) { return kernel.vm().regions[RegionId{id}].locks; };
  kernel.plock(process, RegionType::Text, true);
  kernel.plock(process, RegionType::Data, true);
  kernel.plock(process, RegionType::Data, true);
  CHECK(locks(1) == 1);
  CHECK(locks(2) == 1);
  const ProcSlot child = fork(process);
  CHECK(locks(1) == 1);
  CHECK(locks(4) == 0);
  kernel.plock(child, RegionType::Text, true);
  CHECK(locks(1) == 2);
  kernel.exit(child, 0);
  CHECK(locks(1) == 1);
  kernel.plock(process, RegionType::Text, false);
  CHECK(locks(1) == 0);
  exec(process, prog);
  CHECK(locks(2) == 0);
  CHECK(kernel.counters().syscall.plock == 5);
}

TEST_CASE_METHOD(One, "the plock of a vfork child is its parent's") {
  const ProcSlot child = vfork(process);
  kernel.plock(child, RegionType::Data, true);
  exec(child, prog);
  CHECK(kernel.vm().regions[RegionId{2}].locks == 1);
  CHECK(pregion(process, 1).locked);
}

TEST_CASE_METHOD(One, "a load or store below the stack grows it to that page") {
  const Access access = GENERATE(Access::Load, Access::Store);
  before = numbers(kernel);
  REQUIRE(kernel.access(process, VirtAddr{kStackEnd.value - 5 * kPageSize}, access));
  CHECK(kernel.vm().regions[RegionId{3}].pages == 5);
  CHECK(show(kernel.vm(), RegionId{3}, 3) == "no frame, zero");
  Numbers changed = changes(before, kernel);
  CHECK(changed["vfault.stack_growth"] == 1);
  CHECK(changed["vfault.zero"] == 1);
  CHECK(changed["vfault.total"] == 1);
  CHECK(changed["frames.used"] == 1);
  CHECK(found().empty());
}

TEST_CASE("the stack grows up to its limit, and not by a fetch") {
  auto [page, access, grows] = GENERATE(table<std::uint64_t, Access, bool>({
      {600, Access::Store, true},
      {601, Access::Store, false},
      {2, Access::Fetch, false},
  }));
  One it({.stack_limit = 600});
  const VirtAddr va{kStackEnd.value - page * kPageSize};
  CHECK(it.kernel.access(it.process, va, access).has_value() == grows);
  CHECK(it.kernel.counters().vfault.segv == (grows ? 0 : 1));
  CHECK(it.kernel.counters().vfault.stack_growth == (grows ? 1 : 0));
  CHECK(it.found().empty());
}

TEST_CASE("an access below the stack that finds no memory kills, and is no stack growth") {
  // A frame is wanted once the stack has grown: a vfork child leaves its parent the longer one.
  auto [config, page, pages] = GENERATE(table<Config, std::uint64_t, std::uint32_t>({
      {{.tables = 6}, 513, 1},
      {{.frames = 1}, 3, 3},
      {{.frames = 1}, 513, 513},
  }));
  One it(config);
  const std::vector<Frame> taken = take_free_frames(it.kernel.vm());
  const ProcSlot child = it.vfork(it.process);
  it.before = numbers(it.kernel);
  CHECK(it.death(child, VirtAddr{kStackEnd.value - page * kPageSize}, Access::Store) == Stop::OutOfMemory);
  for (const Frame frame : taken)
    it.kernel.vm().pfdata.unref(frame);
  Numbers changed = changes(it.before, it.kernel);
  CHECK(changed["trap.store_fault"] == 1);
  CHECK(changed["vfault.total"] == 0);
  CHECK(changed["vfault.stack_growth"] == 0);
  CHECK(changed["process.killed"] == 1);
  CHECK(it.kernel.vm().regions[RegionId{3}].pages == pages);
  CHECK(it.kernel.process(child).status == 128 + 9);
  CHECK(it.state(it.process) == ProcessState::Ready);
  CHECK(it.found().empty());
}

TEST_CASE("an access that no region allows is a SIGSEGV, of the fault that found it") {
  auto [address, access, counter] = GENERATE(table<std::uint64_t, Access, std::string>({
      {0, Access::Load, "vfault.segv"},
      {0, Access::Fetch, "vfault.segv"},
      {kText.value + kPageSize, Access::Load, "vfault.segv"},
      {kData.value + 2 * kPageSize, Access::Store, "vfault.segv"},
      {kStackEnd.value, Access::Store, "vfault.segv"},
      {kShmStart.value, Access::Load, "vfault.segv"},
      {std::uint64_t{1} << 40, Access::Load, "vfault.segv"},
      {~std::uint64_t{0}, Access::Store, "vfault.segv"},
      {kData.value, Access::Fetch, "vfault.segv"},              // not in memory
      {kData.value + kPageSize, Access::Fetch, "pfault.segv"},  // in memory
      {kText.value, Access::Store, "pfault.segv"},
  }));
  One it;
  const ProcSlot child = it.fork(it.process);
  CHECK(it.load(child, kText) == 0);
  it.store(child, page_at(kData, 1), 1);
  it.before = numbers(it.kernel);
  CHECK(it.death(child, VirtAddr{address}, access) == Stop::Sigsegv);
  Numbers changed = changes(it.before, it.kernel);
  CHECK(changed[counter] == 1);
  CHECK(changed[counter.substr(0, 7) + "total"] == 1);
  CHECK(changed["process.killed"] == 1);
  CHECK(changed["process.exited"] == 0);
  CHECK(it.state(child) == ProcessState::Zombie);
  CHECK(it.kernel.process(child).status == 139);
  CHECK(it.found().empty());
  it.wait(it.process);
  CHECK(it.kernel.take_reaped().at(0).status == 139);
}

TEST_CASE("a process for which no frame can be had is killed, and the others go on") {
  One it({.frames = 1, .max_age = 1});
  const ProcSlot other = it.spawn(it.prog);
  it.store(it.process, page_at(kData, 1), 1);
  CHECK(it.death(other, page_at(kData, 1), Access::Store) == Stop::OutOfMemory);
  CHECK(it.load(it.process, page_at(kData, 1)) == 1);
  CHECK(it.kernel.counters().process == ProcessCounters{.created = 2, .killed = 1});
  CHECK(it.kernel.processes() == std::vector<ProcSlot>{it.process});
  CHECK(it.found().empty());
}

TEST_CASE_METHOD(One, "traps are counted by cause") {
  REQUIRE(kernel.access(process, kText, Access::Fetch));
  CHECK(load(process, page_at(kData, 1)) == 0);
  store(process, kData, 1);  // from the file: the load is one fault, the copy on write a second
  store(process, kData, 2);
  kernel.tick(3);
  brk(process, 0);
  CHECK(kernel.counters().trap ==
        TrapCounters{.ecall = 1, .fetch_fault = 1, .load_fault = 1, .store_fault = 2, .timer = 3});
}

TEST_CASE("without hardware A and D the kernel sets them at a fault of their own") {
  One it({.frames = 16, .ad = AdUpdate::Software});
  const VirtAddr bss = page_at(kData, 1);
  it.store(it.process, bss, 1);
  CHECK(show(it.kernel.vm(), RegionId{2}, 1) == "frame 0 RWUAD, none");
  CHECK(it.kernel.counters().trap.store_fault == 2);  // zero, then D
  age(it.kernel.vm());
  CHECK(it.load(it.process, bss) == 1);
  CHECK(show(it.kernel.vm(), RegionId{2}, 1) == "frame 0 RWUAD, none");
  CHECK(it.kernel.counters().trap.load_fault == 1);
  CHECK(it.kernel.counters().vfault.total == 1);
  CHECK(it.kernel.counters().pfault.total == 0);
  it.store(it.process, bss, 2);
  CHECK(it.kernel.counters().trap.store_fault == 2);
}

TEST_CASE("the end of an operation wakes the stealer below the low water mark") {
  One it({.frames = 3, .swap = {4}, .low = 2, .max_age = 1});
  it.store(it.process, page_at(kData, 1), 1);
  it.kernel.end_operation();
  CHECK(it.kernel.counters().stealer.wakeups == 0);
  it.store(it.process, kStack, 1);
  CHECK(it.kernel.counters().stealer.wakeups == 0);
  it.kernel.end_operation();
  CHECK(it.kernel.counters().stealer.wakeups == 1);
  CHECK(it.kernel.gauges().frames_free == 2);
  CHECK(it.found().empty());
}

TEST_CASE("counters are reported by group and name, all of them, and 0 at boot") {
  const Kernel kernel(Config{.frames = 4});
  std::map<std::string, std::string> names;
  kernel.counters().for_each([&](std::string_view group, std::string_view name, std::uint64_t value) {
    names[std::string(group)] += " " + std::string(name);
    CHECK(value == 0);
  });
  CHECK(names == std::map<std::string, std::string>{
                     {"syscall", " fork vfork exec exit wait brk shmget shmat shmdt shmctl plock failed"},
                     {"trap", " ecall fetch_fault load_fault store_fault timer"},
                     {"fork",
                      " regions_shared regions_duplicated ptes_copied frame_refs swap_refs"
                      " pages_copied tables_allocated"},
                     {"vfault", " total cache zero fill file swap stack_growth segv"},
                     {"pfault", " total copied kept segv"},
                     {"frame", " allocated freed"},
                     {"swap", " reads writes transfers blocks_allocated blocks_freed"},
                     {"stealer", " wakeups examined referenced stolen written"},
                     {"swapper", " out in"},
                     {"tlb", " hits misses flushes"},
                     {"process", " created exited killed"},
                 });
}

TEST_CASE("a kernel works in every mode of translation") {
  const auto mode = GENERATE(PagingMode::Sv39, PagingMode::Sv48, PagingMode::Sv57);
  One it({.frames = 16, .mode = mode});
  it.store(it.process, kStack, 1);
  const ProcSlot child = it.fork(it.process);
  it.store(child, kStack, 2);
  CHECK(it.load(it.process, kStack) == 1);
  const auto extra = static_cast<std::uint64_t>(levels(mode) - 3);
  CHECK(it.kernel.gauges().tables_used == 6 + kForkTables + 2 * extra);
  CHECK(it.kernel.counters().fork.tables_allocated == kForkTables + extra);
  CHECK(it.found().empty());
}

}  // namespace
}  // namespace bachsim
