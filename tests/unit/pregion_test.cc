#include "regions/pregion.h"

#include <catch2/catch.hpp>

#include "regions/layout.h"
#include "regions/promise.h"
#include "regions/regops.h"
#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

constexpr VirtAddr kDataAt{4 * kMiB};

// A space with a data region and a stack.
struct Attached {
  explicit Attached(std::uint32_t data_pages, std::uint32_t stack_pages,
                    std::optional<std::uint64_t> tables = std::nullopt)
      : vm({.frames = 8, .swap = {8}, .tables = tables}) {
    open_space(vm, space);
    attachreg(vm, space, new_region(vm, RegionType::Data, data_pages), kDataAt);
    attachreg(vm, space, new_region(vm, RegionType::Stack, stack_pages), kStackEnd);
  }

  Region& region(std::size_t index) { return vm.regions[space.pregions[index].region]; }
  PageId page(std::size_t index, std::uint32_t number) { return {space.pregions[index].region, number}; }

  Vm vm;
  AddressSpace space;
};

TEST_CASE("pages are counted from a region's start, but in a stack from its end") {
  const struct {
    RegionType type;
    std::uint64_t page;
    std::uint64_t address;
  } cases[] = {
      {RegionType::Data, 0, 0x400000},
      {RegionType::Data, 3, 0x403000},
      {RegionType::Stack, 0, 0x3ff000},
      {RegionType::Stack, 3, 0x3fc000},
  };
  for (const auto& [type, page, address] : cases) {
    CAPTURE(type, page);
    const Pregion pregion{.region = {}, .type = type, .anchor = VirtAddr{0x400000}};
    Region region;
    region.pages = 5;
    CHECK(address_of(pregion, page) == VirtAddr{address});
    CHECK(lowest_address(pregion, region).value == (type == RegionType::Stack ? 0x3fb000u : 0x400000u));
  }
}

TEST_CASE("an address belongs to the page that covers it") {
  Attached it(2, 3);
  const struct {
    std::uint64_t address;
    std::optional<std::pair<std::size_t, std::uint32_t>> page;
  } cases[] = {
      {0x3fffff, {}},
      {0x400000, {{0, 0}}},
      {0x400fff, {{0, 0}}},
      {0x401000, {{0, 1}}},
      {0x402000, {}},
      {kStackEnd.value, {}},
      {kStackEnd.value - 1, {{1, 0}}},
      {kStackEnd.value - 0x1001, {{1, 1}}},
      {kStackEnd.value - 0x3000, {{1, 2}}},
      {kStackEnd.value - 0x3001, {}},
      {0, {}},
      {~std::uint64_t{0}, {}},
  };
  for (const auto& [address, page] : cases) {
    CAPTURE(address);
    const auto found = find_page(it.vm, it.space, VirtAddr{address});
    REQUIRE(found.has_value() == page.has_value());
    if (page) CHECK(std::pair(found->index, found->page) == *page);
  }
}

TEST_CASE("a region of no pages covers no address") {
  Attached it(0, 0);
  CHECK_FALSE(find_page(it.vm, it.space, kDataAt));
  CHECK_FALSE(find_page(it.vm, it.space, VirtAddr{kStackEnd.value - 1}));
  CHECK(it.vm.tables.used() == 1);
}

TEST_CASE("attaching counts, and links the same leaf tables into every space") {
  Attached it(0, 0);
  Vm& vm = it.vm;
  const RegionId shared = new_region(vm, RegionType::Shm, 600);
  AddressSpace other;
  open_space(vm, other);
  attachreg(vm, it.space, shared, kShmStart, 5);
  attachreg(vm, other, shared, VirtAddr{kShmStart.value + kGiB}, 6);
  CHECK(vm.regions[shared].refs() == 2);
  CHECK(it.space.pregions.back().key == 5);
  const VirtAddr second{kShmStart.value + kLeafSpan};
  CHECK(leaf_table(vm, it.space, second) == vm.regions[shared].leaves[1]);
  CHECK(leaf_table(vm, other, VirtAddr{second.value + kGiB}) == vm.regions[shared].leaves[1]);
  detachreg(vm, other, 0);
  CHECK(vm.regions[shared].refs() == 1);
  CHECK(vm.regions[shared].pages == 600);
  CHECK(leaf_table(vm, it.space, second) == vm.regions[shared].leaves[1]);
  detachreg(vm, it.space, 2);
  CHECK_FALSE(vm.regions[shared].active);
  CHECK(vm.tables.used() == 2);  // the roots
}

TEST_CASE("a detached pregion takes its lock with it") {
  Attached it(1, 0);
  const RegionId shared = new_region(it.vm, RegionType::Shm, 1);
  it.vm.regions.hold(shared);
  attachreg(it.vm, it.space, shared, kShmStart);
  lock_pregion(it.vm, it.space.pregions[2], true);
  REQUIRE(it.vm.regions[shared].locks == 1);
  detachreg(it.vm, it.space, 2);
  CHECK(it.vm.regions[shared].locks == 0);
}

TEST_CASE("locking twice is locking once") {
  Attached it(1, 0);
  Pregion& pregion = it.space.pregions[0];
  for (const auto& [lock, locks] : {std::pair{true, 1u}, {true, 1u}, {false, 0u}, {false, 0u}}) {
    lock_pregion(it.vm, pregion, lock);
    CHECK(it.region(0).locks == locks);
  }
}

TEST_CASE("a space that is released gives everything back") {
  Attached it(600, 600);
  store(it.vm, it.page(0, 599), 1);
  store(it.vm, it.page(1, 599), 1);
  release_space(it.vm, it.space);
  CHECK(it.vm.tables.used() == 0);
  CHECK(it.vm.pfdata.used() == 0);
  CHECK(it.vm.regions.active() == 0);
  CHECK(it.space.pregions.empty());
}

TEST_CASE("a region grows and shrinks at its moving end") {
  for (const std::size_t index : {0u, 1u}) {
    CAPTURE(index);
    Attached it(1, 1);
    const Pregion pregion = it.space.pregions[index];
    store(it.vm, it.page(index, 0), 7);
    growreg(it.vm, it.space, pregion, 600);
    CHECK(it.region(index).pages == 601);
    CHECK(leaf_table(it.vm, it.space, address_of(pregion, 600)) == it.region(index).leaves[1]);
    CHECK(leaf_table(it.vm, it.space, address_of(pregion, 0)) == it.region(index).leaves[0]);
    store(it.vm, it.page(index, 600), 8);
    growreg(it.vm, it.space, pregion, -89);
    CHECK(it.region(index).pages == 512);
    CHECK(it.vm.pfdata.used() == 1);
    CHECK(leaf_table(it.vm, it.space, address_of(pregion, 600)) != it.region(index).leaves[0]);
    CHECK(it.region(index).leaves.size() == 1);
    growreg(it.vm, it.space, pregion, 0);
    CHECK(load(it.vm, it.page(index, 0)) == 7);
    growreg(it.vm, it.space, pregion, -512);
    CHECK(it.region(index).pages == 0);
    CHECK(it.vm.pfdata.used() == 0);
  }
}

TEST_CASE("pages that a region lost are not in the TLB") {
  Attached it(2, 0);
  store(it.vm, it.page(0, 1), 7);
  it.vm.hart.write_satp(satp_of(it.vm, it.space));
  const VirtAddr va{kDataAt.value + kPageSize};
  REQUIRE(it.vm.hart.access(va, Access::Store));
  growreg(it.vm, it.space, it.space.pregions[0], -1);  // the leaf table stays
  CHECK_FALSE(it.vm.hart.access(va, Access::Load));
}

// Root, two middle tables and two leaf tables are there.
constexpr struct {
  std::uint64_t change;
  std::uint64_t needed;
} kGrowths[] = {
    {512, 1},                 // one leaf table
    {1024, 2},                // two
    {kGiB / kPageSize, 513},  // 512, and a middle table
};

TEST_CASE("growing is refused, and changes nothing, for want of table frames") {
  for (const auto& [change, needed] : kGrowths) {
    CAPTURE(change);
    Attached it(1, 1, 5 + needed - 1);
    Promise promise(it.vm);
    promise.growth(it.space, it.space.pregions[0], change);
    CHECK(promise.take() == Promise::Lack::Tables);
    CHECK(it.region(0).pages == 1);
    CHECK(it.region(0).leaves.size() == 1);
    CHECK(it.vm.tables.used() == 5);
    CHECK(it.vm.tables.peak() == 5);
    CHECK(it.space.middles.size() == 2);
  }
}

TEST_CASE("growing is granted with not one table frame to spare") {
  for (const auto& [change, needed] : kGrowths) {
    CAPTURE(change);
    Attached it(1, 1, 5 + needed);
    Promise promise(it.vm);
    promise.growth(it.space, it.space.pregions[0], change);
    REQUIRE(promise.take() == Promise::Lack::Nothing);
    growreg(it.vm, it.space, it.space.pregions[0], static_cast<std::int64_t>(change));
    CHECK(it.vm.tables.available() == 0);
  }
}

TEST_CASE("a region that two spaces hold does not grow") {
  Attached it(1, 1);
  it.vm.regions.hold(it.space.pregions[0].region);
  CHECK_THROWS_AS(growreg(it.vm, it.space, it.space.pregions[0], 1), KernelPanic);
}

TEST_CASE("a pregion is found by its type, and shared memory by its key too") {
  Attached it(1, 1);
  for (const std::uint64_t key : {5u, 6u})
    attachreg(it.vm, it.space, new_region(it.vm, RegionType::Shm, 1), VirtAddr{kShmStart.value + key * kLeafSpan}, key);
  CHECK(find_pregion(it.space, RegionType::Stack) == &it.space.pregions[1]);
  CHECK(find_pregion(it.space, RegionType::Shm, 6) == &it.space.pregions[3]);
  CHECK(find_pregion(it.space, RegionType::Shm, 7) == nullptr);
  CHECK(find_pregion(it.space, RegionType::Text) == nullptr);
}

TEST_CASE("data starts behind its text, or in its place") {
  const struct {
    std::uint64_t text;
    std::uint64_t start;
  } cases[] = {{0, 2 * kMiB}, {1, 4 * kMiB}, {512, 4 * kMiB}, {513, 6 * kMiB}};
  for (const auto& [text, start] : cases) {
    CAPTURE(text);
    CHECK(data_start(text) == VirtAddr{start});
  }
}

TEST_CASE("shared memory ends below where the stack may grow to") {
  const struct {
    std::uint64_t limit;
    std::uint64_t end;
  } cases[] = {
      {0, 256 * kGiB},
      {1, 256 * kGiB - 2 * kMiB},
      {512, 256 * kGiB - 2 * kMiB},
      {513, 256 * kGiB - 4 * kMiB},
      {2048, 256 * kGiB - 8 * kMiB},
  };
  for (const auto& [limit, end] : cases) {
    CAPTURE(limit);
    CHECK(shm_end(limit) == VirtAddr{end});
  }
}

}  // namespace
}  // namespace bachsim
