#include "sim/machine/tlb.h"

#include <array>
#include <catch2/catch.hpp>
#include <random>

#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

constexpr std::uint8_t kAnyAccess = 7;

std::array<std::byte, kPageSize> some_page;

Tlb::Entry entry(std::uint64_t vpn, std::uint16_t asid, std::uint8_t granted = kAnyAccess) {
  return {.vpn = vpn, .page = some_page.data(), .ppn = Ppn{vpn + 1}, .asid = asid, .granted = granted};
}

bool finds(const Tlb& tlb, std::uint64_t vpn, std::uint16_t asid) {
  return tlb.find(VirtAddr{vpn << kPageShift}, asid, Access::Load) != nullptr;
}

TEST_CASE("as many pages in a row as a TLB has entries all have a place in it") {
  for (const std::uint32_t size : {1u, 2u, 3u, 5u, 6u, 7u, 8u, 64u, 100u}) {
    CAPTURE(size);
    Tlb tlb(size);
    for (std::uint64_t vpn = 0; vpn < size; ++vpn) tlb.fill(entry(vpn, 1));
    for (std::uint64_t vpn = 0; vpn < size; ++vpn) CHECK(finds(tlb, vpn, 1));
  }
}

TEST_CASE("a TLB has as many entries as its size, and no more") {
  for (const std::uint32_t size : {1u, 2u, 3u, 5u, 6u, 7u, 12u, 33u}) {
    CAPTURE(size);
    const std::uint64_t pages = std::uint64_t{8} * size;
    Tlb tlb(size);
    for (std::uint64_t vpn = 0; vpn < pages; ++vpn) tlb.fill(entry(vpn, 1));
    std::uint64_t found = 0;
    for (std::uint64_t vpn = 0; vpn < pages; ++vpn) found += finds(tlb, vpn, 1) ? 1u : 0u;
    CHECK(found == size);
  }
}

TEST_CASE("a TLB of any size finds what was filled last, and nothing that was not filled") {
  for (const std::uint32_t size : {1u, 3u, 6u, 12u, 33u}) {
    CAPTURE(size);
    std::mt19937_64 rng(size);
    Tlb tlb(size);
    for (int step = 0; step < 2000; ++step) {
      const std::uint64_t vpn = rng();
      const auto asid = static_cast<std::uint16_t>(rng() % 3);
      CHECK_FALSE(finds(tlb, vpn >> kPageShift, asid));
      tlb.fill(entry(vpn >> kPageShift, asid));
      CHECK(finds(tlb, vpn >> kPageShift, asid));
    }
  }
}

TEST_CASE("a TLB finds the byte of the address") {
  Tlb tlb(4);
  tlb.fill(entry(9, 1));
  CHECK(tlb.find(VirtAddr{9 << kPageShift | 0x123}, 1, Access::Load) == some_page.data() + 0x123);
}

TEST_CASE("a TLB lists what was filled") {
  for (unsigned granted = 0; granted < 8; ++granted) {
    CAPTURE(granted);
    Tlb tlb(4);
    tlb.fill(entry(9, 3, static_cast<std::uint8_t>(granted)));
    const auto entries = tlb.entries();
    REQUIRE(entries.size() == 4);
    CHECK(entries[0].asid == Tlb::kEmpty);
    CHECK(entries[1].vpn == 9);
    CHECK(entries[1].page == some_page.data());
    CHECK(entries[1].ppn == Ppn{10});
    CHECK(entries[1].asid == 3);
    CHECK(entries[1].granted == granted);
  }
}

TEST_CASE("a TLB with room for one page keeps the last") {
  Tlb tlb(1);
  tlb.fill(entry(4, 1));
  tlb.fill(entry(5, 1));
  CHECK_FALSE(finds(tlb, 4, 1));
  CHECK(finds(tlb, 5, 1));
}

TEST_CASE("a TLB entry grants the accesses that it lists") {
  for (unsigned granted = 0; granted < 8; ++granted) {
    Tlb tlb(4);
    tlb.fill(entry(9, 1, static_cast<std::uint8_t>(granted)));
    for (const Access access : {Access::Fetch, Access::Load, Access::Store}) {
      const bool listed = (granted >> static_cast<unsigned>(access) & 1) != 0;
      CHECK((tlb.find(VirtAddr{9 << kPageShift}, 1, access) != nullptr) == listed);
    }
  }
}

TEST_CASE("a TLB entry is for its ASID only") {
  Tlb tlb(4);
  tlb.fill(entry(9, 1));
  CHECK_FALSE(finds(tlb, 9, 2));
  CHECK_FALSE(finds(tlb, 9, 0));
}

TEST_CASE("an empty TLB finds nothing for any ASID") {
  const Tlb tlb(4);
  CHECK_FALSE(finds(tlb, 0, 0));
  CHECK_FALSE(finds(tlb, 0, 0xffff));
}

TEST_CASE("flushes take what they name, and no more") {
  Tlb tlb(6);
  for (const auto& [vpn, asid] : {std::pair{0u, 1}, {1u, 1}, {2u, 2}, {3u, 2}})
    tlb.fill(entry(vpn, static_cast<std::uint16_t>(asid)));
  std::vector<bool> left;
  SECTION("everything") {
    tlb.flush();
    left = {false, false, false, false};
  }
  SECTION("an ASID") {
    tlb.flush(1);
    left = {false, false, true, true};
  }
  SECTION("an address of an ASID") {
    tlb.flush(VirtAddr{1 << kPageShift | 0xfff}, 1);
    left = {true, false, true, true};
  }
  SECTION("an address of another ASID") {
    tlb.flush(VirtAddr{1 << kPageShift}, 2);
    left = {true, true, true, true};
  }
  SECTION("an address that shares a slot with one that is there") {
    tlb.flush(VirtAddr{9 << kPageShift}, 1);
    left = {true, true, true, true};
  }
  CHECK(std::vector<bool>{finds(tlb, 0, 1), finds(tlb, 1, 1), finds(tlb, 2, 2), finds(tlb, 3, 2)} == left);
}

TEST_CASE("a TLB has one entry at least") { CHECK_THROWS_AS(Tlb(0), KernelPanic); }

}  // namespace
}  // namespace bachsim
