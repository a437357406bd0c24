// A run that can be taken forward and back. Runs are deterministic, so the way back is a run from the start that stops
// earlier.
//
// A statement that a person types in is a step too. It starts a branch of history, which going back to before it
// leaves.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/cli/session.h"

namespace bachsim {

class Replay {
 public:
  // Hears of every step that is taken, also on the way to a step where the run has been before.
  class Watcher : public Listener {
   public:
    // The run is at its start, and what it had was gone: statements too, for a typed one makes another script.
    virtual void at_start() = 0;
  };
  // An expression, and what it belongs to. A typed statement, or going back to before one, makes it another's: it is
  // good until then.
  struct Expression {
    std::unique_ptr<Session> session{};
    const Expr* expr = nullptr;
  };

  // A location of a process, likewise.
  struct Located {
    std::unique_ptr<Session> session{};
    const ShowStatement* walk = nullptr;  // `show walk` of it
  };

  // The run of a script at its start. `watcher` must outlive this.   REQUIRES: session->configure(stage) was true
  Replay(std::unique_ptr<Session> session, StageChoices stage, Watcher& watcher, const RunOptions& options);

  [[nodiscard]] const Run& run() const { return *run_; }
  [[nodiscard]] const Session& session() const { return *session_; }
  // How many typed statements are performed on the way forward.
  [[nodiscard]] std::size_t typed() const { return typed_.size(); }
  // What was wrong with a typed statement that could not be performed once more, and so was forgotten with those behind
  // it, since the last call; empty if nothing was.
  [[nodiscard]] std::string take_forgotten() { return std::exchange(forgotten_, {}); }
  // Whether an interruption has left out typed statements since the last call; they are forgotten.
  [[nodiscard]] bool take_cut() { return std::exchange(cut_, false); }
  // Steps taken since the start, typed statements among them.
  [[nodiscard]] std::uint64_t step() const { return run_->standing().steps; }

  // The script has nothing more to do.
  [[nodiscard]] bool at_end() const;

  // There is a run. There is none behind a failure of the host to make one anew, and nothing else may be asked then.
  [[nodiscard]] bool stands() const { return run_ != nullptr; }

  // Takes one step. Nothing happens at the end of the run.
  void forward();
  // Goes to the first point with at least so many steps behind it, or to the end of the run. On the way back, those
  // typed statements are forgotten that lie at or behind that point. Where one cannot be performed once more, it goes
  // no farther: see take_forgotten(). Nor where somebody interrupts: the statements typed behind that are forgotten.
  void go_to(std::uint64_t step);

  // The kernel's events go here; nullptr: to nobody.
  void watch(Events* events);

  // The statement that the next step will perform; nullptr at the end of a round, of the script, or before an operation
  // that has waited.
  [[nodiscard]] const Statement* next() const;

  // Performs a statement of the language as the next step. On failure, what is wrong with it, for the user; then
  // nothing has happened. Nor is it performed where somebody interrupts the way to that step, as with go_to().
  [[nodiscard]] std::expected<void, std::string> perform(const std::string& text);

  // An expression of the language. `here`: it may use the variables of the loops that are open now.
  [[nodiscard]] std::expected<Expression, std::string> expression(const std::string& text, bool here) const;

  // A location as the language writes it (`data[3]`, `data+8`, `@66K`, the name of a var). Variables as with `here`.
  [[nodiscard]] std::expected<Located, std::string> location(const std::string& process, const std::string& text) const;

 private:
  [[nodiscard]] std::optional<std::string> unknown_key(const Session& typed) const;

  struct Typed {
    std::uint64_t step;  // how many stand before it
    bool behind_end;     // the script had come to its end, which is no step
    std::string text;    // with the blocks that were open
  };

  void start();
  // False if somebody has interrupted on the way.
  bool run_to(std::uint64_t step);
  // Takes a run that has been started anew to a place where it has been.
  void return_to(std::uint64_t step, bool behind_end);
  // The index of a typed statement.
  [[nodiscard]] std::size_t typed_statement(std::size_t typed) const;
  [[nodiscard]] std::string in_blocks(const std::string& text) const;
  [[nodiscard]] std::vector<std::string> texts() const;

  std::unique_ptr<Session> session_;
  StageChoices stage_;
  Watcher& watcher_;
  RunOptions options_;
  Events* events_ = nullptr;
  Run* run_ = nullptr;  // of the session
  std::vector<Typed> typed_;
  std::string forgotten_;
  bool cut_ = false;
};

}  // namespace bachsim
