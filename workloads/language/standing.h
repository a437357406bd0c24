// Where a run stands in its script: with the machine, all that the next step depends on.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace bachsim {

// A loop, a branch or a call whose body is being run. The latter are loops of one round; a call has one of these for
// each of its values, and one if it has none.
struct OpenBlock {
  std::uint32_t head = 0;  // index of its statement
  std::int64_t first = 0;  // values of its variable
  std::int64_t last = 0;
  std::int64_t now = 0;

  friend bool operator==(const OpenBlock&, const OpenBlock&) = default;
};

// The things that a statement's expressions see, beside the machine and the params.
struct Surroundings {
  std::vector<OpenBlock> blocks{};  // that are open, outermost first: an expression's slot is an index here
  std::uint64_t first_draw = 0;     // the index, in the run, of the first number that the statement draws

  friend bool operator==(const Surroundings&, const Surroundings&) = default;
};

// Puts the surroundings of a postponed operation in the place of the script's, until the operation has had its turn.
class SurroundingsOfThen {
 public:
  SurroundingsOfThen(Surroundings& now, Surroundings& then) : now_(now), then_(then) { std::swap(now_, then_); }
  SurroundingsOfThen(const SurroundingsOfThen&) = delete;
  SurroundingsOfThen& operator=(const SurroundingsOfThen&) = delete;
  ~SurroundingsOfThen() { std::swap(now_, then_); }

 private:
  Surroundings& now_;
  Surroundings& then_;
};

// An operation that goes on later.
struct LaterOperation {
  std::uint64_t actor;        // tag of its process; Context::kVhand for the page stealer
  std::uint32_t statement;    // its index
  Surroundings surroundings;  // when the script came by

  // Of the host's memory, about, with its place in a list.
  [[nodiscard]] std::uint64_t bytes() const {
    return 3 * sizeof(LaterOperation) + surroundings.blocks.size() * sizeof(OpenBlock);
  }

  friend bool operator==(const LaterOperation&, const LaterOperation&) = default;
};

// Operations of processes that are preempted (`first=child`). They wait until those run again, in a queue for each
// process. Those that may go on do so in the order of the script.
class WaitingOperations {
 public:
  struct Waiting : LaterOperation {
    std::uint64_t number = 0;  // in the order of the script

    friend bool operator==(const Waiting&, const Waiting&) = default;
  };

  [[nodiscard]] bool empty() const { return queues_.empty(); }
  // Of the host's memory, about.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  void add(Waiting waiting) {
    bytes_ += waiting.bytes();
    waiting.number = added_++;
    queues_[waiting.actor].push_back(std::move(waiting));
  }

  // The process runs again: its first operation may be taken.
  void ready(std::uint64_t actor) {
    if (const auto queue = queues_.find(actor); queue != queues_.end()) ready_[queue->second.front().number] = actor;
  }

  [[nodiscard]] bool any_ready() const { return !ready_.empty(); }

  // The first operation that may be taken. Its actor is ready no longer until ready() says so again.
  // REQUIRES: any_ready()
  Waiting take() {
    const auto queue = queues_.find(ready_.extract(ready_.begin()).mapped());
    Waiting first = std::move(queue->second.front());
    queue->second.pop_front();
    if (queue->second.empty()) queues_.erase(queue);
    bytes_ -= first.bytes();
    return first;
  }

  friend bool operator==(const WaitingOperations&, const WaitingOperations&) = default;

 private:
  std::unordered_map<std::uint64_t, std::deque<Waiting>> queues_;  // [tag]; none is empty
  std::map<std::uint64_t, std::uint64_t> ready_;                   // by Waiting::number of the first: the tag
  std::uint64_t added_ = 0;
  std::uint64_t bytes_ = 0;
};

struct Standing : Surroundings {
  std::uint32_t statement = 0;  // index of the next one of the script; waiting operations come before it
  std::uint64_t steps = 0;      // statements, rounds and branches, seconds of `run`, as --max-steps counts them
  std::uint64_t draws = 0;      // numbers drawn by the statements so far
  std::optional<std::uint32_t> preset{};  // index of the last of a row of presets, until the row ends
  WaitingOperations waiting{};
  // [tag]: those that were begun (`machine io=sleep`) and are still inside the kernel.
  std::unordered_map<std::uint64_t, LaterOperation> begun{};
  std::uint64_t begun_bytes = 0;  // of the host's memory

  friend bool operator==(const Standing&, const Standing&) = default;
};

}  // namespace bachsim
