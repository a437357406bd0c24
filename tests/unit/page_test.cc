#include "regions/page.h"

#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

struct Pages {
  Page page(std::uint32_t number) { return {vm, {id, number}}; }

  Vm vm{{.frames = 8, .swap = {8}}};
  RegionId id = new_region(vm, RegionType::Data, 3);
};

TEST_CASE_METHOD(Pages, "a page that leaves memory keeps its copy-on-write bit, and nothing else") {
  store(vm, {id, 0}, 1);
  const DiskBlock block = give_swap_copy(vm, {id, 0});
  page(0).copy_on_write();
  page(0).set_age(2);
  page(0).leave_memory();
  CHECK(show(vm, id, 0) == "no frame C, swap 1:1");
  CHECK(vm.regions[id].valid() == 0);
  CHECK(vm.pfdata.refs(Frame{0}) == 0);
  CHECK(vm.pfdata.find(block) == Frame{0});
}

TEST_CASE_METHOD(Pages, "a page that owns another frame gives up its share and its disk copy") {
  store(vm, {id, 0}, 1);
  give_swap_copy(vm, {id, 0});
  const RegionId copy = allocreg(vm, RegionType::Data);
  dupreg(vm, id, copy);
  REQUIRE(vm.swap.uses(DiskBlock::swap(1, 1)) == 2);
  page(0).own(vm.pfdata.alloc()->frame, Pte::kA);
  CHECK(show(vm, id, 0) == "frame 1 RWUA, none");
  CHECK(show(vm, copy, 0) == "frame 0 RUAC, swap 1:1");
  CHECK(vm.swap.uses(DiskBlock::swap(1, 1)) == 1);
  CHECK(vm.pfdata.refs(Frame{0}) == 1);
  CHECK(vm.regions[id].valid() == 1);
}

TEST_CASE_METHOD(Pages, "pages that are shared are counted once more, but for an old copy on swap") {
  store(vm, {id, 0}, 1);
  const DiskBlock current = give_swap_copy(vm, {id, 0});
  store(vm, {id, 1}, 2);
  const DiskBlock old = give_swap_copy(vm, {id, 1});
  page(1).set_used(Access::Store);
  REQUIRE(page(1).has_old_copy());
  const RegionId copy = allocreg(vm, RegionType::Data);
  dupreg(vm, id, copy);
  CHECK(vm.swap.uses(current) == 2);
  CHECK(vm.swap.uses(old) == 0);
  CHECK(vm.regions[copy].valid() == 2);
  CHECK(show(vm, copy, 1) == "frame 1 RUADC, none");
}

TEST_CASE_METHOD(Pages, "an empty page has given back frame and block") {
  store(vm, {id, 0}, 1);
  give_swap_copy(vm, {id, 0});
  page(0).empty();
  CHECK(show(vm, id, 0) == "no frame, none");
  CHECK(vm.pfdata.used() == 0);
  CHECK(vm.swap.free_blocks() == 8);
  CHECK(vm.regions[id].valid() == 0);
}

TEST_CASE("pages are visited in their order, also where a stack's tables run backwards, until one call says no") {
  for (const RegionType type : {RegionType::Data, RegionType::Stack}) {
    CAPTURE(type);
    Vm vm({.frames = 8});
    const RegionId id = new_region(vm, type, 600);
    std::vector<std::uint32_t> seen;
    for_each_page(vm, id, 510, 600, [&](const Page& page) {
      CHECK(page.dbd().kind() == DbdKind::Zero);
      seen.push_back(page.id().page);
      return page.id().page < 514;
    });
    CHECK(seen == std::vector<std::uint32_t>{510, 511, 512, 513, 514});
  }
}

}  // namespace
}  // namespace bachsim
