// A run of a script: a machine with the script's programs, the names of its processes, and what goes through the
// script.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "workloads/language/runner.h"
#include "workloads/language/settings.h"

namespace bachsim {

class Run {
 public:
  // `script`, `listener` and what `host` has must outlive it.   REQUIRES: `config` came from configure(script, ...)
  Run(const Config& config, const Script& script, Listener& listener, const RunOptions& options = {},
      const Host& host = {})
      : script_(script),
        kernel_(config, host),
        performer_(kernel_, script, names_, evaluator_, listener),
        runner_(*this, kernel_, script, names_, evaluator_, performer_, listener, standing_, options) {
    for (const Program& program : programs_of(script, config))
      kernel_.add_program(program);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Runs what is left of the script. Comes back with what stopped it, if it asked for what cannot be.
  // Throws IdentityBroken if an audit fails, KernelPanic if the simulator is wrong.
  [[nodiscard]] std::optional<Diagnostic> run() {
    runner_.go(std::numeric_limits<std::uint64_t>::max());
    return runner_.mistake();
  }
  // One step; several where the statement is `run N`.
  void step() { run_to(standing_.steps + 1); }
  // Steps until so many have been taken since the start, or the run has ended.
  void run_to(std::uint64_t steps) { runner_.go(steps); }
  // The script has come to its end, or to a mistake.
  [[nodiscard]] bool ended() const { return runner_.ended(); }
  [[nodiscard]] const std::optional<Diagnostic>& mistake() const { return runner_.mistake(); }
  [[nodiscard]] const Standing& standing() const { return standing_; }

  // From now on the kernel tells its events here; nullptr: to nobody. They must outlive the run.
  void watch(Events* events) { kernel_.watch(events); }

  [[nodiscard]] const Kernel& kernel() const { return kernel_; }
  [[nodiscard]] const Script& script() const { return script_; }
  [[nodiscard]] const std::vector<Sample>& samples() const { return runner_.samples(); }

  // What can be seen of the machine, with the script's names.
  [[nodiscard]] const State& state() const { return state_; }
  // The processes that `show VIEW NAME ...` names. Throws a Diagnostic at one that is reaped.
  [[nodiscard]] std::vector<ProcSlot> named(std::span<const ProcessRef> refs) const {
    std::vector<ProcSlot> slots;
    for (const ProcessRef& ref : refs)
      slots.push_back(evaluator_.slot(ref));
    return slots;
  }

 private:
  const Script& script_;
  Kernel kernel_;
  Names names_{script_};
  State state_{kernel_, names_};
  Standing standing_;
  Evaluator evaluator_{kernel_, script_, names_, standing_.loops};
  Performer performer_;
  Runner runner_;
};

}  // namespace bachsim
