#include "sim/machine/walk.h"

#include <catch2/catch.hpp>

#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kIndex = 3;  // in the table of every level
constexpr std::uint64_t kAll = Pte::kV | Pte::kR | Pte::kW | Pte::kX | Pte::kU | Pte::kA | Pte::kD;
constexpr Ppn kPage{PhysMem::first().value + 1600};
constexpr Ppn kBeyond{PhysMem::first().value + 2048};

// A tree with one address: tables of all levels, root first, at the start of memory.
struct Tree {
  explicit Tree(PagingMode of_mode) : mode(of_mode) {
    for (int level = levels(mode) - 1; level > 0; --level) {
      va.value |= kIndex << (12 + 9 * level);
      entry(level) = Pte::make(table(level - 1), Pte::kV);
    }
    entry(0) = Pte::make(kPage, kAll);
  }

  Ppn table(int level) const {
    return Ppn{PhysMem::first().value + static_cast<std::uint64_t>(levels(mode) - 1 - level)};
  }
  Pte& entry(int level) { return memory.find_table(table(level))[kIndex]; }

  auto walk_to(VirtAddr address, Access access, AdUpdate ad = AdUpdate::Hardware) {
    return walk(memory, {.mode = mode, .asid = 0, .root = root}, address, access, ad);
  }
  auto walk_to(Access access, AdUpdate ad = AdUpdate::Hardware) { return walk_to(va, access, ad); }

  PagingMode mode;
  PhysMem memory{2048};
  VirtAddr va{kIndex << 12 | 0x123};
  Ppn root = PhysMem::first();
};

TEST_CASE("a walk ends at the leaf that the address chooses") {
  for (const PagingMode mode : kModes) {
    for (const Access access : kAccesses) {
      CAPTURE(mode, access);
      Tree tree(mode);
      const auto found = tree.walk_to(access);
      REQUIRE(found);
      CHECK(found->pte == &tree.entry(0));
      CHECK(found->level == 0);
      CHECK(found->ppn == kPage);
    }
  }
}

TEST_CASE("G and the bits for software mean nothing to a walk") {
  for (const PagingMode mode : kModes) {
    CAPTURE(mode);
    Tree tree(mode);
    for (int level = 0; level < levels(tree.mode); ++level) tree.entry(level).raw |= 1u << 5 | Pte::kCow | 1u << 9;
    CHECK(tree.walk_to(Access::Store));
  }
}

TEST_CASE("a leaf that is malformed or does not allow the access is a page fault") {
  constexpr std::uint64_t kAnd = Pte::kV | Pte::kA | Pte::kD;
  const struct {
    std::uint64_t bits;
    Access access;
  } cases[] = {
      {kAll & ~Pte::kV, Access::Load},
      {0, Access::Load},
      {kAll & ~Pte::kR, Access::Store},  // W without R, with X
      {kAll & ~Pte::kR, Access::Fetch},
      {kAnd | Pte::kU | Pte::kW, Access::Store},  // W without R
      {Pte::kV, Access::Load},                    // a pointer, and no level below
      {Pte::kV | Pte::kU | Pte::kA | Pte::kD, Access::Load},
      {kAll & ~Pte::kU, Access::Fetch},
      {kAll & ~Pte::kU, Access::Load},
      {kAll & ~Pte::kU, Access::Store},
      {kAnd | Pte::kU | Pte::kX, Access::Load},
      {kAnd | Pte::kU | Pte::kX, Access::Store},
      {kAnd | Pte::kU | Pte::kR, Access::Store},
      {kAnd | Pte::kU | Pte::kR | Pte::kW, Access::Fetch},
  };
  for (const auto& [bits, access] : cases) {
    for (const PagingMode mode : kModes) {
      CAPTURE(mode, bits, access);
      Tree tree(mode);
      tree.entry(0) = Pte::make(kPage, bits);
      const auto found = tree.walk_to(access);
      REQUIRE_FALSE(found);
      CHECK(found.error() == Trap{page_fault(access), tree.va.value});
    }
  }
}

TEST_CASE("a pointer that is not valid, or has a bit that is reserved there, is a page fault") {
  for (const std::uint64_t bits :
       {std::uint64_t{0}, Pte::kV | Pte::kU, Pte::kV | Pte::kA, Pte::kV | Pte::kD, Pte::kV | Pte::kW}) {
    for (const PagingMode mode : kModes) {
      for (const Access access : kAccesses) {
        CAPTURE(mode, bits, access);
        Tree tree(mode);
        for (int level = 1; level < levels(tree.mode); ++level) {
          const Pte good = tree.entry(level);
          tree.entry(level) = Pte::make(good.ppn(), bits);
          CHECK(tree.walk_to(access).error() == Trap{page_fault(access), tree.va.value});
          tree.entry(level) = good;
        }
        CHECK(tree.walk_to(access));
      }
    }
  }
}

TEST_CASE("each of the bits 54 to 63 is a page fault on every level") {
  for (unsigned bit = 54; bit < 64; ++bit) {
    for (const PagingMode mode : kModes) {
      Tree tree(mode);
      for (int level = 0; level < levels(tree.mode); ++level) {
        CAPTURE(mode, bit, level);
        tree.entry(level).raw ^= std::uint64_t{1} << bit;
        CHECK(tree.walk_to(Access::Load).error().cause == Cause::LoadPageFault);
        tree.entry(level).raw ^= std::uint64_t{1} << bit;
      }
    }
  }
}

TEST_CASE("an address whose upper bits are not copies of its highest is a page fault") {
  const struct {
    PagingMode mode;
    unsigned bits;
  } cases[] = {{PagingMode::Sv39, 39}, {PagingMode::Sv48, 48}, {PagingMode::Sv57, 57}};
  for (const auto& [mode, bits] : cases) {
    CAPTURE(mode, bits);
    Tree tree(mode);
    // A leaf for the upper half too, so that nothing else can be wrong.
    const std::uint64_t top_index = 256 | kIndex;
    tree.memory.find_table(tree.root)[top_index] = tree.entry(levels(mode) - 1);
    const std::uint64_t upper = ~std::uint64_t{0} << (bits - 1) | tree.va.value;
    CHECK(tree.walk_to(VirtAddr{upper}, Access::Load));
    for (unsigned bit = bits; bit < 64; ++bit) {
      CHECK_FALSE(tree.walk_to(VirtAddr{tree.va.value | std::uint64_t{1} << bit}, Access::Load));
      CHECK_FALSE(tree.walk_to(VirtAddr{upper & ~(std::uint64_t{1} << bit)}, Access::Load));
    }
    CHECK_FALSE(tree.walk_to(VirtAddr{tree.va.value | std::uint64_t{1} << (bits - 1)}, Access::Load));
  }
}

TEST_CASE("a table outside of memory is an access fault of the access that needed it") {
  for (const Ppn outside : {kBeyond, Ppn{PhysMem::first().value - 1}, Ppn{0}, Ppn{Pte::kPpnMask}}) {
    for (const PagingMode mode : kModes) {
      for (const Access access : kAccesses) {
        CAPTURE(mode, outside, access);
        Tree tree(mode);
        for (int level = 1; level < levels(tree.mode); ++level) {
          const Pte good = tree.entry(level);
          tree.entry(level) = Pte::make(outside, Pte::kV);
          CHECK(tree.walk_to(access).error() == Trap{access_fault(access), tree.va.value});
          tree.entry(level) = good;
        }
        tree.root = outside;
        CHECK(tree.walk_to(access).error() == Trap{access_fault(access), tree.va.value});
      }
    }
  }
}

TEST_CASE("a page outside of memory is an access fault, and its PTE stays as it was") {
  for (const PagingMode mode : kModes) {
    for (const Access access : kAccesses) {
      CAPTURE(mode, access);
      Tree tree(mode);
      const Pte outside = Pte::make(kBeyond, kAll & ~(Pte::kA | Pte::kD));
      tree.entry(0) = outside;
      CHECK(tree.walk_to(access).error() == Trap{access_fault(access), tree.va.value});
      CHECK(tree.entry(0) == outside);
    }
  }
}

TEST_CASE("without hardware A and D a clear A is a page fault wherever the page is") {
  for (const PagingMode mode : kModes) {
    for (const Access access : kAccesses) {
      CAPTURE(mode, access);
      Tree tree(mode);
      tree.entry(0) = Pte::make(kBeyond, kAll & ~Pte::kA);
      CHECK(tree.walk_to(access, AdUpdate::Software).error() == Trap{page_fault(access), tree.va.value});
    }
  }
}

TEST_CASE("an access that is not allowed is a page fault wherever the page is") {
  for (const PagingMode mode : kModes) {
    CAPTURE(mode);
    Tree tree(mode);
    tree.entry(0) = Pte::make(kBeyond, kAll & ~Pte::kW);
    CHECK(tree.walk_to(Access::Store).error().cause == Cause::StorePageFault);
  }
}

TEST_CASE("hardware sets A, and D on a store") {
  constexpr std::uint64_t kNeither = kAll & ~(Pte::kA | Pte::kD);
  const struct {
    Access access;
    std::uint64_t before;
    std::uint64_t after;
  } cases[] = {
      {Access::Fetch, 0, Pte::kA},
      {Access::Load, 0, Pte::kA},
      {Access::Store, 0, Pte::kA | Pte::kD},
      {Access::Store, Pte::kA, Pte::kA | Pte::kD},
      {Access::Load, Pte::kD, Pte::kA | Pte::kD},
      {Access::Load, Pte::kA, Pte::kA},
  };
  for (const auto& [access, before, after] : cases) {
    for (const PagingMode mode : kModes) {
      CAPTURE(mode, access, before);
      Tree tree(mode);
      tree.entry(0) = Pte::make(kPage, kNeither | before);
      REQUIRE(tree.walk_to(access));
      CHECK(tree.entry(0) == Pte::make(kPage, kNeither | after));
    }
  }
}

TEST_CASE("without hardware A and D a walk needs them set, and sets nothing") {
  const struct {
    Access access;
    std::uint64_t set;
    bool granted;
  } cases[] = {
      {Access::Fetch, 0, false},       {Access::Load, 0, false},
      {Access::Load, Pte::kD, false},  {Access::Load, Pte::kA, true},
      {Access::Fetch, Pte::kA, true},  {Access::Store, Pte::kA, false},
      {Access::Store, Pte::kD, false}, {Access::Store, Pte::kA | Pte::kD, true},
  };
  for (const auto& [access, set, granted] : cases) {
    for (const PagingMode mode : kModes) {
      CAPTURE(mode, access, set);
      const Pte pte = Pte::make(kPage, (kAll & ~(Pte::kA | Pte::kD)) | set);
      Tree tree(mode);
      tree.entry(0) = pte;
      const auto found = tree.walk_to(access, AdUpdate::Software);
      CHECK(found.has_value() == granted);
      if (!granted) CHECK(found.error() == Trap{page_fault(access), tree.va.value});
      CHECK(tree.entry(0) == pte);
    }
  }
}

TEST_CASE("an access that is not allowed leaves A and D alone") {
  const struct {
    std::uint64_t bits;
    Access access;
  } cases[] = {
      {Pte::kV | Pte::kR | Pte::kU, Access::Store},
      {Pte::kV | Pte::kR | Pte::kU, Access::Fetch},
      {Pte::kV | Pte::kX | Pte::kU, Access::Load},
      {Pte::kV | Pte::kR | Pte::kW, Access::Store},
  };
  for (const auto& [bits, access] : cases) {
    for (const PagingMode mode : kModes) {
      CAPTURE(mode, bits, access);
      Tree tree(mode);
      tree.entry(0) = Pte::make(kPage, bits);
      REQUIRE_FALSE(tree.walk_to(access));
      CHECK(tree.entry(0) == Pte::make(kPage, bits));
    }
  }
}

TEST_CASE("a leaf above the last level is a superpage, whose lower bits come from the address") {
  const struct {
    int level;
    std::uint64_t offset;
  } cases[] = {{1, kIndex}, {2, kIndex << 9 | kIndex}};
  for (const auto& [level, offset] : cases) {
    for (const PagingMode mode : kModes) {
      CAPTURE(mode, level);
      Tree tree(mode);
      const Ppn start{PhysMem::first().value + (level == 1 ? 512u : 0u)};
      tree.entry(level) = Pte::make(start, kAll & ~Pte::kD);
      const auto found = tree.walk_to(Access::Store);
      REQUIRE(found);
      CHECK(found->level == level);
      CHECK(found->ppn == Ppn{start.value + offset});
      CHECK(found->pte->dirty());
    }
  }
}

TEST_CASE("a superpage that is not aligned to its size is a page fault") {
  for (const PagingMode mode : kModes) {
    for (const Access access : kAccesses) {
      CAPTURE(mode, access);
      Tree tree(mode);
      for (int level = 1; level < levels(tree.mode); ++level) {
        for (int bit = 0; bit < 9 * level; ++bit) {
          const Pte good = tree.entry(level);
          tree.entry(level) = Pte::make(Ppn{std::uint64_t{1} << bit}, kAll & ~Pte::kA);
          CHECK(tree.walk_to(access).error() == Trap{page_fault(access), tree.va.value});
          CHECK_FALSE(tree.entry(level).accessed());
          tree.entry(level) = good;
        }
      }
    }
  }
}

TEST_CASE("a superpage of which only a part is in memory is an access fault beyond it") {
  Tree tree(PagingMode::Sv39);
  tree.memory = PhysMem(515);
  tree.memory.find_table(tree.root)[kIndex] = Pte::make(tree.table(1), Pte::kV);
  tree.entry(1) = Pte::make(Ppn{PhysMem::first().value + 512}, kAll);
  CHECK(tree.walk_to(page_at(tree.va, 0), Access::Load).error().cause == Cause::LoadAccessFault);
  CHECK(tree.walk_to(VirtAddr{tree.va.value - kPageSize}, Access::Load));
}

TEST_CASE("there is nothing to walk in Bare mode") {
  PhysMem memory(1);
  CHECK_THROWS_AS(walk(memory, Satp{}, VirtAddr{0}, Access::Load, AdUpdate::Hardware), KernelPanic);
}

}  // namespace
}  // namespace bachsim
