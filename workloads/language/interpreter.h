// Runs a script on a kernel, statement by statement.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regions/preset.h"
#include "sim/kernel/kernel.h"
#include "workloads/language/ast.h"
#include "workloads/language/diagnostic.h"
#include "workloads/language/listener.h"
#include "workloads/language/names.h"
#include "workloads/language/sample.h"
#include "workloads/language/value.h"

namespace bachsim {

// An identity of the model does not hold: a bug of the simulator (exit status 3).
class IdentityBroken : public KernelPanic {
 public:
  using KernelPanic::KernelPanic;
};

struct RunOptions {
  std::uint64_t max_steps = 1'000'000'000;
  bool audit_each = false;
  bool trace = false;
  bool sample = false;  // keep a Sample of each tick; a script that shows `sar` does so anyway
};

class Interpreter {
 public:
  // All must outlive it. `kernel` has the script's programs, in their order.
  Interpreter(Kernel& kernel, const Script& script, Listener& listener, RunOptions options);

  // Runs the whole script. Comes back with what stopped it, if it asked for what cannot be.
  // Throws IdentityBroken if an audit fails, KernelPanic if the simulator is wrong.
  [[nodiscard]] std::optional<Diagnostic> run();

  [[nodiscard]] Kernel& kernel() const { return kernel_; }
  [[nodiscard]] const Script& script() const { return script_; }

  // The script's name for a process, living or by its tag.
  [[nodiscard]] std::string name_of(ProcSlot slot) const { return names_.text(kernel_.process(slot).tag); }
  [[nodiscard]] std::string name_of_tag(std::uint64_t tag) const { return names_.text(tag); }
  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }
  // The processes that `show VIEW NAME ...` names: those that are not reaped.
  [[nodiscard]] std::vector<ProcSlot> named(std::span<const ProcessRef> names) const;

 private:
  // Beyond this page of any region, no address has 64 bits.
  static constexpr std::uint64_t kMaxPages = std::uint64_t{1} << 51;

  enum class Life : std::uint8_t { Alive, Dead };

  // An operation of a preempted process, which waits until that runs again, with the loop variables it was met with.
  struct Waiting {
    const Statement* statement;
    std::uint64_t actor;
    std::vector<std::int64_t> loop_values;
  };

  // interpreter.cc
  void run_range(std::uint32_t first, std::uint32_t end);
  void step(const Statement& statement);
  void count_step(Place place);
  [[nodiscard]] bool preempted(std::uint64_t tag) const;
  void perform_waiting();
  void perform_rest();
  void execute(const NoteStatement& note);
  void execute(const SpawnStatement& spawn);
  void execute(const OperationStatement& operation);
  void execute(const TickStatement& tick);
  void execute(const RunStatement& run);
  void execute(const AgeStatement& age);
  void execute(const StealStatement& steal);
  void execute(const ShowStatement& show);
  void execute(const ExpectStatement& expect);
  void execute(const AuditStatement& audit);
  void execute(const PresetStatement& preset);
  void execute(const LoopStatement& loop);
  void check_identities();
  void take_sample();
  void note_reaped();

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
  [[nodiscard]] std::byte* access(VirtAddr va, Access access);
  template <class Visit>
  Life for_each_cell(const Location& where, Access access, Visit&& visit);
  void finish_call(std::string_view call, const SysResult<void>& result);
  void failed(std::string_view who, std::string_view call, const SysError& error);
  std::uint64_t new_name(const ProcessRef& ref);
  void bind(std::uint64_t tag, ProcSlot slot);
  void make_able(std::uint64_t tag, const OperationStatement& operation);
  [[noreturn]] void cannot_act(const ProcessRef& ref, std::uint64_t tag) const;
  std::int64_t pages(const Expr* expr) const;

  // preset.cc
  void perform(const PresetPage& preset);
  void perform(const PresetPfdata& preset);
  void perform(const PresetFreelist& preset);
  void end_presets();
  PageId preset_target(const PresetPage& preset, ProcSlot slot) const;
  std::uint64_t file_block(const Expr* expr, ProgramId program) const;
  Dbd disk_of(const PresetDisk& disk, PageId page) const;
  std::string preset_text(const PresetError& error) const;

  // evaluate.cc
  std::int64_t number(const Expr* expr) const;
  Value value(const Expr* expr) const;
  bool truth(const Expr* expr) const;
  bool compare(const Expr* expr, const Value& left, const Value& right) const;
  std::uint64_t count(const Expr* expr, std::string_view of) const;

  // look.cc: paths into the state
  std::uint64_t resolve(const ProcessRef& ref) const;
  const Binding& bound(const ProcessRef& ref) const;
  const Pregion& pregion(const AddressSpace& space, const RegionRef& ref) const;
  VirtAddr page_address(const Pregion& pregion, const Expr* page) const;
  VirtAddr cell_address(ProcSlot slot, const Location& where) const;
  std::string cell_text(ProcSlot slot, const Location& where) const;
  Frame frame(const Expr* expr) const;
  DiskBlock swap_block(const Expr* device_number, const Expr* block_number) const;
  Value look(const Path& path) const;
  unsigned swap_device(const Expr* expr) const;
  Value look_at_extent(const Path& path) const;
  Value look_at_frame(const Path& path) const;
  Value block_of(const Region& region, Dbd dbd) const;
  Value look_at_region(const Path& path, const Region& region) const;
  Value look_at_process(const Path& path) const;
  Value look_at_pregion(const Path& path) const;
  Value look_at_page(const Path& path) const;
  Value look_at_cell(const Path& path) const;
  Value cell_value(const Region& region, std::uint32_t page, std::uint64_t offset) const;

  [[noreturn]] static void fail(Place place, std::string what) { throw Diagnostic{place, std::move(what)}; }

  Kernel& kernel_;
  const Script& script_;
  Listener& listener_;
  RunOptions options_;
  mutable Names names_;                    // a name that is looked up gets a binding
  std::vector<std::int64_t> loop_values_;  // [slot]
  std::vector<Waiting> waiting_;
  std::vector<Sample> samples_;
  std::uint64_t steps_ = 0;
  double done_ = 0;  // how much of the script has been run, for progress()
  const Statement* statement_ = nullptr;
  std::uint32_t index_ = 0;            // of the statement that was begun last
  std::uint64_t actor_ = 0;            // tag of the process that performs
  ProcSlot slot_ = kNoProcess;         // and its slot
  const Statement* preset_ = nullptr;  // the last of a row of presets, which may break identities until it ends
};

}  // namespace bachsim
