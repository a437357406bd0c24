// Where a run stands in its script, and the operations that wait behind it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

namespace bachsim {

// A loop whose body is being run.
struct OpenLoop {
  std::uint32_t head = 0;  // index of its statement
  std::int64_t first = 0;  // values of its variable
  std::int64_t last = 0;
  std::int64_t now = 0;

  friend bool operator==(const OpenLoop&, const OpenLoop&) = default;
};

struct Standing {
  std::uint32_t statement = 0;  // index of the next one
  std::vector<OpenLoop> loops;  // outermost first: an expression's slot is an index here
  std::uint64_t steps = 0;      // statements, rounds of loops and seconds of `run`, as --max-steps counts them

  friend bool operator==(const Standing&, const Standing&) = default;
};

// Operations of processes that are preempted (`first=child`), which wait until those run again: a queue for each, and
// among those that may go on, the order of the script.
class WaitingOperations {
 public:
  struct Waiting {
    std::uint32_t statement;      // its index
    std::vector<OpenLoop> loops;  // that were open when the script came by
  };

  [[nodiscard]] bool empty() const { return queues_.empty(); }

  void add(std::uint64_t actor, Waiting waiting) {
    queues_[actor].push_back({.number = added_++, .waiting = std::move(waiting)});
  }

  // The process runs again: what it has to do may be taken.
  void ready(std::uint64_t actor) {
    if (const auto queue = queues_.find(actor); queue != queues_.end()) ready_[queue->second.front().number] = actor;
  }
  template <class Runs>
  void ready_if(Runs&& runs) {
    for (const auto& [actor, queue] : queues_) {
      if (runs(actor)) ready_[queue.front().number] = actor;
    }
  }

  [[nodiscard]] bool any_ready() const { return !ready_.empty(); }

  // The first operation that may be taken. Its actor is ready no longer until ready() says so again.
  // REQUIRES: any_ready()
  Waiting take() {
    const std::uint64_t actor = ready_.extract(ready_.begin()).mapped();
    const auto queue = queues_.find(actor);
    Waiting first = std::move(queue->second.front().waiting);
    queue->second.pop_front();
    if (queue->second.empty()) queues_.erase(queue);
    return first;
  }

 private:
  struct Entry {
    std::uint64_t number;  // in the order of the script
    Waiting waiting;
  };

  std::unordered_map<std::uint64_t, std::deque<Entry>> queues_;  // [tag]; none is empty
  std::map<std::uint64_t, std::uint64_t> ready_;                 // by Entry::number of the first: the tag
  std::uint64_t added_ = 0;
};

}  // namespace bachsim
