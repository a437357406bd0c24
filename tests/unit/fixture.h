// What the tests share: how findings, pages and counters look as text, so that one comparison shows
// all of them.
#pragma once

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regions/dbd.h"
#include "regions/fault.h"
#include "regions/layout.h"
#include "regions/page.h"
#include "regions/regops.h"
#include "regions/space.h"
#include "regions/vhand.h"
#include "regions/vm.h"
#include "sim/kernel/kernel.h"
#include "sim/machine/check.h"
#include "sim/machine/trap.h"
#include "sim/state/state.h"
#include "tests/unit/peers.h"

// A test names the members of a Config or Program that it is about, and no others.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

template <class Tag, std::unsigned_integral Rep>
struct Catch::StringMaker<bachsim::Id<Tag, Rep>> {
  static std::string convert(bachsim::Id<Tag, Rep> id) { return fmt::format("#{}", id.value); }
};

template <>
struct Catch::StringMaker<bachsim::DiskBlock> {
  static std::string convert(bachsim::DiskBlock block) {
    return block.none() ? "no block" : fmt::format("{}:{}", block.device(), block.block());
  }
};

template <>
struct Catch::StringMaker<bachsim::Trap> {
  static std::string convert(const bachsim::Trap& trap) {
    return fmt::format("scause {} stval {:#x}", static_cast<std::uint64_t>(trap.cause), trap.stval);
  }
};

namespace bachsim {

// Processes by letters, the first is P, and keys by numbers.
struct Letters : Naming {
  [[nodiscard]] std::string process(std::uint64_t tag) const override { return {static_cast<char>('P' + tag)}; }
  [[nodiscard]] std::string key(std::uint64_t key) const override { return fmt::format("key{}", key); }
};

using Findings = std::vector<std::string>;

// "4 frame 2: ...": the identity, then what was found.
inline Findings findings(const Violations& violations) {
  Findings texts;
  for (const Violation& violation : violations)
    texts.push_back(fmt::format("{} {}", violation.identity, violation.what));
  return texts;
}

template <class Table>
Findings audit_of(const Table& table) {
  Violations found;
  table.audit(found);
  return findings(found);
}

inline std::string show(Dbd dbd) {
  std::string text;
  switch (dbd.kind()) {
    case DbdKind::None:
      text = "none";
      break;
    case DbdKind::Zero:
      text = "zero";
      break;
    case DbdKind::Fill:
      text = fmt::format("fill {}", dbd.block());
      break;
    case DbdKind::File:
      text = fmt::format("file {}", dbd.block());
      break;
    case DbdKind::Swap:
      text = fmt::format("swap {}:{}", dbd.device(), dbd.block());
      break;
  }
  if (dbd.age() != 0) text += fmt::format(" age {}", dbd.age());
  return text + (dbd.on_out_list() ? " out" : "");
}

// The bits that say something about a page, C for copy on write: "RWUAD", "RUC".
inline std::string show_bits(Pte pte) {
  std::string text;
  for (const auto& [bit, letter] : {std::pair{Pte::kR, 'R'},
                                    {Pte::kW, 'W'},
                                    {Pte::kX, 'X'},
                                    {Pte::kU, 'U'},
                                    {Pte::kA, 'A'},
                                    {Pte::kD, 'D'},
                                    {Pte::kCow, 'C'}}) {
    if (pte.has(bit)) text += letter;
  }
  return text;
}

// "frame 3 RWUA, none"; "no frame, swap 1:2"; "no frame C, zero".
inline std::string show(Vm& vm, RegionId region, std::uint32_t number) {
  const PageWords page = vm.page(vm.regions[region], number);
  const std::string bits = show_bits(page.pte);
  const std::string where = page.pte.valid() ? fmt::format("frame {}", frame_of(page.pte.ppn()).value) : "no frame";
  return where + (bits.empty() ? "" : " " + bits) + ", " + show(page.dbd);
}

inline std::vector<std::uint32_t> free_list(const PfdataTable& pfdata) {
  std::vector<std::uint32_t> frames;
  pfdata.for_each_free([&](Frame first, Frame last) {
    for (std::uint32_t frame = first.value; frame <= last.value; ++frame) frames.push_back(frame);
  });
  return frames;
}

// The page of a region that is in memory.
inline std::byte* bytes_of(Vm& vm, RegionId region, std::uint32_t number) {
  return vm.memory.page(vm.page(vm.regions[region], number).pte.ppn());
}

// A region of so many demand-zero pages that is attached nowhere.
inline RegionId new_region(Vm& vm, RegionType type, std::uint32_t pages,
                           std::optional<ProgramId> program = std::nullopt) {
  const RegionId id = allocreg(vm, type, program);
  add_pages(vm, id, pages);
  return id;
}

// A store by a process: the faults it takes, then A and D as the hardware sets them.
inline void store(Vm& vm, PageId id, int value) {
  const Page page(vm, id);
  if (!page.valid()) REQUIRE(vfault(vm, id, Access::Store) == FaultOutcome::Resolved);
  if (!page.pte().writable()) REQUIRE(pfault(vm, id, Access::Store) == FaultOutcome::Resolved);
  page.set_used(Access::Store);
  *bytes_of(vm, id.region, id.page) = std::byte(value);
}

// A load by a process: what the page holds, after the fault that it may take.
inline int load(Vm& vm, PageId id) {
  const Page page(vm, id);
  if (!page.valid()) REQUIRE(vfault(vm, id, Access::Load) == FaultOutcome::Resolved);
  page.set_used(Access::Load);
  return std::to_integer<int>(*bytes_of(vm, id.region, id.page));
}

// Gives a page in memory a current copy on swap.
inline DiskBlock give_swap_copy(Vm& vm, PageId id) {
  const Page page(vm, id);
  const DiskBlock block = vm.swap.alloc(1).value();
  vm.swap.write(block, vm.memory.page(page.pte().ppn()));
  vm.pfdata.set_identity(page.frame(), block);
  page.name_block(block);
  page.set_rights(page.pte().raw & (Pte::kW | Pte::kA | Pte::kCow));
  return block;
}

// Takes a page out of memory as the stealer does; its frame is free, and keeps its identity.
inline DiskBlock swap_out(Vm& vm, PageId id) {
  const DiskBlock block = give_swap_copy(vm, id);
  Page(vm, id).leave_memory();
  return block;
}

// Hands out every free frame, so that none keeps an identity and the next fault finds none free.
inline std::vector<Frame> take_free_frames(Vm& vm) {
  std::vector<Frame> taken;
  while (const auto grant = vm.pfdata.alloc()) taken.push_back(grant->frame);
  return taken;
}

// The leaf table that a space's tree has for an address.
inline std::optional<Ppn> leaf_table(const Vm& vm, const AddressSpace& space, VirtAddr va) {
  Ppn table = space.root;
  for (int level = levels(vm.config.mode) - 1; level > 0; --level) {
    const unsigned shift = kPageShift + kTableBits * static_cast<unsigned>(level);
    const Pte pte = vm.memory.table(table)[va.value >> shift & (kTableEntries - 1)];
    if (pte.raw == 0) return std::nullopt;
    REQUIRE((pte.raw & ((1u << Pte::kPpnShift) - 1)) == Pte::kV);
    table = pte.ppn();
  }
  return table;
}

// Commits all that a share can have, so that the next byte is too much.   REQUIRES: it has a budget
inline void use_up(HostShare& share) {
  for (std::uint64_t bytes = std::uint64_t{1} << 20; bytes > 0; bytes /= 2) {
    try {
      for (;;) share.commit(bytes);
    } catch (const HostLimit&) {
    }
  }
}

using Numbers = std::map<std::string, std::int64_t>;

// Every counter and gauge by its name, but for `tlb.`, which no rule fixes.
inline Numbers numbers(const Kernel& kernel) {
  Numbers all;
  kernel.counters().for_each([&](std::string_view group, std::string_view name, std::uint64_t value) {
    if (group != "tlb") all[fmt::format("{}.{}", group, name)] = static_cast<std::int64_t>(value);
  });
  kernel.gauges().for_each(
      [&](std::string_view name, std::uint64_t value) { all[std::string(name)] = static_cast<std::int64_t>(value); });
  return all;
}

// Those that are not as they were in `before`, and by how much.
inline Numbers changes(const Numbers& before, const Kernel& kernel) {
  Numbers changed;
  for (const auto& [name, value] : numbers(kernel)) {
    if (value != before.at(name)) changed[name] = value - before.at(name);
  }
  return changed;
}

inline constexpr PagingMode kModes[] = {PagingMode::Sv39, PagingMode::Sv48, PagingMode::Sv57};
inline constexpr Access kAccesses[] = {Access::Fetch, Access::Load, Access::Store};

// A page in bytes, for calls that count in them.
inline constexpr auto kPage = static_cast<std::int64_t>(kPageSize);

// A kernel whose tables a test may change.
struct OpenKernel : Kernel {
  using Kernel::Kernel;
  Vm& vm() { return KernelTestPeer::vm(*this); }
};

// A kernel, and the calls that a test takes for granted: each must succeed.
struct Machine {
  explicit Machine(const Config& config = {.frames = 16, .swap = {16}}) : kernel(config) {}

  // A program of such sections, in pages.
  ProgramId program(std::uint64_t text, std::uint64_t data, std::uint64_t bss, std::uint64_t stack,
                    bool sticky = false) {
    return kernel.add_program(
        {.name = "prog", .text = text, .data = data, .bss = bss, .stack = stack, .sticky = sticky});
  }

  ProcSlot spawn(ProgramId id) { return kernel.spawn(id, 0).value(); }
  ProcSlot fork(ProcSlot parent) { return kernel.fork(parent, 0).value(); }
  ProcSlot vfork(ProcSlot parent) { return kernel.vfork(parent, 0).value(); }
  void exec(ProcSlot process, ProgramId id) { kernel.exec(process, id).value(); }
  void wait(ProcSlot process) { kernel.wait(process).value(); }
  void brk(ProcSlot process, std::int64_t pages) { kernel.brk(process, pages * kPage).value(); }
  void shm(ProcSlot process, std::uint64_t key, std::int64_t pages) {
    kernel.shmget(process, key, pages).value();
    kernel.shmat(process, key).value();
  }

  void store(ProcSlot process, VirtAddr va, int value) {
    *kernel.access(process, va, Access::Store).value() = std::byte(value);
  }
  int load(ProcSlot process, VirtAddr va) {
    return std::to_integer<int>(*kernel.access(process, va, Access::Load).value());
  }
  // How the process dies of an access.
  Stop death(ProcSlot process, VirtAddr va, Access access) { return kernel.access(process, va, access).error(); }

  const Pregion& pregion(ProcSlot process, std::size_t index) { return kernel.space(process).pregions.at(index); }
  RegionId region(ProcSlot process, std::size_t index) { return pregion(process, index).region; }
  std::vector<std::uint32_t> regions(ProcSlot process) {
    std::vector<std::uint32_t> ids;
    for (const Pregion& pregion : kernel.space(process).pregions) ids.push_back(pregion.region.value);
    return ids;
  }
  std::uint32_t pid(ProcSlot process) { return kernel.process(process).pid.value; }
  ProcessState state(ProcSlot process) { return kernel.process(process).state; }

  OpenKernel kernel;
};

// Where the sections of a program with at most 512 pages of text lie.
inline constexpr VirtAddr kText = kTextStart;
inline constexpr VirtAddr kData = data_start(1);
inline constexpr VirtAddr kStack{kStackEnd.value - kPageSize};  // the first page of a stack

constexpr VirtAddr page_at(VirtAddr start, std::uint64_t page) { return VirtAddr{start.value + page * kPageSize}; }

}  // namespace bachsim
