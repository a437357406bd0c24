// The simulated kernel, and the one header that a program needs to run a machine: make a Kernel, add a program, spawn a
// process, and let it make system calls and accesses.
//
// A process enters the kernel by a system call or by the trap of an access. Each call does all that it says, or returns
// an error and has done nothing (docs/model.md, "Calls"). The kernel knows nothing of scripts.
#pragma once

#include <map>
#include <set>
#include <span>
#include <utility>

#include "regions/preset.h"
#include "regions/vhand.h"
#include "regions/vm.h"
#include "sim/kernel/swapper.h"
#include "sim/kernel/working_sets.h"

namespace bachsim {

// Thrown when everybody inside the kernel sleeps for somebody else there. contexts() tells who has locked what.
class AllAsleep {};

enum class FaultOutcome : std::uint8_t;
class PageUses;
class Promise;

class Kernel {
 public:
  // Throws HostLimit if there is not enough memory within `host`'s budget.
  explicit Kernel(const Config& config, const Host& host = {});
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  // Makes an executable known.   REQUIRES: its sections have room (regions/layout.h), its stack is within the limit
  ProgramId add_program(Program program) {
    notes_references_ |= program.working_set.value_or(0) > 0;
    return vm_.add(std::move(program));
  }

  // With stealer=opt a run is made twice. A first kernel records the references to pages, and replaces pages by fifo. A
  // second one, which makes the same references, knows them by foresee() before the first. It throws Unforeseen, from
  // an access, if it does not make the same.

  // Those that were recorded, or foreseen. Empty without stealer=opt.
  [[nodiscard]] std::shared_ptr<const PageUses> uses() const;
  // REQUIRES: stealer=opt; nothing has been accessed; `uses` is not empty
  void foresee(std::shared_ptr<const PageUses> uses);
  // Whether the accesses from now on are of the run that was foreseen: if not, stealer=opt looks past them.
  void set_foreseen(bool foreseen);

  // A child of init that runs `program`; neither system call nor trap. `tag` is the caller's name for it.
  // Errors: EAGAIN, ENOMEM
  [[nodiscard]] SysResult<ProcSlot> spawn(ProgramId program, std::uint64_t tag = 0) {
    return back_to_user(spawn_process(program, tag));
  }

  // Operations. A call or access made alone is one. So are all of them between begin_operation(), if it returns Now,
  // and end_operation(). At the end the process returns to user mode, and the page stealer may be due.

  // Tells whether the process can act. Under paging=hybrid it brings back a process that was swapped out whole.
  enum class Turn : std::uint8_t {
    Now,
    Later,  // another process runs first (first=child); take_resumed() tells when
    Never,  // its state says why
  };
  [[nodiscard]] Turn begin_operation(ProcSlot process);
  // Tells whether the operator can do something to the process: swap it, set its nice value. It need not be awake, nor
  // in memory.
  [[nodiscard]] Turn may_be_moved(ProcSlot process) const;
  void end_operation() {
    in_operation_ = false;
    return_to_user();
  }

  // Under io=sleep a process may sleep in the middle of its operation, which runs in a context of its own then. The
  // tags of processes must differ, and none may be Context::kVhand. While anybody is inside, all operations come by
  // enter(): one made alone could not sleep for them.

  // `body` makes the calls and accesses of one operation, after begin_operation(). It runs until it ends or its process
  // sleeps: true if it sleeps. With Acts::No something is done to the process, which does nothing itself.
  // REQUIRES: the process is not inside the kernel
  enum class Acts : std::uint8_t { Yes, No };
  bool enter(ProcSlot process, std::function<void()> body, Acts acts);
  // The same for the page stealer.
  bool enter_vhand(std::function<void()> body);
  [[nodiscard]] bool is_inside(std::uint64_t tag) const { return contexts_.find(tag) != nullptr; }
  [[nodiscard]] bool anybody_inside() const { return !contexts_.all().empty(); }
  [[nodiscard]] const Contexts& contexts() const { return contexts_; }
  // The process that is inside the kernel under this tag.   REQUIRES: it is, and is not the page stealer
  [[nodiscard]] ProcSlot slot_inside(std::uint64_t tag) const { return inside_.at(tag).process; }
  // Returns the tag of the one who goes on next, so that `wanted` can, or so that all can. The awake go first, in the
  // order in which they woke; then transfers end, in the order in which they began. A process that finds no frame wakes
  // the page stealer. If neither that nor anybody else can give it one, it is out of memory. Throws AllAsleep if they
  // sleep in a circle. REQUIRES: `wanted`, or anybody, is inside the kernel
  [[nodiscard]] std::uint64_t next_to_go_on(std::optional<std::uint64_t> wanted);
  // It goes on until its operation ends or it sleeps again: true if it sleeps. If it slept for its transfer, that ends.
  // REQUIRES: next_to_go_on() named it
  bool go_on(std::uint64_t tag);

  // System calls.   REQUIRES: the process is Ready; nobody is inside, or this is within enter()

  // Errors: EAGAIN (nproc, nregion), ENOMEM (table frames; frames under fork=copy)
  [[nodiscard]] SysResult<ProcSlot> fork(ProcSlot process, std::uint64_t tag = 0);
  // The parent sleeps until the child's exec or exit.   Errors: EAGAIN (nproc)
  [[nodiscard]] SysResult<ProcSlot> vfork(ProcSlot process, std::uint64_t tag = 0);
  // Errors: ENOMEM (nregion, table frames)
  [[nodiscard]] SysResult<void> exec(ProcSlot process, ProgramId program);
  void exit(ProcSlot process, std::uint8_t status);
  // Reaps the zombie child with the lowest pid, or sleeps until a child ends.   Errors: ECHILD
  [[nodiscard]] SysResult<void> wait(ProcSlot process);
  // The break moves by so many bytes, as `page=` counts them; the data region has as many pages as the break needs.
  // Errors: EINVAL (below 0), ENOMEM (table frames, address space)
  [[nodiscard]] SysResult<void> brk(ProcSlot process, std::int64_t bytes);
  // Shared memory under a key.   Errors: EINVAL, ENOSPC, ENOMEM, as in docs/model.md, "Calls"
  [[nodiscard]] SysResult<void> shmget(ProcSlot process, std::uint64_t key, std::int64_t pages);
  [[nodiscard]] SysResult<void> shmat(ProcSlot process, std::uint64_t key);
  [[nodiscard]] SysResult<void> shmdt(ProcSlot process, std::uint64_t key);
  [[nodiscard]] SysResult<void> shmctl_remove(ProcSlot process, std::uint64_t key);
  // Locks a region of the process in memory, or unlocks it.   REQUIRES: the type is not Shm
  void plock(ProcSlot process, RegionType type, bool locked);

  // Accesses in user mode, with all the faults that they take.   REQUIRES: the process is Ready; nobody is inside, or
  // this is within enter()

  // Each returns the 8 bytes from `va` on, or why the process does not get there.   REQUIRES: they are in one page
  [[nodiscard]] std::expected<std::uint64_t, Stop> load(ProcSlot process, VirtAddr va) {
    return access_alone(process, va, Access::Load, 0);
  }
  [[nodiscard]] std::expected<std::uint64_t, Stop> store(ProcSlot process, VirtAddr va, std::uint64_t value) {
    return access_alone(process, va, Access::Store, value);
  }
  [[nodiscard]] std::expected<std::uint64_t, Stop> fetch(ProcSlot process, VirtAddr va) {
    return access_alone(process, va, Access::Fetch, 0);
  }
  // Within an operation: the byte at `va` (see Hart), which may be used until the operation ends.
  [[nodiscard]] std::expected<std::byte*, Stop> access(ProcSlot process, VirtAddr va, Access access);
  // The same if the process ran last and the TLB grants the access; else nullptr, and nothing has happened.
  [[nodiscard]] std::byte* hit(ProcSlot process, VirtAddr va, Access access) {
    return process == running_ ? vm_.hart.hit(va, access) : nullptr;
  }

  // The machine's operator.

  // A process leaves memory or comes back (Bach 9.1.2).
  // Errors: EINVAL (it cannot be moved; it is there already), ENOMEM (no extent of swap; no frames)
  [[nodiscard]] SysResult<void> swap_out(ProcSlot process) { return back_to_user(swapper_.swap_out(process)); }
  [[nodiscard]] SysResult<void> swap_in(ProcSlot process) { return back_to_user(swapper_.swap_in(process)); }
  // The nice value that swapper and scheduler go by.   REQUIRES: 0 <= value < 2 * kPlainNice
  void nice(ProcSlot process, int value);
  // So many interrupts of the timer; every time slice ends.
  void tick(std::uint64_t ticks);
  // A parent that waits for its child (first=child) runs again.
  void end_slices();
  // A second passes for the swapper and the scheduler (Bach 9.1.2), and every time slice ends.
  // REQUIRES: swapper().seconds().size() < Swapper::kMaxSeconds
  void run_second();
  // The page stealer by hand: one round; stealing until the high water mark, or until so many more frames are free.
  void age() { bachsim::age(vm_); }
  void steal(std::optional<std::uint64_t> frames) { bachsim::steal(vm_, frames); }
  // Puts a page, a frame or the free list into a state (regions/preset.h).
  [[nodiscard]] PresetResult preset_page(PageId page, const PagePreset& preset) {
    return bachsim::preset_page(vm_, page, preset);
  }
  [[nodiscard]] PresetResult preset_pfdata(Frame frame, DiskBlock block) {
    return bachsim::preset_pfdata(vm_, frame, block);
  }
  [[nodiscard]] PresetResult preset_freelist(std::span<const Frame> frames) {
    return bachsim::preset_freelist(vm_, frames);
  }
  // The caller is about to keep so many bytes more for this machine, such as names. Throws HostLimit beyond the budget.
  void commit(std::uint64_t bytes) { vm_.budget.commit(bytes); }
  // Events are appended to `events` from now on, within the host's budget; nullptr: no more. Not owned.
  void watch(Events* events) { vm_.watch(events); }

  // The state.

  [[nodiscard]] const Process& process(ProcSlot slot) const { return processes_[slot]; }
  // All but init and those reaped, pids ascending.
  [[nodiscard]] std::vector<ProcSlot> processes() const { return processes_.slots(); }
  // The space that the process runs on: its own, or the one that its parent lent it by vfork.
  [[nodiscard]] const AddressSpace& space(ProcSlot slot) const { return processes_[process(slot).lender].space; }
  // The value of satp while the process runs. Its ASID may be of an older generation.
  [[nodiscard]] Satp satp(ProcSlot slot) const {
    return {.mode = vm_.config.mode, .asid = space(slot).asid, .root = space(slot).root};
  }
  // The zombies that were reaped since the last call, by their tags.
  [[nodiscard]] std::vector<ProcessTable::Reaped> take_reaped() { return processes_.take_reaped(); }
  [[nodiscard]] bool any_reaped() const { return processes_.any_reaped(); }
  // The processes that were preempted and may act again since the last call, by their tags.
  [[nodiscard]] std::vector<std::uint64_t> take_resumed() { return std::exchange(resumed_, {}); }
  [[nodiscard]] bool any_resumed() const { return !resumed_.empty(); }
  // The region that a shared memory identifier stands for; id 0 if there is none.
  [[nodiscard]] RegionId shm_region(std::uint64_t key) const;
  [[nodiscard]] const std::map<std::uint64_t, RegionId>& shm_regions() const { return shm_; }
  [[nodiscard]] const Swapper& swapper() const { return swapper_; }
  [[nodiscard]] const WorkingSets& working_sets() const { return working_sets_; }
  [[nodiscard]] const Config& config() const { return vm_.config; }
  [[nodiscard]] Counters counters() const;
  [[nodiscard]] Gauges gauges() const;
  // The tables (regions/vm.h), for sim/state and the audit.
  [[nodiscard]] const Vm& vm() const { return vm_; }

 private:
  friend struct KernelTestPeer;  // gives tests the tables to change

  Process& at(ProcSlot slot) { return processes_[slot]; }
  AddressSpace& space_of(ProcSlot slot) { return at(at(slot).lender).space; }

  // Every system call comes in and goes back here. `body` does it, and returns its SysResult.
  template <class Body>
  auto system_call(std::uint64_t& counter, Body&& body) {
    ++trap_.ecall;
    ++counter;
    auto result = at_once(body);
    while (const auto locked = std::exchange(locked_, std::nullopt)) {
      contexts_.sleep(*locked);
      result = at_once(body);
    }
    if (!result) ++syscall_.failed;
    return back_to_user(result);
  }
  // Nobody sleeps in the middle of a call: it does all or nothing.
  template <class Body>
  auto at_once(Body& body) {
    const AtOnce at_once(contexts_);
    return body();
  }
  // A call asks this when nothing refuses it, before it changes anything: others may be at work on a region of its
  // process, or on one that it names. If it may not, it returns begin_anew(), and sleeps until they have ended. So a
  // call that is refused does not sleep.
  [[nodiscard]] bool may_change(ProcSlot process);
  [[nodiscard]] bool may_change(RegionId region, Channel::Kind kind = Channel::Kind::Lock);
  [[nodiscard]] std::unexpected<SysError> begin_anew() const {
    KASSERT(locked_.has_value());
    return fail(Errno::None, "a region is locked");
  }
  void return_to_user();
  template <class Result>
  Result back_to_user(Result result) {
    return_to_user();
    return result;
  }
  void tell(EventKind kind, ProcSlot process, std::uint64_t child = Event::kNobody, std::uint64_t is = 0);
  // Takes the promise. `regions` is the call's error for want of a region.
  SysResult<void> take(Promise& promise, Errno regions);

  // fork.cc
  SysResult<ProcSlot> share_space(ProcSlot parent, std::uint64_t tag);
  SysResult<ProcSlot> duplicate_space(ProcSlot parent, std::uint64_t tag);
  void duplicate_regions(const AddressSpace& from, AddressSpace& to, std::uint64_t tag, ForkMode mode);
  bool duplicate_by_copy(const AddressSpace& from, AddressSpace& to, std::uint64_t tag, bool& in_memory);
  ProcSlot new_process(ProcSlot parent, ProgramId program, std::uint64_t tag);

  // exec.cc
  SysResult<ProcSlot> spawn_process(ProgramId program, std::uint64_t tag);
  void build_space(AddressSpace& space, ProgramId program);
  void wake_vfork_parent(ProcSlot child);

  // exit.cc
  void terminate(ProcSlot process, std::uint8_t status);

  // brk.cc
  SysResult<void> promise_growth(Promise& promise, ProcSlot process, const Pregion& pregion, std::uint64_t pages);

  // trap.cc
  std::expected<std::uint64_t, Stop> access_alone(ProcSlot process, VirtAddr va, Access kind, std::uint64_t value);
  // Of one access, whose instruction runs anew behind each fault.
  struct Tries {
    bool in_vain = false;  // the process slept for a frame in one of its faults, and there was none to be had
    bool grew = false;     // the stack grew to the page, which has not come into memory yet
  };
  std::optional<Stop> page_fault(ProcSlot process, VirtAddr va, Access access, Tries& tries);
  void note_reference(ProcSlot process, VirtAddr va);
  std::optional<Stop> grow_stack(ProcSlot process, VirtAddr va, Access access, Tries& tries);
  std::optional<Stop> resolve(ProcSlot process, PageId page, FaultOutcome outcome, Tries& tries);
  Stop kill(ProcSlot process, Stop why);
  void switch_to(ProcSlot process);

  // sleep.cc
  void note_sleepers();
  void await_regions(ProcSlot process);
  [[nodiscard]] bool waits_for_itself() const;

  // clock.cc
  void run_first(ProcSlot parent, ProcSlot child);
  void give_up_processor(ProcSlot child);

  Vm vm_;
  Contexts& contexts_ = vm_.contexts;
  ProcessTable processes_;
  Swapper swapper_;
  WorkingSets working_sets_{vm_};
  ProcSlot running_ = kNoProcess;  // whose satp the hart holds; none once a space or its user has changed
  bool in_operation_ = false;
  std::optional<Channel> locked_;          // for what a call sleeps that is to begin anew
  bool notes_references_;                  // someone wants to hear of each: the TLB grants no reference of theirs
  std::map<std::uint64_t, RegionId> shm_;  // by key
  std::set<ProcSlot> preempting_;          // children that run before their parents (first=child)
  std::vector<std::uint64_t> resumed_;
  struct Inside {
    ProcSlot process;
    Acts acts;
  };
  std::map<std::uint64_t, Inside> inside_;  // by tag: the processes that have contexts

  SyscallCounters syscall_;
  TrapCounters trap_;
  ProcessCounters process_;
};

}  // namespace bachsim
