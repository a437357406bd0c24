// A run tells its listener about lines, tables, expectations and statements.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/machine/host.h"
#include "sim/state/column.h"
#include "workloads/language/ast.h"
#include "workloads/language/diagnostic.h"

namespace bachsim {

// One evaluation of an `expect`.
struct Expectation {
  Place place;
  std::string_view text;
  bool held;
  std::optional<Field> left;  // of a comparison; see Evaluator::value()
  std::optional<Field> right;
  std::vector<Note> calls{};  // of definitions that it is in, if it does not hold
};

class Run;

// A listener throws this from replayed(), second_passed() or looks_ahead() to give up the run in the middle of a
// statement, or before its start. It can only be started anew then.
class Interrupted {};

// How long a line of `print` or `note` may grow: each of its items may be a whole region. Throws LimitBetween beyond.
inline constexpr std::size_t kMaxLine = std::size_t{1} << 24;
inline void check_line(std::string_view line) {
  if (line.size() > kMaxLine) throw LimitBetween(fmt::format("a line of more than {} MiB", kMaxLine >> 20));
}

// Watches a run. Each of these does nothing unless it is overridden.
class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;

  // A line that print, a failing call or a death wrote.
  virtual void line(std::string_view /*text*/) {}
  // A note; a line like others, unless this is overridden.
  virtual void note(std::string_view text) { line(text); }
  // A `show` statement.
  virtual void show(const Statement& /*statement*/, const Run& /*run*/) {}
  // An expectation was evaluated.
  virtual void expectation(const Expectation& /*expectation*/) {}
  // The same of one that is for the params' defaults, where these have other values: whether it holds says nothing.
  virtual void not_judged(const Expectation& /*expectation*/) {}
  // With RunOptions::trace: a statement that is no loop and no `if` is about to be done, and has been done.
  virtual void begin(const Statement& /*statement*/, const Run& /*run*/) {}
  virtual void done(const Statement& /*statement*/, const Run& /*run*/) {}
  // Every few thousand references of a replay: so many more. It may throw Interrupted.
  virtual void replayed(std::uint64_t /*references*/) {}
  // Behind each second of `run`. It may throw Interrupted.
  virtual void second_passed() {}
  // Before the start of a run with stealer=opt, for each step of the run that is made first. It may throw Interrupted.
  virtual void looks_ahead() {}
  // Every few ten thousand steps: how much of the script has been run, from 0 to 1.
  virtual void progress(double /*fraction*/) {}
};

}  // namespace bachsim
