// --trace: what each statement made the kernel do, and why, in words; for people.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regions/event.h"
#include "sim/report/event_text.h"
#include "sim/report/sink.h"
#include "sim/state/state.h"

namespace bachsim {

// The choice of what a trace tells.
struct TraceChoice {
  bool whole = true;      // every statement, and all that it did
  unsigned groups = ~0u;  // bits of EventGroup
  bool counts = true;     // of frames, swap blocks and regions, `was -> is`
  bool counters = true;
  std::vector<std::string> processes{};  // names; those of a family by its name too. None: all

  // Whether it is to tell this event.
  [[nodiscard]] bool tells(const Event& event, const State& state) const;
  // Whether this event is of a process that was chosen, as all are where none was.
  [[nodiscard]] bool names(const Event& event, const State& state) const;
};

// The choice that words stand for, which are separated by commas: kinds (the groups of events, `count`, `counter`) and
// names of processes; `all` is every kind, and without a name everything. `processes` are the names that a script has.
// On failure, what is wrong.
[[nodiscard]] std::expected<TraceChoice, std::string> trace_choice(std::string_view words,
                                                                   std::span<const std::string> processes);

// The effects of one statement. Their words are within the budget of the machine's host.
struct Traced {
  HostShare share{};
  std::vector<std::string> events{};
  std::vector<std::string> counts{};  // `frame 3: count 1 -> 2`
  std::vector<NumberRow> counters{};  // those that moved, and by how much

  [[nodiscard]] bool empty() const { return events.empty() && counts.empty() && counters.empty(); }
};

// Lines that stand below a statement, indented.
[[nodiscard]] std::string text(const Traced& traced, std::size_t width = kReportWidth);

class Tracer {
 public:
  explicit Tracer(TraceChoice choice) : choice_(std::move(choice)) {}

  [[nodiscard]] const TraceChoice& choice() const { return choice_; }

  // Around each statement. `silent`: it may have changed counts without an event.
  void begin(const State& state);
  // Throws HostLimit beyond the budget.
  [[nodiscard]] Traced done(const Events& events, const State& state, bool silent);

 private:
  // The rows that have counts.
  struct Counts {
    Counts() = default;
    explicit Counts(const State& state);
    HostShare share;
    std::vector<RegionRow> regions;
    std::vector<FrameRow> frames;
    std::vector<SwapBlockRow> blocks;
  };
  static void tell_changes(const Counts& before, const Counts& after, Traced& traced);

  TraceChoice choice_;
  std::optional<Counts> counts_;  // as the last statement left them
  std::vector<NumberRow> counters_;
};

}  // namespace bachsim
