#include "regions/vhand.h"

#include <catch2/catch.hpp>

#include "regions/fault.h"
#include "regions/getpage.h"
#include "regions/pregion.h"
#include "regions/regops.h"
#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

// A machine whose stealer a test drives by hand.
struct Stealer {
  explicit Stealer(const Config& config) : vm(config) {}

  // A data region whose pages have all been stored to, 1, 2, 3 and so on.
  RegionId written(std::uint32_t pages) {
    const RegionId id = new_region(vm, RegionType::Data, pages);
    for (std::uint32_t page = 0; page < pages; ++page) store(vm, {id, page}, static_cast<int>(page + 1));
    return id;
  }

  RegionId copy_of(RegionId id) {
    const RegionId copy = allocreg(vm, RegionType::Data, vm.regions[id].program);
    dupreg(vm, id, copy);
    return copy;
  }

  // Ages every page so that the next examination steals it.
  void grow_old() {
    for (std::uint64_t round = 0; round < vm.config.max_age; ++round) age(vm);
  }

  Vm vm;
};

struct OldAtOne : Stealer {
  OldAtOne() : Stealer({.frames = 8, .swap = {8}, .max_age = 1}) {}
};

TEST_CASE("a page grows older by every examination until it is stolen") {
  Stealer it({.frames = 2, .swap = {4}, .max_age = 3});
  const RegionId id = it.written(1);
  for (const std::string shown :
       {"frame 0 RWUD, none", "frame 0 RWUD, none age 1", "frame 0 RWUD, none age 2", "no frame, swap 1:1"}) {
    age(it.vm);
    CHECK(show(it.vm, id, 0) == shown);
  }
  age(it.vm);  // nothing is left to examine
  CHECK(it.vm.stealer == StealerCounters{.examined = 4, .referenced = 1, .stolen = 1, .written = 1});
}

TEST_CASE("a reference makes a page young again") {
  Stealer it({.frames = 2, .swap = {4}, .max_age = 3});
  const RegionId id = it.written(1);
  it.grow_old();
  REQUIRE(show(it.vm, id, 0) == "frame 0 RWUD, none age 2");
  CHECK(load(it.vm, {id, 0}) == 1);
  age(it.vm);
  CHECK(show(it.vm, id, 0) == "frame 0 RWUD, none");
  CHECK(it.vm.stealer.referenced == 2);
}

TEST_CASE_METHOD(OldAtOne, "a page without a disk copy is written to swap before it is stolen") {
  const RegionId id = written(1);
  steal(vm, 1);
  CHECK(show(vm, id, 0) == "no frame, swap 1:1");
  CHECK(vm.swap.uses(DiskBlock::swap(1, 1)) == 1);
  CHECK(vm.pfdata.find(DiskBlock::swap(1, 1)) == Frame{0});
  CHECK(vm.pfdata.refs(Frame{0}) == 0);
  CHECK(vm.regions[id].valid() == 0);
  CHECK(vm.swap.counters() == SwapCounters{.writes = 1, .transfers = 1, .blocks_allocated = 1});
  vm.pfdata.drop_identity(Frame{0});
  CHECK(load(vm, {id, 0}) == 1);
}

TEST_CASE("a page whose disk copy is current is stolen without writing") {
  const struct {
    RegionType type;
    const char* after;
  } cases[] = {{RegionType::Text, "no frame, file 5"}, {RegionType::Data, "no frame C, file 5"}};
  for (const auto& [type, after] : cases) {
    CAPTURE(type);
    OldAtOne it;
    Vm& vm = it.vm;
    const ProgramId program = vm.add({.name = "prog"});
    const RegionId id = new_region(vm, type, 1, program);
    loadreg(vm, id, 1, 5);
    CHECK(load(vm, {id, 0}) == 0);
    steal(vm, 1);
    CHECK(show(vm, id, 0) == after);
    CHECK(vm.pfdata.find(DiskBlock::file(program, 5)) == Frame{0});
    CHECK(vm.swap.counters() == SwapCounters{});
    CHECK(vm.stealer == StealerCounters{.examined = 2, .referenced = 1, .stolen = 1});
  }
}

TEST_CASE_METHOD(OldAtOne, "a page that was not stored to since it came from swap keeps its block") {
  const RegionId id = written(1);
  steal(vm, 1);
  CHECK(load(vm, {id, 0}) == 1);
  const SwapCounters before = vm.swap.counters();
  steal(vm, 1);
  CHECK(show(vm, id, 0) == "no frame, swap 1:1");
  CHECK(vm.swap.counters() == before);
  CHECK(vm.swap.uses(DiskBlock::swap(1, 1)) == 1);
}

TEST_CASE_METHOD(OldAtOne, "an old swap copy is given up, and the page is written anew") {
  const RegionId id = written(1);
  steal(vm, 1);
  store(vm, {id, 0}, 9);
  REQUIRE(show(vm, id, 0) == "frame 0 RWUAD, swap 1:1");
  steal(vm, 1);
  CHECK(show(vm, id, 0) == "no frame, swap 1:1");  // the first fit is the block just freed
  CHECK(vm.swap.counters().blocks_freed == 1);
  CHECK(vm.swap.counters().writes == 2);
  vm.pfdata.drop_identity(Frame{0});
  CHECK(load(vm, {id, 0}) == 9);
}

TEST_CASE("pages that share a frame share its block and its one write") {
  // With a cluster of 1 the second page finds the block written; with 2 it joins the list.
  for (const std::uint64_t cluster : {1u, 2u}) {
    CAPTURE(cluster);
    Stealer it({.frames = 4, .swap = {8}, .max_age = 1, .cluster = cluster});
    const RegionId id = it.written(1);
    const RegionId copy = it.copy_of(id);
    it.grow_old();
    age(it.vm);
    CHECK(show(it.vm, id, 0) == "no frame C, swap 1:1");
    CHECK(show(it.vm, copy, 0) == "no frame C, swap 1:1");
    CHECK(it.vm.swap.uses(DiskBlock::swap(1, 1)) == 2);
    CHECK(it.vm.pfdata.refs(Frame{0}) == 0);
    CHECK(it.vm.stealer == StealerCounters{.examined = 4, .referenced = 2, .stolen = 2, .written = 1});
    CHECK(it.vm.swap.counters().writes == 1);
  }
}

TEST_CASE("a page takes the block that a sharer of its frame has written") {
  Stealer it({.frames = 4, .swap = {8}, .max_age = 1});
  const RegionId id = it.written(1);
  const RegionId copy = it.copy_of(id);
  it.vm.regions[copy].locks = 1;
  it.grow_old();
  age(it.vm);
  REQUIRE(show(it.vm, id, 0) == "no frame C, swap 1:1");
  REQUIRE(show(it.vm, copy, 0) == "frame 0 RUADC, none");
  it.vm.regions[copy].locks = 0;
  it.grow_old();
  age(it.vm);
  CHECK(show(it.vm, copy, 0) == "no frame C, swap 1:1");
  CHECK(it.vm.swap.uses(DiskBlock::swap(1, 1)) == 2);
  CHECK(it.vm.stealer.written == 1);
}

TEST_CASE("the out-list is written in clusters, and what is left at the end") {
  const struct {
    std::uint64_t cluster;
    std::uint64_t transfers;
  } cases[] = {{1, 5}, {2, 3}, {4, 2}, {5, 1}, {9, 1}};
  for (const auto& [cluster, transfers] : cases) {
    CAPTURE(cluster);
    Stealer it({.frames = 8, .swap = {8}, .max_age = 1, .cluster = cluster});
    const RegionId id = it.written(5);
    it.grow_old();
    age(it.vm);
    CHECK(it.vm.swap.counters().transfers == transfers);
    CHECK(it.vm.swap.counters().writes == 5);
    for (std::uint32_t page = 0; page < 5; ++page)
      CHECK(show(it.vm, id, page) == fmt::format("no frame, swap 1:{}", page + 1));
    // Frames are free in the order of the list.
    CHECK(free_list(it.vm.pfdata) == std::vector<std::uint32_t>{5, 6, 7, 0, 1, 2, 3, 4});
  }
}

TEST_CASE("frames that share an out-list leave it in the order in which they came") {
  Stealer it({.frames = 4, .swap = {8}, .max_age = 1, .cluster = 4});
  const RegionId id = it.written(2);
  const RegionId copy = it.copy_of(id);
  it.grow_old();
  age(it.vm);
  CHECK(show(it.vm, id, 1) == "no frame C, swap 1:2");
  CHECK(show(it.vm, copy, 1) == "no frame C, swap 1:2");
  CHECK(show(it.vm, copy, 0) == "no frame C, swap 1:1");
  CHECK(free_list(it.vm.pfdata) == std::vector<std::uint32_t>{2, 3, 0, 1});
}

TEST_CASE("without an extent for the whole out-list it is written page by page") {
  Stealer it({.frames = 8, .swap = {2, 1, 2}, .max_age = 1, .cluster = 3});
  const RegionId id = it.written(3);
  it.grow_old();
  age(it.vm);
  CHECK(it.vm.swap.counters().transfers == 3);
  CHECK(show(it.vm, id, 0) == "no frame, swap 1:1");
  CHECK(show(it.vm, id, 1) == "no frame, swap 2:1");
  CHECK(show(it.vm, id, 2) == "no frame, swap 3:1");
}

// A swap device that takes so many pages and then fails, until it is mended.
struct FailingPages : PageStore {
  explicit FailingPages(int good) : left(good) {}
  void read(std::uint64_t, std::byte*) const override {}
  void write(std::uint64_t, const std::byte*) override {
    if (left-- == 0) throw HostLimit("it cannot be written");
  }
  int left;
};

TEST_CASE("pages that the host could not write stay in memory, and the next run of the stealer writes them") {
  // An extent of 3 blocks is there, or single blocks alone.
  const std::vector<std::uint64_t> cases[] = {{4}, {2, 2}};
  for (const std::vector<std::uint64_t>& devices : cases) {
    CAPTURE(devices.size());
    FailingPages pages(1);
    Vm vm({.frames = 4, .swap = devices, .max_age = 1, .cluster = 3}, {.swap_pages = &pages});
    const RegionId id = new_region(vm, RegionType::Data, 3);
    for (std::uint32_t page = 0; page < 3; ++page) store(vm, {id, page}, 1);
    age(vm);
    CHECK_THROWS_AS(age(vm), HostLimit);
    CHECK(show(vm, id, 0) == "no frame, swap 1:1");
    CHECK(show(vm, id, 1) == "frame 1 RWUD, none age 1");
    CHECK(show(vm, id, 2) == "frame 2 RWUD, none age 1");
    CHECK(vm.pfdata.out_list_position(Frame{1}) == 0);
    CHECK(vm.swap.free_blocks() == 3);
    Violations found;
    vm.swap.audit(found);
    vm.pfdata.audit(found);
    CHECK(found.empty());
    pages.left = 4;
    age(vm);
    CHECK(vm.regions[id].valid() == 0);
    CHECK(vm.swap.free_blocks() == 1);
  }
}

TEST_CASE("pages for which there is no swap space stay in memory") {
  for (const std::uint64_t cluster : {1u, 2u, 8u}) {
    CAPTURE(cluster);
    Stealer it({.frames = 8, .swap = {2}, .max_age = 1, .cluster = cluster});
    const RegionId id = it.written(3);
    it.grow_old();
    age(it.vm);
    CHECK(show(it.vm, id, 1) == "no frame, swap 1:2");
    CHECK(show(it.vm, id, 2) == "frame 2 RWUD, none age 1");
    CHECK(it.vm.pfdata.out_list_position(Frame{2}) == 0);
    CHECK(it.vm.stealer.stolen == 2);
    CHECK(load(it.vm, {id, 2}) == 3);
  }
}

TEST_CASE("a page that gave up its old copy stays in memory without one if swap is full") {
  Stealer it({.frames = 8, .swap = {1}, .max_age = 1, .cluster = 2});
  const RegionId id = it.written(2);
  const DiskBlock old = give_swap_copy(it.vm, {id, 1});
  store(it.vm, {id, 1}, 9);
  it.grow_old();
  age(it.vm);
  // Page 0 comes first on the list, and has the block that page 1 gave up.
  CHECK(show(it.vm, id, 0) == "no frame, swap 1:1");
  CHECK(show(it.vm, id, 1) == "frame 1 RWUD, none age 1");
  CHECK(it.vm.swap.uses(old) == 1);
}

TEST_CASE_METHOD(OldAtOne, "plocked regions are passed over") {
  const RegionId locked = written(1);
  const RegionId other = written(1);
  vm.regions[locked].locks = 1;
  grow_old();
  age(vm);
  CHECK(show(vm, locked, 0) == "frame 0 RWUAD, none");
  CHECK(show(vm, other, 0) == "no frame, swap 1:1");
  CHECK(vm.stealer.examined == 2);
}

TEST_CASE("rounds go by region id and page, from behind the hand") {
  Stealer it({.frames = 8, .swap = {8}, .max_age = 1});
  const RegionId one = it.written(2);
  const RegionId two = it.written(2);
  it.grow_old();
  REQUIRE(it.vm.hand == PageId{two, 1});
  for (const PageId expected : {PageId{one, 0}, PageId{one, 1}, PageId{two, 0}}) {
    steal(it.vm, 1);
    CHECK(it.vm.hand == expected);
    CHECK_FALSE(it.vm.page(it.vm.regions[expected.region], expected.page).pte.valid());
  }
  CHECK(it.vm.stealer.stolen == 3);
  CHECK(it.vm.stealer.examined == 4 + 3);
}

TEST_CASE("a round that begins inside a region ends inside it") {
  Stealer it({.frames = 8, .swap = {8}, .max_age = 2});
  const RegionId one = it.written(1);
  const RegionId two = it.written(3);
  const RegionId three = it.written(1);
  it.vm.hand = {two, 1};
  age(it.vm);
  CHECK(it.vm.hand == PageId{two, 1});
  CHECK(it.vm.stealer.examined == 5);
  CHECK(it.vm.stealer.referenced == 5);
  it.grow_old();
  for (const PageId first : {PageId{two, 2}, PageId{three, 0}, PageId{one, 0}, PageId{two, 0}, PageId{two, 1}})
    CHECK_FALSE(it.vm.page(it.vm.regions[first.region], first.page).pte.valid());
  // The order of the round is the order of the blocks.
  CHECK(show(it.vm, two, 2) == "no frame, swap 1:1");
  CHECK(show(it.vm, three, 0) == "no frame, swap 1:2");
  CHECK(show(it.vm, one, 0) == "no frame, swap 1:3");
  CHECK(show(it.vm, two, 0) == "no frame, swap 1:4");
  CHECK(show(it.vm, two, 1) == "no frame, swap 1:5");
}

TEST_CASE("the stealer passes over the page that is being served") {
  Stealer it({.frames = 1, .swap = {4}, .max_age = 1});
  const RegionId id = it.written(1);
  CHECK_FALSE(getpage(it.vm, {id, 0}));
  CHECK(show(it.vm, id, 0) == "frame 0 RWUAD, none");
  CHECK(it.vm.stealer == StealerCounters{.wakeups = 1});
  CHECK(getpage(it.vm, {id, 1})->frame == Frame{0});
  CHECK(show(it.vm, id, 0) == "no frame, swap 1:1");
  CHECK(it.vm.stealer.wakeups == 2);
}

TEST_CASE("a frame from the free list wakes nobody") {
  Stealer it({.frames = 2, .low = 2, .max_age = 1});
  CHECK(getpage(it.vm, {}));
  CHECK(it.vm.stealer.wakeups == 0);
}

TEST_CASE("the stealer wakes below the low water mark and works up to the high one") {
  const struct {
    std::uint64_t low;
    std::uint64_t high;
    std::uint64_t wakeups;
    std::uint32_t free;
  } cases[] = {
      {0, 0, 0, 2},
      {2, 4, 0, 2},  // exactly low is not below it
      {3, 5, 1, 5},
      {3, 0, 1, 3},  // high is low at least
  };
  for (const auto& [low, high, wakeups, free] : cases) {
    CAPTURE(low, high);
    Stealer it({.frames = 8, .swap = {8}, .low = low, .high = high, .max_age = 1});
    it.written(6);
    if (is_below_low_water(it.vm)) vhand(it.vm);
    CHECK(it.vm.stealer.wakeups == wakeups);
    CHECK(it.vm.pfdata.free() == free);
  }
}

TEST_CASE("stealing by hand is no wake-up, and goes to the high mark or for so many more") {
  const struct {
    std::uint64_t high;
    std::optional<std::uint64_t> more;
    std::uint32_t free;
  } cases[] = {{5, std::nullopt, 5}, {0, std::nullopt, 2}, {5, 1, 3}, {5, 0, 2}, {5, 100, 8}};
  for (const auto& [high, more, free] : cases) {
    CAPTURE(high, more);
    Stealer it({.frames = 8, .swap = {8}, .high = high, .max_age = 1});
    it.written(6);
    steal(it.vm, more);
    CHECK(it.vm.pfdata.free() == free);
    CHECK(it.vm.stealer.wakeups == 0);
  }
}

TEST_CASE("the stealer gives up after as many idle rounds as a page takes to grow old") {
  const struct {
    std::uint64_t max_age;
    std::uint64_t examined;
  } cases[] = {{1, 2 * 3}, {2, 3 * 3}, {4, 5 * 3}};
  for (const auto& [max_age, examined] : cases) {
    CAPTURE(max_age);
    Stealer it({.frames = 3, .max_age = max_age});
    it.written(3);
    steal(it.vm, 1);
    CHECK(it.vm.stealer == StealerCounters{.examined = examined, .referenced = 3});
  }
}

TEST_CASE("a round that frees a frame gives the stealer patience again") {
  // Page 1 has no block to go to. Rounds: A cleared, page 0 freed, then two that free nothing.
  Stealer it({.frames = 2, .swap = {1}, .max_age = 1});
  it.written(2);
  steal(it.vm, 2);
  CHECK(it.vm.pfdata.free() == 1);
  CHECK(it.vm.stealer.examined == 2 + 2 + 1 + 1);
}

TEST_CASE("pages on the out-list are not examined again") {
  Stealer it({.frames = 4, .swap = {8}, .max_age = 1, .cluster = 3});
  it.written(2);
  steal(it.vm, 2);
  // Round 1 clears A, round 2 puts both on the list; they are free only when the stealer stops.
  CHECK(it.vm.stealer.examined == 4);
  CHECK(it.vm.pfdata.free() == 4);
}

TEST_CASE("whatever the stealer takes from a page leaves the TLB") {
  Stealer it({.frames = 4, .swap = {8}, .max_age = 2});
  const RegionId id = it.written(1);
  AddressSpace space;
  open_space(it.vm, space);
  attachreg(it.vm, space, id, kTextStart);
  it.vm.hart.write_satp(satp_of(it.vm, space));
  REQUIRE(it.vm.hart.access(kTextStart, Access::Store));
  age(it.vm);
  CHECK(it.vm.hart.counters().flushes == 1);
  REQUIRE(it.vm.hart.access(kTextStart, Access::Load));
  CHECK(show(it.vm, id, 0) == "frame 0 RWUAD, none");  // by a walk, not from the TLB
  age(it.vm);
  age(it.vm);
  CHECK(it.vm.hart.counters().flushes == 2);  // growing older takes nothing away
  age(it.vm);
  CHECK(it.vm.hart.counters().flushes == 3);
  CHECK(it.vm.hart.access(kTextStart, Access::Load).error().cause == Cause::LoadPageFault);
}

}  // namespace
}  // namespace bachsim
