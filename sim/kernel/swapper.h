// Process 0, the swapper: moves whole processes between memory and swap (Bach 9.1 and 9.3), by hand, when one has no
// room to grow, and second by second.
//
// One second (figure 9.9, with the rules that reproduce figures 9.10 and 9.11):
//
//   of the processes that are ready and swapped, take the one longest out; where it has room, it comes in
//   else it must have been out for 2 seconds, and somebody must leave:
//     of the processes that sleep, the one longest in memory
//     where none sleeps, the one with the highest residence + nice, if it has been in for a second or more and
//     residence + nice - 20 is 2 or more
//   and again, until a test fails
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "regions/vm.h"
#include "sim/kernel/counters.h"
#include "sim/kernel/errno.h"
#include "sim/kernel/process.h"
#include "sim/kernel/process_table.h"

namespace bachsim {

// One second: where the processes were when it began, what moved, who had the CPU.
struct SwapperSecond {
  struct Place {
    std::uint64_t tag;
    bool in_memory;
    std::uint64_t seconds;  // in this place
  };
  struct Move {
    std::uint64_t tag;
    bool in;
  };
  std::vector<Place> places;
  std::vector<Move> moves;
  std::optional<std::uint64_t> runs;  // tag; nobody if no process in memory is ready
};

class Swapper {
 public:
  // Both must outlive it.
  Swapper(Vm& vm, ProcessTable& processes) : vm_(vm), processes_(processes) {}

  // False for a process that shares its space by vfork, has ended, is preempted, or holds a plock.
  [[nodiscard]] bool can_move(ProcSlot slot) const;

  // A process leaves memory, or comes back.   REQUIRES: can_move(slot); it is in memory, or it is not
  // Errors: ENOMEM (no extent of swap, no frames)
  [[nodiscard]] SysResult<void> swap_out(ProcSlot slot);
  [[nodiscard]] SysResult<void> swap_in(ProcSlot slot);

  // The process's image is on swap already, and memory has nothing of it any more.
  void leave(Process& process);

  // Without paging, a process whose regions have grown gets frames for them, or waits on swap until it can have them
  // (expansion swap). False, and nothing changed, if there is room in neither place.
  [[nodiscard]] bool settle(ProcSlot slot);

  // paging=hybrid: a fault on `page` found no frame. Whole processes, `spared` not among them, leave until the high
  // water mark is reached; for each but the first, whose room the faulting process takes, one that waits on swap is
  // made ready. If nobody can leave, the page stealer has to do it. False if there is no frame even so.
  [[nodiscard]] bool make_room(ProcSlot spared, PageId page);

  // A second passes, for the swapper and for a scheduler with one CPU. Throws HostLimit beyond 2^20 of them.
  void run_second();
  // What those seconds were like, for the report.
  [[nodiscard]] const std::vector<SwapperSecond>& seconds() const { return seconds_; }

  [[nodiscard]] const SwapperCounters& counters() const { return counters_; }

 private:
  void enter_memory(Process& process);
  void exchange(SwapperSecond& second);
  void schedule(SwapperSecond& second);
  [[nodiscard]] ProcSlot next_in() const;
  [[nodiscard]] bool holds_frames(ProcSlot slot) const;
  [[nodiscard]] ProcSlot victim(ProcSlot spared) const;
  [[nodiscard]] bool may_evict(ProcSlot slot) const;

  Vm& vm_;
  ProcessTable& processes_;
  std::vector<SwapperSecond> seconds_;
  std::uint64_t clock_ = 0;  // seconds run
  SwapperCounters counters_;
};

}  // namespace bachsim
