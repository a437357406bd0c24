#include "sim/state/moment.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

// A parent that has written its data.
struct Parent : Machine {
  Letters names;
  State state{kernel, names};
  ProgramId prog = program(2, 2, 0, 1);
  ProcSlot parent = kernel.spawn(prog, 0).value();

  Parent() { store(parent, kData, 7); }
};

TEST_CASE_METHOD(Parent, "a moment has the rows of every table, sorted by their keys") {
  static_cast<void>(kernel.fork(parent, 1).value());
  const Moment moment(state);
  CHECK(moment.processes.size() == 2);
  CHECK(moment.pregions.size() == 6);
  CHECK(moment.counters.size() == counter_names().size() - 2);  // those of files are for machines with block=
  std::size_t pages = 0;
  for (const RegionRow& region : moment.regions) pages += region.pages;
  CHECK(moment.pages.size() == pages);
  for_each_table(moment, [](std::string_view name, auto&, const auto& rows) {
    INFO(name);
    for (std::size_t i = 1; i < rows.size(); ++i) CHECK(!(rows[i].key() < rows[i - 1].key()));
  });
}

TEST_CASE("a moment outlives its kernel") {
  std::optional<Moment> moment;
  {
    const Parent gone;
    moment.emplace(gone.state);
  }
  const Moment moved = std::move(*moment);
  moment.reset();
  CHECK(moved.processes[0].program == "prog");
  CHECK(moved.regions[0].program == "prog");
}

TEST_CASE("a moment takes the host's budget, and gives it back; so do changes") {
  constexpr std::uint64_t kRowsLimit = std::uint64_t{16} << 20;
  HostBudget budget(kRowsLimit);
  Kernel kernel({.frames = 16}, {.budget = &budget});
  const Letters names;
  const State state(kernel, names);
  const ProgramId small = kernel.add_program({.name = "small", .text = 1, .data = 40'000});
  kernel.spawn(small, 0).value();
  const std::uint64_t left = budget.left();
  {
    Moment moment(state);
    CHECK(left - budget.left() > 40'000 * sizeof(PageRow));
    const std::uint64_t with_one = budget.left();
    moment = Moment(state);
    CHECK(budget.left() == with_one);
    CHECK_THROWS_AS(Changes({}, moment), HostLimit);
    CHECK(budget.left() == with_one);
  }
  CHECK(budget.left() == left);
  for (std::uint64_t tag = 1; tag < 8; ++tag) kernel.spawn(small, tag).value();
  CHECK_THROWS_AS(Moment(state), HostLimit);
}

TEST_CASE("names of processes in a moment are the host's budget's, too") {
  struct LongNames : Letters {
    [[nodiscard]] std::string process(std::uint64_t tag) const override {
      return std::string(std::size_t{5} << 20, static_cast<char>('P' + tag));
    }
  };
  HostBudget budget(std::uint64_t{16} << 20);
  Kernel kernel({.frames = 16}, {.budget = &budget});
  const LongNames names;
  const State state(kernel, names);
  const ProgramId small = kernel.add_program({.name = "small", .data = 1});
  for (std::uint64_t tag = 0; tag < 2; ++tag) kernel.spawn(small, tag).value();
  CHECK_NOTHROW(Moment(state));
  for (std::uint64_t tag = 2; tag < 4; ++tag) kernel.spawn(small, tag).value();
  CHECK_THROWS_AS(Moment(state), HostLimit);
}

TEST_CASE_METHOD(Parent, "nothing changes between a moment and itself") {
  const Moment moment(state);
  const Changes changes(moment, Moment(state));
  for_each_table(changes, [](std::string_view name, auto&, const auto& rows) {
    INFO(name);
    CHECK(rows.empty());
  });
}

TEST_CASE_METHOD(Parent, "a fork adds a process and its regions, and turns the parent's page to copy-on-write") {
  const Moment before(state);
  static_cast<void>(kernel.fork(parent, 1).value());
  const Moment after(state);
  const Changes changes(before, after);
  REQUIRE(changes.processes.size() == 1);
  CHECK(!changes.processes[0].before);
  CHECK(changes.processes[0].after->name == "Q");
  CHECK(changes.pregions.size() == 4);  // three new ones, and the shared text, which has one more
  const auto of_parent =
      std::ranges::find_if(changes.pages, [](const auto& change) { return change.before && change.before->valid; });
  REQUIRE(of_parent != changes.pages.end());
  CHECK(changed(kPageColumns, *of_parent->before, *of_parent->after) ==
        std::vector<std::string_view>{"writable", "cow", "refs", "flags"});
  REQUIRE(changes.frames.size() == 1);
  CHECK(changes.frames[0].before->refs == 1);
  CHECK(changes.frames[0].after->refs == 2);
}

}  // namespace
}  // namespace bachsim
