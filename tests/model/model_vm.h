// What user programs may see of the system, in the most straightforward way there is
// (docs/model.md).
//
// Every process has its own copy of each of its pages, and fork copies them all. There are no
// frames here, no page tables, no copy on write and no swap, so whatever the kernel does with those
// must come out as if it did nothing. For want of memory or tables a call may fail and a process
// may die in the kernel and not here: whoever runs the two side by side then leaves out the call,
// or kills the process here too.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "regions/config.h"
#include "regions/region.h"
#include "sim/kernel/errno.h"
#include "sim/kernel/process.h"
#include "sim/machine/trap.h"
#include "swap/program.h"

namespace bachsim {

using Cells = std::array<std::uint64_t, kPageSize / 8>;

struct ModelRegion {
  std::uint64_t pages = 0;
  std::map<std::uint64_t, Cells> contents;  // by page; pages that nobody has touched are zeros and not here
};

struct ModelShm {
  std::uint64_t key = 0;
  VirtAddr start;
  std::shared_ptr<ModelRegion> region;
};

struct ModelSpace {
  ModelRegion text;
  ModelRegion data;
  ModelRegion stack;  // page 0 is the highest
  VirtAddr data_start;
  std::int64_t brk = 0;       // bytes from there
  std::vector<ModelShm> shm;  // as attached
};

enum class ModelState : std::uint8_t { Ready, Preempted, AwaitsVforkChild, AwaitsAnyChild, Zombie };

struct ModelProcess {
  Pid parent;
  ModelState state = ModelState::Ready;
  std::uint8_t status = 0;            // of a zombie
  bool borrows = false;               // a vfork child: `space` is its parent's
  std::shared_ptr<ModelSpace> space;  // none of a zombie
  std::optional<Pid> preempts;        // its parent, until it gives up the processor
};

class ModelVm {
 public:
  ModelVm(const Config& config, std::vector<Program> programs) : config_(config), programs_(std::move(programs)) {}

  // Calls below REQUIRE that `process` is Ready. They do what they say, or return an error and do
  // nothing.

  // A new process has newest() for its pid.
  [[nodiscard]] Errno spawn(ProgramId program);
  [[nodiscard]] Errno fork(Pid process);
  [[nodiscard]] Errno vfork(Pid process);

  [[nodiscard]] Errno exec(Pid process, ProgramId program);
  void exit(Pid process, std::uint8_t status);
  [[nodiscard]] Errno wait(Pid process);
  [[nodiscard]] Errno brk(Pid process, std::int64_t bytes);
  [[nodiscard]] Errno shmget(std::uint64_t key, std::int64_t pages);
  [[nodiscard]] Errno shmat(Pid process, std::uint64_t key);
  [[nodiscard]] Errno shmdt(Pid process, std::uint64_t key);
  [[nodiscard]] Errno shmctl_remove(std::uint64_t key);

  // Who is preempted runs again.
  void end_slices();

  // False: SIGSEGV.
  [[nodiscard]] bool allows(Pid process, VirtAddr va, Access access) const;
  // An allowed access there makes the stack grow.
  [[nodiscard]] bool grows_stack(Pid process, VirtAddr va) const { return !find(*processes_.at(process).space, va); }
  // The cell at `va`; the stack grows to it.   REQUIRES: it is allowed; `va` is a multiple of 8
  [[nodiscard]] std::uint64_t& access(Pid process, VirtAddr va);

  // All but init and those reaped.
  [[nodiscard]] const std::map<Pid, ModelProcess>& processes() const { return processes_; }
  [[nodiscard]] const ModelSpace& space(Pid process) const { return *processes_.at(process).space; }
  [[nodiscard]] bool ready(Pid process) const;
  [[nodiscard]] Pid newest() const { return newest_; }
  [[nodiscard]] const std::map<std::uint64_t, std::shared_ptr<ModelRegion>>& shm() const { return shm_; }

  // A region of a process, of shared memory the one attached first under the key; nullptr if there
  // is none.
  [[nodiscard]] const ModelRegion* region(Pid process, RegionType type, std::uint64_t key) const;
  // Where a page of it is, or would be.   REQUIRES: region(process, type, key)
  [[nodiscard]] VirtAddr address(Pid process, RegionType type, std::uint64_t key, std::uint64_t page) const;

  // No more pages than this need a place on swap: those that somebody has touched, but for text
  // that can be read from its file again.
  [[nodiscard]] std::uint64_t touched_pages() const;

  [[nodiscard]] PagingPolicy paging() const { return config_.paging; }
  // Pages of a space that a program is made into.
  [[nodiscard]] std::uint64_t pages_of(ProgramId program) const;

  // What fork means on this machine.
  [[nodiscard]] bool fork_shares() const { return config_.fork == ForkMode::Vfork; }
  [[nodiscard]] bool vfork_shares() const { return fork_shares() || config_.vfork == VforkMode::Share; }

 private:
  struct Found {
    ModelRegion* region;
    RegionType type;
    std::uint64_t page;
  };

  [[nodiscard]] static std::optional<Found> find(ModelSpace& space, VirtAddr va);
  [[nodiscard]] bool on_stack(VirtAddr va) const;
  [[nodiscard]] std::shared_ptr<ModelSpace> build(ProgramId program) const;
  [[nodiscard]] bool process_table_full() const;
  ModelProcess& add_process(Pid parent);
  Errno duplicate(Pid process);
  Errno share(Pid process);
  void give_back_space(ModelProcess& process);
  void give_up_processor(ModelProcess& process);

  Config config_;
  std::vector<Program> programs_;
  std::map<Pid, ModelProcess> processes_;
  Pid newest_ = kInitPid;
  std::map<std::uint64_t, std::shared_ptr<ModelRegion>> shm_;
};

}  // namespace bachsim
