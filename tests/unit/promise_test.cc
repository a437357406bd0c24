#include "regions/promise.h"

#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

const Config kTight{.frames = 8, .nregion = 2, .tables = 4};

TEST_CASE("a promise sets regions and tables aside, and what is made draws from it") {
  Vm vm(kTight);
  {
    Promise promise(vm);
    promise.region(513);
    promise.tables(1);
    REQUIRE(promise.take() == Promise::Lack::Nothing);
    CHECK(promise.tables() == 3);
    CHECK(vm.regions.available() == 1);
    CHECK(vm.tables.available() == 1);
    new_region(vm, RegionType::Data, 513);
    CHECK(vm.regions.available() == 1);
    CHECK(vm.tables.available() == 1);
  }
  CHECK(vm.tables.available() == 2);  // the one that was not drawn is back
}

TEST_CASE("a promise that cannot be kept says what is lacking, and sets nothing aside") {
  const struct {
    int regions;
    int tables;
    Promise::Lack lack;
  } cases[] = {
      {3, 9, Promise::Lack::Regions},  // looked at first
      {2, 3, Promise::Lack::Tables},
      {2, 2, Promise::Lack::Nothing},
  };
  for (const auto& [regions, tables, lack] : cases) {
    CAPTURE(regions, tables);
    Vm vm(kTight);
    Promise promise(vm);
    for (int i = 0; i < regions; ++i) promise.region(1);
    promise.tables(static_cast<std::uint64_t>(tables));
    CHECK(promise.take() == lack);
    CHECK(vm.regions.available() == (lack == Promise::Lack::Nothing ? 0 : 2));
    CHECK(vm.tables.available() == (lack == Promise::Lack::Nothing ? 0 : 4));
  }
}

TEST_CASE("without paging a promise looks for frames, or for an extent where the whole image can wait") {
  const struct {
    ImageSize size;
    Promise::Lack lack;
  } cases[] = {
      {{.pages = 6, .missing = 6, .own = 9}, Promise::Lack::Nothing},
      {{.pages = 8, .missing = 7, .own = 4}, Promise::Lack::Nothing},
      {{.pages = 8, .missing = 7, .own = 5}, Promise::Lack::Room},
      {{.pages = 9, .missing = 7, .own = 4}, Promise::Lack::Room},  // memory could never hold it
  };
  for (const auto& [size, lack] : cases) {
    CAPTURE(size.pages, size.own);
    Vm vm({.frames = 9, .reserve = 1, .swap = {4}, .paging = PagingPolicy::Off});
    const auto used = {vm.pfdata.alloc(), vm.pfdata.alloc()};
    REQUIRE(used.size() == 2);
    Promise promise(vm);
    promise.image(size);
    CHECK(promise.take() == lack);
  }
}

TEST_CASE("there is one promise at a time") {
  Vm vm(kTight);
  {
    const Promise promise(vm);
    CHECK_THROWS_AS(Promise(vm), KernelPanic);
  }
  CHECK_NOTHROW(Promise(vm));
}

TEST_CASE("a promise counts on the release of a space, but not on regions that others hold or that are kept") {
  Vm vm({.frames = 8, .nregion = 3, .tables = 6});
  AddressSpace space;
  open_space(vm, space);
  const RegionId alone = new_region(vm, RegionType::Data, 1);
  const RegionId shared = new_region(vm, RegionType::Shm, 1);
  const RegionId kept = new_region(vm, RegionType::Text, 1, vm.add({.name = "prog"}));
  attachreg(vm, space, kept, kTextStart);
  attachreg(vm, space, alone, kData);
  vm.regions.hold(shared);
  store(vm, {alone, 0}, 1);
  Promise promise(vm);
  promise.release(space, kept);
  promise.region(1);  // its leaf table, and those of the root and the middle table
  promise.tables(2);
  CHECK(promise.take() == Promise::Lack::Nothing);
}

}  // namespace
}  // namespace bachsim
