// The process table (Bach 6.1 and 7.3): the processes, the children of each, and the zombies that are not reaped yet.
//
// Entry 0 is init, which waits for every child at once. Slots are reused; pids are not.
#pragma once

#include <deque>
#include <utility>

#include "sim/kernel/process.h"
#include "sim/machine/host.h"

namespace bachsim {

class ProcessTable {
 public:
  // The most processes that the simulator keeps at a time.
  static constexpr std::uint64_t kMaxProcesses = std::uint64_t{1} << 22;

  // `limit` counts init and zombies. `budget` must outlive the table.
  ProcessTable(std::optional<std::uint64_t> limit, HostShare& budget);

  // True if there is an entry for one more. Throws HostLimit beyond kMaxProcesses, and where all pids have been used.
  [[nodiscard]] bool available() const {
    if (limit_ && count_ >= *limit_) return false;
    if (count_ >= kMaxProcesses) throw LimitBetween("more processes than the simulator keeps");
    if (next_pid_ == Pid{}) throw LimitBetween("more processes than there are pids");
    return true;
  }

  // A new child of `parent`, ready, running on its own space, which is empty.   REQUIRES: available()
  [[nodiscard]] ProcSlot add(ProcSlot parent, std::uint64_t tag);

  // The process becomes a zombie, and its children go to init. A parent that sleeps in wait reaps it at once, and so
  // does init. True if the parent slept, and must wake.   REQUIRES: it holds no space any more
  [[nodiscard]] bool end(ProcSlot slot, std::uint8_t status);

  // Reaps the zombie child with the lowest pid. False if there is none.
  [[nodiscard]] bool reap_child(ProcSlot parent);

  // REQUIRES: the slot is in use
  [[nodiscard]] Process& operator[](ProcSlot slot) { return processes_[slot.value]; }
  [[nodiscard]] const Process& operator[](ProcSlot slot) const { return processes_[slot.value]; }

  // All but init and those reaped, pids ascending.
  [[nodiscard]] std::vector<ProcSlot> slots() const;

  // Processes without zombies and init.
  [[nodiscard]] std::uint64_t alive() const { return alive_; }

  // The zombies that were reaped since the last call, by their tags.
  struct Reaped {
    std::uint64_t tag;
    std::uint8_t status;
    Pid pid;
    std::optional<std::uint64_t> waiter;  // the tag of the process whose wait this is; empty: init's
  };
  [[nodiscard]] std::vector<Reaped> take_reaped() { return std::exchange(reaped_, {}); }
  [[nodiscard]] bool any_reaped() const { return !reaped_.empty(); }

 private:
  friend struct ProcessTableTestPeer;

  void reap(ProcSlot slot);
  void link_child(ProcSlot parent, ProcSlot child);
  void unlink_child(ProcSlot child);

  std::optional<std::uint64_t> limit_;
  HostShare* budget_;
  std::deque<Process> processes_;  // [ProcSlot]
  std::vector<ProcSlot> free_slots_;
  std::uint64_t count_ = 1;  // init and zombies too
  std::uint64_t alive_ = 0;
  Pid next_pid_{2};  // 0: none is left
  std::vector<Reaped> reaped_;
};

}  // namespace bachsim
