#include "sim/machine/pte.h"

#include <catch2/catch.hpp>

#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

TEST_CASE("the bits of a PTE are where the privileged specification has them") {
  const struct {
    unsigned bit;
    std::uint64_t mask;
  } cases[] = {{0, Pte::kV}, {1, Pte::kR}, {2, Pte::kW}, {3, Pte::kX},
               {4, Pte::kU}, {6, Pte::kA}, {7, Pte::kD}, {8, Pte::kCow}};
  for (const auto& [bit, mask] : cases) {
    CAPTURE(bit);
    CHECK(mask == std::uint64_t{1} << bit);
  }
}

TEST_CASE("a PTE keeps its PPN and its bits apart") {
  for (const Ppn ppn : {Ppn{0}, Ppn{1}, Ppn{0x80000}, Ppn{Pte::kPpnMask}}) {
    CAPTURE(ppn);
    const Pte bare = Pte::make(ppn, 0);
    const Pte full = Pte::make(ppn, 0x3ff);
    CHECK(bare.raw == ppn.value << 10);
    CHECK(bare.ppn() == ppn);
    CHECK(full.ppn() == ppn);
    CHECK((full.raw & 0x3ff) == 0x3ff);
    CHECK((full.raw & Pte::kReserved) == 0);
  }
}

TEST_CASE("reserved bits do not reach into the PPN") {
  const Pte pte{Pte::kReserved | Pte::make(Ppn{5}, Pte::kV).raw};
  CHECK(pte.ppn() == Ppn{5});
}

TEST_CASE("an entry with R or X is a leaf, one without is a pointer") {
  const struct {
    std::uint64_t bits;
    bool leaf;
  } cases[] = {{Pte::kV, false},
               {Pte::kR, true},
               {Pte::kX, true},
               {Pte::kR | Pte::kX, true},
               {Pte::kV | Pte::kW | Pte::kU | Pte::kA | Pte::kD | Pte::kCow, false}};
  for (const auto& [bits, leaf] : cases) {
    CAPTURE(bits);
    CHECK(Pte{bits}.leaf() == leaf);
  }
}

TEST_CASE("has means all of the bits") {
  const Pte pte{Pte::kV | Pte::kR};
  CHECK(pte.has(Pte::kV | Pte::kR));
  CHECK_FALSE(pte.has(Pte::kV | Pte::kW));
}

TEST_CASE("satp has mode, ASID and root in their fields") {
  const struct {
    Satp satp;
    std::uint64_t raw;
  } cases[] = {
      {Satp{}, 0},
      {{PagingMode::Sv39, 1, Ppn{0x80000}}, 0x8000'1000'0008'0000},
      {{PagingMode::Sv48, 0xffff, Ppn{0}}, 0x9fff'f000'0000'0000},
      {{PagingMode::Sv57, 0, Ppn{Pte::kPpnMask}}, 0xa000'0fff'ffff'ffff},
  };
  for (const auto& [satp, raw] : cases) {
    CHECK(satp.raw() == raw);
  }
}

TEST_CASE("each mode has one level more than the one before") {
  CHECK(levels(PagingMode::Sv39) == 3);
  CHECK(levels(PagingMode::Sv48) == 4);
  CHECK(levels(PagingMode::Sv57) == 5);
}

}  // namespace
}  // namespace bachsim
