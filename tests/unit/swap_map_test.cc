#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "swap/extent_map.h"
#include "tests/unit/fixture.h"
#include "tests/unit/peers.h"
#include "tests/unit/swap_maps.h"

namespace bachsim {
namespace {

// First fit in an array that has one bool a block.
class PlainMap {
 public:
  explicit PlainMap(std::uint64_t blocks) : free_(blocks + 1, true) { free_[0] = false; }

  std::optional<std::uint64_t> malloc(std::uint64_t blocks) {
    const auto run = std::search_n(free_.begin(), free_.end(), static_cast<long>(blocks), true);
    if (run == free_.end()) return std::nullopt;
    std::fill_n(run, blocks, false);
    return static_cast<std::uint64_t>(run - free_.begin());
  }

  bool is_free(std::uint64_t block) const { return free_[block]; }
  void take(std::uint64_t block) { free_[block] = false; }

  void mfree(std::uint64_t first, std::uint64_t blocks) {
    std::fill_n(free_.begin() + static_cast<long>(first), blocks, true);
  }

  Extents extents() const {
    Extents list;
    for (std::uint64_t block = 1; block < free_.size(); ++block) {
      if (!free_[block]) continue;
      if (!free_[block - 1]) list.emplace_back(block, 0);
      ++list.back().second;
    }
    return list;
  }

 private:
  std::vector<bool> free_;  // [block]; block 0 is not on the device
};

TEST_CASE("the swap map goes through figures 9.1 to 9.5") {
  ExtentMap map(10000);
  REQUIRE(extents(map) == Extents{{1, 10000}});
  CHECK(map.malloc(100) == 1);
  CHECK(map.malloc(50) == 101);
  CHECK(map.malloc(100) == 151);
  REQUIRE(extents(map) == Extents{{251, 9750}});
  map.mfree(101, 50);
  REQUIRE(extents(map) == Extents{{101, 50}, {251, 9750}});
  map.mfree(1, 100);
  REQUIRE(extents(map) == Extents{{1, 150}, {251, 9750}});
  CHECK(map.malloc(200) == 251);
  REQUIRE(extents(map) == Extents{{1, 150}, {451, 9550}});
  map.mfree(151, 300);
  REQUIRE(extents(map) == Extents{{1, 10000}});
  CHECK(map.free_blocks() == 10000);
}

TEST_CASE("an extent of exactly the wanted length leaves the map") {
  ExtentMap map(10);
  CHECK(map.malloc(10) == 1);
  CHECK(extents(map).empty());
  CHECK(map.free_blocks() == 0);
  CHECK(map.malloc(1) == std::nullopt);
}

TEST_CASE("mfree joins what it gives back with its neighbours") {
  // Blocks 1 to 12 are in use but for those that are freed first.
  const struct {
    Extents freed_before;
    std::uint64_t first;
    std::uint64_t blocks;
    Extents after;
  } cases[] = {
      {{}, 5, 2, {{5, 2}}},
      {{{3, 2}}, 5, 2, {{3, 4}}},
      {{{7, 2}}, 5, 2, {{5, 4}}},
      {{{3, 2}, {7, 2}}, 5, 2, {{3, 6}}},
      {{{2, 2}, {8, 2}}, 5, 2, {{2, 2}, {5, 2}, {8, 2}}},
      {{}, 1, 12, {{1, 12}}},
      {{{1, 1}}, 12, 1, {{1, 1}, {12, 1}}},
  };
  for (const auto& [freed_before, first, blocks, after] : cases) {
    CAPTURE(freed_before, first, blocks, after);
    ExtentMap map(12);
    REQUIRE(map.malloc(12) == 1);
    for (const auto& [block, count] : freed_before) map.mfree(block, count);
    map.mfree(first, blocks);
    CHECK(extents(map) == after);
    CHECK(audit_of_map(map).empty());
  }
}

TEST_CASE("a swap map of no blocks has nothing to give") {
  ExtentMap map(0);
  CHECK(map.malloc(1) == std::nullopt);
  CHECK(extents(map).empty());
  CHECK(audit_of_map(map).empty());
}

TEST_CASE("a malloc that fails changes nothing") {
  ExtentMap map(10);
  REQUIRE(map.malloc(4) == 1);
  map.mfree(2, 2);
  CHECK(map.malloc(7) == std::nullopt);
  CHECK(extents(map) == Extents{{2, 2}, {5, 6}});
  CHECK(map.free_blocks() == 8);
}

TEST_CASE("mfree panics at blocks that are free or off the device") {
  const struct {
    std::uint64_t first;
    std::uint64_t blocks;
  } cases[] = {
      {1, 1},   // free already
      {2, 3},   // runs into a free extent
      {5, 4},   // the same, from within
      {8, 2},   // inside a free extent
      {4, 0},   // nothing
      {0, 1},   // before the device
      {10, 2},  // beyond it
  };
  for (const auto& [first, blocks] : cases) {
    CAPTURE(first, blocks);
    ExtentMap map(10);
    REQUIRE(map.malloc(10) == 1);
    map.mfree(1, 2);
    map.mfree(7, 3);
    CHECK_THROWS_AS(map.mfree(first, blocks), KernelPanic);
  }
}

TEST_CASE("malloc panics at a length of 0") {
  ExtentMap map(10);
  CHECK_THROWS_AS(map.malloc(0), KernelPanic);
}

TEST_CASE("the swap map answers as a first fit over an array does") {
  for (const std::uint64_t size : {7u, 64u, 300u}) {
    for (const std::uint64_t longest : {1u, 3u, 40u}) {
      std::mt19937_64 rng(size * 1000 + longest);
      ExtentMap map(size);
      PlainMap plain(size);
      Extents held;
      for (int step = 0; step < 4000; ++step) {
        CAPTURE(size, longest, step);
        if (const std::uint64_t block = rng() % size + 1; rng() % 4 == 0 && plain.is_free(block)) {
          map.take(block);
          plain.take(block);
          held.emplace_back(block, 1);
        } else if (rng() % 2 == 0 || held.empty()) {
          const std::uint64_t blocks = rng() % longest + 1;
          const auto first = map.malloc(blocks);
          REQUIRE(first == plain.malloc(blocks));
          if (first) held.emplace_back(*first, blocks);
        } else {
          // The front of an extent, often all of it: holes of every length come about.
          auto& [start, length] = held[rng() % held.size()];
          const std::uint64_t blocks = rng() % length + 1;
          map.mfree(start, blocks);
          plain.mfree(start, blocks);
          start += blocks;
          length -= blocks;
          std::erase_if(held, [](const auto& extent) { return extent.second == 0; });
        }
        REQUIRE(extents(map) == plain.extents());
        REQUIRE(audit_of_map(map).empty());
      }
    }
  }
}

TEST_CASE("a block can be taken out of the middle, either end and all of an extent") {
  ExtentMap map(6);
  map.take(3);
  CHECK(extents(map) == Extents{{1, 2}, {4, 3}});
  map.take(1);
  map.take(6);
  CHECK(extents(map) == Extents{{2, 1}, {4, 2}});
  map.take(2);
  CHECK(extents(map) == Extents{{4, 2}});
  CHECK(map.free_blocks() == 2);
  CHECK(audit_of_map(map).empty());
  CHECK_THROWS_AS(map.take(3), KernelPanic);
  map.mfree(3, 1);
  CHECK(extents(map) == Extents{{3, 3}});
}

TEST_CASE("a long extent that comes free below a failed search is found") {
  ExtentMap map(100);
  REQUIRE(map.malloc(90) == 1);
  REQUIRE(map.malloc(20) == std::nullopt);
  SECTION("in one piece") {
    map.mfree(31, 20);
    CHECK(map.malloc(20) == 31);
  }
  SECTION("joined from pieces that are too short") {
    map.mfree(31, 10);
    map.mfree(51, 10);
    REQUIRE(map.malloc(20) == std::nullopt);
    map.mfree(41, 10);
    CHECK(map.malloc(20) == 31);
  }
  SECTION("for a shorter request than the one that failed") {
    map.mfree(31, 15);
    CHECK(map.malloc(15) == 31);
  }
}

TEST_CASE("what the map remembers of failed searches changes no answer") {
  std::mt19937_64 rng(9);
  ExtentMap map(200);
  ExtentMap forgetful(200);
  Extents held;
  for (int step = 0; step < 4000; ++step) {
    if (rng() % 3 != 0 || held.empty()) {
      const std::uint64_t blocks = rng() % 30 + 1;
      SwapMapTestPeer::forget_hint(forgetful);
      const auto first = map.malloc(blocks);
      REQUIRE(first == forgetful.malloc(blocks));
      if (first) held.emplace_back(*first, blocks);
    } else {
      std::swap(held[rng() % held.size()], held.back());
      map.mfree(held.back().first, held.back().second);
      forgetful.mfree(held.back().first, held.back().second);
      held.pop_back();
    }
  }
}

TEST_CASE("the audit of a swap map finds extents that touch, overlap or leave the device") {
  const struct {
    Extents planted;
    const char* finding;
  } cases[] = {
      {{{1, 4}, {5, 6}}, "9 swap map 1: extent (5, 6) touches the one before it"},
      {{{1, 5}, {5, 5}}, "9 swap map 1: extent (5, 5) touches the one before it"},
      {{{1, 8}, {10, 2}}, "9 swap map 1: extent (10, 2) is not within 1 to 10"},
      {{{0, 10}}, "9 swap map 1: extent (0, 10) is not within 1 to 10"},
      {{{1, 10}, {12, 0}}, "9 swap map 1: extent (12, 0) is not within 1 to 10"},
  };
  for (const auto& [planted, finding] : cases) {
    CAPTURE(finding);
    ExtentMap map(10);
    SwapMapTestPeer::plant(map, planted);
    const Findings found = audit_of_map(map);
    CHECK(std::ranges::count(found, finding) == 1);
  }
}

TEST_CASE("the audit of a swap map finds a wrong number of free blocks") {
  ExtentMap map(10);
  SwapMapTestPeer::free(map) = 9;
  CHECK(audit_of_map(map) == Findings{"9 swap map 1: extents hold 10 blocks, counted free 9"});
}

}  // namespace
}  // namespace bachsim
