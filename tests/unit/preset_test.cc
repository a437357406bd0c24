// Presets one by one, and at random: what a page holds stays, or is what its new place has; a preset that is refused
// has changed nothing; whatever is taken, the kernel goes on soundly.
#include "regions/preset.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "regions/pregion.h"
#include "sim/kernel/audit.h"
#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

constexpr DiskBlock kSlot = DiskBlock::swap(1, 5);

// A process with 2 pages of text, 2 of data from the file, 2 of bss, and a stack of 2.
struct Stage : Machine {
  explicit Stage(const Config& config = {.frames = 16, .reserve = 2, .swap = {16}}) : Machine(config) {
    id = program(2, 2, 2, 2);
    process = spawn(id);
  }

  Vm& vm() { return kernel.vm(); }
  PageId data(std::uint32_t page) { return {region(process, 1), page}; }
  PageId text(std::uint32_t page) { return {region(process, 0), page}; }
  VirtAddr address(std::uint32_t page) { return page_at(kData, page); }
  std::string shown(PageId page) { return show(vm(), page.region, page.page); }

  // "ok", or why not.
  std::string preset(PageId page, const PagePreset& wanted) {
    const Numbers before = numbers(kernel);
    const std::string state = fingerprint();
    const auto result = preset_page(vm(), page, wanted);
    const std::string told = told_of(result);
    if (!result) {
      CHECK(fingerprint() == state);
    } else {
      for (const auto& [name, by] : changes(before, kernel)) {
        CAPTURE(name);
        CHECK((name.starts_with("frames.") || name.starts_with("swap.")));
        CHECK((name != "swap.reads" && name != "swap.writes" && name != "swap.transfers"));
        CHECK((name != "swap.blocks_allocated" && name != "swap.blocks_freed"));
      }
    }
    return told;
  }
  std::string preset(Frame frame, DiskBlock block) { return told_of(preset_pfdata(vm(), frame, block)); }
  std::string preset(const std::vector<Frame>& frames) { return told_of(preset_freelist(vm(), frames)); }

  static std::string told_of(const PresetResult& result) {
    if (result) return "ok";
    const std::string page =
        result.error().page ? fmt::format(": {}.{}", result.error().page->region.value, result.error().page->page) : "";
    return result.error().what + page;
  }

  Findings found() { return findings(audit(kernel)); }

  // All that a preset may change.
  std::string fingerprint() {
    std::string all;
    vm().regions.for_each([&](RegionId region_id, const Region& each) {
      for (std::uint32_t page = 0; page < each.pages; ++page)
        all += fmt::format("{}.{} {} {:x}\n", region_id.value, page, show(vm(), region_id, page),
                           vm().page(each, page).pte.raw);
    });
    for (std::uint32_t f = 0; f < vm().pfdata.total(); ++f)
      all += fmt::format("{} {:x}\n", vm().pfdata.refs(Frame{f}), vm().pfdata.identity(Frame{f}).raw());
    all += fmt::format("{}\n", fmt::join(free_list(vm().pfdata), " "));
    for (unsigned device = 1; device <= vm().swap.devices(); ++device) {
      vm().swap.map(device).for_each_extent(
          [&](std::uint64_t first, std::uint64_t blocks) { all += fmt::format("({}, {})", first, blocks); });
    }
    vm().swap.for_each_used(
        [&](DiskBlock block, std::uint32_t uses) { all += fmt::format("{:x} {}\n", block.raw(), uses); });
    return all;
  }

  ProgramId id;
  ProcSlot process;
};

PagePreset valid_in(std::uint32_t frame, std::optional<Dbd> disk = std::nullopt) {
  return {.frame = Frame{frame}, .disk = disk};
}
PagePreset invalid(std::optional<Dbd> disk = std::nullopt) { return {.valid = false, .disk = disk}; }

TEST_CASE_METHOD(Stage, "a page in memory moves to the frame named with its bytes") {
  store(process, address(2), 42);
  REQUIRE(shown(data(2)) == "frame 2 RWUAD, none");
  CHECK(preset(data(2), valid_in(9)) == "ok");
  CHECK(shown(data(2)) == "frame 9 RWUAD, none");
  CHECK(load(process, address(2)) == 42);
  CHECK(free_list(vm().pfdata) == std::vector<std::uint32_t>{3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 2});
  CHECK(found().empty());
}

TEST_CASE_METHOD(Stage, "a page with an old copy on swap moves, and the copy stays as it is") {
  store(process, address(2), 42);
  steal(vm(), 1);
  store(process, address(2), 43);
  REQUIRE(shown(data(2)) == "frame 2 RWUAD, swap 1:1");
  CHECK(preset(data(2), valid_in(9)) == "ok");
  CHECK(shown(data(2)) == "frame 9 RWUAD, swap 1:1");
  CHECK(load(process, address(2)) == 43);
  std::array<std::byte, kPageSize> copy;
  vm().swap.peek(DiskBlock::swap(1, 1), copy.data());
  CHECK(copy[0] == std::byte{42});
  CHECK(found().empty());
}

TEST_CASE_METHOD(Stage, "a page that moves has one frame at a time") {
  store(process, address(2), 42);
  const std::uint32_t peak = vm().pfdata.peak();
  CHECK(preset(data(2), valid_in(9)) == "ok");
  CHECK(vm().pfdata.peak() == peak);
}

TEST_CASE_METHOD(Stage, "a page that was never in memory comes to the frame named") {
  CHECK(preset(data(2), valid_in(9)) == "ok");
  CHECK(shown(data(2)) == "frame 9 RWU, none");
  CHECK(preset(data(0), valid_in(10)) == "ok");
  CHECK(shown(data(0)) == "frame 10 RUC, file 2");
  CHECK(vm().pfdata.identity(Frame{10}) == DiskBlock::file(id, 2));
  CHECK(preset(text(1), {.frame = Frame{11}, .referenced = true}) == "ok");
  CHECK(shown(text(1)) == "frame 11 RXUA, file 1");
  CHECK(preset(data(3), {.valid = true}) == "ok");
  CHECK(shown(data(3)) == "frame 2 RWU, none");
  CHECK(found().empty());
}

TEST_CASE_METHOD(Stage, "a page leaves memory for the swap block named with its bytes") {
  store(process, address(2), 42);
  CHECK(preset(data(2), invalid(Dbd::swap(kSlot))) == "ok");
  CHECK(shown(data(2)) == "no frame, swap 1:5");
  CHECK(vm().swap.uses(kSlot) == 1);
  CHECK_FALSE(vm().pfdata.find(kSlot));
  CHECK(found().empty());
  CHECK(load(process, address(2)) == 42);
  CHECK(numbers(kernel)["vfault.swap"] == 1);
  CHECK(found().empty());
}

TEST_CASE_METHOD(Stage, "a page gives up the swap block that it leaves") {
  CHECK(preset(data(2), valid_in(9, Dbd::swap(kSlot))) == "ok");
  CHECK(vm().pfdata.find(kSlot) == Frame{9});
  CHECK(preset(data(2), valid_in(10, Dbd::swap(DiskBlock::swap(1, 7)))) == "ok");
  CHECK(shown(data(2)) == "frame 10 RWU, swap 1:7");
  CHECK(vm().swap.uses(kSlot) == 0);
  CHECK(vm().pfdata.identity(Frame{9}).none());
  CHECK(preset(data(2), {.disk = Dbd::make(DbdKind::None)}) == "ok");
  CHECK(shown(data(2)) == "frame 10 RWU, none");
  CHECK(vm().swap.free_blocks() == 16);
  CHECK(found().empty());
}

TEST_CASE_METHOD(Stage, "a page that moves takes its block's identity along") {
  CHECK(preset(data(2), valid_in(9, Dbd::swap(kSlot))) == "ok");
  store(process, address(2), 42);  // the block is an old copy now
  CHECK(preset(data(2), valid_in(10)) == "ok");
  CHECK(shown(data(2)) == "frame 10 RWUAD, swap 1:5");
  CHECK(vm().pfdata.find(kSlot) == Frame{10});
  CHECK(found().empty());
  SECTION("and one that leaves memory makes it current") {
    CHECK(preset(data(2), invalid()) == "ok");
    CHECK(shown(data(2)) == "no frame, swap 1:5");
    CHECK(found().empty());
    take_free_frames(vm());
    std::array<std::byte, kPageSize> bytes;
    vm().swap.peek(kSlot, bytes.data());
    CHECK(bytes[0] == std::byte(42));
  }
  SECTION("and one whose disk is named again, too") {
    CHECK(preset(data(2), {.disk = Dbd::swap(kSlot)}) == "ok");
    CHECK(shown(data(2)) == "frame 10 RWUA, swap 1:5");
    CHECK(found().empty());
  }
}

TEST_CASE_METHOD(Stage, "a page that is named with a block in use shares it copy on write") {
  store(process, address(2), 42);
  CHECK(preset(data(2), invalid(Dbd::swap(kSlot))) == "ok");
  CHECK(preset(data(3), invalid(Dbd::swap(kSlot))) == "ok");
  CHECK(vm().swap.uses(kSlot) == 2);
  CHECK(shown(data(2)) == "no frame C, swap 1:5");
  CHECK(shown(data(3)) == "no frame C, swap 1:5");
  CHECK(found().empty());
  store(process, address(3), 7);
  CHECK(load(process, address(2)) == 42);
  CHECK(vm().swap.uses(kSlot) == 1);
  CHECK(found().empty());
}

TEST_CASE_METHOD(Stage, "a valid page shares the frame that holds its block") {
  CHECK(preset(data(2), valid_in(9, Dbd::swap(kSlot))) == "ok");
  CHECK(preset(data(3), {.valid = true, .disk = Dbd::swap(kSlot)}) == "ok");
  CHECK(shown(data(2)) == "frame 9 RUC, swap 1:5");
  CHECK(shown(data(3)) == "frame 9 RUC, swap 1:5");
  CHECK(vm().pfdata.refs(Frame{9}) == 2);
  CHECK(found().empty());
  CHECK(preset(data(3), {.writable = true}) == "the page is shared, or of the file: it is copied on write");
  CHECK(preset(data(3), valid_in(10)) == "frame 9 holds the page's block for others too");
}

TEST_CASE_METHOD(Stage, "blocks of modified pages and of shared memory are not shared") {
  shm(process, 1, 1);
  const PageId shared{region(process, 3), 0};
  CHECK(preset(data(2), valid_in(9, Dbd::swap(kSlot))) == "ok");
  CHECK(preset(shared, invalid(Dbd::swap(kSlot))) == "the block is in use: a page of shared memory has one of its own");
  CHECK(preset(shared, invalid(Dbd::swap(DiskBlock::swap(1, 6)))) == "ok");
  CHECK(preset(data(3), invalid(Dbd::swap(DiskBlock::swap(1, 6)))) == "the block belongs to shared memory: 4.0");
  store(process, address(2), 42);
  CHECK(preset(data(3), invalid(Dbd::swap(kSlot))) == "the block is an old copy of a page that has been modified: 2.2");
  CHECK(found().empty());
}

TEST_CASE_METHOD(Stage, "an invalid page may keep the number of a frame that a fault ignores") {
  const auto stale = [&](std::uint32_t page) {
    return stale_frame(vm().page(vm().regions[data(page).region], page).pte);
  };
  CHECK(preset(data(0), {.frame = Frame{9}, .valid = false}) == "ok");
  CHECK(stale(0) == Frame{9});
  CHECK_FALSE(stale(1));
  CHECK(vm().pfdata.is_free(Frame{9}));
  CHECK(preset(data(0), {.cow = true}) == "ok");
  CHECK(stale(0) == Frame{9});
  CHECK(found().empty());
  const ProcSlot child = fork(process);
  CHECK(found().empty());
  store(process, address(0), 42);
  CHECK(load(child, address(0)) == 0);
  CHECK(shown(data(0)) == "frame 2 RWUAD, none");
  CHECK_FALSE(stale(0));
  brk(process, -4);
  kernel.exit(child, 0);
  kernel.exit(process, 0);
  CHECK(found().empty());
}

TEST_CASE_METHOD(Stage, "a frame that is free may hold a block before a page names it") {
  store(process, address(2), 42);
  CHECK(preset(Frame{9}, kSlot) == "ok");
  CHECK(found() == Findings{"7 frame 9: it holds swap block 1:5, which no dbd names"});
  CHECK(preset(data(2), invalid(Dbd::swap(kSlot))) == "ok");
  CHECK(found().empty());
  CHECK(load(process, address(2)) == 42);
  CHECK(shown(data(2)) == "frame 9 RWUA, swap 1:5");
  CHECK(numbers(kernel)["vfault.cache"] == 1);
}

TEST_CASE_METHOD(Stage, "a free frame takes the bytes of the block that it is to hold") {
  store(process, address(2), 42);
  CHECK(preset(data(2), invalid(Dbd::swap(kSlot))) == "ok");
  CHECK(preset(Frame{9}, kSlot) == "ok");
  CHECK(preset(Frame{10}, DiskBlock::file(id, 3)) == "ok");
  CHECK(found().empty());
  CHECK(preset(Frame{11}, kSlot) == "frame 9 holds the block already");
  CHECK(preset(data(2), valid_in(12)) == "frame 9 holds the page's block already");
  CHECK(preset(Frame{9}, DiskBlock{}) == "ok");
  CHECK(vm().pfdata.identity(Frame{9}).none());
  CHECK(preset(Frame{1}, kSlot) == "frame 1 is reserved");
  store(process, address(3), 1);
  CHECK(preset(Frame{2}, kSlot) == "ok");
  CHECK(preset(Frame{3}, kSlot) == "frame 3 is in use: 2.3");
  CHECK(found().empty());
}

TEST_CASE_METHOD(Stage, "frames named become the head of the free list in their order") {
  store(process, address(2), 42);
  CHECK(preset({Frame{12}, Frame{4}, Frame{9}}) == "ok");
  CHECK(free_list(vm().pfdata) == std::vector<std::uint32_t>{12, 4, 9, 3, 5, 6, 7, 8, 10, 11, 13, 14, 15});
  CHECK(preset({Frame{5}, Frame{1}}) == "frame 1 is reserved");
  CHECK(preset({Frame{5}, Frame{2}}) == "frame 2 is in use: 2.2");
  CHECK(preset({Frame{5}, Frame{6}, Frame{5}}) == "frame 5 is named twice");
  CHECK(free_list(vm().pfdata).front() == 12);
  CHECK(found().empty());
}

TEST_CASE_METHOD(Stage, "what a page cannot be is refused") {
  store(process, address(2), 42);
  CHECK(preset(data(3), valid_in(2)) == "frame 2 is in use: 2.2");
  CHECK(preset(data(3), valid_in(1)) == "frame 1 is reserved");
  CHECK(preset(data(3), {.frame = Frame{1}, .valid = false}) == "frame 1 is reserved");
  CHECK(preset(data(2), invalid()) == "a page that is not in memory is on a disk: `disk=` tells where");
  CHECK(preset(data(3), valid_in(9, Dbd::make(DbdKind::Zero))) ==
        "a page that is in memory is not to be filled on demand");
  CHECK(preset(data(3), {.referenced = true}) == "only a page that is in memory can be so");
  CHECK(preset(data(3), {.age = 1}) == "only a page that is in memory can be so");
  CHECK(preset(text(0), {.frame = Frame{9}, .writable = true}) == "text is never written");
  CHECK(preset(text(0), {.frame = Frame{9}, .modified = true}) == "text is never written");
  CHECK(preset(text(0), {.cow = true}) == "only pages of data and stack are copied on write");
  CHECK(preset(data(2), {.cow = true, .writable = true}) == "a page is writable or copy on write");
  CHECK(preset(data(0), {.frame = Frame{9}, .writable = true}) ==
        "the page is shared, or of the file: it is copied on write");
  take_free_frames(vm());
  CHECK(preset(data(3), {.valid = true}) == "no frame is free");
}

TEST_CASE_METHOD(Stage, "of the pages in a frame that is wanted the first is named") {
  store(process, address(2), 42);
  const ProcSlot child = fork(process);
  REQUIRE(shown({region(child, 1), 2}) == "frame 2 RUADC, none");
  const std::string told = fmt::format("frame 2 is in use: {}.2", data(2).region.value);
  CHECK(preset(text(1), valid_in(2)) == told);
  CHECK(preset({Frame{2}}) == told);
}

TEST_CASE("without paging a page moves but stays where its process is") {
  Stage stage({.frames = 16, .paging = PagingPolicy::Off});
  CHECK(stage.preset(stage.data(0), valid_in(12)) == "ok");
  CHECK(stage.preset(stage.data(0), invalid(Dbd::make(DbdKind::File, 2))) ==
        "under paging=off a page is in memory when its process is");
  CHECK(stage.preset({Frame{2}}) == "ok");
  CHECK(stage.found().empty());
}

// Every page's bytes, by region and page.
std::map<PageId, std::vector<std::byte>> contents(const Vm& vm) {
  std::map<PageId, std::vector<std::byte>> all;
  vm.regions.for_each([&](RegionId id, const Region& region) {
    for (std::uint32_t page = 0; page < region.pages; ++page) {
      auto& bytes = all[{id, page}];
      bytes.resize(kPageSize);
      peek_page(vm, region, page, bytes.data());
    }
  });
  return all;
}

// What a page must hold once its dbd is `disk`; empty: what it held before.
std::optional<std::vector<std::byte>> bytes_there(Vm& vm, PageId id, Dbd disk) {
  const Dbd old = vm.page(vm.regions[id.region], id.page).dbd;
  std::vector<std::byte> bytes(kPageSize);
  if (disk.kind() == old.kind() && disk.device() == old.device() && disk.block() == old.block()) return std::nullopt;
  switch (disk.kind()) {
    case DbdKind::None:
      return std::nullopt;
    case DbdKind::Zero:
      break;
    case DbdKind::Fill:
    case DbdKind::File:
      read_file_block(disk.block(), bytes.data());
      break;
    case DbdKind::Swap:
      if (vm.swap.uses(disk.swap_block()) == 0) return std::nullopt;
      vm.swap.peek(disk.swap_block(), bytes.data());
      break;
  }
  return bytes;
}

void preset_at_random(unsigned seed) {
  std::mt19937_64 rng(seed);
  const auto chance = [&](unsigned percent) { return rng() % 100 < percent; };
  Stage stage({.frames = 24, .reserve = 1, .swap = {10, 6}, .max_age = 2});
  Vm& vm = stage.vm();
  std::vector<ProcSlot> cast{stage.process};
  stage.shm(stage.process, 1, 2);
  unsigned taken = 0;
  for (int step = 0; step < 600; ++step) {
    CAPTURE(seed, step);
    const ProcSlot actor = cast[rng() % cast.size()];
    if (chance(45)) {
      const std::uint64_t page = rng() % 4;
      if (chance(50))
        stage.store(actor, page_at(kData, page), static_cast<int>(rng() % 256));
      else if (chance(50))
        stage.store(actor, VirtAddr{kStack.value - page % 2 * kPageSize}, static_cast<int>(rng() % 256));
      else if (chance(50))
        static_cast<void>(stage.load(actor, page_at(kText, page % 2)));
      else if (chance(50))
        steal(vm, 3);
      else if (cast.size() < 3)
        cast.push_back(stage.fork(actor));
      else if (const std::size_t index = rng() % 2 + 1; chance(40)) {
        stage.kernel.exit(cast[index], 0);
        cast.erase(cast.begin() + static_cast<std::ptrdiff_t>(index));
      }
      REQUIRE(stage.found() == Findings{});
      continue;
    }
    const Pregion& pregion = stage.pregion(actor, rng() % stage.kernel.space(actor).pregions.size());
    const PageId id{pregion.region, static_cast<std::uint32_t>(rng() % vm.regions[pregion.region].pages)};
    PagePreset wanted{.cow = chance(10), .writable = chance(10), .referenced = chance(10), .modified = chance(10)};
    if (chance(50)) wanted.frame = Frame{static_cast<std::uint32_t>(rng() % 24)};
    if (chance(60)) wanted.valid = chance(50);
    if (chance(20)) wanted.age = static_cast<unsigned>(rng() % 3);
    if (chance(70)) {
      const bool in_file = vm.regions[id.region].program.has_value() && chance(60);
      const unsigned device = 1 + static_cast<unsigned>(rng() % 2);
      wanted.disk = chance(10)              ? Dbd::make(DbdKind::None)
                    : chance(10)            ? Dbd::make(DbdKind::Zero)
                    : in_file && chance(50) ? Dbd::make(DbdKind::Fill, rng() % 4)
                    : in_file               ? Dbd::make(DbdKind::File, rng() % 4)
                                            : Dbd::swap(DiskBlock::swap(device, rng() % 6 + 1));
    }
    auto expected = contents(vm);
    if (wanted.disk) {
      if (auto bytes = bytes_there(vm, id, *wanted.disk)) expected[id] = std::move(*bytes);
    }
    const std::string told = stage.preset(id, wanted);
    if (told != "ok") continue;
    ++taken;
    CAPTURE(stage.shown(id));
    REQUIRE(stage.found() == Findings{});
    REQUIRE(contents(vm) == expected);
    const Frame frame{static_cast<std::uint32_t>(rng() % 24)};
    if (chance(30)) static_cast<void>(stage.preset({frame}));
    if (chance(30)) static_cast<void>(stage.preset(frame, DiskBlock::file(stage.id, rng() % 4)));
    REQUIRE(stage.found() == Findings{});
  }
  CHECK(taken > 50);
}

TEST_CASE("Presets among whatever processes do leave a sound kernel and every byte in its place") {
  for (unsigned seed = 1; seed < 25; ++seed) preset_at_random(seed);
}

}  // namespace
}  // namespace bachsim
