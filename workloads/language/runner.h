// Goes through a script, a step at a time.
//
// A step is a statement, the end of a loop's round, or an operation that has waited for its process to run again.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/kernel/kernel.h"
#include "workloads/language/ast.h"
#include "workloads/language/diagnostic.h"
#include "workloads/language/evaluator.h"
#include "workloads/language/listener.h"
#include "workloads/language/performer.h"
#include "workloads/language/standing.h"
#include "workloads/language/waiting.h"

namespace bachsim {

struct RunOptions {
  std::uint64_t max_steps = 1'000'000'000;
  bool audit_each = false;
  bool trace = false;
  bool sample = false;  // keep a Sample of each tick; a script that shows `sar` does so anyway
};

class Runner {
 public:
  // All must outlive it. `run` is what the listener gets to see; `standing` is the start.
  Runner(const Run& run, const Kernel& kernel, const Script& script, const Names& names, const Evaluator& evaluator,
         Performer& performer, Listener& listener, Standing& standing, const RunOptions& options);

  // Takes steps until the run stands at step `last` or behind it (a `run N` takes N at once), or cannot go on.
  // Throws IdentityBroken if an audit fails, KernelPanic if the simulator is wrong.
  void go(std::uint64_t last);

  [[nodiscard]] bool ended() const { return ended_; }
  // What stopped the run, if the script asked for what cannot be.
  [[nodiscard]] const std::optional<Diagnostic>& mistake() const { return mistake_; }
  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }

 private:
  void step();
  void perform(std::uint32_t index);
  void end_round();
  void end_script();
  void leave_loop();
  void perform_waiting();
  void count_step(Place place);
  [[nodiscard]] double progress() const;
  [[nodiscard]] bool preempted(std::uint64_t tag) const;
  void execute(const NoteStatement& note) { listener_.line(note.text); }
  void execute(const SpawnStatement& spawn) { performer_.spawn(spawn); }
  void execute(const OperationStatement& operation);
  void execute_first_child(const OperationStatement& operation);
  void execute(const TickStatement& tick);
  void execute(const RunStatement& run);
  void execute(const AgeStatement&) { performer_.age(); }
  void execute(const StealStatement& steal) { performer_.steal(steal); }
  void execute(const ShowStatement&) { listener_.show(*statement_, run_); }
  void execute(const ExpectStatement& expect);
  void execute(const AuditStatement&) { performer_.check_identities(); }
  void execute(const PresetStatement& preset);
  void execute(const LoopStatement& loop);
  void take_sample();
  void slices_ended();

  const Run& run_;
  const Kernel& kernel_;
  const Script& script_;
  const Names& names_;
  const Evaluator& evaluate_;
  Performer& performer_;
  Listener& listener_;
  Standing& standing_;
  RunOptions options_;
  bool child_first_;
  bool ended_ = false;
  std::optional<Diagnostic> mistake_;
  std::vector<Sample> samples_;
  WaitingOperations waiting_;
  std::uint32_t block_end_;               // index behind the last statement of the innermost block
  const Statement* statement_ = nullptr;  // the last one that was begun
  std::uint32_t index_ = 0;               // of that
  const Statement* preset_ = nullptr;     // the last of a row of presets, which may break identities until it ends
};

}  // namespace bachsim
