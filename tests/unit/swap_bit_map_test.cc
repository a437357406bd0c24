#include "swap/swap_bit_map.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <utility>
#include <vector>

#include "swap/extent_map.h"
#include "tests/unit/fixture.h"
#include "tests/unit/peers.h"
#include "tests/unit/swap_maps.h"

namespace bachsim {
namespace {

// Random calls of malloc(blocks), and of mfree(first, blocks) for what it gave.
template <class Malloc, class Mfree>
void random_calls(std::uint64_t seed, std::uint64_t longest, Malloc&& malloc, Mfree&& mfree) {
  std::mt19937_64 rng(seed);
  Extents held;
  for (int step = 0; step < 3000; ++step) {
    CAPTURE(seed, step);
    if (rng() % 2 == 0 || held.empty()) {
      const std::uint64_t blocks = rng() % longest + 1;
      if (const auto first = malloc(blocks)) held.emplace_back(*first, blocks);
      continue;
    }
    auto& [start, length] = held[rng() % held.size()];
    const std::uint64_t blocks = rng() % length + 1;
    mfree(start, blocks);
    start += blocks;
    length -= blocks;
    std::erase_if(held, [](const auto& extent) { return extent.second == 0; });
  }
}

TEST_CASE("a bit map answers as a map of extents does") {
  for (const std::uint64_t size : {1u, 7u, 63u, 64u, 65u, 128u, 500u}) {
    for (const std::uint64_t longest : {1u, 3u, 40u, 130u}) {
      CAPTURE(size, longest);
      SwapBitMap bits(size);
      ExtentMap map(size);
      const auto compare = [&] {
        const Extents all = extents(map);
        REQUIRE(extents(bits) == all);
        for (const SwapMap* const each : std::initializer_list<const SwapMap*>{&bits, &map}) {
          Extents one_by_one;
          while (const auto extent = each->extent(one_by_one.size() + 1))
            one_by_one.emplace_back(extent->first, extent->blocks);
          REQUIRE(one_by_one == all);
          REQUIRE(!each->extent(0));
        }
        REQUIRE(bits.free_blocks() == map.free_blocks());
        REQUIRE(audit_of_map(bits).empty());
      };
      random_calls(
          size * 1000 + longest, longest,
          [&](std::uint64_t blocks) {
            const auto first = map.malloc(blocks);
            REQUIRE(bits.malloc(blocks) == first);
            compare();
            return first;
          },
          [&](std::uint64_t first, std::uint64_t blocks) {
            map.mfree(first, blocks);
            bits.mfree(first, blocks);
            compare();
          });
    }
  }
}

TEST_CASE("a map of extents costs what a scan from its first extent looks at") {
  ExtentMap map(300);
  MapCost cost{.held = 1, .most = 1};
  const auto held = [&] {
    cost.held = extents(map).size();
    cost.most = std::max(cost.most, cost.held);
    REQUIRE(map.cost() == cost);
  };
  random_calls(
      5, 12,
      [&](std::uint64_t blocks) {
        ++cost.malloc.calls;
        for (const auto& [first, length] : extents(map)) {
          ++cost.malloc.looked_at;
          if (length >= blocks) break;
        }
        const auto first = map.malloc(blocks);
        held();
        return first;
      },
      [&](std::uint64_t freed, std::uint64_t blocks) {
        ++cost.mfree.calls;
        for (const auto& [first, length] : extents(map)) {
          ++cost.mfree.looked_at;
          if (first > freed) break;
        }
        map.mfree(freed, blocks);
        held();
      });
  CHECK(cost.most > 10);
}

TEST_CASE("a bit map costs the words from the first one to the run that fits, and those that change") {
  SwapBitMap map(200);
  const auto cost = [&map] {
    const MapCost now = map.cost();
    CHECK(now.held == 4);
    CHECK(now.most == 4);
    return std::pair(now.malloc.looked_at, now.mfree.looked_at);
  };
  REQUIRE(map.malloc(64) == 1);
  CHECK(cost() == std::pair<std::uint64_t, std::uint64_t>{1, 0});
  REQUIRE(map.malloc(1) == 65);
  CHECK(cost() == std::pair<std::uint64_t, std::uint64_t>{1 + 2, 0});
  REQUIRE(map.malloc(130) == 66);
  CHECK(cost() == std::pair<std::uint64_t, std::uint64_t>{3 + 4, 0});
  REQUIRE(map.malloc(9) == std::nullopt);
  CHECK(cost() == std::pair<std::uint64_t, std::uint64_t>{7 + 4, 0});
  map.mfree(60, 6);
  CHECK(cost() == std::pair<std::uint64_t, std::uint64_t>{11, 2});
  map.mfree(195, 1);
  CHECK(cost() == std::pair<std::uint64_t, std::uint64_t>{11, 3});
  CHECK(map.cost().malloc.calls == 4);
  CHECK(map.cost().mfree.calls == 2);
}

TEST_CASE("a bit map of no blocks has nothing to give") {
  SwapBitMap map(0);
  CHECK(map.malloc(1) == std::nullopt);
  CHECK(extents(map).empty());
  CHECK(map.cost().held == 0);
  CHECK(audit_of_map(map).empty());
}

TEST_CASE("blocks are taken out of a bit map as out of a map of extents") {
  SwapBitMap bits(130);
  ExtentMap map(130);
  for (const std::uint64_t block : std::array<std::uint64_t, 7>{64, 65, 1, 130, 3, 2, 128}) {
    CAPTURE(block);
    bits.take(block);
    map.take(block);
    CHECK(extents(bits) == extents(map));
    CHECK(bits.free_blocks() == map.free_blocks());
    CHECK(audit_of_map(bits).empty());
    CHECK_THROWS_AS(bits.take(block), KernelPanic);
  }
  CHECK(bits.cost().malloc.calls == 0);
  CHECK(bits.malloc(60) == 4);
  bits.mfree(64, 2);
  CHECK(bits.malloc(64) == 64);
}

TEST_CASE("a bit map panics at blocks that are free or off the device, and at none") {
  const struct {
    std::uint64_t first;
    std::uint64_t blocks;
  } cases[] = {
      {1, 1},   // free already
      {2, 3},   // begins free
      {5, 4},   // runs into free blocks
      {4, 0},   // nothing
      {0, 1},   // before the device
      {10, 2},  // beyond it
  };
  for (const auto& [first, blocks] : cases) {
    CAPTURE(first, blocks);
    SwapBitMap map(10);
    REQUIRE(map.malloc(10) == 1);
    map.mfree(1, 2);
    map.mfree(7, 3);
    CHECK_THROWS_AS(map.mfree(first, blocks), KernelPanic);
    CHECK_THROWS_AS(map.malloc(0), KernelPanic);
  }
}

TEST_CASE("the audit of a bit map finds bits and numbers that do not go together") {
  SwapBitMap map(70);
  SECTION("too few free blocks are counted") {
    SwapBitMapTestPeer::free(map) = 69;
    CHECK(audit_of_map(map) == Findings{"9 swap map 1: 70 bits are clear, counted free 69"});
  }
  SECTION("too many are counted") {
    SwapBitMapTestPeer::free(map) = 71;
    CHECK(audit_of_map(map) == Findings{"9 swap map 1: 70 bits are clear, counted free 71"});
  }
  SECTION("a bit that no block has") {
    SwapBitMapTestPeer::word(map, 1) &= ~(std::uint64_t{1} << 6);
    SwapBitMapTestPeer::free(map) = 71;
    CHECK(audit_of_map(map) == Findings{"9 swap map 1: a bit behind block 70 is clear"});
  }
  SECTION("a free block where there should be none") {
    REQUIRE(map.malloc(10) == 1);
    REQUIRE(map.malloc(1) == 11);
    SwapBitMapTestPeer::word(map, 0) ^= 1u << 2 | 1u << 20;
    CHECK(audit_of_map(map) == Findings{"9 swap map 1: block 3 is free, below the lowest free block"});
  }
}

}  // namespace
}  // namespace bachsim
