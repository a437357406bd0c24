#include <fmt/format.h>

#include <utility>

#include "sim/cli/session.h"
#include "sim/report/echo.h"
#include "sim/report/views.h"

namespace bachsim {
namespace {

constexpr std::size_t kShortEcho = 4096;  // bytes of lines that are not worth counting
constexpr std::uint64_t kGrowth = 2;      // a text that grows has up to twice its size

// The process that a statement is to act. Nobody if it has none, or if its name stands for nobody: the statement itself
// says what is wrong then.
ProcSlot actor_of(const Statement& statement, const Run& run) {
  const auto* operation = std::get_if<OperationStatement>(&statement.body);
  const auto* finish = std::get_if<FinishStatement>(&statement.body);
  const bool one = finish != nullptr && finish->whose == FinishStatement::Whose::Process;
  if (operation == nullptr && !one) return kNoProcess;
  try {
    return run.named({operation != nullptr ? &operation->process : &finish->process, 1}).front();
  } catch (const Diagnostic&) {
    return kNoProcess;
  }
}

// It changes counts without an event.
bool is_silent(const Statement& statement) { return std::holds_alternative<PresetStatement>(statement.body); }

}  // namespace

void RunListener::write(std::string_view text) {
  bar.clear();
  output_.write(text);
}

void RunListener::write_lines(std::string_view text) {
  if (!text.empty()) begin_part(Part::Line);
  write(text);
}

std::string RunListener::text_of(const Statement& statement) const {
  return session_.sources().shown(statement.place, statement.end);
}

void RunListener::begin_part(Part part) {
  if (part != part_ || part == Part::Table) output_.separate();
  part_ = part;
}

void RunListener::note(std::string_view text) {
  if (text.empty() && json_ == nullptr) return output_.separate();
  tell(text, Part::Note);
}

void RunListener::line(std::string_view text) { tell(text, Part::Line); }

void RunListener::tell(std::string_view text, Part part) {
  if (trace_json != nullptr) trace_json->line(text);
  if (json_ != nullptr) return json_->line(text);
  if (echo && in_statement_) {
    if (pending_.size() + text.size() > kShortEcho) share_.commit(kGrowth * (text.size() + 1));
    pending_.append(text).append("\n");
    return;
  }
  begin_part(part);
  write(text);
  write("\n");
}

void RunListener::show(const Statement& statement, const Run& run) {
  const auto& show = std::get<ShowStatement>(statement.body);
  const auto only = run.named(show.names);
  const auto draw = [&](Sink& sink) {
    if (show.where == nullptr)
      write_view(sink, show.view, run.state(), run.samples(), only);
    else
      write_walk(sink, run.walk(show));
  };
  if (json_ != nullptr) {
    const Seen seen{.state = run.state(), .samples = run.samples(), .only = only};
    return show.where == nullptr ? json_->shown(statement.place, show.view, seen, draw)
                                 : json_->shown(statement.place, run.walk(show), draw);
  }
  bar.clear();
  begin_part(show.view == View::WorkingSet ? Part::Line : Part::Table);
  if (echo) write(fmt::format("{}\n", text_of(statement)));
  draw(output_);
}

void RunListener::expectation(const Expectation& expectation) {
  ++(expectation.held ? held : failed);
  if (trace_json != nullptr) trace_json->expectation(expectation.held);
  if (json_ != nullptr) json_->expectation(expectation);
  verdict_ = expectation.held ? "held" : "failed";
  if (expectation.held) return;
  std::string sides;
  if (expectation.left)
    sides = fmt::format(": left is {}, right is {}", text(*expectation.left), text(*expectation.right));
  verdict_ += sides;
  if (!echo && json_ == nullptr && tracer && tracer->choice().whole)
    write_lines(fmt::format("> expect {}\n    {}\n", expectation.text, verdict_));
  bar.clear();
  output_.flush();
  print_errors(session_.sources(), {{expectation.place, std::string(expectation.text) + sides, expectation.calls}},
               session_.color(), "expectation failed");
}

void RunListener::begin(const Statement& statement, const Run& run) {
  const ProcSlot actor = trace_json != nullptr || timeline != nullptr ? actor_of(statement, run) : kNoProcess;
  actor_ = actor == kNoProcess ? "" : run.state().process(actor).name;
  if (timeline != nullptr) timeline->begin(run, actor);
  if (tracer) {
    tracer->begin(run.state());
    // A note is its own text; an expectation is told where it fails.
    const bool silent = std::holds_alternative<NoteStatement>(statement.body) ||
                        std::holds_alternative<ExpectStatement>(statement.body);
    if (json_ == nullptr && tracer->choice().whole && !echo && !silent)
      write_lines(fmt::format("> {}\n", text_of(statement)));
  }
  in_statement_ = true;
  references_ = 0;
}

void RunListener::done(const Statement& statement, const Run& run) {
  in_statement_ = false;
  if (echo) write_echo(statement, run);
  if (tracer) write_trace(statement, run);
  if (trace_json != nullptr) trace_json->done(statement, actor_, events, run);
  if (timeline != nullptr) timeline->done(statement, events, run);
  events.clear();
}

std::string RunListener::effect(const Statement& statement, const Run& run) const {
  if (!run.put_off().empty()) return fmt::format("waits until {} runs again", run.put_off());
  std::string effect = effect_text(statement, events, run.state());
  const auto* operation = std::get_if<OperationStatement>(&statement.body);
  if (operation != nullptr && std::holds_alternative<ReplayOp>(*operation->body))
    effect.insert(0, count_text(references_, "reference") + "; ");
  return effect;
}

void RunListener::write_echo(const Statement& statement, const Run& run) {
  const bool told =
      std::holds_alternative<NoteStatement>(statement.body) || std::holds_alternative<ShowStatement>(statement.body);
  const bool expects = std::holds_alternative<ExpectStatement>(statement.body);
  if (!told)
    write_lines(echo_text(text_of(statement), expects ? verdict_ : effect(statement, run)) + "\n");
  else if (!pending_.empty())
    begin_part(Part::Note);
  write_pending();
}

void RunListener::write_trace(const Statement& statement, const Run& run) {
  Traced traced = tracer->done(events, run.state(), is_silent(statement));
  const bool whole = tracer->choice().whole;
  if (!whole && traced.empty()) return;
  if (!run.put_off().empty())
    traced.events.push_back(fmt::format("{} is preempted, so this waits until it runs again", run.put_off()));
  if (json_ != nullptr)
    return json_->traced(statement.place, text_of(statement), traced.events, traced.counts, traced.counters);
  if (!whole && !echo) write_lines(fmt::format("> {}\n", text_of(statement)));
  write_lines(text(traced, output_.width()));
}

void RunListener::write_pending() {
  write(std::exchange(pending_, {}));
  share_ = HostShare(session_.shared_budget().get());
}

void RunListener::end() {
  write_pending();
  bar.clear();
}

}  // namespace bachsim
