#include "regions/regops.h"

#include <catch2/catch.hpp>
#include <vector>

#include "regions/fault.h"
#include "tests/unit/fixture.h"
#include "tests/unit/peers.h"

namespace bachsim {
namespace {

using List = std::vector<std::uint32_t>;

const Config kSmall{.frames = 8, .swap = {8}};

TEST_CASE("a region has one leaf table for each 512 pages") {
  for (const RegionType type : {RegionType::Data, RegionType::Stack, RegionType::Shm}) {
    CAPTURE(type);
    Vm vm(kSmall);
    const RegionId id = allocreg(vm, type);
    CHECK(vm.tables.used() == 0);
    for (const auto& [pages, leaves] : {std::pair{1u, 1u}, {511u, 1u}, {1u, 2u}, {600u, 3u}}) {
      add_pages(vm, id, pages);
      CHECK(vm.regions[id].leaves.size() == leaves);
      CHECK(vm.tables.used() == leaves);
    }
    CHECK(vm.regions[id].pages == 1113);
    for (std::uint32_t page = 0; page < 1113; ++page) REQUIRE(show(vm, id, page) == "no frame, zero");
  }
}

TEST_CASE("pages keep what they have when their region grows into the next leaf table") {
  for (const RegionType type : {RegionType::Data, RegionType::Stack}) {
    CAPTURE(type);
    Vm vm(kSmall);
    const RegionId id = new_region(vm, type, 511);
    store(vm, {id, 0}, 10);
    store(vm, {id, 510}, 11);
    add_pages(vm, id, 2);
    store(vm, {id, 511}, 12);
    store(vm, {id, 512}, 13);
    CHECK(load(vm, {id, 0}) == 10);
    CHECK(load(vm, {id, 510}) == 11);
    CHECK(load(vm, {id, 511}) == 12);
    CHECK(load(vm, {id, 512}) == 13);
    CHECK(vm.regions[id].valid() == 4);
  }
}

TEST_CASE("a region loses its last pages, ascending, and the leaf tables that empty") {
  for (const RegionType type : {RegionType::Data, RegionType::Stack}) {
    CAPTURE(type);
    Vm vm(kSmall);
    const RegionId id = new_region(vm, type, 515);
    for (const std::uint32_t page : {514u, 0u, 511u, 513u, 510u})  // into frames 0 to 4
      store(vm, {id, page}, 1);
    drop_pages(vm, id, 3);
    CHECK(vm.regions[id].pages == 512);
    CHECK(vm.regions[id].valid() == 3);
    CHECK(vm.regions[id].leaves.size() == 1);
    CHECK(free_list(vm.pfdata) == List{5, 6, 7, 3, 0});
    drop_pages(vm, id, 2);
    CHECK(free_list(vm.pfdata) == List{5, 6, 7, 3, 0, 4, 2});
    CHECK(vm.tables.used() == 1);
    drop_pages(vm, id, 510);
    CHECK(vm.tables.used() == 0);
    CHECK(audit_of(vm.tables).empty());
  }
}

TEST_CASE("a page that is dropped gives up its block on swap") {
  Vm vm(kSmall);
  const RegionId id = new_region(vm, RegionType::Data, 2);
  store(vm, {id, 0}, 1);
  store(vm, {id, 1}, 1);
  const DiskBlock resident = give_swap_copy(vm, {id, 0});
  const DiskBlock out = swap_out(vm, {id, 1});
  drop_pages(vm, id, 2);
  CHECK(vm.swap.free_blocks() == 8);
  CHECK(vm.swap.uses(resident) == 0);
  CHECK(vm.pfdata.find(resident) == std::nullopt);
  CHECK(vm.pfdata.find(out) == std::nullopt);
  // Page 1 left memory first.
  CHECK(free_list(vm.pfdata) == List{2, 3, 4, 5, 6, 7, 1, 0});
}

TEST_CASE("more pages than a region has cannot be dropped") {
  Vm vm(kSmall);
  const RegionId id = new_region(vm, RegionType::Data, 2);
  CHECK_THROWS_AS(drop_pages(vm, id, 3), KernelPanic);
}

TEST_CASE("loadreg describes pages as blocks of the program, and reads nothing") {
  const struct {
    bool unaligned;
    const char* first;
    const char* second;
  } cases[] = {{false, "no frame, file 7", "no frame, file 8"}, {true, "no frame, fill 7", "no frame, fill 8"}};
  for (const auto& [unaligned, first, second] : cases) {
    CAPTURE(unaligned);
    Vm vm(kSmall);
    Program program{.name = "prog"};
    program.unaligned = unaligned;
    const RegionId id = new_region(vm, RegionType::Data, 3, vm.add(program));
    loadreg(vm, id, 2, 7);
    CHECK(show(vm, id, 0) == first);
    CHECK(show(vm, id, 1) == second);
    CHECK(show(vm, id, 2) == "no frame, zero");
    CHECK(vm.pfdata.used() == 0);
  }
}

TEST_CASE("a program knows its text region for as long as there is one") {
  Vm vm(kSmall);
  const ProgramId program = vm.add({.name = "prog"});
  const RegionId text = xalloc(vm, program);
  const RegionId data = allocreg(vm, RegionType::Data, program);
  CHECK(vm.texts[program.value] == text);
  freereg(vm, data);
  CHECK(vm.texts[program.value] == text);
  freereg(vm, text);
  CHECK(vm.texts[program.value] == RegionId{});
}

TEST_CASE("sticky text is counted once for being sticky, and data is not") {
  Vm vm(kSmall);
  const ProgramId program = vm.add({.name = "prog", .sticky = true});
  CHECK(vm.regions[xalloc(vm, program)].refs() == 1);
  CHECK(vm.regions[allocreg(vm, RegionType::Data, program)].refs() == 0);
}

// A data region with a page of every kind, and its copy.
struct Duplicated {
  explicit Duplicated(RegionType type) : id(new_region(vm, type, 7, vm.add({.name = "prog"}))) {
    store(vm, {id, 0}, 10);
    Page(vm, {id, 0}).set_age(2);
    store(vm, {id, 1}, 11);
    current = give_swap_copy(vm, {id, 1});
    store(vm, {id, 2}, 12);
    old = give_swap_copy(vm, {id, 2});
    store(vm, {id, 2}, 22);
    store(vm, {id, 3}, 13);
    out = swap_out(vm, {id, 3});
    loadreg_at(5, 3);
    loadreg_at(6, 4);
    CHECK(vfault(vm, {id, 6}, Access::Load) == FaultOutcome::Resolved);
  }

  void loadreg_at(std::uint32_t page, std::uint64_t block) {
    Page(vm, {id, page}).describe(Dbd::make(DbdKind::File, block));
  }

  std::vector<std::string> shown(RegionId region) {
    std::vector<std::string> pages;
    for (std::uint32_t page = 0; page < vm.regions[region].pages; ++page) pages.push_back(show(vm, region, page));
    return pages;
  }

  Vm vm{Config{.frames = 16, .swap = {8}}};
  RegionId id;
  DiskBlock current, old, out;
};

TEST_CASE("dupreg shares every page, copy on write in both regions") {
  for (const RegionType type : {RegionType::Data, RegionType::Stack}) {
    CAPTURE(type);
    Duplicated it(type);
    Vm& vm = it.vm;
    REQUIRE(it.shown(it.id) == std::vector<std::string>{
                                   "frame 0 RWUAD, none age 2",
                                   "frame 1 RWUA, swap 1:1",
                                   "frame 2 RWUAD, swap 1:2",
                                   "no frame, swap 1:3",
                                   "no frame, zero",
                                   "no frame, file 3",
                                   "frame 4 RUAC, file 4",
                               });
    const RegionId copy = allocreg(vm, vm.regions[it.id].type, ProgramId{0});
    dupreg(vm, it.id, copy);
    const std::vector<std::string> both{
        "frame 0 RUADC, none age 2", "frame 1 RUAC, swap 1:1",
        "frame 2 RUADC, none",  // two pages must not share an old copy
        "no frame C, swap 1:3",      "no frame C, zero",       "no frame C, file 3", "frame 4 RUAC, file 4",
    };
    CHECK(it.shown(it.id) == both);
    CHECK(it.shown(copy) == both);
    CHECK(vm.regions[copy].valid() == 4);
    for (const std::uint32_t frame : {0u, 1u, 2u, 4u}) CHECK(vm.pfdata.refs(Frame{frame}) == 2);
    CHECK(vm.swap.uses(it.current) == 2);
    CHECK(vm.swap.uses(it.out) == 2);
    CHECK(vm.swap.uses(it.old) == 0);
    CHECK(vm.pfdata.identity(Frame{2}).none());
    CHECK(vm.fork == ForkCounters{.frame_refs = 4, .swap_refs = 2});
  }
}

TEST_CASE("dupreg copies every leaf table of a region") {
  for (const RegionType type : {RegionType::Data, RegionType::Stack}) {
    CAPTURE(type);
    Vm vm(kSmall);
    const RegionId id = new_region(vm, type, 1030);
    for (const std::uint32_t page : {0u, 511u, 512u, 1023u, 1024u, 1029u})
      store(vm, {id, page}, static_cast<int>(page % 251));
    const RegionId copy = allocreg(vm, type);
    dupreg(vm, id, copy);
    CHECK(vm.regions[copy].leaves.size() == 3);
    CHECK(vm.tables.used() == 6);
    for (std::uint32_t page = 0; page < 1030; ++page) REQUIRE(show(vm, copy, page) == show(vm, id, page));
    CHECK(load(vm, {copy, 1024}) == 1024 % 251);
  }
}

TEST_CASE("after dupreg a store of either region is not seen by the other") {
  for (const bool source_first : {true, false}) {
    CAPTURE(source_first);
    Vm vm(kSmall);
    const RegionId id = new_region(vm, RegionType::Data, 1);
    store(vm, {id, 0}, 1);
    const RegionId copy = allocreg(vm, RegionType::Data);
    dupreg(vm, id, copy);
    store(vm, {source_first ? id : copy, 0}, 2);
    CHECK(load(vm, {source_first ? copy : id, 0}) == 1);
    CHECK(load(vm, {source_first ? id : copy, 0}) == 2);
  }
}

TEST_CASE("copyreg copies every page at once and leaves the source alone") {
  for (const RegionType type : {RegionType::Data, RegionType::Stack}) {
    CAPTURE(type);
    Duplicated it(type);
    Vm& vm = it.vm;
    const std::vector<std::string> before = it.shown(it.id);
    const SwapCounters swap = vm.swap.counters();
    const RegionId copy = new_region(vm, vm.regions[it.id].type, 7, ProgramId{0});
    REQUIRE(copyreg(vm, it.id, copy));
    CHECK(it.shown(it.id) == before);
    CHECK(it.shown(copy) == std::vector<std::string>{
                                "frame 5 RWUAD, none age 2",
                                "frame 6 RWUA, none",
                                "frame 7 RWUAD, none",
                                "frame 8 RWU, none",  // read from swap, not rescued
                                "no frame, zero",
                                "no frame, file 3",
                                "frame 9 RWUA, none",
                            });
    for (const auto& [page, value] : {std::pair{0u, 10}, {1u, 11}, {2u, 22}, {3u, 13}})
      CHECK(load(vm, {copy, page}) == value);
    CHECK(vm.swap.counters().reads == swap.reads + 1);
    CHECK(vm.regions[copy].valid() == 5);
    CHECK(vm.pfdata.identity(Frame{6}).none());
    CHECK(vm.fork == ForkCounters{.pages_copied = 4});
  }
}

TEST_CASE("copyreg copies a page that is copy on write into one that is not") {
  Vm vm(kSmall);
  const RegionId id = new_region(vm, RegionType::Data, 2);
  store(vm, {id, 0}, 5);
  const RegionId sharer = allocreg(vm, RegionType::Data);
  dupreg(vm, id, sharer);
  const RegionId copy = new_region(vm, RegionType::Data, 2);
  REQUIRE(copyreg(vm, id, copy));
  CHECK(show(vm, id, 0) == "frame 0 RUADC, none");
  CHECK(show(vm, copy, 0) == "frame 1 RWUAD, none");
  CHECK(show(vm, copy, 1) == "no frame C, zero");
}

TEST_CASE("copyreg stops where memory runs out, and the copy can be freed") {
  Vm vm({.frames = 5});
  const RegionId id = new_region(vm, RegionType::Data, 3);
  for (const std::uint32_t page : {0u, 1u, 2u}) store(vm, {id, page}, 1);
  const RegionId copy = new_region(vm, RegionType::Data, 3);
  CHECK_FALSE(copyreg(vm, id, copy));
  CHECK(vm.regions[copy].valid() == 2);
  freereg(vm, copy);
  CHECK(vm.pfdata.free() == 2);
  CHECK(free_list(vm.pfdata) == List{3, 4});
  CHECK(vm.regions[id].valid() == 3);
}

TEST_CASE("freereg gives back frames, blocks and tables, pages ascending") {
  for (const RegionType type : {RegionType::Data, RegionType::Stack}) {
    CAPTURE(type);
    Vm vm(kSmall);
    const RegionId id = new_region(vm, type, 513);
    for (const std::uint32_t page : {3u, 512u, 1u, 2u})  // into frames 0 to 3
      store(vm, {id, page}, 1);
    swap_out(vm, {id, 2});
    freereg(vm, id);
    CHECK(free_list(vm.pfdata) == List{4, 5, 6, 7, 3, 2, 0, 1});
    CHECK(vm.swap.free_blocks() == 8);
    CHECK(vm.tables.used() == 0);
    CHECK(vm.regions.active() == 0);
  }
}

TEST_CASE("freereg keeps what another region shares") {
  Duplicated it(RegionType::Data);
  const RegionId copy = allocreg(it.vm, RegionType::Data, ProgramId{0});
  dupreg(it.vm, it.id, copy);
  freereg(it.vm, it.id);
  CHECK(it.vm.pfdata.used() == 4);
  CHECK(it.vm.pfdata.shared() == 0);
  CHECK(it.vm.swap.uses(it.out) == 1);
  CHECK(it.vm.pfdata.find(it.out) == Frame{3});
  CHECK(load(it.vm, {copy, 2}) == 22);
}

TEST_CASE("a region with a count cannot be freed") {
  Vm vm(kSmall);
  const RegionId id = new_region(vm, RegionType::Data, 1);
  vm.regions.hold(id);
  CHECK_THROWS_AS(freereg(vm, id), KernelPanic);
}

TEST_CASE("only the last dbd to give up a swap block takes the identity from its frame") {
  Vm vm(kSmall);
  const RegionId id = new_region(vm, RegionType::Data, 1);
  store(vm, {id, 0}, 1);
  const DiskBlock block = give_swap_copy(vm, {id, 0});
  vm.swap.use(block);
  const Page page(vm, {id, 0});
  page.give_up_disk_copy();
  CHECK(show(page.dbd()) == "none");
  CHECK(vm.pfdata.identity(Frame{0}) == block);
  PageTestPeer::dbd(page) = Dbd::swap(block);
  page.give_up_disk_copy();
  CHECK(vm.pfdata.identity(Frame{0}).none());
  CHECK(vm.swap.free_blocks() == 8);
}

TEST_CASE("region operations are told to whoever traces them") {
  Vm vm(kSmall);
  Events events;
  vm.watch(&events);
  const RegionId id = new_region(vm, RegionType::Data, 4);
  drop_pages(vm, id, 1);
  const RegionId copy = allocreg(vm, RegionType::Data);
  dupreg(vm, id, copy);
  freereg(vm, id);
  CHECK(events == Events{{.kind = EventKind::RegionAllocated, .region = id},
                         {.kind = EventKind::RegionGrown, .region = id, .was = 0, .is = 4},
                         {.kind = EventKind::RegionGrown, .region = id, .was = 4, .is = 3},
                         {.kind = EventKind::RegionAllocated, .region = copy},
                         {.kind = EventKind::RegionDuplicated, .region = id, .pages = 3, .other = copy},
                         {.kind = EventKind::RegionGrown, .region = id, .was = 3, .is = 0},
                         {.kind = EventKind::RegionFreed, .region = id}});
}

}  // namespace
}  // namespace bachsim
