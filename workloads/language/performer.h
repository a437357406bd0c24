// Performs what statements say: the only part of a run that changes the machine.
//
// A script's mistake is thrown as a Diagnostic.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "regions/preset.h"
#include "sim/kernel/kernel.h"
#include "workloads/language/ast.h"
#include "workloads/language/evaluator.h"
#include "workloads/language/listener.h"
#include "workloads/language/names.h"

namespace bachsim {

// An identity of the model does not hold: a bug of the simulator (exit status 3).
class IdentityBroken : public KernelPanic {
 public:
  using KernelPanic::KernelPanic;
};

class Performer {
 public:
  // A machine with the script's programs. `surroundings`: as Evaluator wants them. All must outlive it.
  Performer(const Config& config, const Host& host, const Script& script, const ParamValues& params,
            const Surroundings& surroundings, Listener& listener);
  Performer(const Performer&) = delete;
  Performer& operator=(const Performer&) = delete;

  [[nodiscard]] const Kernel& kernel() const { return kernel_; }
  [[nodiscard]] const Names& names() const { return names_; }
  [[nodiscard]] const Evaluator& evaluator() const { return evaluate_; }
  void watch(Events* events) { kernel_.watch(events); }
  void foresee(std::shared_ptr<const PageUses> uses) { kernel_.foresee(std::move(uses)); }
  void set_foreseen(bool foreseen) { kernel_.set_foreseen(foreseen); }

  // perform.cc
  void spawn(const SpawnStatement& spawn);
  // Performs it, unless the answer is Later: then another process runs first.
  [[nodiscard]] Kernel::Turn operation(const OperationStatement& operation);
  // The tag of its process. An index of the name may have another value now.
  [[nodiscard]] std::uint64_t actor() const { return actor_; }
  // Goes on with an operation that is inside the kernel; with the page stealer's for nullptr.
  void go_on(const OperationStatement* operation, std::uint64_t tag);
  [[nodiscard]] std::uint64_t next_to_go_on(std::optional<std::uint64_t> wanted) {
    return kernel_.next_to_go_on(wanted);
  }
  // Tells whether operations of the process must wait for another to give up the processor.
  [[nodiscard]] bool preempted(std::uint64_t tag) const;
  [[nodiscard]] std::vector<std::uint64_t> take_resumed() { return kernel_.take_resumed(); }
  void tick(std::uint64_t ticks) { kernel_.tick(ticks); }
  // The run keeps so many bytes more of the host's memory. Throws HostLimit beyond the budget.
  void commit(std::uint64_t bytes) { kernel_.commit(bytes); }
  void run_second() { kernel_.run_second(); }
  void end_slices() { kernel_.end_slices(); }
  void age() { kernel_.age(); }
  // It may stay inside the kernel, if it has begun there.
  void steal(const StealStatement& statement, Place place);
  // Throws IdentityBroken if an identity does not hold.
  void check_identities();
  // Notes which of the named processes are no more.
  void note_reaped() {
    if (kernel_.any_reaped()) take_reaped();
  }

  // perform_preset.cc
  void preset(const PresetStatement& preset);
  // A row of presets has ended, the last one at `last`: the identities must hold again.
  void end_presets(Place last);

 private:
  enum class Life : std::uint8_t { Alive, Dead };
  class Replaying;

  // perform.cc: operations of the process that `actor_` stands for
  void perform(const AccessOp& op);
  void perform(const WriteOp& op);
  void perform(const PrintOp& op);
  void perform(const ForkOp& op);
  void perform(const ExecOp& op);
  void perform(const ExitOp& op);
  void perform(const WaitOp& op);
  void perform(const SbrkOp& op);
  void perform(const ShmOp& op);
  void perform(const PlockOp& op);
  void perform(const NiceOp& op);
  void perform(const SwapOp& op);

  // perform_replay.cc
  void perform(const ReplayOp& op);

  // perform.cc
  [[nodiscard]] std::byte* access(VirtAddr va, Access access);
  template <class Visit>
  Life for_each_cell(const Location& where, Access access, Visit&& visit);
  // What a call that succeeds returns. Empty: nothing yet, or never anything.
  using Returned = std::optional<std::int64_t>;
  void finish_call(std::string_view call, const SysResult<void>& result, Returned returned = 0);
  [[nodiscard]] std::int64_t start_of_last_region() const;
  void failed(std::string_view who, std::string_view call, const SysError& error);
  std::uint64_t new_name(const ProcessRef& ref);
  void made(std::uint64_t tag, const SysResult<ProcSlot>& child, std::uint64_t who, std::string_view call);
  void check_not_inside() const;
  [[noreturn]] void cannot_act(const ProcessRef& ref) const;
  void take_reaped();

  // perform_preset.cc
  void perform(const PageForm& preset);
  void perform(const PfdataForm& preset);
  void perform(const FreelistForm& preset);
  PageId preset_target(const PageForm& preset, ProcSlot slot) const;
  std::uint64_t file_block(const Expr* expr, ProgramId program) const;
  Dbd disk_of(const DiskForm& disk, PageId page) const;
  std::string preset_text(const PresetError& error) const;

  const Script& script_;
  Listener& listener_;
  Kernel kernel_;
  Names names_{script_};
  Evaluator evaluate_;
  const bool sleeps_ = kernel_.config().io == IoMode::Sleep;
  std::uint64_t actor_ = 0;     // tag of the process that performs
  ProcSlot slot_ = kNoProcess;  // and its slot
  Place place_;                 // and where the script names it
};

}  // namespace bachsim
