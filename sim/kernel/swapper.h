// Process 0, the swapper: moves whole processes between memory and swap (Bach 9.1 and 9.3).
//
// One second of sched (figure 9.9, with the rules that reproduce figures 9.10 and 9.11):
//
//   Of the processes that are ready and swapped, take the one longest out. If it has room, it comes in.
//   Else it must have been out for 2 seconds, and somebody must leave:
//     of the processes that sleep, the one longest in memory (dispatch=nice: the highest residence + nice);
//     if none sleeps, the one with the highest residence + nice, if it has been in for a second or more and
//     residence + nice - 20 is 2 or more.
//   And again, until a test fails.
#pragma once

#include "sim/kernel/counters.h"
#include "sim/kernel/errno.h"
#include "sim/kernel/process_table.h"

namespace bachsim {

struct Vm;

// One second: where the processes were when it began, which ones moved, and who had the CPU.
struct SwapperSecond {
  struct Stay {
    std::uint64_t tag;
    bool in_memory;
    std::uint64_t seconds;  // so far
  };
  struct Move {
    std::uint64_t tag;
    bool in;
  };
  std::vector<Stay> stays;
  std::vector<Move> moves;
  std::optional<std::uint64_t> runs;  // tag; nobody if no process in memory is ready
};

class Swapper {
 public:
  static constexpr std::size_t kMaxSeconds = 1u << 20;  // that it keeps

  // Both must outlive it.
  Swapper(Vm& vm, ProcessTable& processes) : vm_(vm), processes_(processes) {}

  // False for a process that shares its space by vfork, has ended, is preempted, or holds a plock; and for one that is
  // inside the kernel, is being moved already, or uses a region that another has locked.
  [[nodiscard]] bool can_move(ProcSlot slot) const;

  // A process leaves memory, or comes back.   Errors: EINVAL (it cannot move, or need not), ENOMEM
  [[nodiscard]] SysResult<void> swap_out(ProcSlot slot);
  [[nodiscard]] SysResult<void> swap_in(ProcSlot slot);

  // The process's image is on swap from now on; it is in memory again.
  void leave(Process& process);
  // REQUIRES: it is on swap; without paging, frames for it are free, and nobody else has locked its regions
  void enter_memory(Process& process);

  // Expansion swap (Bach 9.1.2.2): without paging, a process whose regions have grown gets frames for them, or waits on
  // swap until it can have them.   REQUIRES: one of the two is promised
  void expansion_swap(ProcSlot slot);

  // paging=hybrid: `page` found no frame. Whole processes leave, but not the one whose space is `spared`, until the
  // high water mark. For each after the first, one that waits on swap becomes ready. If nobody can leave, the page
  // stealer works. False if there is no frame even so.
  [[nodiscard]] bool make_room(const AddressSpace* spared, PageId page);

  // A second passes, for the swapper and for a scheduler with one CPU.   REQUIRES: seconds().size() < kMaxSeconds
  void run_second();
  // The seconds so far.
  [[nodiscard]] const std::vector<SwapperSecond>& seconds() const { return seconds_; }

  [[nodiscard]] const SwapperCounters& counters() const { return counters_; }

 private:
  [[nodiscard]] bool is_inside(const Process& process) const;
  bool await_one_unlocked(const AddressSpace& space) const;
  void sched(SwapperSecond& second);
  template <class CanTake, class Weight>
  [[nodiscard]] ProcSlot choose(CanTake&& can_take, Weight&& weight) const;
  [[nodiscard]] ProcSlot next_in() const;
  [[nodiscard]] ProcSlot victim(const AddressSpace* spared) const;
  [[nodiscard]] ProcSlot next_to_run() const;

  Vm& vm_;
  ProcessTable& processes_;
  std::vector<SwapperSecond> seconds_;
  std::uint64_t clock_ = 0;  // seconds run
  SwapperCounters counters_;
};

}  // namespace bachsim
