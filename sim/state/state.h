// The one reader of a machine's state: everything above the kernel sees tables as the rows that this makes.
//
// Rows are made on demand and handed out one by one, so that a machine of 16 million frames costs what is looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regions/config.h"
#include "sim/kernel/kernel.h"
#include "sim/state/rows.h"
#include "sim/state/walk.h"

namespace bachsim {

// The script's words for what the kernel knows by number.
class Naming {
 public:
  Naming() = default;
  Naming(const Naming&) = delete;
  Naming& operator=(const Naming&) = delete;
  virtual ~Naming() = default;

  // A process, by the tag that its maker gave it.
  [[nodiscard]] virtual std::string process(std::uint64_t tag) const = 0;
  // A key of shared memory.
  [[nodiscard]] virtual std::string key(std::uint64_t key) const = 0;
};

template <class Row>
using Visit = std::function<void(const Row&)>;

// "group.name" of every counter, and the name of every gauge, in the order of the model's lists.
[[nodiscard]] std::span<const std::string> counter_names();
[[nodiscard]] std::span<const std::string> gauge_names();

// Counters that differ between two moments of a run, with the difference.
[[nodiscard]] std::vector<NumberRow> moved(const std::vector<NumberRow>& before, const std::vector<NumberRow>& after);

class State {
 public:
  // Both must outlive it.
  State(const Kernel& kernel, const Naming& names) : kernel_(kernel), names_(names) {}

  [[nodiscard]] const Config& config() const { return kernel_.config(); }
  // Of the machine's host, for those who keep rows; nullptr: there is no limit.
  [[nodiscard]] HostBudget* budget() const { return vm().budget.budget(); }
  [[nodiscard]] const Program& program(ProgramId id) const { return vm().programs[id.value]; }
  // The script's word for a process, by its tag.
  [[nodiscard]] std::string name_of_tag(std::uint64_t tag) const {
    return tag == Context::kVhand ? "vhand" : names_.process(tag);
  }

  // All but init and those reaped, pids ascending.
  [[nodiscard]] std::vector<ProcSlot> processes() const { return kernel_.processes(); }
  [[nodiscard]] ProcessRow process(ProcSlot slot) const;

  // Those inside the kernel, in the order in which they came: nobody but under io=sleep.
  void inside(const Visit<InsideRow>& visit) const;
  // The page stealer; if it is not inside, it waits for nothing.
  [[nodiscard]] InsideRow stealer() const;

  // Those of the space that the process runs on, in their order; none of a zombie.
  void pregions(ProcSlot slot, const Visit<PregionRow>& visit) const;
  // REQUIRES: the process has so many
  [[nodiscard]] PregionRow pregion(ProcSlot slot, std::uint32_t index) const;
  // The page that covers an address.
  [[nodiscard]] std::optional<PageId> find(ProcSlot slot, VirtAddr va) const;
  // The process's pages by their addresses, ascending.
  void space(ProcSlot slot, const Visit<PageRow>& visit) const;

  // Active regions, ids ascending.
  void regions(const Visit<RegionRow>& visit) const;
  // Empty if no active region has this id.
  [[nodiscard]] std::optional<RegionRow> region(std::uint64_t id) const;
  // Pages of an active region; one, if so wanted, with the value of its first cell.
  // REQUIRES: page < pages of the region
  void pages(std::uint32_t region, const Visit<PageRow>& visit) const;
  [[nodiscard]] PageRow page(std::uint32_t region, std::uint32_t page, bool with_value) const;
  // The 8 bytes that a load of a cell would bring, wherever the page is.   REQUIRES: offset % 8 == 0; as above
  [[nodiscard]] std::int64_t value(std::uint32_t region, std::uint32_t page, std::uint64_t offset) const;

  // Frames that are in use or hold a disk block, ascending.
  void frames(const Visit<FrameRow>& visit) const;
  // REQUIRES: frame < frames_total()
  [[nodiscard]] FrameRow frame(std::uint32_t frame) const;
  [[nodiscard]] std::uint32_t frames_total() const { return vm().pfdata.total(); }
  // Frames that can be found by their disk block, in the order of the blocks.
  void hash(const Visit<FrameRow>& visit) const;
  // The free list from its head.
  void free_list(const Visit<FreeRow>& visit) const;

  // Swap devices count from 1, and so do their blocks.
  [[nodiscard]] unsigned devices() const { return vm().swap.devices(); }
  // REQUIRES: 1 <= device <= devices()
  [[nodiscard]] DeviceRow device(unsigned device) const;
  void extents(unsigned device, const Visit<ExtentRow>& visit) const;
  // One of them, which count from 1, if there are so many.
  [[nodiscard]] std::optional<ExtentRow> extent(unsigned device, std::uint64_t number) const;
  // Blocks in use, by device and block.
  void swap_blocks(const Visit<SwapBlockRow>& visit) const;
  // REQUIRES: the device has the block
  [[nodiscard]] SwapBlockRow swap_block(unsigned device, std::uint64_t block) const {
    return {.device = device, .block = block, .refs = vm().swap.uses(DiskBlock::swap(device, block))};
  }

  // Entries in use; all slots of the TLB are tlb_slots().
  void tlb(const Visit<TlbRow>& visit) const;
  [[nodiscard]] std::size_t tlb_slots() const { return vm().hart.tlb().entries().size(); }
  // The tables that a process's satp leads to, depth first.
  void tree(ProcSlot slot, const Visit<TreeRow>& visit) const { tree(kernel_.satp(slot).root, 0, 0, visit); }
  // The walk of one address, which need not be in any region.   REQUIRES: the process is no zombie
  [[nodiscard]] Walk walk(ProcSlot slot, VirtAddr va) const;

  // Physical memory begins at memory_start() and has so many bytes: frames, and behind them the pages for tables.
  [[nodiscard]] static std::uint64_t memory_start() { return PhysMem::first().value << kPageShift; }
  [[nodiscard]] std::uint64_t memory_bytes() const { return vm().memory.pages() * kPageSize; }
  // Pages of it by their addresses, ascending. Those that were never in use are left out: all their bytes are zero.
  void memory(const std::function<void(std::uint64_t address, std::span<const std::byte>)>& visit) const;
  // The page at an address.   REQUIRES: it is a page of physical memory
  [[nodiscard]] std::span<const std::byte> memory(std::uint64_t address) const;

  // In the order of counter_names() and gauge_names(). Those of files only where block= is set.
  [[nodiscard]] std::vector<NumberRow> counters() const;
  // One of counter_names(), on every machine: those of files stay 0 without block=.   REQUIRES: the index is one of
  // them
  [[nodiscard]] std::uint64_t counter(std::size_t index) const;
  [[nodiscard]] std::vector<NumberRow> gauges() const;
  [[nodiscard]] Gauges gauge() const { return kernel_.gauges(); }
  [[nodiscard]] Sample sample() const;
  // The seconds of `run`; see swapper.h.
  [[nodiscard]] const std::vector<SwapperSecond>& seconds() const { return kernel_.swapper().seconds(); }

  // The references that are known of a process with a working set; see working_sets.h.
  [[nodiscard]] const std::deque<Reference>& references(ProcSlot slot) const {
    return kernel_.working_sets().references(kernel_.process(slot).lender);
  }

  // How many pages, or references, its working set is; 0: it has none.   REQUIRES: the process is no zombie
  [[nodiscard]] std::uint32_t working_set(ProcSlot slot) const { return kernel_.space(slot).working_set; }

  // A disk block as a row has it.
  [[nodiscard]] Disk disk(DiskBlock block) const;

 private:
  [[nodiscard]] PageRow row(RegionId id, const Region& region, std::uint32_t page) const;
  [[nodiscard]] std::optional<Actor> actor(const Context* context) const;
  [[nodiscard]] std::optional<Actor> locked_by(RegionId region) const;
  // Those inside that wait for the region.
  [[nodiscard]] std::uint32_t sleepers(RegionId region) const;
  [[nodiscard]] InsideRow inside_row(const Context& context) const;
  void tree(Ppn table, unsigned depth, std::uint64_t base, const Visit<TreeRow>& visit) const;
  [[nodiscard]] const Vm& vm() const { return kernel_.vm(); }

  const Kernel& kernel_;
  const Naming& names_;
};

}  // namespace bachsim
