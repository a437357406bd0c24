// The runs of a sweep: each has its own machine, several go at once, and what is measured comes in the order of the
// plan.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/machine/host.h"
#include "sim/sweep/plan.h"
#include "workloads/language/run.h"

namespace bachsim {

// What came of a run.
struct Outcome {
  std::string status;         // `ok`, or why not
  std::vector<Field> values;  // [measure]: a number, a truth value, a text; nothing where it could not be measured
  friend bool operator==(const Outcome&, const Outcome&) = default;
};
inline constexpr std::string_view kRunIsOk = "ok";

// All that the runs have in common. Nobody changes it while they go.
struct Sweep {
  const Plan& plan;
  const Script& script;
  const Sources& sources;
  std::vector<Setting> settings;                     // --set
  ParamChoices params;                               // -D and --seed
  std::vector<std::vector<Setting>> keys;            // [axis][value] of an axis of a key; else none
  std::vector<std::vector<Definition>> definitions;  // [axis][value] of an axis of a param; else none
  std::vector<const Expr*> measures;
  RunOptions options;
  HostBudget& budget;
};

// Why a run cannot be set up, in a line; empty if it can.
[[nodiscard]] std::string why_it_cannot_begin(const Sweep& sweep, std::uint64_t run);

// How long a run will take, in statements: those of its loops as often as they go round, as far as that is known
// before, and the making of the machine. 1 for a run that cannot be set up.
[[nodiscard]] std::uint64_t estimated_cost(const Sweep& sweep, std::uint64_t run);

// Where the shares of `count` workers end, so that each has as much to do as the others: worker K has the runs from
// [K-1] to [K]-1.
[[nodiscard]] std::vector<std::uint64_t> shares(const Sweep& sweep, std::uint64_t count);

// The runs from `first` to `end`-1, on `threads` threads. Calls `done(run, outcome)` for each in their order, on one
// thread at a time; once that returns false no more are begun.
void run_all(const Sweep& sweep, std::uint64_t first, std::uint64_t end, unsigned threads,
             const std::function<bool(std::uint64_t, const Outcome&)>& done);

}  // namespace bachsim
