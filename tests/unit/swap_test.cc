#include "swap/swap.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <tuple>

#include "tests/unit/fixture.h"
#include "tests/unit/peers.h"

namespace bachsim {
namespace {

struct SwapFixture {
  HostShare budget;
  Swap swap{{4, 3, 4}, budget};

  // Allocates and uses an extent as the kernel does.
  std::optional<DiskBlock> take(std::uint64_t blocks) {
    const auto first = swap.alloc(blocks);
    for (std::uint64_t i = 0; first && i < blocks; ++i) swap.use(DiskBlock::swap(first->device(), first->block() + i));
    return first;
  }
};

TEST_CASE_METHOD(SwapFixture, "swap devices take turns") {
  CHECK(take(1) == DiskBlock::swap(1, 1));
  CHECK(take(1) == DiskBlock::swap(2, 1));
  CHECK(take(1) == DiskBlock::swap(3, 1));
  CHECK(take(1) == DiskBlock::swap(1, 2));
}

TEST_CASE_METHOD(SwapFixture, "a device without room loses its turn to the next one") {
  REQUIRE(take(3) == DiskBlock::swap(1, 1));
  // Device 2 has 3 blocks only; after device 3 it is the turn of device 1, not of device 2.
  CHECK(take(4) == DiskBlock::swap(3, 1));
  CHECK(take(1) == DiskBlock::swap(1, 4));
  CHECK(take(1) == DiskBlock::swap(2, 1));
}

TEST_CASE_METHOD(SwapFixture, "the turn goes behind the device that was used, not behind the one whose turn it was") {
  REQUIRE(take(1) == DiskBlock::swap(1, 1));
  REQUIRE(take(3) == DiskBlock::swap(2, 1));
  REQUIRE(take(1) == DiskBlock::swap(3, 1));
  REQUIRE(take(1) == DiskBlock::swap(1, 2));
  CHECK(take(1) == DiskBlock::swap(3, 2));  // in place of device 2, which is full
  CHECK(take(1) == DiskBlock::swap(1, 3));
}

TEST_CASE_METHOD(SwapFixture, "an allocation that fails changes nothing") {
  REQUIRE(take(1) == DiskBlock::swap(1, 1));
  const SwapCounters before = swap.counters();
  CHECK(take(5) == std::nullopt);
  CHECK(swap.counters() == before);
  CHECK(swap.free_blocks() == 10);
  CHECK(take(1) == DiskBlock::swap(2, 1));
}

TEST_CASE("an allocation for which the host has no memory leaves the map and the turn as they were") {
  HostBudget budget(std::uint64_t{1} << 20);
  HostShare share(&budget);
  Swap swap({std::uint64_t{1} << 20, 8}, share);
  share.commit((std::uint64_t{1} << 20) - 256);
  CHECK_THROWS_AS(swap.alloc(1000), HostLimit);
  CHECK(swap.free_blocks() == swap.total_blocks());
  CHECK(swap.counters() == SwapCounters{});
  CHECK(audit_of(swap).empty());
  CHECK(swap.alloc(1) == DiskBlock::swap(1, 1));
}

TEST_CASE("swap commits memory of the host for each block more than ever was in use") {
  HostBudget budget(std::uint64_t{4} << 20);
  HostShare share(&budget);
  Swap swap({1000}, share);
  const DiskBlock first = DiskBlock::swap(1, 1);
  REQUIRE(swap.alloc(1) == first);
  swap.take(DiskBlock::swap(1, 500));
  swap.use(first);
  use_up(share);
  CHECK_THROWS_AS(swap.alloc(1), HostLimit);
  REQUIRE(swap.unuse(first));
  CHECK(swap.alloc(1) == first);
  const std::uint64_t free = swap.free_blocks();
  CHECK_THROWS_AS(swap.take(DiskBlock::swap(1, 501)), HostLimit);
  CHECK(swap.free_blocks() == free);
}

TEST_CASE("a block that is chosen may be the first in its page of use counts, which costs the host that page") {
  HostBudget budget(std::uint64_t{4} << 20);
  HostShare share(&budget);
  Swap swap({100'000}, share);
  const DiskBlock first = DiskBlock::swap(1, 1);
  REQUIRE(swap.alloc(1) == first);
  swap.use(first);
  REQUIRE(swap.unuse(first));
  use_up(share);
  CHECK_THROWS_AS(swap.take(DiskBlock::swap(1, 50'000)), HostLimit);
  CHECK(swap.alloc(1) == first);
}

TEST_CASE("use counts of the machine before are gone, that of the highest block too") {
  constexpr std::uint64_t kBlocks = 1 << 19;
  HostBudget host(std::uint64_t{100} << 20);
  SpareBlocks spare(host, std::uint64_t{10} << 20);
  const std::uint64_t highest = GENERATE(1u, 1024u);  // the last one is alone in its page
  {
    SwapUse before(kBlocks, &spare);
    before.reach(highest);
    for (std::uint64_t block = 1; block <= highest; ++block) before.use(block);
  }
  const SwapUse now(kBlocks, &spare);
  for (std::uint64_t block = 1; block <= highest; ++block) REQUIRE(now.uses(block) == 0);
}

TEST_CASE_METHOD(SwapFixture, "an extent does not span devices") {
  CHECK(swap.total_blocks() == 11);
  CHECK(take(5) == std::nullopt);
  CHECK(take(4) == DiskBlock::swap(1, 1));
  CHECK(take(4) == DiskBlock::swap(3, 1));
  CHECK(take(4) == std::nullopt);
  CHECK(take(3) == DiskBlock::swap(2, 1));
  CHECK(swap.free_blocks() == 0);
}

TEST_CASE_METHOD(SwapFixture, "a machine without swap devices has no block") {
  Swap none({}, budget);
  CHECK(none.alloc(1) == std::nullopt);
  CHECK(none.total_blocks() == 0);
  CHECK(audit_of(none).empty());
}

TEST_CASE_METHOD(SwapFixture, "the last dbd that gives a block up frees it") {
  const DiskBlock block = *take(1);
  swap.use(block);
  REQUIRE(swap.uses(block) == 2);
  CHECK_FALSE(swap.unuse(block));
  CHECK(swap.free_blocks() == 10);
  CHECK(swap.unuse(block));
  CHECK(swap.uses(block) == 0);
  CHECK(swap.free_blocks() == 11);
  CHECK(audit_of(swap).empty());
}

TEST_CASE_METHOD(SwapFixture, "a block that no dbd names cannot be given up") {
  CHECK_THROWS_AS(swap.unuse(DiskBlock::swap(1, 1)), KernelPanic);
}

TEST_CASE_METHOD(SwapFixture, "blocks freed one by one make an extent again") {
  REQUIRE(take(4) == DiskBlock::swap(1, 1));
  for (const unsigned block : {2u, 4u, 1u, 3u}) CHECK(swap.unuse(DiskBlock::swap(1, block)));
  CHECK(swap.map(1).cost().held == 1);
  CHECK(audit_of(swap).empty());
}

TEST_CASE_METHOD(SwapFixture, "swap counts pages, transfers and blocks") {
  const DiskBlock first = *take(2);
  std::byte page[kPageSize];
  std::memset(page, 7, sizeof page);
  swap.begin_write();
  swap.write(first, page);
  swap.write(DiskBlock::swap(first.device(), first.block() + 1), page);
  swap.begin_read();
  swap.read(first, page);
  swap.peek(first, page);
  CHECK(swap.unuse(first));
  CHECK(swap.counters() ==
        SwapCounters{.reads = 1, .writes = 2, .transfers = 2, .blocks_allocated = 2, .blocks_freed = 1});
}

TEST_CASE_METHOD(SwapFixture, "equal block numbers on two devices are two blocks") {
  const DiskBlock one = *take(1);
  const DiskBlock two = *take(1);
  std::byte page[kPageSize];
  std::memset(page, 1, sizeof page);
  swap.write(one, page);
  std::memset(page, 2, sizeof page);
  swap.write(two, page);
  swap.read(one, page);
  CHECK(page[100] == std::byte{1});
  swap.read(two, page);
  CHECK(page[100] == std::byte{2});
}

TEST_CASE_METHOD(SwapFixture, "devices in one store of the host keep their blocks apart") {
  MemoryPages store(4, budget);
  Swap filed({2, 2}, budget, &store);
  std::byte page[kPageSize];
  for (int value = 0; value < 4; ++value) {
    std::memset(page, value + 1, sizeof page);
    filed.write(filed.alloc(1).value(), page);
  }
  for (const auto& [device, block, value] : {std::tuple{1u, 1u, 1}, {2u, 1u, 2}, {1u, 2u, 3}, {2u, 2u, 4}}) {
    filed.read(DiskBlock::swap(device, block), page);
    CHECK(page[0] == std::byte(value));
    CHECK(page[kPageSize - 1] == std::byte(value));
  }
  store.read(3, page);
  CHECK(page[0] == std::byte{4});
}

TEST_CASE_METHOD(SwapFixture, "the audit of swap finds a block in use that the map has free") {
  SwapTestPeer::use_up(swap, 2);
  swap.use(DiskBlock::swap(2, 3));
  CHECK(audit_of(swap) == Findings{"2 swap block 2:3: use count 1, but free in the map"});
}

TEST_CASE_METHOD(SwapFixture, "the audit of swap finds a block out of use that the map does not have free") {
  REQUIRE(swap.alloc(2) == DiskBlock::swap(1, 1));
  swap.use(DiskBlock::swap(1, 1));
  CHECK(audit_of(swap) == Findings{"2 swap block 1:2: use count 0, but not free in the map"});
}

TEST_CASE_METHOD(SwapFixture, "swap with bit maps gives out the same blocks") {
  Swap bits({4, 3, 4}, budget, nullptr, SwapMapKind::Bits);
  for (const std::uint64_t blocks : {2u, 1u, 4u, 2u, 3u, 1u, 1u}) {
    const auto first = take(blocks);
    REQUIRE(bits.alloc(blocks) == first);
    for (std::uint64_t i = 0; first && i < blocks; ++i) bits.use(DiskBlock::swap(first->device(), first->block() + i));
  }
  CHECK(bits.unuse(DiskBlock::swap(1, 2)));
  CHECK(swap.unuse(DiskBlock::swap(1, 2)));
  CHECK(bits.free_blocks() == swap.free_blocks());
  CHECK(bits.longest_extent() == swap.longest_extent());
  CHECK(audit_of(bits).empty());
  bits.use(DiskBlock::swap(1, 2));
  CHECK(audit_of(bits) == Findings{"2 swap block 1:2: use count 1, but free in the map"});
}

TEST_CASE_METHOD(SwapFixture, "the audit of swap finds free and used blocks that do not make up the device") {
  SwapMapTestPeer::free(SwapTestPeer::map(swap, 3)) = 5;
  CHECK(audit_of(swap) ==
        Findings{"9 swap map 3: extents hold 4 blocks, counted free 5", "9 swap map 3: 5 free + 0 in use is not 4"});
}

}  // namespace
}  // namespace bachsim
