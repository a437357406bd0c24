#include "regions/region.h"

#include <catch2/catch.hpp>
#include <vector>

#include "tests/unit/fixture.h"
#include "tests/unit/peers.h"

namespace bachsim {
namespace {

RegionId alloc(RegionTable& table) { return table.alloc(RegionType::Data, std::nullopt); }

TEST_CASE("a new region takes the lowest free id") {
  RegionTable table;
  for (const std::uint32_t id : {1u, 2u, 3u, 4u, 5u}) CHECK(alloc(table) == RegionId{id});
  for (const std::uint32_t id : {4u, 2u, 5u}) table.free(RegionId{id});
  CHECK(alloc(table) == RegionId{2});
  table.free(RegionId{1});
  for (const std::uint32_t id : {1u, 4u, 5u, 6u}) CHECK(alloc(table) == RegionId{id});
  CHECK(table.last() == RegionId{6});
}

TEST_CASE("a region that is allocated again is as new") {
  RegionTable table;
  const RegionId id = table.alloc(RegionType::Text, ProgramId{3});
  CHECK(table[id].program == ProgramId{3});
  table.free(id);
  REQUIRE(table.alloc(RegionType::Stack, std::nullopt) == id);
  CHECK(table[id].type == RegionType::Stack);
  CHECK(table[id].program == std::nullopt);
  CHECK(table[id].refs() == 0);
  CHECK(table[id].pages == 0);
  CHECK(table[id].leaves.empty());
}

TEST_CASE("the region table has no more regions than its limit") {
  RegionTable table(2);
  CHECK(table.available() == 2);
  const RegionId first = alloc(table);
  REQUIRE(alloc(table) == RegionId{2});
  CHECK(table.available() == 0);
  CHECK(table.active() == 2);
  CHECK_THROWS_AS(alloc(table), KernelPanic);
  table.free(first);
  CHECK(table.available() == 1);
  CHECK(table.active() == 1);
}

TEST_CASE("a region that is in use cannot be freed") {
  for (const int count : {0, 1, 2, 3}) {
    CAPTURE(count);
    RegionTable table;
    const RegionId id = alloc(table);
    Region& region = table[id];
    (count == 0   ? RegionTestPeer::refs(region)
     : count == 1 ? RegionTestPeer::valid(region)
     : count == 2 ? region.locks
                  : region.pages) = 1;
    CHECK_THROWS_AS(table.free(id), KernelPanic);
  }
}

TEST_CASE("a region cannot be freed twice") {
  RegionTable table;
  const RegionId id = alloc(table);
  table.free(id);
  CHECK_THROWS_AS(table.free(id), KernelPanic);
}

TEST_CASE("active regions are visited by id") {
  RegionTable table;
  for (int i = 0; i < 4; ++i) REQUIRE(alloc(table) != RegionId{});
  table.free(RegionId{2});
  std::vector<std::uint32_t> ids;
  table.for_each([&](RegionId id, const Region&) { ids.push_back(id.value); });
  CHECK(ids == std::vector<std::uint32_t>{1, 3, 4});
}

TEST_CASE("a stack fills its leaf tables from their ends") {
  const struct {
    RegionType type;
    std::uint32_t page;
    unsigned slot;
  } cases[] = {{RegionType::Data, 0, 0},    {RegionType::Data, 511, 511}, {RegionType::Data, 512, 0},
               {RegionType::Stack, 0, 511}, {RegionType::Stack, 511, 0},  {RegionType::Stack, 513, 510}};
  for (const auto& [type, page, slot] : cases) {
    CAPTURE(type, page);
    Region region;
    region.type = type;
    CHECK(region.slot(page) == slot);
  }
}

}  // namespace
}  // namespace bachsim
