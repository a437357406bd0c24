#include "sim/machine/walk_cache.h"

#include <array>
#include <catch2/catch.hpp>

#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kSpan = kPageSize * kTableEntries;  // of one table

const std::array<Pte, 2> tables{};

TEST_CASE("a page-walk cache finds the table of every address that it translates, and of no other") {
  const std::uint64_t starts[] = {0, 1, 511, 512, (1u << 17) - 1, (std::uint64_t{1} << 43) - 1};
  for (const std::uint64_t start : starts) {
    CAPTURE(start);
    WalkCache cache;
    CHECK_FALSE(cache.find(VirtAddr{0}));
    cache.fill(VirtAddr{start * kSpan + 0x1234}, &tables[1]);
    CHECK(cache.find(VirtAddr{start * kSpan}) == &tables[1]);
    CHECK(cache.find(VirtAddr{start * kSpan + kSpan - 1}) == &tables[1]);
    CHECK_FALSE(cache.find(VirtAddr{start * kSpan + kSpan}));
    CHECK_FALSE(cache.find(VirtAddr{start * kSpan - 1}));
    CHECK_FALSE(cache.find(VirtAddr{start * kSpan ^ std::uint64_t{1} << 63}));
  }
}

TEST_CASE("a page-walk cache has room for the tables of one GiB, wherever it begins") {
  for (const std::uint64_t start : {0u, 3u, 700u}) {
    CAPTURE(start);
    WalkCache cache;
    for (std::uint64_t i = 0; i < WalkCache::kEntries; ++i) cache.fill(VirtAddr{(start + i) * kSpan}, &tables[i % 2]);
    for (std::uint64_t i = 0; i < WalkCache::kEntries; ++i)
      CHECK(cache.find(VirtAddr{(start + i) * kSpan}) == &tables[i % 2]);
    CHECK(cache.entries().size() == WalkCache::kEntries);
    cache.fill(VirtAddr{(start + WalkCache::kEntries) * kSpan}, &tables[0]);
    CHECK_FALSE(cache.find(VirtAddr{start * kSpan}));
  }
}

TEST_CASE("a page-walk cache lists what it finds") {
  WalkCache cache;
  CHECK(cache.entries().empty());
  cache.fill(VirtAddr{5 * kSpan + 7}, &tables[1]);
  REQUIRE(cache.entries().size() == 1);
  CHECK(cache.entries()[0].va == VirtAddr{5 * kSpan});
  CHECK(cache.entries()[0].table == &tables[1]);
}

TEST_CASE("a flush empties a page-walk cache, also when flushes begin to be counted anew") {
  WalkCache cache;
  constexpr std::uint32_t kFlushes = std::uint32_t{1} << 21;  // as many as are told apart
  for (std::uint32_t i = 0; i < 2 * kFlushes + 3; ++i) {
    if (i % kFlushes < 3) cache.fill(VirtAddr{kSpan * (i % kFlushes)}, &tables[0]);
    cache.flush();
    if (i % kFlushes < 3 || i % kFlushes > kFlushes - 3) REQUIRE(cache.entries().empty());
  }
}

}  // namespace
}  // namespace bachsim
