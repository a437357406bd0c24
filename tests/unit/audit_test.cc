#include "sim/kernel/audit.h"

#include <catch2/catch.hpp>

#include "regions/layout.h"
#include "regions/region_lock.h"
#include "tests/unit/fixture.h"
#include "tests/unit/peers.h"

namespace bachsim {
namespace {

// Process 2 with its text in frame 0, data from the file in frame 1 (copy on write) and written bss
// in frame 2; its stack has no page in memory. Process 3 is its child: all frames are shared, and
// it has pages on swap.
struct Audited : Machine {
  Audited() : Machine({.frames = 8, .swap = {8}}) {
    parent = spawn(program(1, 1, 2, 1));
    fetch(parent, kText);
    CHECK(load(parent, kData) == 0);
    store(parent, page_at(kData, 1), 42);
    child = fork(parent);
  }

  void fetch(ProcSlot process, VirtAddr va) { CHECK(kernel.access(process, va, Access::Fetch)); }

  Findings found() { return findings(audit(kernel)); }

  Page page(ProcSlot process, std::size_t index, std::uint32_t number) {
    return {kernel.vm(), {region(process, index), number}};
  }

  Pte& pte(ProcSlot process, std::size_t index, std::uint32_t number) {
    return PageTestPeer::pte(page(process, index, number));
  }
  std::uint32_t& refs(RegionId id) { return RegionTestPeer::refs(kernel.vm().regions[id]); }

  // The entry of the root for a GiB.
  Pte& root_entry(ProcSlot process, std::size_t gib) {
    return kernel.vm().memory.find_table(kernel.space(process).root)[gib];
  }
  Pte& middle_entry(ProcSlot process, std::size_t index) {
    return kernel.vm().memory.find_table(root_entry(process, 0).ppn())[index];
  }

  ProcSlot parent, child;
};

TEST_CASE_METHOD(Audited, "a kernel that keeps its rules has no findings") {
  CHECK(found().empty());
  store(child, page_at(kData, 1), 43);
  age(kernel.vm());
  steal(kernel.vm(), 100);
  CHECK(found().empty());
  kernel.exit(parent, 0);
  CHECK(found().empty());
  CHECK(load(child, page_at(kData, 1)) == 43);
  kernel.exit(child, 0);
  CHECK(found().empty());
  CHECK(kernel.gauges().frames_used == 0);
}

TEST_CASE_METHOD(Audited, "identity 1 fails if a frame is counted wrong") {
  PfdataTestPeer::ref(kernel.vm().pfdata, Frame{2});
  CHECK(found() == Findings{"1 frame 2: count 3, but 2 valid PTEs map it"});
}

TEST_CASE_METHOD(Audited, "identity 1 fails if a PTE loses its frame") {
  pte(child, 1, 1) = Pte{};
  CHECK(found() == Findings{"1 region 4: 1 valid pages, counted 2", "1 frame 2: count 2, but 1 valid PTEs map it"});
}

TEST_CASE_METHOD(Audited, "identity 1 fails if a region counts its valid pages wrong") {
  RegionTestPeer::valid(kernel.vm().regions[region(parent, 0)]) = 0;
  CHECK(found() == Findings{"1 region 1: 1 valid pages, counted 0"});
}

TEST_CASE_METHOD(Audited, "identity 2 fails if a block is counted wrong") {
  swap_out(kernel.vm(), {region(child, 1), 1});
  REQUIRE(found().empty());
  kernel.vm().swap.use(DiskBlock::swap(1, 1));
  CHECK(found() == Findings{"2 swap block 1:1: use count 2, but 1 dbds name it"});
}

TEST_CASE_METHOD(Audited, "identity 2 fails if no dbd names a block that is in use") {
  kernel.vm().swap.use(kernel.vm().swap.alloc(1).value());
  CHECK(found() == Findings{"2 swap block 1:1: use count 1, but 0 dbds name it"});
}

TEST_CASE_METHOD(Audited, "identity 2 fails if a dbd names a block that is free") {
  PageTestPeer::dbd(page(parent, 2, 0)).set_disk(Dbd::swap(DiskBlock::swap(1, 5)));
  CHECK(found() == Findings{"2 swap block 1:5: use count 0, but 1 dbds name it"});
}

TEST_CASE_METHOD(Audited, "identity 2 fails if a block has a count but is free in the map") {
  SwapTestPeer::use_up(kernel.vm().swap, 1);
  kernel.vm().swap.use(DiskBlock::swap(1, 5));
  CHECK(found() == Findings{"2 swap block 1:5: use count 1, but 0 dbds name it",
                            "2 swap block 1:5: use count 1, but free in the map"});
}

TEST_CASE_METHOD(Audited, "identity 2 fails if a block is neither free nor in use") {
  REQUIRE(kernel.vm().swap.alloc(1));
  CHECK(found() == Findings{"2 swap block 1:1: use count 0, but not free in the map"});
}

TEST_CASE_METHOD(Audited, "identity 3 fails if a region is counted wrong") {
  ++refs(region(child, 1));
  CHECK(found() == Findings{"3 region 4: count 2, but 1 hold it"});
}

TEST_CASE_METHOD(Audited, "identity 3 counts an identifier and stickiness") {
  const ProcSlot sticky = spawn(program(1, 0, 0, 0, true));
  shm(sticky, 5, 1);
  const RegionId text = region(sticky, 0);
  const RegionId segment = region(sticky, 3);
  REQUIRE(found().empty());
  CHECK(refs(text) == 2);
  CHECK(refs(segment) == 2);
  kernel.exit(sticky, 0);
  REQUIRE(found().empty());
  --refs(text);
  --refs(segment);
  CHECK(found() == Findings{fmt::format("3 region {}: count 0, but 1 hold it", text.value),
                            fmt::format("3 region {}: count 0, but 1 hold it", segment.value)});
}

TEST_CASE_METHOD(Audited, "identity 4 fails if a free frame is not on the free list") {
  store(child, page_at(kData, 2), 7);
  kernel.exit(child, 0);
  REQUIRE(found().empty());
  PfdataTestPeer::head(kernel.vm().pfdata) = 0;
  CHECK(found() == Findings{"4 frame 3: count 0, not on the free list", "4 free list: 4 frames, counted 5"});
}

TEST_CASE_METHOD(Audited, "identity 4 fails if a frame in use is on the free list") {
  PfdataTestPeer::head(kernel.vm().pfdata) = 2 + 1;
  CHECK(found() == Findings{"4 frame 2: count 2, on the free list", "4 free list: 6 frames, counted 5"});
}

TEST_CASE_METHOD(Audited, "identity 5 fails if a frame with an identity is on no hash queue") {
  const DiskBlock block = kernel.vm().pfdata.identity(Frame{0});
  REQUIRE(block == DiskBlock::file(ProgramId{0}, 0));
  PfdataTestPeer::queue(kernel.vm().pfdata, block) = 0;
  CHECK(found() == Findings{"5 hash queues hold 1 frames, 2 frames have an identity"});
}

TEST_CASE_METHOD(Audited, "identity 5 fails if two frames have the same identity") {
  const DiskBlock block = kernel.vm().pfdata.identity(Frame{0});
  kernel.vm().pfdata.set_identity(Frame{2}, block);
  read_file_block(0, kernel.vm().memory.page(ppn_of(Frame{2})));
  CHECK(found() == Findings{"5 frame 0: another frame has its identity, or its queue is wrong"});
}

TEST_CASE_METHOD(Audited, "identity 6 fails if W is set on a page that is copy on write") {
  kernel.exit(child, 0);
  pte(parent, 1, 1).raw |= Pte::kW;
  CHECK(found() == Findings{"6 region 2 page 1: copy on write, but W is set"});
}

TEST_CASE_METHOD(Audited, "identity 6 fails if a private page is writable in a shared frame") {
  Pte& shared = pte(child, 1, 1);
  shared.raw = (shared.raw & ~Pte::kCow) | Pte::kW;
  CHECK(found() == Findings{"6 region 4 page 1: W is set, but frame 2 has count 2"});
}

TEST_CASE_METHOD(Audited, "shared memory may be writable in a frame, and the frame counts once") {
  shm(parent, 5, 1);
  store(parent, kShmStart, 1);
  const ProcSlot third = fork(parent);
  CHECK(load(third, kShmStart) == 1);
  CHECK(found().empty());
  CHECK(kernel.vm().pfdata.refs(Frame{3}) == 1);
}

TEST_CASE_METHOD(Audited, "identity 7 fails if a frame differs from its block of a file") {
  kernel.vm().memory.page(ppn_of(Frame{1}))[100] ^= std::byte{1};
  CHECK(found() == Findings{"7 frame 1: its bytes are not those of its block 0:1"});
}

TEST_CASE_METHOD(Audited, "identity 7 fails if a frame differs from its block on swap") {
  store(child, page_at(kData, 2), 7);
  const RegionId data = region(child, 1);
  const DiskBlock block = give_swap_copy(kernel.vm(), {data, 2});
  kernel.vm().hart.sfence_vma();  // D is clear again
  REQUIRE(found().empty());
  *bytes_of(kernel.vm(), data, 2) = std::byte{8};
  CHECK(found() == Findings{"7 frame 3: its bytes are not those of its block 1:1"});
  // With W and D the copy is known to be old.
  pte(child, 1, 2).raw |= Pte::kD;
  CHECK(found().empty());
  CHECK(kernel.vm().swap.uses(block) == 1);
}

TEST_CASE_METHOD(Audited, "identity 7 fails if a free frame holds a swap block that no dbd names") {
  kernel.vm().pfdata.reach(Frame{7});
  kernel.vm().pfdata.set_identity(Frame{7}, DiskBlock::swap(1, 8));
  CHECK(found() == Findings{"7 frame 7: it holds swap block 1:8, which no dbd names"});
}

TEST_CASE_METHOD(Audited, "identity 8 fails if a tree misses a leaf table") {
  middle_entry(parent, kData.value / kLeafSpan) = Pte{};
  CHECK(found() == Findings{"8 pid 2: address 0x400000 leads to another table than that of page 0 of region 2",
                            "8 pid 2: its tree reaches 2 leaf tables, not the 3 of its pregions"});
}

TEST_CASE_METHOD(Audited, "identity 8 fails if a tree reaches a leaf table of another") {
  const Ppn stranger = kernel.vm().regions[region(child, 1)].leaves[0];
  middle_entry(parent, kData.value / kLeafSpan) = Pte::make(stranger, Pte::kV);
  CHECK(found() == Findings{"8 pid 2: address 0x400000 leads to another table than that of page 0 of region 2",
                            "8 pid 2: its tree reaches 3 leaf tables, not the 3 of its pregions"});
}

TEST_CASE_METHOD(Audited, "identity 8 fails if a tree leads out of the page tables") {
  root_entry(parent, 0) = Pte::make(ppn_of(Frame{0}), Pte::kV);
  CHECK(found() == Findings{"8 pid 2: its tree reaches PPN 0x80000, which is no page-table frame",
                            "8 pid 2: address 0x200000 leads to another table than that of page 0 of region 1",
                            "8 pid 2: address 0x400000 leads to another table than that of page 0 of region 2",
                            "8 pid 2: its tree reaches 1 leaf tables, not the 3 of its pregions",
                            "8 page-table frames: 11 used, but 10 are in trees and regions"});
}

TEST_CASE_METHOD(Audited, "identity 8 fails if leaf tables change places in a tree") {
  std::swap(middle_entry(parent, 1), middle_entry(parent, 2));
  CHECK(found() == Findings{"8 pid 2: address 0x200000 leads to another table than that of page 0 of region 1",
                            "8 pid 2: address 0x400000 leads to another table than that of page 0 of region 2"});
}

TEST_CASE_METHOD(Audited, "identity 8 fails if leaf tables whose first pages are not in memory change places") {
  const ProcSlot third = spawn(program(0, 0, 1024, 0));
  store(third, page_at(kTextStart, 1), 1);
  store(third, page_at(kTextStart, 513), 2);
  kernel.vm().hart.sfence_vma();  // so that only the tree can tell
  REQUIRE(found().empty());
  std::swap(middle_entry(third, 1), middle_entry(third, 2));
  CHECK(found().size() == 2);
}

TEST_CASE_METHOD(Audited, "identity 8 fails if a tree reaches a frame that is no table") {
  middle_entry(child, 100) = Pte::make(ppn_of(Frame{2}), Pte::kV);
  CHECK(found() == Findings{"8 pid 3: its tree reaches PPN 0x80002, which is no page-table frame"});
}

TEST_CASE_METHOD(Audited, "identity 8 fails if a tree has a superpage") {
  middle_entry(child, 100) = Pte::make(ppn_of(Frame{2}), Pte::kV | Pte::kR);
  CHECK(found().front().ends_with("is a superpage"));
  CHECK(found().size() == 1);
}

TEST_CASE_METHOD(Audited, "identity 8 fails if a page maps a table") {
  const Ppn root = kernel.space(parent).root;
  pte(parent, 2, 0) = Pte::make(root, Pte::kV | Pte::kU | Pte::kR);
  CHECK(found() == Findings{"1 region 3: 1 valid pages, counted 0",
                            fmt::format("8 region 3 page 0: maps PPN {:#x}, which is no frame in use", root.value)});
}

TEST_CASE_METHOD(Audited, "identity 8 fails if a page maps what is right behind the frames") {
  const Ppn behind = ppn_of(kernel.vm().pfdata.fresh());
  pte(parent, 2, 0) = Pte::make(behind, Pte::kV | Pte::kU | Pte::kR);
  CHECK(found() == Findings{"1 region 3: 1 valid pages, counted 0",
                            fmt::format("8 region 3 page 0: maps PPN {:#x}, which is no frame in use", behind.value)});
}

TEST_CASE("identity 8 fails if a page maps a reserved frame") {
  Machine machine({.frames = 4, .reserve = 1});
  const ProcSlot process = machine.spawn(machine.program(0, 0, 1, 0));
  machine.store(process, kTextStart, 1);
  REQUIRE(audit(machine.kernel).empty());
  Vm& vm = machine.kernel.vm();
  PageTestPeer::pte(Page(vm, {machine.region(process, 1), 0})) =
      Pte::make(ppn_of(Frame{0}), Pte::kV | Pte::kU | Pte::kR);
  vm.hart.sfence_vma();
  CHECK(findings(audit(machine.kernel)) == Findings{"1 frame 1: count 1, but 0 valid PTEs map it",
                                                    "8 region 2 page 0: maps PPN 0x80000, which is no frame in use"});
}

TEST_CASE_METHOD(Audited, "identity 8 fails if a table frame is in no tree and no region") {
  const std::uint64_t used = kernel.vm().tables.used();
  CHECK(kernel.vm().tables.alloc() != Ppn{});
  CHECK(found() ==
        Findings{fmt::format("8 page-table frames: {} used, but {} are in trees and regions", used + 1, used)});
}

TEST_CASE_METHOD(Audited, "identity 8 fails if a free table frame is not empty") {
  const Ppn table = kernel.vm().tables.alloc();
  kernel.vm().memory.find_table(table)[7] = Pte{1};
  kernel.vm().tables.free(table);
  CHECK(found() == Findings{fmt::format("8 page-table frame {:#x}: free, but entry 7 is in use", table.value)});
}

TEST_CASE_METHOD(Audited, "identity 8 fails if the TLB grants what the tree does not") {
  CHECK(load(parent, page_at(kData, 1)) == 42);
  REQUIRE(found().empty());
  const Satp satp = kernel.vm().hart.satp();
  Tlb::Entry stale{.vpn = (kData.value >> kPageShift) + 1,
                   .page = nullptr,
                   .ppn = ppn_of(Frame{2}),
                   .asid = satp.asid,
                   .granted = 1u << static_cast<unsigned>(Access::Load)};
  const std::string grants = "8 TLB: ASID {} address 0x401000 grants what the tree does not";
  SECTION("a store to a page that is copy on write") { stale.granted = 1u << static_cast<unsigned>(Access::Store); }
  SECTION("another frame") { stale.ppn = ppn_of(Frame{1}); }
  SECTION("an ASID that no process has") { stale.asid = 77; }
  HartTestPeer::tlb(kernel.vm().hart).fill(stale);
  CHECK(found() == Findings{fmt::format(fmt::runtime(grants), stale.asid)});
}

TEST_CASE_METHOD(Audited, "identity 8 fails if the TLB grants a store, and the page is not marked as modified") {
  store(child, page_at(kData, 1), 43);
  REQUIRE(found().empty());
  pte(child, 1, 1).raw &= ~Pte::kD;
  CHECK(found() == Findings{fmt::format("8 TLB: ASID {} address 0x401000 grants what the tree does not",
                                        kernel.vm().hart.satp().asid)});
}

TEST_CASE_METHOD(Audited, "identity 8 fails if the page-walk cache leads elsewhere than the tree") {
  CHECK(load(parent, page_at(kData, 1)) == 42);
  REQUIRE_FALSE(kernel.vm().hart.walks().entries().empty());
  REQUIRE(found().empty());
  Hart& hart = kernel.vm().hart;
  SECTION("to another space's table") {
    HartTestPeer::walks(hart).fill(kData, kernel.vm().memory.table(kernel.space(child).root));
    CHECK(found() == Findings{fmt::format("8 page-walk cache: address {:#x} leads to another table than in the tree",
                                          kData.value)});
  }
  SECTION("where the tree has nothing") {
    const VirtAddr nowhere{kData.value + (std::uint64_t{1} << 38)};
    HartTestPeer::walks(hart).fill(nowhere, hart.walks().entries().front().table);
    CHECK(found() == Findings{fmt::format("8 page-walk cache: address {:#x} leads to another table than in the tree",
                                          nowhere.value)});
  }
}

TEST_CASE_METHOD(Audited, "the TLB may grant less than the tree") {
  CHECK(load(parent, page_at(kData, 1)) == 42);
  const Tlb::Entry less{.vpn = (kData.value >> kPageShift) + 1,
                        .page = nullptr,
                        .ppn = ppn_of(Frame{2}),
                        .asid = kernel.vm().hart.satp().asid,
                        .granted = 0};
  HartTestPeer::tlb(kernel.vm().hart).fill(less);
  CHECK(found().empty());
}

TEST_CASE_METHOD(Audited, "identity 9 fails if the swap map lies") {
  SwapTestPeer::use_up(kernel.vm().swap, 1);
  ExtentMap& map = SwapTestPeer::map(kernel.vm().swap, 1);
  SECTION("about the number of free blocks") {
    SwapMapTestPeer::free(map) = 7;
    CHECK(found() ==
          Findings{"9 swap map 1: extents hold 8 blocks, counted free 7", "9 swap map 1: 7 free + 0 in use is not 8"});
  }
  SECTION("with extents that touch") {
    SwapMapTestPeer::plant(map, {{1, 4}, {5, 4}});
    CHECK(found() == Findings{"9 swap map 1: extent (5, 4) touches the one before it"});
  }
  SECTION("with an extent beyond the device") {
    SwapMapTestPeer::plant(map, {{2, 8}});
    SwapMapTestPeer::free(map) = 8;
    CHECK(found() == Findings{"2 swap block 1:1: use count 0, but not free in the map",
                              "9 swap map 1: extent (2, 8) is not within 1 to 8",
                              "9 swap map 1: 8 free + 1 in use is not 8"});
  }
}

TEST_CASE_METHOD(Audited, "identity 10: who sleeps inside the kernel sleeps for something, and holds nobody up") {
  Contexts& contexts = kernel.vm().contexts;
  const auto enter = [&](std::uint64_t tag, const std::function<void()>& body) {
    CHECK(contexts.go_on(contexts.enter(tag, body)));
  };
  enter(99, [&] {
    const RegionLock lock(kernel.vm(), region(parent, 1));
    contexts.sleep({.kind = Channel::Kind::FreeFrame});
  });
  CHECK(found() == Findings{"10 region 2: locked by process 99, who sleeps for a frame"});
  enter(98, [&] { contexts.sleep({.kind = Channel::Kind::Contents, .frame = Frame{1}}); });
  enter(97, [&] { contexts.sleep({.kind = Channel::Kind::Lock, .region = region(parent, 2)}); });
  enter(Context::kVhand, [&] { await_read(kernel.vm(), Frame{2}, {}); });
  CHECK(found() == Findings{"1 frame 2: count 2, but 2 valid PTEs map it",
                            "10 region 2: locked by process 99, who sleeps for a frame",
                            "10 frame 2: 2 PTEs map it, but its contents are not valid",
                            "10 process 98 sleeps for the contents of frame 1, which are valid",
                            "10 process 97 sleeps for the lock of region 3, which nobody else has"});
}

TEST_CASE_METHOD(Audited, "identity 10: a read that nobody sleeps for, and a process that sleeps nowhere") {
  Contexts& contexts = kernel.vm().contexts;
  const Frame frame = kernel.vm().pfdata.alloc()->frame;
  CHECK(contexts.go_on(contexts.enter(99, [&] { await_read(kernel.vm(), frame, {}); })));
  contexts.wake(*contexts.find(99));
  KernelTestPeer::process(kernel, child).waiting_for = WaitingFor::Transfer;
  CHECK(found() == Findings{"10 frame 3: being read, but process 99 does not sleep for it",
                            "10 pid 3: it waits for transfer inside the kernel, but is not there"});
}

TEST_CASE_METHOD(Audited, "identity 1 fails if the out-list and the marks of its pages do not go together") {
  Vm& vm = kernel.vm();
  const Page listed = page(child, 1, 1);
  SECTION("a page that is on the list without a mark") {
    vm.out_list.add(vm.pfdata, listed.frame(), listed.id());
    CHECK(found() == Findings{"1 region 4 page 1: the out-list has it in frame 2, where it is not",
                              "1 0 pages are marked as on the out-list, which has 1"});
  }
  SECTION("a page that is on it for another frame") {
    listed.set_on_out_list(true);
    vm.out_list.add(vm.pfdata, Frame{1}, listed.id());
    CHECK(found() == Findings{"1 region 4 page 1: the out-list has it in frame 1, where it is not"});
  }
  SECTION("a mark without a list") {
    listed.set_on_out_list(true);
    CHECK(found() == Findings{"1 1 pages are marked as on the out-list, which has 0"});
  }
}

TEST_CASE("identity 11 fails if a process without paging is in memory, and a page of it is not") {
  Machine machine({.frames = 16, .swap = {16}, .paging = PagingPolicy::Off});
  const ProcSlot process = machine.spawn(machine.program(1, 2, 0, 1));
  CHECK(audit(machine.kernel).empty());
  Vm& vm = KernelTestPeer::vm(machine.kernel);
  const Page page(vm, {machine.region(process, 1), 1});
  page.name_block(*vm.swap.alloc(1));
  page.leave_memory();
  const Violations found = audit(machine.kernel);
  REQUIRE(found.size() == 1);
  CHECK(found[0].identity == 11);
  CHECK(found[0].what == "pid 2: it is in memory, but of region 2 only 1 of 2 pages are");
  KernelTestPeer::process(machine.kernel, process).state = ProcessState::ReadySwapped;
  CHECK(audit(machine.kernel).empty());
}

TEST_CASE_METHOD(Audited, "findings come in the order of the identities") {
  kernel.vm().memory.page(ppn_of(Frame{1}))[100] ^= std::byte{1};
  ++refs(region(child, 1));
  PfdataTestPeer::ref(kernel.vm().pfdata, Frame{2});
  std::vector<int> identities;
  for (const Violation& violation : audit(kernel)) identities.push_back(violation.identity);
  CHECK(identities == std::vector<int>{1, 3, 7});
}

TEST_CASE("vfork children and zombies have no tree of their own to audit") {
  Machine machine;
  const ProcSlot parent = machine.spawn(machine.program(1, 1, 0, 1));
  const ProcSlot child = machine.vfork(parent);
  machine.store(child, kData, 1);
  CHECK(audit(machine.kernel).empty());
  machine.kernel.exit(child, 0);
  REQUIRE(machine.state(child) == ProcessState::Zombie);
  CHECK(audit(machine.kernel).empty());
}

}  // namespace
}  // namespace bachsim
