// The policies that exercises ask about, each against what a machine does without it.
#include "regions/layout.h"
#include "regions/vhand.h"
#include "sim/kernel/audit.h"
#include "tests/unit/one_process.h"

namespace bachsim {
namespace {

constexpr VirtAddr kDataPage{kTextStart.value + kLeafSpan};

TEST_CASE("a store to a copy-on-write page on disk takes one trap where protection is looked at first") {
  const auto traps = [](FirstCheck check) {
    One it({.frames = 16, .swap = {16}, .max_age = 1, .check = check});
    it.store(it.process, kDataPage, 1);
    REQUIRE(it.kernel.fork(it.process, 9));
    age(it.kernel.vm());
    age(it.kernel.vm());
    const std::uint64_t before = it.kernel.counters().trap.store_fault;
    it.store(it.process, kDataPage, 2);
    CHECK(it.kernel.counters().vfault.cache == 1);
    CHECK(it.kernel.counters().pfault.kept == 1);
    CHECK(it.found().empty());
    return it.kernel.counters().trap.store_fault - before;
  };
  CHECK(traps(FirstCheck::Validity) == 2);
  CHECK(traps(FirstCheck::Protection) == 1);
}

TEST_CASE("pfault finds out a store to text that is not in memory, where protection is looked at first") {
  One it({.frames = 16, .check = FirstCheck::Protection});
  CHECK(it.death(it.process, kTextStart, Access::Store) == Stop::Sigsegv);
  CHECK(it.kernel.counters().pfault.segv == 1);
  CHECK(it.kernel.counters().vfault.total() == 0);
}

// One whose hardware goes by rights alone.
struct ByRights : One {
  ByRights() : One({.frames = 16, .swap = {16}, .max_age = 9, .valid = ValidBit::Software}) {}

  PageId data{kernel.space(process).pregions[1].region, 0};
  std::string bits() { return show_bits(kernel.vm().page(kernel.vm().regions[data.region], 0).pte); }
  std::uint64_t faults() {
    const TrapCounters& trap = kernel.counters().trap;
    return trap.load_fault + trap.store_fault + trap.fetch_fault;
  }
};

TEST_CASE_METHOD(ByRights, "an examination takes a page's rights, and the next reference gives them back") {
  store(process, kDataPage, 1);
  CHECK(bits() == "RWUAD");
  const std::uint64_t taken = faults();
  age(kernel.vm());
  CHECK(bits() == "UD");
  CHECK(found().empty());
  store(process, kDataPage, 2);
  CHECK(bits() == "RWUAD");
  CHECK(faults() == taken + 1);
  CHECK(kernel.counters().pfault.total() == 0);
  store(process, kDataPage, 3);
  CHECK(faults() == taken + 1);
}

TEST_CASE_METHOD(ByRights, "a store that has lost its rights and is copy on write takes one fault, and is copied") {
  store(process, kDataPage, 1);
  REQUIRE(kernel.fork(process, 9));
  age(kernel.vm());
  const std::uint64_t taken = faults();
  store(process, kDataPage, 2);
  CHECK(faults() == taken + 1);
  CHECK(kernel.counters().pfault.copied == 1);
  CHECK(found().empty());
}

TEST_CASE_METHOD(ByRights, "a page without rights that was stored to has an old copy all the same") {
  store(process, kDataPage, 1);
  give_swap_copy(kernel.vm(), data);
  kernel.vm().hart.sfence_vma();
  store(process, kDataPage, 2);
  age(kernel.vm());
  CHECK(Page(kernel.vm(), data).has_old_copy());
  steal_page(kernel.vm(), data);
  CHECK(kernel.counters().stealer.written == 1);
  CHECK(load(process, kDataPage) == 2);
  CHECK(found().empty());
}

TEST_CASE("a child finds what its parent stored after the fork, where pages keep their copies on disk") {
  const auto child_sees = [](DiskCopy copies) {
    One it({.frames = 16, .swap = {16}, .max_age = 1, .disk_copy = copies});
    it.store(it.process, kDataPage, 10);
    const ProcSlot child = it.kernel.fork(it.process, 9).value();
    age(it.kernel.vm());
    age(it.kernel.vm());
    it.store(it.process, kDataPage, 20);
    const int seen = it.load(child, kDataPage);
    CHECK(it.found().empty());
    return seen;
  };
  CHECK(child_sees(DiskCopy::Drop) == 10);
  CHECK(child_sees(DiskCopy::Keep) == 20);
}

// A process with 8 pages of data and a window of 3 references.
struct Referencing : Machine {
  explicit Referencing(std::uint64_t swap = 16)
      : Machine({.frames = 16, .swap = {swap}, .max_age = 50, .working_set = 3, .window = Window::References}) {}

  ProcSlot process = spawn(program(1, 0, 8, 1));
  void store_to(std::uint32_t page) { store(process, VirtAddr{kDataPage.value + page * kPageSize}, 1); }
  std::string resident() {
    std::string text;
    const Region& data = kernel.vm().regions[kernel.space(process).pregions[1].region];
    for (std::uint32_t page = 0; page < data.pages; ++page)
      text += kernel.vm().page(data, page).pte.valid() ? fmt::format("{}", page) : "";
    return text;
  }
};

TEST_CASE_METHOD(Referencing, "the working set is the pages of the last references, not so many pages") {
  for (const std::uint32_t page : {0u, 1u, 2u}) store_to(page);
  CHECK(resident() == "012");
  store_to(2);
  CHECK(resident() == "12");
  store_to(2);
  CHECK(resident() == "2");
  store_to(5);
  store_to(2);
  CHECK(resident() == "25");
  CHECK(kernel.counters().vfault.total() == 4);
  CHECK(audit(kernel).empty());
  REQUIRE(kernel.working_sets().references(process).size() == 7);
  CHECK(kernel.working_sets().references(process).back().set.size() == 2);
}

TEST_CASE_METHOD(Referencing, "references to text are none of the process's own") {
  store_to(0);
  for (int i = 0; i < 5; ++i) REQUIRE(kernel.fetch(process, kTextStart));
  CHECK(resident() == "0");
}

TEST_CASE_METHOD(Referencing, "a locked region keeps the pages that have left the window") {
  store_to(0);
  kernel.plock(process, RegionType::Data, true);
  for (const std::uint32_t page : {1u, 2u, 3u, 4u}) store_to(page);
  CHECK(resident() == "01234");
}

TEST_CASE("so does a page that swap has no room for") {
  Referencing it(1);
  for (const std::uint32_t page : {0u, 1u, 2u, 3u, 4u}) it.store_to(page);
  CHECK(it.resident() == "1234");
  CHECK(audit(it.kernel).empty());
}

TEST_CASE_METHOD(Referencing, "a child and a new program begin with no references") {
  for (const std::uint32_t page : {0u, 1u, 2u}) store_to(page);
  const ProcSlot child = kernel.fork(process, 9).value();
  CHECK(kernel.working_sets().references(child).empty());
  REQUIRE(kernel.exec(process, kernel.process(process).program));
  CHECK(kernel.working_sets().references(process).empty());
  store_to(7);
  CHECK(resident() == "7");
}

TEST_CASE("a program may have a working set of its own") {
  Machine it({.frames = 16, .swap = {16}, .max_age = 50, .working_set = 3});
  Program two{.name = "two", .bss = 8, .working_set = 2};
  const ProcSlot process = it.spawn(it.kernel.add_program(two));
  CHECK(it.kernel.space(process).working_set == 2);
  const ProcSlot child = it.kernel.fork(process, 9).value();
  CHECK(it.kernel.space(child).working_set == 2);
  CHECK(it.kernel.space(it.spawn(it.program(1, 0, 8, 1))).working_set == 3);
}

TEST_CASE("programs of one file share its text, and its blocks in the cache") {
  Machine it({.frames = 16, .swap = {16}});
  const ProgramId first = it.program(2, 1, 0, 1);
  Program view{.name = "view", .text = 2, .data = 1, .bss = 1, .file = first};
  const ProcSlot a = it.spawn(first);
  const ProcSlot b = it.spawn(it.kernel.add_program(view));
  CHECK(it.kernel.space(a).pregions[0].region == it.kernel.space(b).pregions[0].region);
  REQUIRE(it.kernel.load(a, kDataPage));
  REQUIRE(it.kernel.load(b, kDataPage));
  CHECK(it.kernel.counters().vfault.file == 1);
  CHECK(it.kernel.counters().vfault.cache == 1);
  CHECK(audit(it.kernel).empty());
  it.kernel.exit(a, 0);
  CHECK(audit(it.kernel).empty());
  REQUIRE(it.kernel.exec(b, first));
  CHECK(audit(it.kernel).empty());
}

// Blocks of files that are larger than pages (exercise 9.11): four pages each.
struct LargeBlocks : Machine {
  LargeBlocks() : Machine({.frames = 16, .swap = {16}, .working_set = 16, .page = 1024, .block = 4096}) {}

  std::uint32_t valid(ProcSlot process) { return kernel.vm().regions[region(process, 1)].valid(); }
  Findings found() { return findings(audit(kernel)); }
};

TEST_CASE_METHOD(LargeBlocks, "of a block no more pages are read than the working set has room for") {
  const ProcSlot process = spawn(kernel.add_program({.name = "three", .data = 4, .working_set = 3}));
  CHECK(load(process, kTextStart) == 0);
  CHECK(valid(process) == 3);
  CHECK(found().empty());
}

TEST_CASE_METHOD(LargeBlocks, "a page of the block that a frame holds already is not read into another") {
  const ProgramId whole = kernel.add_program({.name = "whole", .data = 4});
  const ProcSlot one = spawn(kernel.add_program({.name = "one", .data = 4, .file = whole, .working_set = 1}));
  const ProcSlot all = spawn(whole);
  CHECK(load(one, page_at(kTextStart, 1)) == 0);
  CHECK(valid(one) == 1);
  CHECK(load(all, kTextStart) == 0);
  CHECK(valid(all) == 3);
  CHECK(kernel.gauges().frames_used == 4);
  CHECK(found().empty());
}

}  // namespace
}  // namespace bachsim
