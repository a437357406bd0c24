// Who forked whom in a run, and what each call cost: the counters and gauges that its statement moved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "regions/event.h"
#include "sim/kernel/counters.h"
#include "sim/machine/host.h"
#include "sim/state/rows.h"
#include "workloads/language/listener.h"
#include "workloads/language/source.h"

namespace bachsim {

// What a fork, exec or exit moved.
struct CallCost {
  std::int64_t frames = 0;  // taken, or given back
  std::int64_t tables = 0;
  std::uint64_t pages_copied = 0;
  std::uint64_t entries_copied = 0;
  friend bool operator==(const CallCost&, const CallCost&) = default;
};

// Faults that a process took itself.
struct OwnFaults {
  std::uint64_t validity = 0;
  std::uint64_t copied = 0;  // protection faults that copied the page, and that kept it
  std::uint64_t kept = 0;
  friend bool operator==(const OwnFaults&, const OwnFaults&) = default;
};

struct ForkedProcess {
  std::uint32_t pid = 0;
  std::uint64_t tag = 0;  // by which events name it
  std::uint32_t parent = 0;
  std::string name;
  std::string made_by;  // `line 13: A: fork as B`
  bool vforked = false;
  CallCost cost;  // of that
  struct Call {
    std::string statement;
    CallCost cost;
  };
  std::vector<Call> calls;  // its exec and exit
  OwnFaults faults;
};

// Listens to a traced run, whose kernel tells its events to `events`. What it keeps, and a drawing of that, are within
// the budget of the run's host: beyond it, done() throws HostLimit.
class ForkHistory : public Listener {
 public:
  explicit ForkHistory(const Sources& sources) : sources_(sources) {}

  void begin(const Statement& statement, const Run& run) override;
  void done(const Statement& statement, const Run& run) override;
  void replayed(std::uint64_t references) override;
  // As CopyHistory::end().
  void end(const Run& run) { take(nullptr, run); }

  // By pid; also those that are gone.
  [[nodiscard]] const std::map<std::uint32_t, ForkedProcess>& processes() const { return processes_; }

  Events events;  // of the statement at hand

 private:
  [[nodiscard]] std::string text(const Statement* statement) const;
  void take(const Statement* statement, const Run& run);
  void take_events();
  void add_newborn(const std::string& with, const CallCost& cost, const Run& run);
  [[nodiscard]] bool others_moved(std::uint64_t one, std::uint64_t other) const;
  void commit(const Run& run, std::uint64_t bytes);

  const Sources& sources_;
  Counters before_{};
  Gauges gauges_before_{};

  // Of the events so far of the statement at hand, by tag.
  struct Doings {
    OwnFaults faults;
    std::uint64_t calls = 0;  // that have ended
    bool moved = false;       // frames or page tables
    bool vforked = false;     // it is the child
  };
  std::map<std::uint64_t, Doings> doings_;
  std::size_t movers_ = 0;              // in it
  std::vector<std::uint64_t> newborn_;  // tags

  std::map<std::uint64_t, std::uint32_t> pids_;  // by tag
  std::map<std::uint32_t, ForkedProcess> processes_;
  std::optional<HostShare> share_;
};

}  // namespace bachsim
