#include <catch2/catch.hpp>

#include "sim/machine/walk.h"
#include "sim/state/moment.h"
#include "sim/state/state.h"
#include "sim/state/walk.h"
#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

// A parent and its child, with pages read, written, shared, copied and never touched.
struct Walked : Machine {
  explicit Walked(AdUpdate ad, PagingMode mode) : Machine({.frames = 16, .swap = {16}, .mode = mode, .ad = ad}) {
    parent = kernel.spawn(program(2, 3, 1, 2), 0).value();
    load(parent, kText);
    store(parent, kData, 7);
    store(parent, page_at(kData, 1), 8);
    load(parent, page_at(kData, 2));
    store(parent, kStack, 9);
    child = kernel.fork(parent, 1).value();
    store(child, kData, 1);
  }

  Letters names;
  State state{kernel, names};
  ProcSlot parent = kNoProcess;
  ProcSlot child = kNoProcess;
};

// Returns how many accesses were granted.
std::size_t compare_walks(Walked& machine, AdUpdate ad, PagingMode mode) {
  std::vector<VirtAddr> addresses{VirtAddr{0}, VirtAddr{~std::uint64_t{7}}, VirtAddr{std::uint64_t{1} << 38},
                                  VirtAddr{std::uint64_t{1} << 50}};
  for (const VirtAddr start : {kText, kData}) {
    for (std::uint64_t page = 0; page < 5; ++page) addresses.push_back(VirtAddr{page_at(start, page).value + 0x123});
  }
  addresses.push_back(kStack);
  addresses.push_back(VirtAddr{kStack.value - kPageSize});
  std::size_t granted = 0;
  for (const ProcSlot slot : {machine.parent, machine.child}) {
    for (const VirtAddr va : addresses) {
      const Walk seen = machine.state.walk(slot, va);
      for (const Access access : kAccesses) {
        CAPTURE(ad, mode, va.value, name(access));
        const WalkEnd& end = seen.ends.at(static_cast<unsigned>(access));
        CHECK(end.access == access);
        // The hart's walk sets A and D, which is undone: the next one is to see what this one saw.
        auto& memory = machine.kernel.vm().memory;
        const auto raw = seen.rows.empty() ? 0 : seen.rows.back().pte.value;
        const auto done = walk(memory, machine.kernel.satp(slot), va, access, ad);
        if (done) {
          ++granted;
          REQUIRE(end.physical);
          CHECK(end.physical->value == (done->ppn.value << kPageShift | (va.value & 0xfff)));
          done->pte->raw = raw;
        } else {
          CHECK_FALSE(end.physical);
          CHECK(end.scause == static_cast<std::uint64_t>(done.error().cause));
          CHECK(end.stval == done.error().stval);
        }
      }
    }
  }
  return granted;
}

TEST_CASE("a walk ends where the hart's own walk does") {
  for (const PagingMode mode : kModes) {
    for (const AdUpdate ad : {AdUpdate::Hardware, AdUpdate::Software}) {
      Walked machine(ad, mode);
      const std::size_t granted = compare_walks(machine, ad, mode);
      CHECK(granted > 10);
      age(machine.kernel.vm());  // A is clear now, which only one of them minds
      CHECK(compare_walks(machine, ad, mode) == (ad == AdUpdate::Hardware ? granted : 0));
    }
  }
}

TEST_CASE("a walk names each entry by its address, and touches nothing") {
  Walked machine(AdUpdate::Hardware, PagingMode::Sv39);
  const Moment before(machine.state);
  const VirtAddr untouched = page_at(kText, 1);
  const Walk walk = machine.state.walk(machine.parent, untouched);
  REQUIRE(walk.rows.size() == 3);
  CHECK(walk.process == "P");
  CHECK_FALSE(walk.label);
  CHECK_FALSE(walk.depth);
  CHECK(walk.rows[0].table.value == walk.satp.root.value << kPageShift);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(walk.rows[i].level == 2 - i);
    CHECK(walk.rows[i].at.value == walk.rows[i].table.value + 8u * walk.rows[i].index);
    if (i > 0) CHECK(walk.rows[i].table.value == walk.rows[i - 1].ppn.value << kPageShift);
  }
  CHECK(walk.rows[1].flags == "-------v");
  CHECK(walk.rows[2].flags == "--------");
  CHECK(machine.state.walk(machine.parent, kData).rows[2].flags == "cdau--rv");
  CHECK(machine.state.walk(machine.parent, kData).depth == 2u);
  const Changes changes(before, Moment(machine.state));
  for_each_table(changes, [](auto, auto&, const auto& rows) { CHECK(rows.empty()); });
}

TEST_CASE("a pregion knows where each of its pages begins") {
  for (const bool labelled : {false, true}) {
    CAPTURE(labelled);
    Machine machine({.frames = 16, .page = labelled ? 1024u : kPageSize});
    Letters names;
    const State state(machine.kernel, names);
    Program program{.name = "prog", .text = 2, .data = 3, .bss = 1, .stack = 3};
    if (labelled) program.starts = SectionStarts{.text = 0, .data = 65536, .stack = 131072};
    const ProcSlot slot = machine.spawn(machine.kernel.add_program(program));
    std::size_t pages = 0;
    state.space(slot, [&](const PageRow& page) {
      state.pregions(slot, [&](const PregionRow& pregion) {
        if (pregion.region == page.region) CHECK(pregion.address_of(page.page) == page.address);
      });
      ++pages;
    });
    CHECK(pages == 9);
  }
}

}  // namespace
}  // namespace bachsim
