#include "sim/kernel/kernel.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "regions/layout.h"
#include "regions/region_lock.h"
#include "tests/unit/one_process.h"

namespace bachsim {
namespace {

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

TEST_CASE_METHOD(One, "init sleeps until a child ends") {
  CHECK(kernel.process(kInit).pid == kInitPid);
  CHECK(state(kInit) == ProcessState::Asleep);
  CHECK(kernel.process(kInit).waiting_for == WaitingFor::Wait);
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
  CHECK(kernel.vm().regions[RegionId{1}].refs() == 2);
}

TEST_CASE("spawn is refused, and changes nothing, at a limit") {
  const struct {
    Config config;
    Errno code;
    const char* why;
  } cases[] = {
      {{.nproc = 2}, Errno::EAGAIN_, "the process table is full"},
      {{.nregion = 5}, Errno::ENOMEM_, "the region table is full"},
      {{.tables = 11}, Errno::ENOMEM_, "no page-table frames"},
      {{.nproc = 2, .nregion = 3, .tables = 6}, Errno::EAGAIN_, "the process table is full"},
      {{.nregion = 3, .tables = 6}, Errno::ENOMEM_, "the region table is full"},
  };
  for (const auto& [config, code, why] : cases) {
    CAPTURE(config.nproc, config.nregion, config.tables);
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
                     {"file", " blocks transfers"},
                 });
}

TEST_CASE("a kernel works in every mode of translation") {
  for (const PagingMode mode : kModes) {
    CAPTURE(mode);
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
}

TEST_CASE_METHOD(One, "who leaves the kernel at a machine's end gives up his locks, and wakes nobody") {
  Vm& vm = kernel.vm();
  const RegionId data = pregion(process, 1).region;
  const auto sleep_locked = [&] {
    const RegionLock lock(vm, data);
    await_transfer(vm);
  };
  REQUIRE(vm.contexts.go_on(vm.contexts.enter(99, sleep_locked)));
  REQUIRE(vm.contexts.go_on(vm.contexts.enter(98, sleep_locked)));
  Events events;
  kernel.watch(&events);
  vm.contexts.end();
  kernel.watch(nullptr);
  CHECK(events.empty());
  CHECK(vm.contexts.owner(data) == nullptr);
}

TEST_CASE("the page stealer works behind a call that has taken frames") {
  Machine machine({.frames = 8, .swap = {8}, .fork = ForkMode::Copy, .low = 3, .high = 5, .max_age = 1});
  const ProcSlot parent = machine.spawn(machine.program(0, 3, 0, 0));
  for (std::uint64_t page = 0; page < 3; ++page) machine.store(parent, page_at(kTextStart, page), 7);
  age(machine.kernel.vm());
  REQUIRE(machine.kernel.gauges().frames_free == 5);
  machine.fork(parent);
  CHECK(machine.kernel.gauges().frames_free == 5);
  CHECK(machine.kernel.counters().stealer.stolen == 3);
}

}  // namespace
}  // namespace bachsim
