// The limit on the pages that one process may have in memory, which vfault keeps.
#include <catch2/catch.hpp>

#include "regions/layout.h"
#include "regions/vhand.h"
#include "tests/unit/one_process.h"

namespace bachsim {
namespace {

// A process with 8 pages of data and a limit.
struct Limited : Machine {
  explicit Limited(std::uint64_t limit, std::uint64_t swap = 16)
      : Machine({.frames = 16, .swap = {swap}, .max_age = 50, .working_set = limit}) {}

  ProcSlot process = spawn(program(1, 0, 8, 1));

  const Region& data() { return kernel.vm().regions[kernel.space(process).pregions[1].region]; }
  bool resident(std::uint32_t page) { return kernel.vm().page(data(), page).pte.valid(); }
  void store_to(std::uint32_t page) { store(process, page_at(kData, page), 1); }
};

TEST_CASE("a page beyond the working set takes the place of the one unreferenced for longest") {
  Limited it(2);
  it.store_to(0);
  age(it.kernel.vm());
  it.store_to(1);
  age(it.kernel.vm());
  it.store_to(2);
  CHECK_FALSE(it.resident(0));
  CHECK(it.resident(1));
  CHECK(it.resident(2));
  CHECK(it.kernel.vm().stealer.written == 1);

  it.store_to(0);  // 1 has gone a round without a reference, 2 has not
  CHECK_FALSE(it.resident(1));
  CHECK(audit(it.kernel).empty());
}

TEST_CASE("of pages that were all referenced the first leaves") {
  Limited it(2);
  for (const std::uint32_t page : {3u, 1u, 5u}) it.store_to(page);
  CHECK_FALSE(it.resident(1));
  CHECK(it.resident(3));
}

TEST_CASE("the limit is one for data and stack together, and text does not count") {
  Limited it(2);
  REQUIRE(it.kernel.access(it.process, kText, Access::Fetch));
  it.store_to(0);
  it.store(it.process, VirtAddr{kStackEnd.value - 8}, 1);
  CHECK(it.resident(0));
  it.store_to(1);
  CHECK_FALSE(it.resident(0));
  CHECK(it.kernel.vm().pfdata.used() == 3);
}

TEST_CASE("a page that no swap has room for stays, beyond the limit") {
  Limited it(1, 1);
  it.store_to(0);
  it.store_to(1);
  it.store_to(2);
  CHECK_FALSE(it.resident(0));
  CHECK(it.resident(1));
  CHECK(it.resident(2));
  CHECK(audit(it.kernel).empty());
}

TEST_CASE("locked regions are beyond the limit's reach") {
  Limited it(1);
  it.store_to(0);
  it.kernel.plock(it.process, RegionType::Data, true);
  it.store_to(1);
  CHECK(it.resident(0));
  CHECK(it.resident(1));
}

TEST_CASE("an access that is not allowed steals nothing") {
  Limited it(1);
  it.store_to(0);
  CHECK(it.death(it.process, page_at(kData, 1), Access::Fetch) == Stop::Sigsegv);
  CHECK(it.kernel.vm().stealer.stolen == 0);
}

TEST_CASE("a process begins with none of the references of the one that had its slot") {
  One it({.frames = 16, .swap = {16}, .working_set = 2, .window = Window::References});
  const ProcSlot other = it.spawn(it.prog);
  it.store(it.process, kData, 1);
  it.store(it.process, page_at(kData, 1), 1);
  const RegionId data = it.region(it.process, 1);
  it.kernel.exit(it.process, 0);
  it.exec(other, it.prog);
  REQUIRE(it.region(other, 1) == data);
  it.store(other, kData, 7);
  const ProcSlot next = it.spawn(it.prog);
  REQUIRE(next == it.process);
  it.store(next, kData, 1);
  CHECK(it.kernel.counters().stealer.stolen == 0);
  CHECK(it.kernel.working_sets().references(next).size() == 1);
}

TEST_CASE("a process whose references are as many as are remembered takes no more of the host by the next") {
  HostBudget budget(std::uint64_t{64} << 20);
  OpenKernel kernel({.frames = 16, .swap = {16}, .working_set = 4}, {.budget = &budget});
  const ProcSlot process =
      kernel.spawn(kernel.add_program({.name = "prog", .text = 1, .data = 0, .bss = 2, .stack = 1})).value();
  const auto refer = [&] {
    for (std::uint64_t i = 0; i < 400; ++i) REQUIRE(kernel.access(process, page_at(kData, i % 2), Access::Store));
  };
  refer();
  use_up(kernel.vm().budget);
  CHECK_NOTHROW(refer());
}

TEST_CASE("the last references of a process are kept, as many as reports are to have") {
  Limited it(4);
  for (std::uint32_t i = 0; i < WorkingSets::kKept + 1; ++i) it.store_to(i % 3);
  const auto& kept = it.kernel.working_sets().references(it.process);
  REQUIRE(kept.size() == WorkingSets::kKept);
  CHECK(kept.front().page.page == 1);
  CHECK(kept.back().page.page == WorkingSets::kKept % 3);
}

}  // namespace
}  // namespace bachsim
