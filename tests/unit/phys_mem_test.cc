#include "sim/machine/phys_mem.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

TEST_CASE("physical memory starts at 0x80000000 and is as long as was asked for") {
  const struct {
    std::uint64_t ppn;
    bool inside;
  } cases[] = {{0x80000, true},  {0x80003, true}, {0x80004, false},
               {0x7ffff, false}, {0, false},      {Pte::kPpnMask, false}};
  for (const auto& [ppn, inside] : cases) {
    CAPTURE(ppn);
    const PhysMem memory(4);
    CHECK(PhysMem::first() == Ppn{0x80000});
    CHECK(memory.contains(Ppn{ppn}) == inside);
  }
}

TEST_CASE("physical memory is zero at first, and pages do not overlap") {
  PhysMem memory(3);
  const Ppn second{PhysMem::first().value + 1};
  std::fill_n(memory.page(second), kPageSize, std::byte{7});
  for (const std::uint64_t other : {0u, 2u}) {
    const std::byte* page = memory.page(Ppn{PhysMem::first().value + other});
    CHECK(std::all_of(page, page + kPageSize, [](std::byte b) { return b == std::byte{0}; }));
  }
  CHECK(memory.page(second)[kPageSize - 1] == std::byte{7});
}

TEST_CASE("every byte of a page is copied, past the host's caches or through them") {
  for (const bool past_caches : {false, true}) {
    CAPTURE(past_caches);
    PhysMem memory(2);
    const Ppn second{PhysMem::first().value + 1};
    std::byte* const from = memory.page(PhysMem::first());
    for (std::uint64_t i = 0; i < kPageSize; ++i) from[i] = static_cast<std::byte>(i % 251 + 1);
    memory.copy_page(PhysMem::first(), second, past_caches);
    CHECK(std::equal(from, from + kPageSize, memory.page(second)));
  }
}

TEST_CASE("a page table is the page's bytes, entries little end first") {
  PhysMem memory(1);
  memory.find_table(PhysMem::first())[2] = Pte{0x0102};
  CHECK(memory.page(PhysMem::first())[16] == std::byte{2});
  CHECK(memory.page(PhysMem::first())[17] == std::byte{1});
}

TEST_CASE("address space that the host does not have is the user's trouble") {
  CHECK_THROWS_AS(PhysMem(std::uint64_t{1} << 48), HostLimit);
}

TEST_CASE("pages for tables come behind the frames when they are added, and do not move") {
  PhysMem memory(2, 600);
  const Ppn first = memory.first_table();
  CHECK_FALSE(memory.contains(first));
  memory.add_table();
  REQUIRE(memory.contains(first));
  CHECK_FALSE(memory.contains(Ppn{first.value + 1}));
  std::byte* const bytes = memory.page(first);
  bytes[0] = std::byte{5};
  while (memory.pages() < 602) memory.add_table();
  CHECK(memory.page(first) == bytes);
  CHECK(memory.contains(Ppn{first.value + 599}));
  CHECK_FALSE(memory.contains(Ppn{first.value + 600}));
  CHECK(memory.page(Ppn{first.value + 599})[0] == std::byte{0});
}

TEST_CASE("a share refuses what its budget does not have, at once or in parts, and gives all back in the end") {
  constexpr std::uint64_t kSmallLimit = std::uint64_t{10} << 20;
  HostBudget budget(kSmallLimit);
  {
    HostShare share(&budget);
    share.commit(kPageSize);
    CHECK(budget.left() < kSmallLimit);
    SECTION("at once") {
      CHECK_THROWS_AS(share.commit(kSmallLimit), HostLimit);
      CHECK_NOTHROW(share.commit(kSmallLimit - kPageSize));
    }
    SECTION("in parts") {
      for (std::uint64_t sum = kPageSize; sum < kSmallLimit; sum += kPageSize) share.commit(kPageSize);
      CHECK_THROWS_AS(share.commit(1), HostLimit);
      share.give_back(kPageSize);
      CHECK_NOTHROW(share.commit(kPageSize));
    }
    SECTION("beside another share") {
      HostShare other(&budget);
      other.commit(kSmallLimit / 2);
      CHECK_THROWS_AS(share.commit(kSmallLimit / 2), HostLimit);
    }
  }
  CHECK(budget.left() == kSmallLimit);
}

TEST_CASE("a share commits what a list has room for, and moves with it") {
  constexpr std::uint64_t kSmallLimit = std::uint64_t{7} << 20;
  HostBudget budget(kSmallLimit);
  {
    std::vector<std::uint64_t> list;
    HostShare share(&budget);
    const auto grow_for_ever = [&] {
      for (;;) {
        share.grow(list);
        REQUIRE(list.size() < list.capacity());
        list.push_back(1);
      }
    };
    CHECK_THROWS_AS(grow_for_ever(), HostLimit);
    // While it grows, one of twice the room is there beside it. Those before are there no more.
    CHECK(list.size() * sizeof(std::uint64_t) > kSmallLimit / 3);
    CHECK(list.size() * sizeof(std::uint64_t) <= kSmallLimit * 2 / 3);
    const std::uint64_t left = budget.left();
    HostShare other(std::move(share));
    CHECK(budget.left() == left);
    other = HostShare(&budget);
    CHECK(budget.left() == kSmallLimit);
  }
  CHECK(budget.left() == kSmallLimit);
}

TEST_CASE("a share of no budget has no limit") {
  HostShare share;
  CHECK_NOTHROW(share.commit(std::uint64_t{1} << 60));
}

TEST_CASE("a lazy array is zero, and moves with what it holds") {
  LazyArray<std::uint64_t> array(1000);
  CHECK(array[999] == 0);
  array[999] = 5;
  LazyArray<std::uint64_t> moved(std::move(array));
  CHECK(moved[999] == 5);
  CHECK(moved.size() == 1000);
  LazyArray<std::uint64_t> assigned(1);
  assigned = std::move(moved);
  CHECK(assigned.size() == 1000);
  CHECK(assigned[999] == 5);
}

TEST_CASE("a lazy array of nothing is no trouble") {
  const LazyArray<int> array(0);
  CHECK(array.size() == 0);
  CHECK(array.data() == nullptr);
}

}  // namespace
}  // namespace bachsim
