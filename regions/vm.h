// The tables of the memory system side by side. Each keeps its own rules; the functions of regops.h, pregion.h,
// fault.h and vhand.h are the only ones that change several of them together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "regions/config.h"
#include "regions/event.h"
#include "regions/pfdata.h"
#include "regions/region.h"
#include "regions/table_frames.h"
#include "sim/machine/counters.h"
#include "sim/machine/hart.h"
#include "sim/machine/host.h"
#include "sim/machine/phys_mem.h"
#include "swap/program.h"
#include "swap/swap.h"

namespace bachsim {

#define BACHSIM_FORK_COUNTERS(X) \
  X(regions_shared) X(regions_duplicated) X(ptes_copied) X(frame_refs) X(swap_refs) X(pages_copied) X(tables_allocated)
BACHSIM_COUNTER_GROUP(ForkCounters, BACHSIM_FORK_COUNTERS)

#define BACHSIM_VFAULT_COUNTERS(X) X(total) X(cache) X(zero) X(fill) X(file) X(swap) X(stack_growth) X(segv)
BACHSIM_COUNTER_GROUP(VfaultCounters, BACHSIM_VFAULT_COUNTERS)

#define BACHSIM_PFAULT_COUNTERS(X) X(total) X(copied) X(kept) X(segv)
BACHSIM_COUNTER_GROUP(PfaultCounters, BACHSIM_PFAULT_COUNTERS)

#define BACHSIM_STEALER_COUNTERS(X) X(wakeups) X(examined) X(referenced) X(stolen) X(written)
BACHSIM_COUNTER_GROUP(StealerCounters, BACHSIM_STEALER_COUNTERS)

// A page by its region and its number there.
struct PageId {
  RegionId region;
  std::uint32_t page = 0;

  friend auto operator<=>(PageId, PageId) = default;
};

// A page's PTE and the descriptor beside it.
struct PageWords {
  Pte pte;
  Dbd dbd;
};

// Frames that wait to be written to swap in one extent, with the pages that map them. Empty but for the time that
// the page stealer runs.
struct OutList {
  struct Waiting {
    PageId page;
    std::uint32_t index;  // of its frame in `frames`
  };
  std::vector<Frame> frames;
  std::vector<Waiting> pages;
};

// Which ASIDs are taken. They are given out in order; when none is left, a flush of the whole TLB starts a new
// generation, and every space needs a new one (space.h).
struct AsidTable {
  std::uint64_t generation = 1;
  std::uint32_t next = 1;
};

struct Vm {
  // Throws HostLimit if the host has no memory for such a machine.
  explicit Vm(const Config& config, const Host& host = {});
  Vm(const Vm&) = delete;
  Vm& operator=(const Vm&) = delete;

  const Config config;
  HostShare budget;
  PhysMem memory;
  Hart hart;
  Swap swap;
  std::vector<Program> programs;  // [ProgramId]
  std::vector<RegionId> texts;    // [ProgramId]: its text region, id 0 where there is none now
  PfdataTable pfdata;
  TableFrames tables;
  RegionTable regions;
  AsidTable asids;
  PageId hand;  // the page that the stealer examined last
  OutList out_list;
  Events* events = nullptr;  // where --trace wants to be told; not owned

  ForkCounters fork;
  VfaultCounters vfault;
  PfaultCounters pfault;
  StealerCounters stealer;

  void tell([[maybe_unused]] const Event& event) {
#ifndef BACHSIM_WITHOUT_EVENTS  // the benchmark builds it once without, to see that nobody pays for it
    if (events != nullptr) [[unlikely]]
      events->push_back(event);
#endif
  }

  // Makes a program known; its id is the next one.
  ProgramId add(Program program);

  // The words of a page as they are now; Page (page.h) changes them.   REQUIRES: page < region.pages
  [[nodiscard]] PageWords page(const Region& region, std::uint32_t page) const {
    const Ppn leaf = region.leaves[page / kTableEntries];
    const unsigned slot = region.slot(page);
    return {memory.table(leaf)[slot], tables.dbds(leaf)[slot]};
  }
};

// Copies a frame's bytes to one that was just taken off the free list.
void copy_frame(Vm& vm, Frame from, Frame to);

}  // namespace bachsim
