// The simulated kernel: the memory system's tables and the process table, and the calls and traps that change them.
//
// Kernel entry is here and knows nothing of scripts: a process comes in by a system call or by the trap of an
// access, and each call does all of what it says or returns an error and has done nothing (docs/model.md, "Calls").
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "regions/config.h"
#include "regions/fault.h"
#include "regions/vhand.h"
#include "regions/vm.h"
#include "sim/kernel/counters.h"
#include "sim/kernel/errno.h"
#include "sim/kernel/process.h"
#include "sim/kernel/process_table.h"
#include "sim/kernel/swapper.h"
#include "sim/machine/check.h"

namespace bachsim {

class Kernel {
 public:
  // A machine that takes memory within `host`'s budget. Throws HostLimit if there is not enough for it.
  explicit Kernel(const Config& config, const Host& host = {});

  // Makes an executable known.   REQUIRES: its sections have room in the address space (regions/layout.h), its stack
  // is within the stack limit
  ProgramId add_program(Program program) { return vm_.add(std::move(program)); }

  // Calls below REQUIRE that `process` could run: its state is Ready.

  // A child of init that runs `program`; neither system call nor trap.   Errors: EAGAIN, ENOMEM
  [[nodiscard]] SysResult<ProcSlot> spawn(ProgramId program, std::uint64_t tag);

  // Errors: EAGAIN (nproc, nregion), ENOMEM (table frames; frames under fork=copy)
  [[nodiscard]] SysResult<ProcSlot> fork(ProcSlot process, std::uint64_t tag);
  // The parent sleeps until the child's exec or exit.   Errors: EAGAIN (nproc)
  [[nodiscard]] SysResult<ProcSlot> vfork(ProcSlot process, std::uint64_t tag);

  // Errors: ENOMEM (nregion, table frames)
  [[nodiscard]] SysResult<void> exec(ProcSlot process, ProgramId program);

  // The status counts modulo 256.
  void exit(ProcSlot process, std::uint8_t status);

  // Reaps the zombie child with the lowest pid, or sleeps until a child ends.   Errors: ECHILD
  [[nodiscard]] SysResult<void> wait(ProcSlot process);

  // The break moves by so many bytes, as `page=` counts them; the data region grows or shrinks to the pages that it
  // needs. Errors: EINVAL (below 0), ENOMEM (table frames, address space)
  [[nodiscard]] SysResult<void> brk(ProcSlot process, std::int64_t bytes);

  // Shared memory under a key.   Errors: EINVAL, ENOSPC, ENOMEM as in model.md 9
  [[nodiscard]] SysResult<void> shmget(ProcSlot process, std::uint64_t key, std::int64_t pages);
  [[nodiscard]] SysResult<void> shmat(ProcSlot process, std::uint64_t key);
  [[nodiscard]] SysResult<void> shmdt(ProcSlot process, std::uint64_t key);
  [[nodiscard]] SysResult<void> shmctl_remove(ProcSlot process, std::uint64_t key);

  // Locks a region of the process in memory, or no longer.
  // REQUIRES: the type is not Shm
  void plock(ProcSlot process, RegionType type, bool locked);

  // A load, store or fetch in user mode, with all the faults it takes. Returns the byte at `va` (see Hart), or
  // why the process does not get there.
  [[nodiscard]] std::expected<std::byte*, Stop> access(ProcSlot process, VirtAddr va, Access access);
  // The same if the process is the one that ran last and the TLB grants it, else nullptr and nothing has happened: what
  // comes before access() where many accesses do.
  [[nodiscard]] std::byte* hit(ProcSlot process, VirtAddr va, Access access) {
    return process == running_ ? vm_.hart.hit(va, access) : nullptr;
  }

  // Whole processes leave memory and come back (Bach 9.1): see swapper.h, also for what these REQUIRE.
  [[nodiscard]] const Swapper& swapper() const { return swapper_; }
  [[nodiscard]] SysResult<void> swap_out(ProcSlot process) { return swapper_.swap_out(process); }
  [[nodiscard]] SysResult<void> swap_in(ProcSlot process) { return swapper_.swap_in(process); }

  // The nice value that swapper and scheduler go by.   REQUIRES: 0 <= value < 40
  void nice(ProcSlot process, int value) { at(process).nice = value; }

  // Every time slice ends, and a second passes for the swapper.
  void run_second() {
    end_slices();
    swapper_.run_second();
  }

  // So many interrupts of the timer; every time slice ends.
  void tick(std::uint64_t ticks);
  // Who is preempted runs again.
  void end_slices();

  // To be called when a process has done what its statement says: the page stealer may be due.
  void end_operation() { check_low_water(vm_); }

  [[nodiscard]] const Process& process(ProcSlot slot) const { return processes_[slot]; }
  // The process whose pregions this one uses: its own, but for a vfork child.
  [[nodiscard]] const AddressSpace& space(ProcSlot slot) const { return processes_[process(slot).lender].space; }
  // What satp holds, or would, while the process runs. Its ASID may be of an older generation.
  [[nodiscard]] Satp satp(ProcSlot slot) const {
    return {.mode = vm_.config.mode, .asid = space(slot).asid, .root = space(slot).root};
  }

  // All but init and those reaped, pids ascending.
  [[nodiscard]] std::vector<ProcSlot> processes() const { return processes_.slots(); }

  // The zombies that were reaped since the last call, by their tags.
  [[nodiscard]] std::vector<ProcessTable::Reaped> take_reaped() { return processes_.take_reaped(); }
  [[nodiscard]] bool any_reaped() const { return processes_.any_reaped(); }

  // The region that a shared memory identifier stands for; id 0 if there is none.
  [[nodiscard]] RegionId shm_region(std::uint64_t key) const;
  [[nodiscard]] const std::map<std::uint64_t, RegionId>& shm_regions() const { return shm_; }

  [[nodiscard]] Vm& vm() { return vm_; }
  [[nodiscard]] const Vm& vm() const { return vm_; }
  [[nodiscard]] Counters counters() const;
  [[nodiscard]] Gauges gauges() const;

 private:
  enum class Count : std::uint8_t { Exited, Killed };

  Process& at(ProcSlot slot) { return processes_[slot]; }
  AddressSpace& space_of(ProcSlot slot) { return at(at(slot).lender).space; }

  // Every system call begins with enter(); fail() counts and makes the error of one.
  void enter(std::uint64_t& counter) {
    ++trap_.ecall;
    ++counter;
  }
  std::unexpected<SysError> fail(Errno code, std::string_view why) {
    ++syscall_.failed;
    return std::unexpected(SysError{code, why});
  }

  // fork.cc
  void run_first(ProcSlot parent, ProcSlot child);
  void give_up_processor(ProcSlot child);
  SysResult<ProcSlot> share_space(ProcSlot parent, std::uint64_t tag);
  SysResult<ProcSlot> duplicate_space(ProcSlot parent, std::uint64_t tag);
  void duplicate_cow(const AddressSpace& from, AddressSpace& to);
  bool duplicate_by_copy(ProcSlot lender, const AddressSpace& from, AddressSpace& to, bool& in_memory);
  ProcSlot new_process(ProcSlot parent, ProgramId program, std::uint64_t tag);

  // exec.cc
  void build_space(AddressSpace& space, ProgramId program);
  void wake_vfork_parent(ProcSlot child);
  bool image_fits(ProgramId program, const AddressSpace* released, std::uint64_t gained) const;

  // exit.cc
  void terminate(ProcSlot process, std::uint8_t status, Count count);

  // trap.cc
  std::optional<Stop> trap(ProcSlot process, Trap trap);
  std::optional<Stop> page_fault(ProcSlot process, VirtAddr va, Access access);
  FaultOutcome page_in(const AddressSpace& space, PageId page, Access access);
  std::optional<Stop> grow_stack(ProcSlot process, VirtAddr va, Access access);
  std::optional<Stop> resolve(ProcSlot process, PageId page, FaultOutcome outcome);
  void switch_to(ProcSlot process);

  Vm vm_;
  ProcessTable processes_;
  Swapper swapper_{vm_, processes_};
  ProcSlot running_ = kNoProcess;  // whose satp the hart holds; nobody's once a space or its user has changed
  std::map<std::uint64_t, RegionId> shm_;

  SyscallCounters syscall_;
  TrapCounters trap_;
  ProcessCounters process_;
};

}  // namespace bachsim
