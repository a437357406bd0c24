// Moves of the prompt: forward and back, to a step, to a break.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "sim/cli/interruption.h"
#include "sim/cli/prompt.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

constexpr std::size_t kChangesShown = 8;  // after a move

bool is_number(std::string_view word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

// The step that ends a round of the innermost block.   REQUIRES: a block is open
const char* end_of_block_text(const Run& run) {
  const Statement& head = run.script().statements[run.standing().blocks.back().head];
  return std::holds_alternative<LoopStatement>(head.body)   ? "the end of a round"
         : std::holds_alternative<CallStatement>(head.body) ? "the end of a call"
                                                            : "the end of a branch";
}

}  // namespace

// Takes the run on until a statement has been done; before one that `stop` holds for, if it is told one. False at the
// end, and there.
template <class Stop>
bool Prompt::forward(Stop&& stop) {
  statement_done_ = false;
  while (!statement_done_ && !replay_.run().ended()) {
    replay_.forward();
    if (stop() || Interruption::asked()) return false;
  }
  return statement_done_;
}

// Moves, and tells what that has changed.
template <class Move>
void Prompt::tell_move(Move&& move) {
  std::optional<Moment> before = now();
  const std::uint64_t step = told_ = replay_.step();
  bool half_done = false;
  moves_ = true;
  out_.stops = false;
  try {
    move();
  } catch (const Interrupted&) {
    half_done = true;
  }
  moves_ = false;
  const bool asked = Interruption::asked();
  interruption_->answer();
  const std::size_t typed = replay_.typed();
  if (half_done) {
    // The run stands before the statement again, of which each second of `run` was a step.
    const std::uint64_t before_it = ends_.empty() ? 0 : ends_.back();
    told_ = std::max(told_, before_it);
    replay_.go_to(before_it);
  }
  const bool cut = replay_.take_cut() || replay_.typed() < typed;
  if (asked) out_.write(cut ? "interrupted; what was typed behind this step is forgotten\n" : "interrupted\n");
  leave_half_statement();
  out_.stops = true;
  if (replay_.step() == step) return tell_place();
  tell_changes(std::move(before), step);
}

// Where the host has failed, the run stands before the statement again; at the start if it fails on the way there.
void Prompt::leave_half_statement() {
  if (const std::string mistake = replay_.take_forgotten(); !mistake.empty())
    say(fmt::format("what was typed here cannot be done once more, and is forgotten: {}", mistake));
  const Run& run = replay_.run();
  if (!run.halfway()) return;
  say(fmt::format("stopped at {}: {}", place_text(run.mistake()->place), run.mistake()->what));
  told_ = std::numeric_limits<std::uint64_t>::max();
  const std::size_t typed = replay_.typed();
  before_.reset();  // the run wants the memory more
  // Its steps so far are no place to stand at: some statements take many.
  replay_.go_to(ends_.empty() ? 0 : ends_.back());
  if (replay_.run().halfway()) replay_.go_to(0);
  if (replay_.typed() < typed) say("what was typed here is forgotten");
}

void Prompt::tell_changes(std::optional<Moment> before, std::uint64_t step) {
  before_ = std::move(before);
  step_before_ = step;
  if (performed_ != nullptr) say(performed_text());
  try {
    write_changes(kChangesShown);
  } catch (const Mistake& mistake) {
    say(mistake.what);
  }
  tell_place();
}

void Prompt::tell_place() {
  const Run& run = replay_.run();
  if (run.mistake()) {
    say(fmt::format("step {}: stopped at {}: {}", replay_.step(), place_text(run.mistake()->place),
                    run.mistake()->what));
  } else if (replay_.at_end()) {
    say(fmt::format("step {}: the end of the script", replay_.step()));
  } else if (const Statement* const next = replay_.next(); next != nullptr) {
    say(fmt::format("step {}, next: {}  {}", replay_.step(), place_text(next->place), statement_text(*next)));
  } else {
    const char* const next_step = run.standing().waiting.any_ready() ? "an operation that has waited"
                                  : !run.standing().blocks.empty()   ? end_of_block_text(run)
                                                                     : "the end of the time slices";
    say(fmt::format("step {}, next: {}", replay_.step(), next_step));
  }
}

void Prompt::next(Words words, const std::string&) {
  const std::uint64_t count = words.empty() ? 1 : number(words.front(), "a count");
  tell_move([&] {
    for (std::uint64_t i = 0; i < count && forward([] { return false; }); ++i) {
    }
  });
}

void Prompt::back(Words words, const std::string&) {
  std::uint64_t count = words.empty() ? 1 : number(words.front(), "a count");
  if (replay_.step() == 0) return out_.write("this is the start\n");
  tell_move([&] {
    told_ = std::numeric_limits<std::uint64_t>::max();
    while (count > 0 && replay_.step() > 0 && !Interruption::asked()) {
      std::size_t earlier = ends_.size();  // ends that are not this one
      while (earlier > 0 && ends_[earlier - 1] >= replay_.step()) --earlier;
      const auto most = static_cast<std::uint64_t>(earlier);
      const std::uint64_t target = count <= most         ? ends_[static_cast<std::size_t>(most - count)]
                                   : earlier < kMostEnds ? 0
                                                         : ends_[0];
      count -= std::min(count, std::max<std::uint64_t>(most, 1));
      if (target == 0) count = 0;
      replay_.go_to(target);
    }
  });
}

void Prompt::go_to(Words words, const std::string&) {
  const std::uint64_t target = number(words.front(), "a step");
  tell_move([&] {
    if (target < replay_.step()) told_ = std::numeric_limits<std::uint64_t>::max();
    replay_.go_to(target);
  });
  if (replay_.run().ended() && replay_.step() < target) out_.write(fmt::format("there is no step {}\n", target));
}

void Prompt::continue_run(Words, const std::string&) { run_until(""); }
void Prompt::until(Words, const std::string& rest) { run_until(rest); }

// Until a condition holds, unless it is empty; and until a break.
void Prompt::run_until(const std::string& text_of_condition) {
  Replay::Expression condition;
  if (!text_of_condition.empty()) {
    auto parsed = replay_.expression(text_of_condition, false);
    if (!parsed) throw Mistake{parsed.error()};
    condition = std::move(*parsed);
  }
  // Typed statements have come and gone since the breaks were set, and with them the processes that these name.
  for (Breakpoint& each : breakpoints_) {
    if (each.kind != Break::Condition) continue;
    auto parsed = replay_.expression(each.text, false);
    each.condition = parsed ? std::move(*parsed) : Replay::Expression{};
    each.held = holds(each.condition.expr);
  }
  const Breakpoint* stopped = nullptr;
  bool held = false;
  tell_move([&] {
    Counters before = replay_.run().kernel().counters();
    const auto at_line = [&] { return (stopped = line_reached()) != nullptr; };
    while (stopped == nullptr && !held && forward(at_line)) {
      const Counters after = replay_.run().kernel().counters();
      stopped = reached(before, after);
      before = after;
      held = holds(condition.expr);
    }
  });
  if (stopped != nullptr) out_.write(fmt::format("break {}: {}\n", stopped->number, stopped->text));
  if (condition.expr != nullptr && !held && stopped == nullptr) out_.write("it did not hold up to here\n");
}

// The break at the line of the next statement.
const Prompt::Breakpoint* Prompt::line_reached() const {
  const Statement* const next = replay_.next();
  if (next == nullptr || std::ranges::find(breakpoints_, Break::Line, &Breakpoint::kind) == breakpoints_.end())
    return nullptr;
  const Sources& sources = replay_.session().sources();
  const Sources::Position at = sources.find(next->place);
  const auto here = std::ranges::find_if(breakpoints_, [&, name = sources.name(at.file)](const Breakpoint& each) {
    return each.kind == Break::Line && each.line == at.line &&
           (each.file.empty() ? at.file == 0
            : each.ends_so    ? name.ends_with("/" + each.file)
                              : name == each.file);
  });
  return here == breakpoints_.end() ? nullptr : &*here;
}

// The break that the statement done last has reached: a condition does so where it begins to hold.
const Prompt::Breakpoint* Prompt::reached(const Counters& before, const Counters& after) {
  const auto moved = [&](Break kind) {
    switch (kind) {
      case Break::Fault:
        return before.vfault.total() + before.pfault.total() != after.vfault.total() + after.pfault.total();
      case Break::Copy:
        return before.pfault.copied != after.pfault.copied;
      case Break::Steal:
        return before.stealer.stolen != after.stealer.stolen;
      case Break::Fork:
        return before.syscall.fork + before.syscall.vfork != after.syscall.fork + after.syscall.vfork;
      case Break::Exit:
        return before.process.exited + before.process.killed != after.process.exited + after.process.killed;
      case Break::Line:
      case Break::Condition:
        return false;
    }
    return false;
  };
  const Breakpoint* first = nullptr;
  for (Breakpoint& each : breakpoints_) {
    const bool held = std::exchange(each.held, each.kind == Break::Condition && holds(each.condition.expr));
    if (first == nullptr && (moved(each.kind) || (each.held && !held))) first = &each;
  }
  return first;
}

// An expression about what is not there yet does not hold.
bool Prompt::holds(const Expr* condition) const {
  try {
    return condition != nullptr && replay_.run().evaluator().truth(condition);
  } catch (const Diagnostic&) {
    return false;
  }
}

Prompt::Breakpoint Prompt::line_breakpoint(const std::string& text) const {
  const Sources& sources = replay_.session().sources();
  const std::size_t colon = text.rfind(':');
  // A file is named as in the script, or by the end of that.
  const std::string file = colon == std::string::npos ? "" : text.substr(0, colon);
  const std::uint64_t line = number(text.substr(colon + 1), "a line");
  const auto& statements = replay_.run().script().statements;
  bool ends_so = false;
  for (std::size_t i = 0; i < replay_.run().script().end; ++i) {
    const Sources::Position at = sources.find(statements[i].place);
    if (at.line != line) continue;
    const std::string_view name = sources.name(at.file);
    if (file.empty() ? at.file == 0 : name == file)
      return {.number = 0, .kind = Break::Line, .text = text, .file = file, .line = line};
    ends_so = ends_so || (!file.empty() && name.ends_with("/" + file));
  }
  if (!ends_so) throw Mistake{fmt::format("no statement stands at {}", printable(text))};
  return {.number = 0, .kind = Break::Line, .text = text, .file = file, .ends_so = true, .line = line};
}

void Prompt::set_break(Words words, const std::string& rest) {
  if (words.empty()) {
    if (breakpoints_.empty()) out_.write("no breaks\n");
    for (const Breakpoint& each : breakpoints_) out_.write(fmt::format("{:>3}  {}\n", each.number, each.text));
    return;
  }
  constexpr std::array<std::string_view, 5> kKinds{"fault", "copy", "steal", "fork", "exit"};
  const auto kind = std::ranges::find(kKinds, words.front());
  const std::size_t colon = words.front().rfind(':');
  Breakpoint added{};
  if (words.size() == 1 && kind != kKinds.end()) {
    added = {.number = 0, .kind = static_cast<Break>(kind - kKinds.begin()), .text = rest};
  } else if (words.size() == 1 && is_number(words.front().substr(colon == std::string::npos ? 0 : colon + 1))) {
    added = line_breakpoint(words.front());
  } else {
    const auto condition = replay_.expression(rest, false);
    if (!condition) throw Mistake{condition.error()};
    added = {.number = 0, .kind = Break::Condition, .text = rest};
  }
  added.number = ++last_breakpoint_;
  out_.write(fmt::format("break {}: {}\n", added.number, added.text));
  breakpoints_.push_back(std::move(added));
}

void Prompt::remove_break(Words words, const std::string&) {
  if (words.empty()) return breakpoints_.clear();
  const std::uint64_t wanted = number(words.front(), "a break");
  if (std::erase_if(breakpoints_, [wanted](const Breakpoint& each) { return each.number == wanted; }) == 0)
    throw Mistake{fmt::format("there is no break {}", wanted)};
}

void Prompt::perform(Words, const std::string& rest) {
  tell_move([&] {
    const auto done = replay_.perform(rest);
    leave_half_statement();
    if (!done) throw Mistake{done.error()};
  });
}

}  // namespace bachsim
