#include <catch2/catch.hpp>

#include "regions/layout.h"
#include "tests/unit/one_process.h"
#include "tests/unit/peers.h"

namespace bachsim {
namespace {

TEST_CASE("no pid is given twice") {
  HostShare share(nullptr);
  ProcessTable table({}, share);
  ProcessTableTestPeer::next_pid(table) = Pid{0xffff'ffff};
  REQUIRE(table.available());
  CHECK(table[table.add(kInit, 1)].pid == Pid{0xffff'ffff});
  CHECK_THROWS_AS(table.available(), HostLimit);
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

TEST_CASE_METHOD(One, "a child has its parent's nice value, and its own seconds in memory") {
  kernel.nice(process, 25);
  const ProcSlot first = fork(process);
  CHECK(kernel.process(first).nice == 25);
  kernel.run_second();
  CHECK(kernel.process(first).stay_seconds == 1);
  kernel.exit(first, 0);
  REQUIRE(kernel.wait(process));
  const ProcSlot second = fork(process);
  REQUIRE(second == first);
  CHECK(kernel.process(second).stay_seconds == 0);
  CHECK(kernel.process(second).last_ran == 0);
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

}  // namespace
}  // namespace bachsim
