#include "sim/machine/hart.h"

#include <catch2/catch.hpp>
#include <tuple>

#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kUser = Pte::kV | Pte::kR | Pte::kW | Pte::kU;

// An Sv39 tree: root, middle and leaf table are pages 0 to 2 of memory, and address 0 is page 8.
struct Running {
  Running() {
    memory.find_table(page(0))[0] = Pte::make(page(1), Pte::kV);
    memory.find_table(page(1))[0] = Pte::make(page(2), Pte::kV);
    leaf() = Pte::make(page(8), kUser);
    hart.write_satp(satp);
  }

  static Ppn page(std::uint64_t index) { return Ppn{PhysMem::first().value + index}; }
  Pte& leaf(std::size_t index = 0) { return memory.find_table(page(2))[index]; }
  std::byte* bytes(std::uint64_t index) { return memory.page(page(index)); }

  PhysMem memory{1024};
  Satp satp{.mode = PagingMode::Sv39, .asid = 1, .root = page(0)};
  Hart hart{memory, 4, AdUpdate::Hardware};
};

TEST_CASE_METHOD(Running, "an access gets the byte at its address") {
  CHECK(hart.access(VirtAddr{0x123}, Access::Load) == bytes(8) + 0x123);
  CHECK(hart.access(VirtAddr{0xfff}, Access::Store) == bytes(8) + 0xfff);
  CHECK(leaf().has(Pte::kA | Pte::kD));
}

TEST_CASE_METHOD(Running, "a hart counts hits and misses, and a trap is a miss") {
  CHECK(hart.access(VirtAddr{0}, Access::Load));
  CHECK(hart.access(VirtAddr{8}, Access::Load));
  CHECK(hart.counters() == TlbCounters{.hits = 1, .misses = 1});
  CHECK(hart.access(VirtAddr{0x5000}, Access::Load).error() == Trap{Cause::LoadPageFault, 0x5000});
  CHECK(hart.counters() == TlbCounters{.hits = 1, .misses = 2});
}

TEST_CASE_METHOD(Running, "the first store to a page that was loaded walks once more to set D") {
  CHECK(hart.access(VirtAddr{0}, Access::Load));
  CHECK_FALSE(leaf().dirty());
  CHECK(hart.access(VirtAddr{0}, Access::Store));
  CHECK(leaf().dirty());
  CHECK(hart.access(VirtAddr{0}, Access::Store));
  CHECK(hart.counters() == TlbCounters{.hits = 1, .misses = 2});
}

TEST_CASE_METHOD(Running, "a page that was only loaded may be fetched from without X by nobody") {
  CHECK(hart.access(VirtAddr{0}, Access::Load));
  CHECK(hart.access(VirtAddr{0}, Access::Fetch).error().cause == Cause::FetchPageFault);
}

TEST_CASE_METHOD(Running, "a change of the tree is not seen before the fence") {
  leaf(1) = Pte::make(page(10), kUser);
  CHECK(hart.access(VirtAddr{0x1000}, Access::Load) == bytes(10));
  CHECK(hart.access(VirtAddr{0}, Access::Store) == bytes(8));
  leaf() = Pte::make(page(9), kUser & ~Pte::kW);
  CHECK(hart.access(VirtAddr{0}, Access::Store) == bytes(8));
  SECTION("of the address") { hart.sfence_vma(VirtAddr{0x10}, 1); }
  SECTION("of the ASID") { hart.sfence_vma(std::uint16_t{1}); }
  SECTION("of everything") { hart.sfence_vma(); }
  CHECK(hart.access(VirtAddr{0}, Access::Store).error().cause == Cause::StorePageFault);
  CHECK(hart.access(VirtAddr{0}, Access::Load) == bytes(9));
  CHECK(hart.counters().flushes == 1);
}

TEST_CASE_METHOD(Running, "a fence for another address or ASID does not help") {
  CHECK(hart.access(VirtAddr{0}, Access::Load) == bytes(8));
  leaf() = Pte{};
  SECTION("address") { hart.sfence_vma(VirtAddr{0x1000}, 1); }
  SECTION("ASID") { hart.sfence_vma(std::uint16_t{2}); }
  SECTION("both") { hart.sfence_vma(VirtAddr{0}, 2); }
  CHECK(hart.access(VirtAddr{0}, Access::Load) == bytes(8));
  CHECK(hart.counters().flushes == 1);
}

TEST_CASE_METHOD(Running, "a switch of satp flushes nothing, as ASIDs tell spaces apart") {
  CHECK(hart.access(VirtAddr{0}, Access::Load) == bytes(8));
  leaf() = Pte::make(page(9), kUser);
  Satp other = satp;
  other.asid = 2;
  hart.write_satp(other);
  CHECK(hart.satp() == other);
  CHECK(hart.access(VirtAddr{0x1000}, Access::Load).error().cause == Cause::LoadPageFault);
  hart.write_satp(satp);
  CHECK(hart.access(VirtAddr{0}, Access::Load) == bytes(8));
  hart.write_satp(other);
  CHECK(hart.access(VirtAddr{0}, Access::Load) == bytes(9));
  CHECK(hart.counters().flushes == 0);
}

TEST_CASE_METHOD(Running, "a table that a walk came to is known until a fence of the space, or another satp") {
  leaf(1) = leaf(2) = Pte::make(page(8), kUser | Pte::kA);
  Pte* other_table = memory.find_table(page(3));
  other_table[1] = other_table[2] = Pte::make(page(9), kUser | Pte::kA);
  CHECK(hart.access(VirtAddr{0}, Access::Load) == bytes(8));
  memory.find_table(page(1))[0] = Pte::make(page(3), Pte::kV);
  CHECK(hart.access(VirtAddr{0x1000}, Access::Load) == bytes(8));
  hart.sfence_vma(VirtAddr{0x2000}, 1);  // is about leaf PTEs alone
  CHECK(hart.access(VirtAddr{0x2000}, Access::Load) == bytes(8));
  SECTION("of the ASID") { hart.sfence_vma(std::uint16_t{1}); }
  SECTION("of everything") { hart.sfence_vma(); }
  SECTION("satp") {
    Satp other = satp;
    other.asid = 2;
    hart.write_satp(other);
  }
  CHECK(hart.access(VirtAddr{0x1000}, Access::Load) == bytes(9));
  CHECK(hart.access(VirtAddr{0x2000}, Access::Load) == bytes(9));
}

// Of each kind of leaf PTE that grants less than everything, or needs a closer look.
TEST_CASE("an access through a known table ends as a walk from satp does") {
  constexpr auto page = Running::page;
  const Pte ptes[] = {Pte::make(page(8), kUser),
                      Pte::make(page(8), kUser | Pte::kA),
                      Pte::make(page(8), kUser | Pte::kA | Pte::kD),
                      Pte::make(page(8), kUser | Pte::kX | Pte::kA),
                      Pte::make(page(8), Pte::kV | Pte::kX | Pte::kU | Pte::kA),
                      Pte::make(page(8), Pte::kV | Pte::kR | Pte::kU | Pte::kA | Pte::kCow),
                      Pte{},
                      Pte::make(page(8), (kUser & ~Pte::kU) | Pte::kA),
                      Pte::make(page(8), (kUser & ~Pte::kR) | Pte::kA),
                      Pte::make(page(8), (kUser & ~Pte::kV) | Pte::kA),
                      Pte::make(page(1024), kUser | Pte::kA | Pte::kD),
                      Pte::make(page(8), kUser | Pte::kA | Pte::kD | std::uint64_t{1} << 54),
                      Pte::make(page(8), kUser | Pte::kA | Pte::kD | std::uint64_t{1} << 63)};
  const VirtAddr va{0x1008};
  for (const Pte pte : ptes) {
    for (const Access access : kAccesses) {
      for (const AdUpdate ad : {AdUpdate::Hardware, AdUpdate::Software}) {
        CAPTURE(pte.raw, access, ad);
        Running it;
        const auto end = [&](bool known) {
          Hart other(it.memory, 4, ad);
          other.write_satp(it.satp);
          it.leaf(0) = Pte::make(page(8), kUser | Pte::kA);
          it.leaf(1) = pte;
          if (known) REQUIRE(other.access(VirtAddr{0}, Access::Load));
          const auto byte = other.access(va, access);
          return std::tuple(byte, it.leaf(1), byte ? other.hit(va, Access::Store) : nullptr,
                            byte ? other.hit(va, access) : nullptr);
        };
        CHECK(end(true) == end(false));
      }
    }
  }
}

TEST_CASE_METHOD(Running, "a superpage is walked to every time") {
  memory.find_table(page(1))[1] = Pte::make(page(512), kUser);
  const VirtAddr va{(512 + 3) * kPageSize + 5};
  for (int i = 0; i < 2; ++i) CHECK(hart.access(va, Access::Load) == bytes(515) + 5);
  CHECK(hart.counters() == TlbCounters{.misses = 2});
  memory.find_table(page(1))[1] = Pte{};
  CHECK_FALSE(hart.access(va, Access::Load));  // and no fence is needed
}

TEST_CASE("in Bare mode addresses are physical and nothing is kept") {
  const struct {
    Access access;
    Cause cause;
  } cases[] = {
      {Access::Fetch, Cause::FetchAccessFault},
      {Access::Load, Cause::LoadAccessFault},
      {Access::Store, Cause::StoreAccessFault},
  };
  for (const auto& [access, cause] : cases) {
    CAPTURE(access);
    PhysMem memory(2);
    Hart hart(memory, 4, AdUpdate::Hardware);
    const VirtAddr second{0x8000'1007};
    for (int i = 0; i < 2; ++i) CHECK(hart.access(second, Access::Store) == memory.page(Ppn{0x80001}) + 7);
    CHECK(hart.counters() == TlbCounters{.misses = 2});
    CHECK(hart.access(VirtAddr{0x8000'2000}, access).error() == Trap{cause, 0x8000'2000});
    CHECK(hart.access(VirtAddr{0x1000}, access).error() == Trap{cause, 0x1000});
  }
}

TEST_CASE("a hart without hardware A and D leaves them to the kernel") {
  Running it;
  Hart hart(it.memory, 4, AdUpdate::Software);
  hart.write_satp(it.satp);
  CHECK(hart.ad() == AdUpdate::Software);
  CHECK(hart.access(VirtAddr{0}, Access::Load).error().cause == Cause::LoadPageFault);
  it.leaf().raw |= Pte::kA;
  CHECK(hart.access(VirtAddr{0}, Access::Load) == it.bytes(8));
  CHECK(hart.access(VirtAddr{0}, Access::Store).error().cause == Cause::StorePageFault);
}

TEST_CASE("causes have their numbers of scause") {
  const struct {
    Cause cause;
    std::uint64_t number;
  } cases[] = {{access_fault(Access::Fetch), 1}, {access_fault(Access::Load), 5}, {access_fault(Access::Store), 7},
               {page_fault(Access::Fetch), 12},  {page_fault(Access::Load), 13},  {page_fault(Access::Store), 15}};
  for (const auto& [cause, number] : cases) {
    CAPTURE(number);
    CHECK(static_cast<std::uint64_t>(cause) == number);
  }
}

}  // namespace
}  // namespace bachsim
