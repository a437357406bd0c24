#include "sim/state/state.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/state/difference.h"
#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

using Lines = std::vector<std::string>;

// "a b c": the row's cells in the columns that are used so.
template <class Columns, class Row>
std::string show(const Columns& columns, const Row& row, Use use) {
  std::string line;
  for (const auto& column : columns) {
    if (column.is(use)) line += (line.empty() ? "" : " ") + text(column.get(row));
  }
  return line;
}

// A parent and its child, which share text and every page: `P` has written its data.
struct Family : Machine {
  Letters names;
  State state{kernel, names};
  ProgramId prog = program(2, 2, 0, 1);
  ProcSlot parent = kernel.spawn(prog, 0).value();
  ProcSlot child = kNoProcess;
  HostShare unlimited;

  Family() {
    load(parent, kText);
    store(parent, kData, 7);
    child = kernel.fork(parent, 1).value();
  }

  template <class Row, class Columns>
  Lines lines(const Columns& columns, Use use, auto&& rows) {
    Lines result;
    rows([&](const Row& row) { result.push_back(show(columns, row, use)); });
    return result;
  }
  std::vector<PageRow> all_pages() {
    std::vector<PageRow> rows;
    state.regions(
        [&](const RegionRow& region) { state.pages(region.id, [&](const PageRow& page) { rows.push_back(page); }); });
    return rows;
  }
};

TEST_CASE_METHOD(Family, "a process's row says who it is and what it waits for") {
  CHECK(show(kProcessColumns, state.process(child), kInPath) ==
        fmt::format("3 2 ready - - - - prog {:#x} 8192 0 - 0 -", kernel.satp(child).raw()));
  kernel.wait(parent).value();
  CHECK(text(kProcessColumns[3].get(state.process(parent))) == "asleep");
  CHECK(state.process(parent).waiting_for == WaitingFor::Wait);
  kernel.exit(child, 3);
}

TEST_CASE_METHOD(Family, "a zombie has a status, and neither satp nor pregions") {
  kernel.exit(child, 3);
  const ProcessRow row = state.process(child);
  CHECK(row.status == 3u);
  CHECK_FALSE(row.satp);
  CHECK(lines<PregionRow>(kPregionColumns, kInJson, [&](auto visit) { state.pregions(child, visit); }).empty());
}

TEST_CASE_METHOD(Family, "pregions of a vfork child are its parent's") {
  const ProcSlot borrower = kernel.vfork(child, 2).value();
  CHECK(lines<PregionRow>(kPregionColumns, kInJson, [&](auto visit) { state.pregions(borrower, visit); }) ==
        Lines{"text 1 0x200000 2 r-x yes", "data 4 0x400000 2 rw- yes", "stack 5 0x3ffffff000 1 rw- yes"});
  CHECK(state.process(borrower).borrows());
}

TEST_CASE_METHOD(Family, "shared memory is called by its key") {
  shm(parent, 9, 2);
  CHECK(state.pregion(parent, 3).name == "shm.key9");
}

TEST_CASE_METHOD(Family, "regions and their pages") {
  CHECK(lines<RegionRow>(kRegionColumns, kInJson, [&](auto visit) { state.regions(visit); }) ==
        Lines{"1 text 2 2 prog - 0", "2 data 1 2 prog - 0", "3 stack 1 1 - - 0", "4 data 1 2 prog - 0",
              "5 stack 1 1 - - 0"});
  CHECK_FALSE(state.region(0));
  CHECK_FALSE(state.region(6));
  CHECK(lines<PageRow>(kPageColumns, kInJson, [&](auto visit) { state.pages(2, visit); }) ==
        Lines{"0 yes 1 - yes yes yes 0 none", "1 - - - yes - - 0 file:3"});
  CHECK(text(kPageColumns.back().get(state.page(2, 0, false))) == "v-crm");
  CHECK(state.page(2, 0, true).value == 2 * 4096 + 7);
  CHECK(state.page(2, 0, false).refs == 2);
}

TEST_CASE_METHOD(Family, "pages of a space come by their addresses, a stack's too") {
  store(parent, page_at(kStack, 0), 1);
  kernel.access(parent, VirtAddr{kStack.value - kPageSize}, Access::Store).value();
  Lines addresses;
  state.space(parent, [&](const PageRow& page) { addresses.push_back(text(*page.address)); });
  CHECK(addresses == Lines{"0x200000", "0x201000", "0x400000", "0x401000", "0x3fffffe000", "0x3ffffff000"});
}

TEST_CASE_METHOD(Family, "frames that are in use or hold a block, and the free list") {
  CHECK(lines<FrameRow>(kFrameColumns, kInJson, [&](auto visit) { state.frames(visit); }) ==
        Lines{"0 1 file:prog:0 - - 0", "1 2 none - - 0"});
  std::vector<FreeRow> runs;
  state.free_list([&](const FreeRow& row) { runs.push_back(row); });
  CHECK(runs == std::vector<FreeRow>{{.position = 0, .first = 2, .last = 15}});
  kernel.exit(child, 0);
  kernel.exit(parent, 0);
  runs.clear();
  state.free_list([&](const FreeRow& row) { runs.push_back(row); });
  CHECK(runs == std::vector<FreeRow>{{.position = 0, .first = 2, .last = 15}, {.position = 14, .first = 0, .last = 1}});
}

TEST_CASE_METHOD(Family, "swap: blocks in use, extents and the map's cost") {
  kernel.swap_out(child).value();
  CHECK(lines<SwapBlockRow>(kSwapBlockColumns, kInJson, [&](auto visit) { state.swap_blocks(visit); }) ==
        Lines{"1 1 1"});
  CHECK(lines<ExtentRow>(kExtentColumns, kInPath, [&](auto visit) { state.extents(1, visit); }) == Lines{"2 15"});
  CHECK(state.device(1).free == 15);
  CHECK(state.device(1).mallocs == 1);
  CHECK(state.swap_block(1, 1).refs == 1);
}

TEST_CASE_METHOD(Family, "the TLB and the tree are as the hart has them") {
  std::size_t entries = 0;
  state.tlb([&](const TlbRow& row) {
    ++entries;
    CHECK(row.grants.size() == 3);
  });
  CHECK(entries <= state.tlb_slots());
  Lines tree;
  state.tree(parent, [&](const TreeRow& row) {
    tree.push_back(fmt::format("{} {}-{} {:#x} {}", row.depth, row.first, row.last, row.address, row.flags));
  });
  CHECK(tree == Lines{"0 0-0 0x0 ", "1 1-1 0x200000 ", "2 0-0 0x200000 -aux-r-", "1 2-2 0x400000 ",
                      "2 0-0 0x400000 dau--rc", "0 255-255 0x3fc0000000 ", "1 511-511 0x3fffe00000 "});
}

TEST_CASE_METHOD(Family, "counters and gauges have the names of the model") {
  const auto counters = state.counters();
  REQUIRE(counters.size() == counter_names().size() - 2);  // those of files are for machines with block=
  CHECK(counters.front() == NumberRow{"syscall.fork", 1});
  for (std::size_t i = 0; i < counters.size(); ++i) CHECK(state.counter(i) == counters[i].value);
  CHECK(state.counter(counter_names().size() - 1) == 0);
  CHECK(state.gauges().front() == NumberRow{"frames.total", 16});
}

TEST_CASE_METHOD(Family, "the difference of two sets of rows is what a store changed") {
  const auto before = all_pages();
  store(child, kData, 8);
  const auto changes = difference(before, all_pages(), unlimited);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].before->region == 2);
  CHECK(changed(kPageColumns, *changes[0].before, *changes[0].after) == std::vector<std::string_view>{"refs"});
  CHECK(changed(kPageColumns, *changes[1].before, *changes[1].after) ==
        std::vector<std::string_view>{"frame", "pte_frame", "writable", "cow", "refs", "flags"});
}

TEST_CASE_METHOD(Family, "rows that come and go are in the difference") {
  const auto before = all_pages();
  kernel.exit(child, 0);
  brk(parent, 1);
  const auto changes = difference(before, all_pages(), unlimited);
  Lines shown;
  for (const auto& change : changes)
    shown.push_back(fmt::format("{}{}", change.before ? "-" : "", change.after ? "+" : ""));
  CHECK(shown == Lines{"-+", "+", "-", "-", "-"});
  CHECK(difference(before, before, unlimited).empty());
}

TEST_CASE("cells count on by number, address and block") {
  CHECK(counts_on(field(7), field(8)));
  CHECK_FALSE(counts_on(field(7), field(7)));
  CHECK(counts_on(field(Address{.value = 64, .page = 1024, .label = true}),
                  field(Address{.value = 1088, .page = 1024, .label = true})));
  CHECK(counts_on(field(Disk{.kind = DbdKind::Zero}), field(Disk{.kind = DbdKind::Zero})));
  CHECK_FALSE(
      counts_on(field(Disk{.kind = DbdKind::File, .block = 1}), field(Disk{.kind = DbdKind::File, .block = 1})));
  CHECK(text(field(Disk{.kind = DbdKind::Swap, .device = 1, .block = 3}),
             field(Disk{.kind = DbdKind::Swap, .device = 1, .block = 5})) == "swap:1:3-5");
  CHECK(text(Field(kNothing)) == "-");
}

TEST_CASE("every word of the kernel's belongs to the words of its kind") {
  const auto has = [](Kind kind, std::string_view word) { return std::ranges::count(words_of(kind), word) == 1; };
  for (int index = 0; index <= static_cast<int>(ProcessState::Zombie); ++index) {
    const auto state = static_cast<ProcessState>(index);
    const bool passing =
        state == ProcessState::UserRunning || state == ProcessState::KernelRunning || state == ProcessState::Created;
    CHECK(has(Kind::State, name(state)) == !passing);
  }
  for (int code = 1; code <= static_cast<int>(Errno::ENOSPC_); ++code)
    CHECK(has(Kind::Errno, name(static_cast<Errno>(code))));
  for (int type = 0; type <= static_cast<int>(RegionType::Shm); ++type)
    CHECK(has(Kind::Type, name(static_cast<RegionType>(type))));
}

}  // namespace
}  // namespace bachsim
