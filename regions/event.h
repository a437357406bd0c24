// Events inside the kernel: each branch that an algorithm took, with the numbers that decided. The kernel appends them
// to a list while somebody watches, for --trace and its like; sim/report/event_text.h says them in words.
#pragma once

#include "regions/pfdata.h"
#include "regions/region.h"

namespace bachsim {

// Behind each kind, the members of Event that it has beside `process`.
enum class EventKind : std::uint8_t {
  // Regions (Bach 6.5).
  RegionAllocated,   // region
  RegionFreed,       // region
  RegionGrown,       // region; was, is: its pages
  RegionDuplicated,  // region; other: the copy; pages: entries of its page table
  RegionCopied,      // the same for fork=copy: pages in memory and on swap were copied at once
  RegionAttached,    // region: one more pregion
  RegionDetached,    // region

  // A trap, and where its address leads (sim/kernel/trap.cc).
  Trapped,     // address: stval; is: scause; region, page: id 0 if no region is there
  NoRegion,    // address: no region there, and no stack that may grow to it
  StackGrows,  // address; region; was, is: its pages
  UsedSet,     // region, page: the PTE grants the access, but A or D was missing (ad=software)

  // vfault: where the page was (figure 9.21).
  VfaultViolation,  // region, page: the region's type does not allow the access
  VfaultCache,      // region, page, frame; block: that of the page, which the frame holds
  VfaultZero,       // region, page, frame
  VfaultFill,       // region, page, frame, block
  VfaultFile,       // region, page, frame, block; is: 1 if the access is a store to a private page
  VfaultSwap,       // region, page, frame, block
  Prepaged,         // region, page, frame, block: it was read with the page before it
  WorkingSetFull,   // region, page: the one that leaves; is: the limit

  // pfault (figure 9.25).
  PfaultViolation,  // region, page: not a store, or not copy on write
  PfaultCopied,     // region, page; from: the old frame; frame: the new one; was: the old one's count
  PfaultKept,       // region, page, frame; was: its count; block: the disk copy given up

  NoFrame,   // region, page: no frame free, even after what the stealer could do
  NoTables,  // region, page: no page-table frame for the stack

  // vhand (figures 9.18 to 9.20).
  VhandWoken,         // was: frames free; is: how many are wanted
  VhandReferenced,    // region, page, pages: A was set
  VhandAged,          // region, page, pages; was, is: ages
  VhandRounds,        // is: so many rounds more, in which all pages grew older by one and nothing else happened
  VhandNoCopy,        // region, page, frame; was: age
  VhandCurrentCopy,   // region, page, frame; was: age; block
  VhandOldCopy,       // region, page, frame; was: age; block: given up
  VhandStole,         // region, page; frame: it was there; block: its contents are there
  VhandFoundNoBlock,  // region, page, frame: no swap is free, so it stays

  // Processes.
  Spawned,
  Forked,       // child
  Vforked,      // child
  Execed,       // is: ProgramId
  Exited,       // is: exit status
  Killed,       // is: exit status
  Reaped,       // child; is: its exit status
  SleepsVfork,  // child: until it execs or exits
  SleepsWait,   // until a child ends
  Wakes,
  Preempted,  // child: it runs first
  Resumed,
  SatpWritten,  // is: satp
  SwappedOut,   // all of the process
  SwappedIn,

  // Under io=sleep (sleep.h). The process, and `child`, may be Context::kVhand.
  SleepsTransfer,
  SleepsLock,      // region; child: who has it locked
  SleepsContents,  // frame; child: who reads it
  SleepsFrame,
  SleepsText,  // region; child: who loads it
  // Each of these wakes.
  TransferEnded,
  Unlocked,       // region
  ContentsValid,  // frame
  FrameFreed,
  FrameRefused,
  TextLoaded,     // region
  FoundValid,     // region, page: it came into memory while the process slept for the lock
  FoundInvalid,   // region, page: it left memory while the process slept for the lock
  VhandModified,  // region, page: stored to while it was written, so it stays

  RightsGiven,    // region, page: valid=software: its rights were withheld to see this reference
  VfaultOutList,  // region, page, frame: it waited on the out-list
  VhandRescued,   // region, page, frame: a fault took it from the list, which wrote it nevertheless; so it stays
  VhandChose,     // frame: stealer= is not age: its pages are to leave
  LeftWindow,     // region, page: window=references: none of the last references was to it; is: how many those are

  // System calls that change a count or a mark, and no page.
  KeyFound,    // region: shmget of a key that there is
  KeyRemoved,  // region; was, is: its count
  Plocked,     // region
  Punlocked,   // region
  Reniced,     // was, is: nice values
};

struct Event {
  static constexpr std::uint64_t kNobody = ~std::uint64_t{0};

  EventKind kind{};
  RegionId region{};
  std::uint32_t page = 0;
  std::uint32_t pages = 1;  // from `page` on
  Frame frame{};
  Frame from{};
  RegionId other{};
  DiskBlock block{};
  std::uint64_t address = 0;
  std::uint64_t was = 0;
  std::uint64_t is = 0;
  // Processes by their tags. By default the one for which the kernel works. That is nobody for the operator, for the
  // stealer between operations, and for system calls made alone.
  std::uint64_t process = kNobody;
  std::uint64_t child = kNobody;

  friend bool operator==(const Event&, const Event&) = default;
};

using Events = std::vector<Event>;

// An event on a page. `more` has its other members.
[[nodiscard]] inline Event on(EventKind kind, PageId page, Event more = {}) {
  more.kind = kind;
  more.region = page.region;
  more.page = page.page;
  return more;
}

}  // namespace bachsim
