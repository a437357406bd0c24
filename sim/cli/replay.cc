#include "sim/cli/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/cli/interruption.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kStepsBetweenLooks = 64;                           // whether somebody has interrupted
constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();  // a step behind each run's

// A mistake in a text that was typed in: its place is before everybody's eyes.
std::string mistake_text(const Sources& sources, const Diagnostic& mistake) {
  std::string text = render(sources, mistake);
  text.erase(0, std::min(text.find(": ") + 2, text.size()));  // file, line and column
  text.erase(0, text.starts_with("error: ") ? std::string_view("error: ").size() : 0);
  return text.substr(0, text.find_last_not_of('\n') + 1);
}

// A mistake in an expression that stands in the first parentheses of a statement. Where it ends too early, its reader
// knows of no parenthesis.
std::string mistake_in(const Session& session, const std::string& statement, std::size_t size) {
  constexpr std::string_view kFound = ", found `)`";
  const Diagnostic& mistake = session.errors().front();
  const bool at_end = session.sources().find(mistake.place).column == statement.find('(') + size + 2;
  if (!at_end || !mistake.what.ends_with(kFound)) return mistake.what;
  return mistake.what.substr(0, mistake.what.size() - kFound.size()) + ", found the end of the line";
}

// The statements whose blocks are open, outermost first.
std::vector<const Statement*> open_heads(const Run& run) {
  std::vector<const Statement*> heads;
  for (const OpenBlock& block : run.standing().blocks) {
    const Statement* const head = &run.script().statements[block.head];
    if (heads.empty() || heads.back() != head) heads.push_back(head);
  }
  return heads;
}

}  // namespace

Replay::Replay(std::unique_ptr<Session> session, StageChoices stage, Watcher& watcher, const RunOptions& options)
    : session_(std::move(session)), stage_(std::move(stage)), watcher_(watcher), options_(options) {
  start();
}

void Replay::start() {
  run_ = nullptr;
  watcher_.at_start();
  run_ = &session_->start(watcher_, options_);
  run_->watch(events_);
}

void Replay::watch(Events* events) {
  events_ = events;
  run_->watch(events);
}

void Replay::forward() { run_->step(); }

bool Replay::run_to(std::uint64_t target) {
  while (!run_->ended() && step() < target) {
    if (Interruption::asked()) return false;
    run_->run_to(step() + std::min(target - step(), kStepsBetweenLooks));
  }
  return true;
}

void Replay::go_to(std::uint64_t target) {
  // The end of the script is behind its last step, and does what no step does.
  const bool behind_the_last = run_->ended() && !run_->mistake();
  if (target < step() || (target == step() && behind_the_last)) {
    std::erase_if(typed_, [target](const Typed& typed) { return typed.step >= target; });
    start();
  }
  for (std::size_t i = 0; i < typed_.size(); ++i) {
    if (typed_[i].step < step()) continue;
    if (!run_to(typed_[i].step) || (typed_[i].behind_end && !run_to(kEnd))) {
      cut_ = true;
      return typed_.resize(i);
    }
    if (run_->mistake()) return;  // the host's: it has less memory left than before
    const auto mistake = run_->perform_typed(typed_statement(i));
    if (!mistake) continue;
    // So is this: it could be performed before. The run stands before it.
    forgotten_ = mistake_text(session_->sources(), *mistake);
    const std::uint64_t before = typed_[i].step;
    typed_.resize(i);
    start();
    return go_to(before);
  }
  run_to(target);
}

void Replay::return_to(std::uint64_t step, bool behind_end) {
  go_to(step);
  if (behind_end && forgotten_.empty()) run_to(kEnd);
}

bool Replay::at_end() const {
  const Standing& standing = run_->standing();
  return run_->ended() || (next() == nullptr && standing.blocks.empty() && standing.waiting.empty());
}

const Statement* Replay::next() const { return run_->ended() ? nullptr : run_->next(); }

std::size_t Replay::typed_statement(std::size_t typed) const { return session_->statements_of(typed).second - 1; }

// A branch that is being run is one whose condition holds. A call that is being run has what follows in the place of
// its body.
std::string Replay::in_blocks(const std::string& text) const {
  std::string whole;
  const Sources& sources = session_->sources();
  const std::vector<const Statement*> heads = open_heads(*run_);
  for (const Statement* const head : heads) {
    const std::string_view line = sources.find(head->place).text;
    if (std::holds_alternative<LoopStatement>(head->body))
      whole += fmt::format("{}\n", line);
    else if (std::holds_alternative<CallStatement>(head->body))
      whole += fmt::format("{} {{\n", sources.slice(head->place, head->end));
    else
      whole += "if 1 {\n";
  }
  whole += text + "\n";
  for (std::size_t i = 0; i < heads.size(); ++i) whole += "}\n";
  return whole;
}

std::vector<std::string> Replay::texts() const {
  std::vector<std::string> texts;
  for (const Typed& typed : typed_) texts.push_back(typed.text);
  return texts;
}

std::expected<void, std::string> Replay::perform(const std::string& text) {
  // It may have stopped in the middle of an operation.
  if (run_->mistake()) return std::unexpected("a mistake has stopped the run: nothing can be done behind it");
  std::vector<std::string> all = texts();
  all.push_back(in_blocks(text));
  std::unique_ptr<Session> session = session_->with(all);
  if (!session->errors().empty()) return std::unexpected(mistake_text(session->sources(), session->errors().front()));
  // One statement, inside the blocks that are open.
  const auto [begin, end] = session->statements_of(all.size() - 1);
  const auto& statements = session->script().statements;
  if (end - begin != open_heads(*run_).size() + 1 || statements[end - 1].opens_block())
    return std::unexpected("one statement can be typed in, which is no declaration, block, call or include");
  if (!session->configure(stage_)) return std::unexpected("");
  session->look_ahead_like(*session_);
  const std::uint64_t here = step();
  const bool behind_end = run_->ended();
  session_ = std::move(session);  // the memory of the run before is there for this one
  start();
  return_to(here, behind_end);
  if (run_->mistake()) return std::unexpected(mistake_text(session_->sources(), *run_->mistake()));
  if (!forgotten_.empty()) return std::unexpected("nothing was done");
  if (step() < here || run_->ended() != behind_end) {
    cut_ = true;
    return {};
  }
  typed_.push_back({.step = here, .behind_end = behind_end, .text = all.back()});
  const std::optional<Diagnostic> mistake = run_->perform_typed(typed_statement(all.size() - 1));
  if (!mistake) return {};
  typed_.pop_back();
  start();
  return_to(here, behind_end);
  return std::unexpected(mistake_text(session_->sources(), *mistake));
}

// What is wrong with a text that names a key of shared memory which the run does not know. The run knows that of a
// statement which could not be done, or was undone, too.
std::optional<std::string> Replay::unknown_key(const Session& typed) const {
  const auto& known = session_->script().shm_keys;
  const auto& keys = typed.script().shm_keys;
  const auto unknown = std::ranges::mismatch(keys, known).in1;
  if (unknown == keys.end()) return std::nullopt;
  return fmt::format("no process has shm.{} attached", *unknown);
}

std::expected<Replay::Expression, std::string> Replay::expression(const std::string& text, bool here) const {
  std::vector<std::string> all = texts();
  const std::string statement = statement_about(text);
  all.push_back(here ? in_blocks(statement) : statement + "\n");
  std::unique_ptr<Session> session = session_->with(all);
  if (!session->errors().empty()) return std::unexpected(mistake_in(*session, statement, text.size()));
  if (auto unknown = unknown_key(*session)) return std::unexpected(std::move(*unknown));
  const Expr* const expr = expression_of(session->script().statements.back(), text);
  if (expr == nullptr) return std::unexpected("this is no expression");
  return Expression{.session = std::move(session), .expr = expr};
}

std::expected<Replay::Located, std::string> Replay::location(const std::string& process,
                                                             const std::string& text) const {
  std::vector<std::string> all = texts();
  all.push_back(in_blocks(fmt::format("show walk {} {}", process, text)));
  std::unique_ptr<Session> session = session_->with(all);
  if (!session->errors().empty()) return std::unexpected(session->errors().front().what);
  if (auto unknown = unknown_key(*session)) return std::unexpected(std::move(*unknown));
  const auto [begin, end] = session->statements_of(all.size() - 1);
  if (begin == end) return std::unexpected("this is no location");
  const auto* walk = std::get_if<ShowStatement>(&session->script().statements[end - 1].body);
  if (walk == nullptr) return std::unexpected("this is no location");
  return Located{.session = std::move(session), .walk = walk};
}

}  // namespace bachsim
