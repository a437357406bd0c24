#include "regions/space.h"

#include <catch2/catch.hpp>

#include "regions/pregion.h"
#include "regions/regops.h"
#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

constexpr std::uint32_t kPagesPerGiB = kGiB / kPageSize;

// A space without pregions in a machine of one mode.
struct Space {
  explicit Space(PagingMode mode = PagingMode::Sv39) : vm({.frames = 4, .mode = mode}) { open_space(vm, space); }

  Pregion pregion(RegionType type, std::uint32_t pages, VirtAddr anchor) {
    return {.region = new_region(vm, type, pages, vm.add({.name = "prog"})), .type = type, .anchor = anchor};
  }

  // Links all that the pregion's region has.
  void link_all(const Pregion& pregion) { link(vm, space, pregion, 0, vm.regions[pregion.region].leaves.size()); }
  void unlink_all(const Pregion& pregion) { unlink(vm, space, pregion, 0, vm.regions[pregion.region].leaves.size()); }

  // Table frames above the leaf tables.
  std::uint64_t upper() {
    std::uint64_t leaves = 0;
    vm.regions.for_each([&](RegionId, const Region& region) { leaves += region.leaves.size(); });
    return vm.tables.used() - leaves;
  }

  Vm vm;
  AddressSpace space;
};

TEST_CASE("the leaf tables of a stack lie below its end, those of other regions from their start on") {
  const struct {
    RegionType type;
    std::uint64_t begin;
    std::uint64_t end;
    std::uint64_t first;
  } cases[] = {
      {RegionType::Data, 0, 1, 10},
      {RegionType::Data, 2, 5, 12},
      {RegionType::Stack, 0, 1, 9},
      {RegionType::Stack, 1, 4, 6},
  };
  for (const auto& [type, begin, end, first] : cases) {
    CAPTURE(type, begin);
    const LeafRange range = leaf_range(type, VirtAddr{10 * kLeafSpan}, begin, end);
    CHECK(range.first == first);
    CHECK(range.count == end - begin);
  }
}

TEST_CASE("tables that a space lacks are one for each GiB, and those of deeper modes once") {
  using Ranges = std::vector<LeafRange>;
  const std::uint64_t gib = kTableEntries;  // leaf tables in one
  const struct {
    std::vector<std::uint64_t> present;
    Ranges ranges;
    std::uint64_t missing;
  } cases[] = {
      {{}, {}, 0},
      {{}, {{5, 0}}, 0},
      {{}, {{5, 1}}, 1},
      {{}, {{gib - 1, 1}}, 1},
      {{}, {{gib - 1, 2}}, 2},
      {{}, {{0, 1}, {1, 1}, {255 * gib, 1}}, 2},  // two regions in one GiB
      {{}, {{0, gib + 1}, {gib + 1, gib}}, 3},
      {{0}, {{5, 1}}, 0},
      {{0, 2}, {{0, 4 * gib}}, 2},
      {{1}, {{0, 1}, {1, 1}}, 1},
  };
  for (const auto& [present, ranges, missing] : cases) {
    CAPTURE(present, ranges.size(), missing);
    std::vector<Middle> middles;
    for (const std::uint64_t number : present) middles.push_back({.gib = number, .table = {}, .links = 1});
    const std::uint64_t deeper = present.empty() && missing > 0 ? 1 : 0;
    CHECK(missing_tables(PagingMode::Sv39, middles, ranges) == missing);
    CHECK(missing_tables(PagingMode::Sv48, middles, ranges) == missing + deeper);
    CHECK(missing_tables(PagingMode::Sv57, middles, ranges) == missing + 2 * deeper);
  }
}

TEST_CASE("a space has a root, and with a page the tables between it and its leaf tables") {
  const struct {
    PagingMode mode;
    std::uint64_t extra;
  } cases[] = {{PagingMode::Sv39, 0}, {PagingMode::Sv48, 1}, {PagingMode::Sv57, 2}};
  for (const auto& [mode, extra] : cases) {
    CAPTURE(mode);
    Space it(mode);
    CHECK(it.upper() == 1);
    const Pregion low = it.pregion(RegionType::Data, 1, kTextStart);
    const Pregion high = it.pregion(RegionType::Stack, 1, kStackEnd);
    it.link_all(low);
    CHECK(it.upper() == 2 + extra);
    it.link_all(high);
    CHECK(it.upper() == 3 + extra);
    CHECK(upper_tables(mode, it.space) == 3 + extra);
    CHECK(leaf_table(it.vm, it.space, kTextStart) == it.vm.regions[low.region].leaves[0]);
    CHECK(leaf_table(it.vm, it.space, VirtAddr{kStackEnd.value - 1}) == it.vm.regions[high.region].leaves[0]);
    it.unlink_all(low);
    CHECK(it.upper() == 2 + extra);
    CHECK(leaf_table(it.vm, it.space, kTextStart) == std::nullopt);
    it.unlink_all(high);
    CHECK(it.upper() == 1);
    CHECK(audit_of(it.vm.tables).empty());
    close_space(it.vm, it.space);
    CHECK(it.upper() == 0);
  }
}

TEST_CASE("a region that crosses a GiB has a middle table in each") {
  const struct {
    RegionType type;
    VirtAddr anchor;
  } cases[] = {{RegionType::Data, VirtAddr{kGiB - kLeafSpan}}, {RegionType::Stack, VirtAddr{kGiB + kLeafSpan}}};
  for (const auto& [type, anchor] : cases) {
    CAPTURE(type);
    Space it;
    const Pregion pregion = it.pregion(type, 1024, anchor);
    it.link_all(pregion);
    CHECK(it.upper() == 3);
    const Region& region = it.vm.regions[pregion.region];
    for (const std::uint32_t page : {0u, 511u, 512u, 1023u})
      CHECK(leaf_table(it.vm, it.space, address_of(pregion, page)) == region.leaves[page / kTableEntries]);
    unlink(it.vm, it.space, pregion, 1, 2);
    CHECK(it.upper() == 2);
    CHECK(leaf_table(it.vm, it.space, address_of(pregion, 0)) == region.leaves[0]);
  }
}

TEST_CASE("regions in one GiB share its middle table until the last of them is unlinked") {
  Space it;
  const Pregion text = it.pregion(RegionType::Text, 1, kTextStart);
  const Pregion data = it.pregion(RegionType::Data, kPagesPerGiB, data_start(1));
  it.link_all(text);
  it.link_all(data);
  CHECK(it.upper() == 3);
  it.unlink_all(text);
  CHECK(it.upper() == 3);
  it.unlink_all(data);
  CHECK(it.upper() == 1);
}

TEST_CASE("middle tables stand in the order of their GiBs however they came") {
  Space it;
  for (const std::uint64_t gib : {7u, 2u, 200u, 0u}) it.link_all(it.pregion(RegionType::Shm, 1, VirtAddr{gib * kGiB}));
  std::vector<std::uint64_t> gibs;
  for (const Middle& middle : it.space.middles) gibs.push_back(middle.gib);
  CHECK(gibs == std::vector<std::uint64_t>{0, 2, 7, 200});
}

TEST_CASE("a place that is linked cannot be linked again") {
  Space it;
  const Pregion pregion = it.pregion(RegionType::Data, 1, kTextStart);
  it.link_all(pregion);
  CHECK_THROWS_AS(it.link_all(pregion), KernelPanic);
}

TEST_CASE("a space with pregions cannot be closed") {
  Space it;
  attachreg(it.vm, it.space, new_region(it.vm, RegionType::Data, 0), kTextStart);
  CHECK_THROWS_AS(close_space(it.vm, it.space), KernelPanic);
}

TEST_CASE("a space with tables still linked cannot be closed") {
  Space it;
  attachreg(it.vm, it.space, new_region(it.vm, RegionType::Data, 1), kTextStart);
  CHECK_THROWS_AS(close_space(it.vm, it.space), KernelPanic);
}

TEST_CASE("satp names mode, root and an ASID that the space keeps") {
  for (const PagingMode mode : kModes) {
    CAPTURE(mode);
    Space it(mode);
    AddressSpace other;
    open_space(it.vm, other);
    CHECK(satp_of(it.vm, it.space) == Satp{.mode = mode, .asid = 1, .root = it.space.root});
    CHECK(satp_of(it.vm, other) == Satp{.mode = mode, .asid = 2, .root = other.root});
    CHECK(satp_of(it.vm, it.space).asid == 1);
  }
}

TEST_CASE("when ASIDs run out they are used again after a flush") {
  Space it;
  AddressSpace last;
  AddressSpace next;
  open_space(it.vm, last);
  open_space(it.vm, next);
  REQUIRE(satp_of(it.vm, it.space).asid == 1);
  it.vm.asids.next = 65535;
  CHECK(satp_of(it.vm, last).asid == 65535);
  CHECK(it.vm.hart.counters().flushes == 0);
  CHECK(satp_of(it.vm, next).asid == 1);
  CHECK(it.vm.hart.counters().flushes == 1);
  CHECK(satp_of(it.vm, it.space).asid == 2);  // its 1 is of an older generation
  CHECK(satp_of(it.vm, last).asid == 3);
  CHECK(satp_of(it.vm, next).asid == 1);
  CHECK(it.vm.hart.counters().flushes == 1);
}

TEST_CASE("a space without a current ASID has nothing to flush") {
  Space it;
  flush_space(it.vm, it.space);
  flush_page(it.vm, it.space, kTextStart);
  CHECK(it.vm.hart.counters().flushes == 0);
  CHECK(satp_of(it.vm, it.space).asid == 1);
  flush_space(it.vm, it.space);
  flush_page(it.vm, it.space, kTextStart);
  CHECK(it.vm.hart.counters().flushes == 2);
  ++it.vm.asids.generation;
  flush_space(it.vm, it.space);
  CHECK(it.vm.hart.counters().flushes == 2);
}

TEST_CASE("unlinking a region takes its translations from the TLB") {
  Space it;
  const Pregion pregion = it.pregion(RegionType::Data, 1, kTextStart);
  it.link_all(pregion);
  store(it.vm, {pregion.region, 0}, 1);
  it.vm.hart.write_satp(satp_of(it.vm, it.space));
  REQUIRE(it.vm.hart.access(kTextStart, Access::Store));
  it.unlink_all(pregion);
  CHECK_FALSE(it.vm.hart.access(kTextStart, Access::Store));
}

}  // namespace
}  // namespace bachsim
