#include "regions/fault.h"

#include <catch2/catch.hpp>
#include <cstring>

#include "regions/regops.h"
#include "tests/unit/fixture.h"
#include "tests/unit/peers.h"

namespace bachsim {
namespace {

constexpr auto kResolved = FaultOutcome::Resolved;

std::uint64_t cell(Vm& vm, RegionId region, std::uint32_t page) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes_of(vm, region, page), sizeof value);
  return value;
}

// A machine with two programs: one whose pages are blocks of its file, and one unaligned.
struct Faults {
  explicit Faults(std::uint64_t frames = 8) : vm({.frames = frames, .swap = {8}, .max_age = 1}) {}

  // A region of two pages, blocks 2 and 3 of the program's file.
  RegionId loaded(RegionType type, ProgramId program) {
    const RegionId id = new_region(vm, type, 2, program);
    loadreg(vm, id, 2, 2);
    return id;
  }

  RegionId copy_of(RegionId id) {
    const RegionId copy = allocreg(vm, vm.regions[id].type, vm.regions[id].program);
    dupreg(vm, id, copy);
    return copy;
  }

  Vm vm;
  const ProgramId aligned = vm.add({.name = "aligned"});
  const ProgramId unaligned = vm.add({.name = "unaligned", .unaligned = true});
};

TEST_CASE("vfault refuses what the type of a region does not allow") {
  const struct {
    RegionType type;
    Access access;
  } cases[] = {
      {RegionType::Text, Access::Store},
      {RegionType::Data, Access::Fetch},
      {RegionType::Stack, Access::Fetch},
      {RegionType::Shm, Access::Fetch},
  };
  for (const auto& [type, access] : cases) {
    CAPTURE(type, access);
    Faults it;
    Vm& vm = it.vm;
    const RegionId id = new_region(vm, type, 1, it.aligned);
    CHECK(vfault(vm, {id, 0}, access) == FaultOutcome::Violation);
    CHECK(show(vm, id, 0) == "no frame, zero");
    CHECK(vm.pfdata.used() == 0);
    CHECK(vm.vfault == VfaultCounters{{.segv = 1}});
  }
}

// A swap device that can be written, but not read.
struct BrokenPages : PageStore {
  void read(std::uint64_t, std::byte*) const override { throw HostLimit("it cannot be read"); }
  void write(std::uint64_t, const std::byte*) override {}
};

TEST_CASE("a fault that the host cannot serve gives its frame back") {
  BrokenPages pages;
  Vm vm({.frames = 4, .swap = {4}}, {.swap_pages = &pages});
  const RegionId id = new_region(vm, RegionType::Data, 1);
  store(vm, {id, 0}, 1);
  swap_out(vm, {id, 0});
  take_free_frames(vm);
  vm.pfdata.give_back(Frame{3});
  CHECK_THROWS_AS(vfault(vm, {id, 0}, Access::Load), HostLimit);
  CHECK(free_list(vm.pfdata) == std::vector<std::uint32_t>{3});
  CHECK_FALSE(Page(vm, {id, 0}).valid());
}

TEST_CASE("vfault gives a demand-zero page a frame of its own") {
  const struct {
    RegionType type;
    Access access;
    const char* shown;
  } cases[] = {
      {RegionType::Text, Access::Fetch, "frame 0 RXUA, none"},
      {RegionType::Text, Access::Load, "frame 0 RXUA, none"},
      {RegionType::Data, Access::Load, "frame 0 RWUA, none"},
      {RegionType::Data, Access::Store, "frame 0 RWUA, none"},  // D is for the store that follows
      {RegionType::Stack, Access::Store, "frame 0 RWUA, none"},
      {RegionType::Shm, Access::Load, "frame 0 RWUA, none"},
  };
  for (const auto& [type, access, shown] : cases) {
    CAPTURE(type, access);
    Faults it;
    Vm& vm = it.vm;
    const RegionId id = new_region(vm, type, 1, it.aligned);
    REQUIRE(vfault(vm, {id, 0}, access) == kResolved);
    CHECK(show(vm, id, 0) == shown);
    CHECK(vm.pfdata.identity(Frame{0}).none());
    CHECK(vm.regions[id].valid() == 1);
    CHECK(vm.vfault == VfaultCounters{{.zero = 1}});
  }
}

TEST_CASE("a demand-zero page is zero also in a frame that was used before") {
  Faults one(1);
  const RegionId first = new_region(one.vm, RegionType::Data, 1);
  store(one.vm, {first, 0}, 99);
  freereg(one.vm, first);
  const RegionId second = new_region(one.vm, RegionType::Data, 1);
  CHECK(load(one.vm, {second, 0}) == 0);
}

TEST_CASE("vfault reads a page of a file, whose frame others can find") {
  const struct {
    RegionType type;
    const char* shown;
  } cases[] = {
      {RegionType::Text, "frame 0 RXUA, file 3"},
      {RegionType::Data, "frame 0 RUAC, file 3"},  // a store must not change what others find
  };
  for (const auto& [type, shown] : cases) {
    CAPTURE(type);
    Faults it;
    Vm& vm = it.vm;
    const RegionId id = it.loaded(type, it.aligned);
    REQUIRE(vfault(vm, {id, 1}, Access::Load) == kResolved);
    CHECK(show(vm, id, 1) == shown);
    CHECK(vm.pfdata.find(DiskBlock::file(it.aligned, 3)) == Frame{0});
    CHECK(cell(vm, id, 1) == 3 * kPageSize);
    CHECK(vm.vfault == VfaultCounters{{.file = 1}});
    CHECK(vm.swap.counters() == SwapCounters{});
  }
}

TEST_CASE_METHOD(Faults, "a store that reads a page of a file has a frame that nobody else finds") {
  const RegionId id = loaded(RegionType::Data, aligned);
  REQUIRE(vfault(vm, {id, 1}, Access::Store) == kResolved);
  CHECK(show(vm, id, 1) == "frame 0 RWUA, none");
  CHECK(vm.pfdata.identity(Frame{0}).none());
  CHECK(cell(vm, id, 1) == 3 * kPageSize);
  CHECK(vm.vfault == VfaultCounters{{.file = 1}});

  // Not so a page that is copy on write, or that is rescued.
  Page(vm, {id, 0}).copy_on_write();
  REQUIRE(vfault(vm, {id, 0}, Access::Store) == kResolved);
  CHECK(show(vm, id, 0) == "frame 1 RUAC, file 2");
  const RegionId other = loaded(RegionType::Data, aligned);
  REQUIRE(vfault(vm, {other, 0}, Access::Store) == kResolved);
  CHECK(show(vm, other, 0) == "frame 1 RUAC, file 2");
  CHECK(vm.vfault == VfaultCounters{{.cache = 1, .file = 2}});
}

TEST_CASE("vfault reads a page of an unaligned file through a frame that nobody else finds") {
  const struct {
    RegionType type;
    const char* shown;
  } cases[] = {{RegionType::Text, "frame 0 RXUA, none"}, {RegionType::Data, "frame 0 RWUA, none"}};
  for (const auto& [type, shown] : cases) {
    CAPTURE(type);
    Faults it;
    Vm& vm = it.vm;
    const RegionId id = it.loaded(type, it.unaligned);
    REQUIRE(vfault(vm, {id, 0}, Access::Load) == kResolved);
    CHECK(show(vm, id, 0) == shown);
    CHECK(vm.pfdata.identity(Frame{0}).none());
    CHECK(cell(vm, id, 0) == 2 * kPageSize);
    CHECK(vm.vfault == VfaultCounters{{.fill = 1}});
  }
}

TEST_CASE("vfault reads a page from swap, and its dbd still names the block") {
  const struct {
    RegionType type;
    const char* shown;
  } cases[] = {{RegionType::Data, "frame 1 RWUA, swap 1:1"}, {RegionType::Shm, "frame 1 RWUA, swap 1:1"}};
  for (const auto& [type, shown] : cases) {
    CAPTURE(type);
    Faults it;
    Vm& vm = it.vm;
    const RegionId id = new_region(vm, type, 1);
    store(vm, {id, 0}, 42);
    const DiskBlock block = swap_out(vm, {id, 0});
    vm.pfdata.drop_identity(Frame{0});
    REQUIRE(vfault(vm, {id, 0}, Access::Store) == kResolved);
    CHECK(show(vm, id, 0) == shown);
    CHECK(load(vm, {id, 0}) == 42);
    CHECK(vm.pfdata.find(block) == Frame{1});
    CHECK(vm.swap.uses(block) == 1);
    CHECK(vm.swap.counters().reads == 1);
    CHECK(vm.vfault.swap == 1);
  }
}

TEST_CASE_METHOD(Faults, "vfault rescues a frame from the free list without reading") {
  const RegionId id = new_region(vm, RegionType::Data, 1);
  store(vm, {id, 0}, 42);
  swap_out(vm, {id, 0});
  const SwapCounters before = vm.swap.counters();
  REQUIRE(vfault(vm, {id, 0}, Access::Load) == kResolved);
  CHECK(show(vm, id, 0) == "frame 0 RWUA, swap 1:1");
  CHECK(vm.pfdata.refs(Frame{0}) == 1);
  CHECK(vm.swap.counters() == before);
  CHECK(vm.pfdata.counters().allocated == 1);
  CHECK(vm.vfault == VfaultCounters{{.cache = 1, .zero = 1}});
}

TEST_CASE_METHOD(Faults, "vfault maps a frame that another region uses if it holds the block") {
  const RegionId text = loaded(RegionType::Text, aligned);
  const RegionId data = loaded(RegionType::Data, aligned);
  REQUIRE(vfault(vm, {text, 0}, Access::Fetch) == kResolved);
  REQUIRE(vfault(vm, {data, 0}, Access::Store) == kResolved);
  CHECK(show(vm, data, 0) == "frame 0 RUAC, file 2");
  CHECK(vm.pfdata.refs(Frame{0}) == 2);
  CHECK(vm.vfault == VfaultCounters{{.cache = 1, .file = 1}});
}

TEST_CASE_METHOD(Faults, "blocks of different programs are different blocks") {
  const ProgramId other = vm.add({.name = "other"});
  const RegionId one = loaded(RegionType::Text, aligned);
  const RegionId two = loaded(RegionType::Text, other);
  REQUIRE(vfault(vm, {one, 0}, Access::Fetch) == kResolved);
  REQUIRE(vfault(vm, {two, 0}, Access::Fetch) == kResolved);
  CHECK(vm.vfault == VfaultCounters{{.file = 2}});
}

TEST_CASE_METHOD(Faults, "copy on write ends when a page gets a frame of its own from zeros or a file") {
  const RegionId zero = new_region(vm, RegionType::Data, 1);
  const RegionId fill = loaded(RegionType::Data, unaligned);
  const RegionId zero_copy = copy_of(zero);
  const RegionId fill_copy = copy_of(fill);
  REQUIRE(vfault(vm, {zero_copy, 0}, Access::Load) == kResolved);
  REQUIRE(vfault(vm, {fill_copy, 1}, Access::Load) == kResolved);
  CHECK(show(vm, zero_copy, 0) == "frame 0 RWUA, none");
  CHECK(show(vm, fill_copy, 1) == "frame 1 RWUA, none");
  CHECK(show(vm, zero, 0) == "no frame C, zero");
}

TEST_CASE_METHOD(Faults, "copy on write outlives the time that a page is on swap") {
  const RegionId id = new_region(vm, RegionType::Data, 1);
  store(vm, {id, 0}, 42);
  const DiskBlock block = swap_out(vm, {id, 0});
  const RegionId copy = copy_of(id);
  SECTION("read back") { vm.pfdata.drop_identity(Frame{0}); }
  SECTION("rescued") {}
  REQUIRE(vfault(vm, {id, 0}, Access::Load) == kResolved);
  REQUIRE(vfault(vm, {copy, 0}, Access::Load) == kResolved);
  const std::uint32_t frame = vm.pfdata.find(block)->value;
  CHECK(show(vm, id, 0) == fmt::format("frame {} RUAC, swap 1:1", frame));
  CHECK(show(vm, copy, 0) == fmt::format("frame {} RUAC, swap 1:1", frame));
  CHECK(vm.pfdata.refs(Frame{frame}) == 2);
}

TEST_CASE("vfault changes and counts nothing if no frame can be had") {
  Faults small(1);
  const RegionId id = new_region(small.vm, RegionType::Data, 1);
  take_free_frames(small.vm);
  CHECK(vfault(small.vm, {id, 0}, Access::Load) == FaultOutcome::NoFrame);
  CHECK(show(small.vm, id, 0) == "no frame, zero");
  CHECK(small.vm.regions[id].valid() == 0);
  CHECK(small.vm.vfault == VfaultCounters{});
  CHECK(small.vm.stealer.wakeups == 1);
}

TEST_CASE("vfault takes a frame that the stealer frees for it") {
  Faults small(1);
  const RegionId id = new_region(small.vm, RegionType::Data, 2);
  store(small.vm, {id, 0}, 42);
  CHECK(load(small.vm, {id, 1}) == 0);
  CHECK(show(small.vm, id, 0) == "no frame, swap 1:1");
  CHECK(load(small.vm, {id, 0}) == 42);
  CHECK(small.vm.stealer.wakeups == 2);
}

// Pages of a data region in blocks 1, 2, ... of swap, and in no frame any more.
RegionId on_swap(Vm& vm, std::uint32_t pages) {
  const RegionId id = new_region(vm, RegionType::Data, pages);
  for (std::uint32_t page = 0; page < pages; ++page) store(vm, {id, page}, 40 + static_cast<int>(page));
  for (std::uint32_t page = 0; page < pages; ++page) {
    const Frame frame = Page(vm, {id, page}).frame();
    swap_out(vm, {id, page});
    vm.pfdata.drop_identity(frame);
  }
  return id;
}

// As the stealer takes a page that has a current copy on swap.
void steal_again(Vm& vm, PageId id) { Page(vm, id).leave_memory(); }

TEST_CASE("prepaging brings in the pages of a file behind the one that is read") {
  const struct {
    RegionType type;
    const char* shown;
  } cases[] = {
      {RegionType::Text, "frame 1 RXU, file 3"},
      {RegionType::Data, "frame 1 RUC, file 3"},  // as by a fault of its own, but nobody has referenced it
  };
  for (const auto& [type, shown] : cases) {
    CAPTURE(type);
    Faults it;
    Vm& vm = it.vm;
    const RegionId id = new_region(vm, type, 4, it.aligned);
    loadreg(vm, id, 4, 2);
    REQUIRE(vfault(vm, {id, 0}, Access::Load, 2) == kResolved);
    CHECK(show(vm, id, 1) == shown);
    CHECK(vm.pfdata.find(DiskBlock::file(it.aligned, 4)) == Frame{2});
    CHECK(cell(vm, id, 2) == 4 * kPageSize);
    CHECK(show(vm, id, 3) == "no frame, file 5");
    CHECK(vm.regions[id].valid() == 3);
    CHECK(vm.pfdata.counters().allocated == 3);
    CHECK(vm.vfault == VfaultCounters{{.file = 1}});
  }
}

TEST_CASE_METHOD(Faults, "prepaging reads neighbours on swap by one transfer") {
  const RegionId id = on_swap(vm, 4);
  const SwapCounters before = vm.swap.counters();
  REQUIRE(vfault(vm, {id, 1}, Access::Load, 8) == kResolved);
  CHECK(vm.swap.counters().reads == before.reads + 3);
  CHECK(vm.swap.counters().transfers == before.transfers + 1);
  CHECK(show(vm, id, 0) == "no frame, swap 1:1");
  CHECK(show(vm, id, 1) == "frame 4 RWUA, swap 1:2");
  CHECK(show(vm, id, 2) == "frame 5 RWU, swap 1:3");
  CHECK(show(vm, id, 3) == "frame 6 RWU, swap 1:4");
  CHECK(load(vm, {id, 3}) == 43);
  CHECK(vm.vfault.swap == 1);
}

TEST_CASE_METHOD(Faults, "prepaging keeps copy on write") {
  const RegionId id = on_swap(vm, 2);
  const RegionId copy = copy_of(id);
  REQUIRE(vfault(vm, {copy, 0}, Access::Load, 1) == kResolved);
  CHECK(show(vm, copy, 1) == "frame 3 RUC, swap 1:2");
  CHECK(show(vm, id, 1) == "no frame C, swap 1:2");
}

TEST_CASE_METHOD(Faults, "prepaging ends where a page is in memory, in some frame, or not on the next block") {
  const RegionId id = on_swap(vm, 3);
  SECTION("in memory") { REQUIRE(vfault(vm, {id, 1}, Access::Load) == kResolved); }
  SECTION("in a frame that is free") {
    REQUIRE(vfault(vm, {id, 1}, Access::Load) == kResolved);
    steal_again(vm, {id, 1});
  }
  SECTION("in a frame of another region") {
    const RegionId copy = copy_of(id);
    REQUIRE(vfault(vm, {copy, 1}, Access::Load) == kResolved);
  }
  SECTION("elsewhere on swap") {
    const Page page(vm, {id, 1});
    page.give_up_disk_copy();
    vm.swap.use(vm.swap.alloc(1).value());
    page.name_block(vm.swap.alloc(1).value());
  }
  SECTION("demand zero") {
    REQUIRE(vfault(vm, {id, 1}, Access::Load) == kResolved);
    drop_pages(vm, id, 2);
    add_pages(vm, id, 2);
  }
  REQUIRE(vfault(vm, {id, 0}, Access::Load, 8) == kResolved);
  CHECK_FALSE(vm.page(vm.regions[id], 2).pte.valid());
}

TEST_CASE_METHOD(Faults, "prepaging takes what frames are free and wakes nobody") {
  const RegionId id = on_swap(vm, 4);
  take_free_frames(vm);
  for (const std::uint32_t frame : {5u, 6u}) PfdataTestPeer::unref(vm.pfdata, Frame{frame});
  REQUIRE(vfault(vm, {id, 0}, Access::Load, 8) == kResolved);
  CHECK(show(vm, id, 1) == "frame 6 RWU, swap 1:2");
  CHECK(show(vm, id, 2) == "no frame, swap 1:3");
  CHECK(vm.stealer == StealerCounters{});
}

TEST_CASE_METHOD(Faults, "prepaging follows no fault but one that reads from a block") {
  SECTION("a page that is rescued") {
    const RegionId id = on_swap(vm, 2);
    REQUIRE(vfault(vm, {id, 0}, Access::Load) == kResolved);
    steal_again(vm, {id, 0});
    REQUIRE(vfault(vm, {id, 0}, Access::Load, 8) == kResolved);
    CHECK(vm.vfault.cache == 1);
    CHECK_FALSE(vm.page(vm.regions[id], 1).pte.valid());
  }
  SECTION("demand zero") {
    const RegionId id = new_region(vm, RegionType::Data, 2);
    REQUIRE(vfault(vm, {id, 0}, Access::Load, 8) == kResolved);
    CHECK(vm.pfdata.used() == 1);
  }
  SECTION("demand fill, whose pages would have to be written before they could leave again") {
    const RegionId id = loaded(RegionType::Text, unaligned);
    REQUIRE(vfault(vm, {id, 0}, Access::Load, 8) == kResolved);
    CHECK(vm.pfdata.used() == 1);
  }
}

TEST_CASE_METHOD(Faults, "vfault panics at a page that is in memory or nowhere") {
  const RegionId id = new_region(vm, RegionType::Data, 2);
  store(vm, {id, 0}, 1);
  Page(vm, {id, 1}).describe(Dbd{});
  CHECK_THROWS_AS(vfault(vm, {id, 0}, Access::Load), KernelPanic);
  CHECK_THROWS_AS(vfault(vm, {id, 1}, Access::Load), KernelPanic);
}

TEST_CASE("pfault refuses all but a store to a page that is copy on write") {
  const struct {
    RegionType type;
    Access access;
  } cases[] = {
      {RegionType::Text, Access::Store},
      {RegionType::Data, Access::Fetch},
      {RegionType::Stack, Access::Fetch},
  };
  for (const auto& [type, access] : cases) {
    CAPTURE(type, access);
    Faults it;
    Vm& vm = it.vm;
    const RegionId id = it.loaded(type, it.aligned);
    REQUIRE(vfault(vm, {id, 0}, Access::Load) == kResolved);
    const std::string before = show(vm, id, 0);
    CHECK(pfault(vm, {id, 0}, access) == FaultOutcome::Violation);
    CHECK(show(vm, id, 0) == before);
    CHECK(vm.pfault == PfaultCounters{{.segv = 1}});
  }
}

TEST_CASE_METHOD(Faults, "pfault copies a page that is shared") {
  const RegionId id = new_region(vm, RegionType::Data, 1);
  store(vm, {id, 0}, 42);
  const RegionId copy = copy_of(id);
  REQUIRE(pfault(vm, {copy, 0}, Access::Store) == kResolved);
  CHECK(show(vm, copy, 0) == "frame 1 RWUAD, none");
  CHECK(show(vm, id, 0) == "frame 0 RUADC, none");
  CHECK(load(vm, {copy, 0}) == 42);
  CHECK(vm.pfdata.refs(Frame{0}) == 1);
  CHECK(vm.pfdata.refs(Frame{1}) == 1);
  CHECK(vm.pfault == PfaultCounters{{.copied = 1}});
}

TEST_CASE_METHOD(Faults, "pfault keeps the frame for the last one that maps it") {
  const RegionId id = new_region(vm, RegionType::Data, 1);
  store(vm, {id, 0}, 42);
  const RegionId copy = copy_of(id);
  REQUIRE(pfault(vm, {copy, 0}, Access::Store) == kResolved);
  REQUIRE(pfault(vm, {id, 0}, Access::Store) == kResolved);
  CHECK(show(vm, id, 0) == "frame 0 RWUAD, none");
  CHECK(vm.pfdata.used() == 2);
  CHECK(vm.pfault == PfaultCounters{{.copied = 1, .kept = 1}});
}

TEST_CASE_METHOD(Faults, "a store to a page of a file takes its frame out of the cache") {
  const RegionId data = loaded(RegionType::Data, aligned);
  REQUIRE(vfault(vm, {data, 0}, Access::Load) == kResolved);
  SECTION("kept, for the only one that maps it") {
    REQUIRE(pfault(vm, {data, 0}, Access::Store) == kResolved);
    CHECK(show(vm, data, 0) == "frame 0 RWUAD, none");
    CHECK(vm.pfdata.find(DiskBlock::file(aligned, 2)) == std::nullopt);
  }
  SECTION("copied, for one of two") {
    const RegionId text = loaded(RegionType::Text, aligned);
    REQUIRE(vfault(vm, {text, 0}, Access::Fetch) == kResolved);
    REQUIRE(pfault(vm, {data, 0}, Access::Store) == kResolved);
    CHECK(show(vm, data, 0) == "frame 1 RWUAD, none");
    CHECK(vm.pfdata.find(DiskBlock::file(aligned, 2)) == Frame{0});
    CHECK(cell(vm, data, 0) == 2 * kPageSize);
  }
}

TEST_CASE_METHOD(Faults, "a store gives up the page's block on swap, and the last one frees it") {
  const RegionId id = new_region(vm, RegionType::Data, 1);
  store(vm, {id, 0}, 42);
  const DiskBlock block = give_swap_copy(vm, {id, 0});
  const RegionId copy = copy_of(id);
  REQUIRE(pfault(vm, {copy, 0}, Access::Store) == kResolved);
  CHECK(show(vm, copy, 0) == "frame 1 RWUAD, none");
  CHECK(vm.swap.uses(block) == 1);
  CHECK(vm.pfdata.find(block) == Frame{0});
  REQUIRE(pfault(vm, {id, 0}, Access::Store) == kResolved);
  CHECK(show(vm, id, 0) == "frame 0 RWUAD, none");
  CHECK(vm.swap.free_blocks() == 8);
  CHECK(vm.pfdata.find(block) == std::nullopt);
}

TEST_CASE_METHOD(Faults, "a frame that is kept loses its identity even if another page names the block") {
  const RegionId id = new_region(vm, RegionType::Data, 1);
  store(vm, {id, 0}, 42);
  const DiskBlock block = swap_out(vm, {id, 0});
  const RegionId copy = copy_of(id);
  REQUIRE(vfault(vm, {copy, 0}, Access::Store) == kResolved);
  REQUIRE(pfault(vm, {copy, 0}, Access::Store) == kResolved);
  CHECK(vm.pfault.kept == 1);
  CHECK(vm.pfdata.find(block) == std::nullopt);
  CHECK(vm.swap.uses(block) == 1);
  store(vm, {copy, 0}, 43);
  CHECK(load(vm, {id, 0}) == 42);
}

TEST_CASE("pfault changes and counts nothing if no frame can be had") {
  Faults small(1);
  const RegionId id = new_region(small.vm, RegionType::Data, 1);
  store(small.vm, {id, 0}, 42);
  const RegionId copy = small.copy_of(id);
  small.vm.regions[id].locks = 1;
  CHECK(pfault(small.vm, {copy, 0}, Access::Store) == FaultOutcome::NoFrame);
  CHECK(show(small.vm, copy, 0) == "frame 0 RUADC, none");
  CHECK(small.vm.pfault == PfaultCounters{});
  CHECK(small.vm.stealer.wakeups == 1);
}

TEST_CASE(
    "pfault copies a page that was shared when it looked, though the stealer has ended the "
    "sharing") {
  Faults small(2);
  Vm& vm = small.vm;
  const RegionId id = new_region(vm, RegionType::Data, 1);
  store(vm, {id, 0}, 42);
  const RegionId copy = small.copy_of(id);
  const RegionId other = new_region(vm, RegionType::Data, 1);
  store(vm, {other, 0}, 7);
  REQUIRE(pfault(vm, {copy, 0}, Access::Store) == kResolved);
  CHECK(show(vm, id, 0) == "no frame C, swap 1:1");
  CHECK(show(vm, other, 0) == "no frame, swap 1:2");
  CHECK(show(vm, copy, 0) == "frame 1 RWUAD, none");
  CHECK(load(vm, {copy, 0}) == 42);
  CHECK(vm.pfault == PfaultCounters{{.copied = 1}});
  // The frame that both had mapped is free, and holds the block that the stealer wrote.
  CHECK(vm.pfdata.find(DiskBlock::swap(1, 1)) == Frame{0});
  CHECK(free_list(vm.pfdata) == std::vector<std::uint32_t>{0});
}

TEST_CASE_METHOD(Faults, "pfault panics at a page that is not in memory") {
  const RegionId id = new_region(vm, RegionType::Data, 1);
  CHECK_THROWS_AS(pfault(vm, {id, 0}, Access::Store), KernelPanic);
}

}  // namespace
}  // namespace bachsim
