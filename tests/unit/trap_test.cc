#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "regions/layout.h"
#include "tests/unit/one_process.h"
#include "tests/unit/peers.h"

namespace bachsim {
namespace {

TEST_CASE("a load or store below the stack grows it to that page") {
  for (const Access access : {Access::Load, Access::Store}) {
    CAPTURE(access);
    One it;
    REQUIRE(it.kernel.access(it.process, VirtAddr{kStackEnd.value - 5 * kPageSize}, access));
    CHECK(it.kernel.vm().regions[RegionId{3}].pages == 5);
    CHECK(show(it.kernel.vm(), RegionId{3}, 3) == "no frame, zero");
    Numbers changed = changes(it.before, it.kernel);
    CHECK(changed["vfault.stack_growth"] == 1);
    CHECK(changed["vfault.zero"] == 1);
    CHECK(changed["vfault.total"] == 1);
    CHECK(changed["frames.used"] == 1);
    CHECK(it.found().empty());
  }
}

TEST_CASE("the stack grows up to its limit, and not by a fetch") {
  const struct {
    std::uint64_t page;
    Access access;
    bool grows;
  } cases[] = {
      {600, Access::Store, true},
      {601, Access::Store, false},
      {2, Access::Fetch, false},
  };
  for (const auto& [page, access, grows] : cases) {
    CAPTURE(page);
    One it({.stack_limit = 600});
    const VirtAddr va{kStackEnd.value - page * kPageSize};
    CHECK(it.kernel.access(it.process, va, access).has_value() == grows);
    CHECK(it.kernel.counters().vfault.segv == (grows ? 0 : 1));
    CHECK(it.kernel.counters().vfault.stack_growth == (grows ? 1 : 0));
    CHECK(it.found().empty());
  }
}

TEST_CASE_METHOD(One, "a fetch below the stack leaves the parent of a vfork child the stack that it had") {
  const ProcSlot child = vfork(process);
  CHECK(death(child, VirtAddr{kStackEnd.value - 2 * kPageSize}, Access::Fetch) == Stop::Sigsegv);
  CHECK(kernel.vm().regions[region(process, 2)].pages == 1);
}

TEST_CASE("an access below the stack that finds no memory kills, and is no stack growth") {
  // A frame is wanted once the stack has grown: a vfork child leaves its parent the longer one.
  const struct {
    Config config;
    std::uint64_t page;
    std::uint32_t pages;
  } cases[] = {
      {{.tables = 6}, 513, 1},
      {{.frames = 1}, 3, 3},
      {{.frames = 1}, 513, 513},
  };
  for (const auto& [config, page, pages] : cases) {
    CAPTURE(page, pages);
    One it(config);
    const std::vector<Frame> taken = take_free_frames(it.kernel.vm());
    const ProcSlot child = it.vfork(it.process);
    it.before = numbers(it.kernel);
    CHECK(it.death(child, VirtAddr{kStackEnd.value - page * kPageSize}, Access::Store) == Stop::OutOfMemory);
    for (const Frame frame : taken) PfdataTestPeer::unref(it.kernel.vm().pfdata, frame);
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
}

TEST_CASE("an access that no region allows is a SIGSEGV, of the fault that found it") {
  const struct {
    std::uint64_t address;
    Access access;
    std::string counter;
  } cases[] = {
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
  };
  for (const auto& [address, access, counter] : cases) {
    CAPTURE(address, access);
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
  store(process, kData, 1);  // from the file, for a frame of its own
  store(process, kData, 2);
  kernel.tick(3);
  brk(process, 0);
  CHECK(kernel.counters().trap ==
        TrapCounters{.ecall = 1, .fetch_fault = 1, .load_fault = 1, .store_fault = 1, .timer = 3});
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
  CHECK(it.kernel.counters().vfault.total() == 1);
  CHECK(it.kernel.counters().pfault.total() == 0);
  it.store(it.process, bss, 2);
  CHECK(it.kernel.counters().trap.store_fault == 2);
}

}  // namespace
}  // namespace bachsim
