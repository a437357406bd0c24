// A run of a script: its own machine, and where it stands in the script.
//
// It takes one step at a time. A step is a statement, the end of a loop's round, of a branch or of a call, or an
// operation that has waited for its process to run again. Runs are deterministic: one from the start that has taken as
// many steps stands at the same place with the same machine.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "regions/page_uses.h"
#include "workloads/language/params.h"
#include "workloads/language/performer.h"
#include "workloads/language/settings.h"
#include "workloads/language/standing.h"

namespace bachsim {

// What stealer=opt knows of a run before that begins.
struct Foreseen {
  std::shared_ptr<const PageUses> uses{};  // the references to pages; empty: nothing is known
  std::optional<std::string> mistake{};    // that stopped the run in which they were recorded
};

struct RunOptions {
  std::uint64_t max_steps = 1'000'000'000;
  bool audit_each = false;
  bool trace = false;
  bool sample = false;  // keep a Sample of each tick; a script that shows `sar` does so anyway
  // Nobody acts: of the script's statements only spawns, presets and expectations are done. One that cannot be done
  // then is passed over, and an expectation that cannot be judged does not hold.
  bool idle = false;
  ParamValues params{};  // as choose() gives them; none: the defaults
  // Of a run with stealer=opt: what foreseen() of one on the same machine with the same params was; none: the run makes
  // one before itself, of which it tells its listener. With `first` it is that one.
  Foreseen foreseen{};
  bool first = false;
};

class Run {
 public:
  // `script`, `listener` and what `host` has must outlive it.   REQUIRES: `config` came from configure(script, ...)
  Run(const Config& config, const Script& script, Listener& listener, const RunOptions& options = {},
      const Host& host = {});
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Takes steps until so many have been taken since the start (a `run N` takes N at once), or the run has ended.
  // Throws IdentityBroken if an audit fails, KernelPanic if the simulator is wrong.
  void run_to(std::uint64_t steps);
  void step() { run_to(standing_.steps + 1); }
  // Runs what is left of the script. Comes back with what stopped it, if it asked for what cannot be.
  [[nodiscard]] std::optional<Diagnostic> run() {
    run_to(std::numeric_limits<std::uint64_t>::max());
    return mistake_;
  }
  // The script has come to its end, or to a mistake.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] const std::optional<Diagnostic>& mistake() const { return mistake_; }
  // The mistake is the host's, which has failed in the middle of a statement: rows of the machine may lead to others
  // that are not there yet, so nobody looks at them.
  [[nodiscard]] bool halfway() const { return halfway_; }
  [[nodiscard]] const Standing& standing() const { return standing_; }

  // The statement that the next step will perform; nullptr where that ends a block's round or the script, or lets an
  // operation go on that has waited.
  [[nodiscard]] const Statement* next() const;
  // Performs a statement of the script out of its turn, as the next step. After a mistake in it the run can only be
  // started anew.
  // REQUIRES: no mistake has stopped the run; the statement opens no block; the blocks around it are those that are
  // open now
  [[nodiscard]] std::optional<Diagnostic> perform_typed(std::size_t index);

  // With RunOptions::trace: who was to act in the statement that was done last, and does so when it runs again, as it
  // is preempted (`first=child`). Empty: nobody.
  [[nodiscard]] const std::string& put_off() const { return put_off_; }

  // What stealer=opt looks ahead to. Nothing with others.
  [[nodiscard]] const Foreseen& foreseen() const { return options_.foreseen; }

  // From now on the kernel tells its events here; nullptr: to nobody. They must outlive the run.
  void watch(Events* events) { performer_.watch(events); }

  [[nodiscard]] const Kernel& kernel() const { return kernel_; }
  [[nodiscard]] const Script& script() const { return script_; }
  [[nodiscard]] const ParamValues& params() const { return params_; }
  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }
  [[nodiscard]] const Evaluator& evaluator() const { return evaluate_; }
  // The machine's tables as rows, with the script's names.
  [[nodiscard]] const State& state() const { return evaluate_.state(); }
  // The processes that `show VIEW NAME ...` names. Throws a Diagnostic at one that is reaped.
  [[nodiscard]] std::vector<ProcSlot> named(std::span<const ProcessRef> refs) const;
  // The process that events name by its tag; empty once it is reaped.
  [[nodiscard]] std::optional<ProcSlot> find(std::uint64_t tag) const {
    const NamedProcess& process = performer_.names()[tag];
    return process.bound && !process.reaped ? std::optional(process.slot) : std::nullopt;
  }
  // The walk that `show walk` shows. Throws a Diagnostic where the process has no address space or no such place.
  [[nodiscard]] Walk walk(const ShowStatement& show) const;

 private:
  void look_ahead(const Config& config, const Host& host);
  [[nodiscard]] Diagnostic unforeseen(const Unforeseen& what) const;
  void take_step();
  [[nodiscard]] Diagnostic in_calls(Diagnostic mistake) const;
  void perform_next();
  void begin_draws(std::uint32_t index);
  void perform(std::uint32_t index);
  void perform_idle(const Statement& statement);
  void open_block(const Statement& head);
  void end_round();
  void end_script();
  void perform_waiting();
  void wait(std::uint64_t actor);
  // What operations that go on later take of the host's memory comes out of the budget.
  void commit_later();
  void resume();
  void end_presets();
  [[nodiscard]] const Statement& statement() const { return script_.statements[index_]; }
  void count_step(Place place);
  [[nodiscard]] std::vector<const Statement*> open_calls() const;
  [[nodiscard]] std::uint32_t block_end() const;
  [[nodiscard]] double progress() const;
  void execute(const NoteStatement& note);
  void execute(const SpawnStatement& spawn) { performer_.spawn(spawn); }
  void execute(const OperationStatement& operation);
  void execute(const TickStatement& tick);
  void execute(const RunStatement& run);
  void execute(const AgeStatement&) { performer_.age(); }
  void execute(const StealStatement& steal);
  void execute(const FinishStatement& finish);
  void execute(const ShowStatement&) { listener_.show(statement(), *this); }
  void execute(const ExpectStatement& expect);
  void execute(const AuditStatement&) { performer_.check_identities(); }
  void execute(const PresetStatement& preset);
  void execute(const LoopStatement& loop);
  void execute(const IfStatement& first);
  void execute(const CallStatement& call);
  void take_sample();

  // begun.cc
  void end_or_note(std::uint64_t actor, bool begin);
  void finish(std::optional<std::uint64_t> actor);
  void go_on(std::uint64_t actor);
  [[nodiscard]] std::string sleepers() const;

  const Script& script_;
  Listener& listener_;
  RunOptions options_;
  const ParamValues params_;
  const bool by_default_;  // all params have their defaults
  const bool draws_;       // some statement draws numbers
  Standing standing_;
  Performer performer_;
  const Kernel& kernel_ = performer_.kernel();
  const Evaluator& evaluate_ = performer_.evaluator();
  bool ended_ = false;
  bool halfway_ = false;
  std::optional<Diagnostic> mistake_;
  std::vector<Sample> samples_;
  std::string put_off_;
  std::uint64_t later_bytes_ = 0;  // the most that operations which go on later have taken of the host's memory
  std::uint32_t block_end_ = 0;    // index behind the last statement of the innermost block
  std::uint32_t index_ = 0;        // of the statement that was begun last
};

}  // namespace bachsim
