// The out-list that outlives a run of the stealer (out-list=keep).
#include "regions/out_list.h"

#include "regions/layout.h"
#include "regions/vhand.h"
#include "tests/unit/one_process.h"

namespace bachsim {
namespace {

// A process with 6 old pages of data, on a list that is full with 4.
struct Listed : Machine {
  explicit Listed(std::uint64_t frames = 16, std::uint64_t cluster = 4, ValidBit valid = ValidBit::Hardware)
      : Machine({.frames = frames,
                 .swap = {16},
                 .max_age = 1,
                 .cluster = cluster,
                 .valid = valid,
                 .out_list = OutListEnd::Keep}) {
    for (std::uint32_t page = 0; page < 6; ++page) store(process, at(page), 10 + static_cast<int>(page));
    age(vm);
    age(vm);
  }

  static VirtAddr at(std::uint32_t page) { return VirtAddr{kTextStart.value + page * kPageSize}; }
  Findings found() { return findings(audit(kernel)); }
  // "v" valid, "w" waits, "s" on swap.
  std::string pages(ProcSlot of) {
    std::string text;
    const RegionId id = kernel.space(of).pregions[1].region;
    for (std::uint32_t page = 0; page < vm.regions[id].pages; ++page) {
      const Page each(vm, {id, page});
      text += each.valid() ? 'v' : each.waits() ? 'w' : 's';
    }
    return text;
  }

  ProcSlot process = spawn(program(0, 0, 6, 0));
  Vm& vm = kernel.vm();
};

TEST_CASE_METHOD(Listed, "a list that is not full waits for others, its pages in their frames") {
  CHECK(pages(process) == "ssssww");
  CHECK(kernel.counters().swap.transfers == 1);
  CHECK(kernel.gauges().frames_used == 2);
  CHECK(found().empty());
}

TEST_CASE_METHOD(Listed, "a fault rescues a page from the list, which writes it nevertheless") {
  CHECK(load(process, at(4)) == 14);
  CHECK(pages(process) == "ssssvw");
  CHECK(vm.page(vm.regions[region(process, 1)], 4).dbd.age() == 0);
  CHECK(kernel.counters().vfault.cache == 1);
  CHECK(kernel.counters().swap.reads == 0);
  CHECK(found().empty());
  store(process, at(4), 99);
  store(process, at(0), 50);
  store(process, at(1), 51);
  age(vm);
  age(vm);
  CHECK(pages(process) == "ssssvs");
  CHECK(kernel.counters().swap.transfers == 2);
  CHECK(kernel.counters().stealer.written == 8);
  CHECK(found().empty());
  CHECK(load(process, at(4)) == 99);
  CHECK(load(process, at(5)) == 15);
}

TEST_CASE("a page that is rescued from the list has all its rights at once") {
  Listed it(16, 4, ValidBit::Software);
  const std::uint64_t faults = it.kernel.counters().trap.load_fault;
  CHECK(it.load(it.process, Listed::at(4)) == 14);
  CHECK(it.kernel.counters().trap.load_fault == faults + 1);
}

TEST_CASE_METHOD(Listed, "fork takes the parent's pages off the list") {
  const ProcSlot child = kernel.fork(process, 9).value();
  CHECK(pages(process) == "ssssvv");
  CHECK(pages(child) == "ssssvv");
  CHECK(vm.out_list.pages.empty());
  CHECK(found().empty());
  CHECK(load(child, at(5)) == 15);
}

TEST_CASE_METHOD(Listed, "a page that two regions share waits for both, and a store of one takes only its own off") {
  const ProcSlot child = kernel.fork(process, 9).value();
  age(vm);
  CHECK(pages(process) == "ssssww");
  CHECK(pages(child) == "ssssww");
  CHECK(vm.out_list.frames.size() == 2);
  CHECK(found().empty());
  store(child, at(5), 77);
  CHECK(pages(child) == "sssswv");
  CHECK(pages(process) == "ssssww");
  CHECK(found().empty());
  CHECK(load(process, at(5)) == 15);
  CHECK(load(child, at(5)) == 77);
  CHECK(found().empty());
}

TEST_CASE_METHOD(Listed, "pages leave the list when they end, are swapped out, or are locked") {
  SECTION("exit") {
    kernel.exit(process, 0);
    CHECK(kernel.gauges().frames_used == 0);
  }
  SECTION("brk") {
    REQUIRE(kernel.brk(process, -static_cast<std::int64_t>(kPageSize)));
    CHECK(pages(process) == "ssssv");
  }
  SECTION("swapout") {
    REQUIRE(kernel.swap_out(process));
    CHECK(pages(process) == "ssssss");
    REQUIRE(kernel.swap_in(process));
    CHECK(load(process, at(5)) == 15);
  }
  SECTION("plock") {
    kernel.plock(process, RegionType::Data, true);
    CHECK(pages(process) == "ssssvv");
  }
  CHECK(vm.out_list.pages.empty());
  CHECK(found().empty());
}

TEST_CASE("where no frame is free the list is written, full or not") {
  Listed it(6, 64);
  CHECK(it.pages(it.process) == "ssssss");
  CHECK(it.kernel.counters().swap.transfers == 1);
  CHECK(it.found().empty());
}

TEST_CASE("pages that were rescued from the list are stolen where no others can be") {
  Listed it(7, 64);
  CHECK(it.pages(it.process) == "wwwwww");
  for (std::uint32_t page = 0; page < 6; ++page) CHECK(it.load(it.process, Listed::at(page)) >= 10);
  const ProcSlot other = it.spawn(it.program(0, 0, 2, 0));
  it.store(other, Listed::at(0), 1);
  it.kernel.plock(other, RegionType::Data, true);
  it.store(other, Listed::at(1), 2);
  CHECK(it.kernel.counters().process.killed == 0);
  CHECK(it.kernel.counters().stealer.written == 6);
  CHECK(it.found().empty());
}

TEST_CASE_METHOD(Listed, "a preset of one page takes all pages off the list first") {
  REQUIRE(kernel.preset_page({region(process, 1), 4}, {}));
  CHECK(pages(process) == "ssssvv");
  CHECK(vm.out_list.pages.empty());
  CHECK(found().empty());
}

}  // namespace
}  // namespace bachsim
