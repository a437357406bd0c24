#include "workloads/language/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace bachsim {
namespace {

constexpr std::uint64_t kStepsBetweenProgress = 1u << 16;
constexpr std::size_t kMaxSamples = 1u << 20;
constexpr std::uint64_t kMaxTicks = std::uint64_t{1} << 56;

bool shows_sar(const Statement& statement) {
  const auto* show = std::get_if<ShowStatement>(&statement.body);
  return show != nullptr && (show->view == View::Sar || show->view == View::All);
}

bool is_preset(const Statement& statement) { return std::holds_alternative<PresetStatement>(statement.body); }

}  // namespace

Run::Run(const Config& config, const Script& script, Listener& listener, const RunOptions& options, const Host& host)
    : script_(script),
      listener_(listener),
      options_(options),
      performer_(config, host, script, standing_.loops, listener),
      block_end_(block_end()) {
  for (std::size_t i = 0; i < script.statements.size() && !options_.sample; ++i)
    options_.sample = shows_sar(script.statements[i]);
}

std::vector<ProcSlot> Run::named(std::span<const ProcessRef> refs) const {
  std::vector<ProcSlot> slots;
  for (const ProcessRef& ref : refs) slots.push_back(evaluate_.slot(ref));
  return slots;
}

void Run::run_to(std::uint64_t steps) {
  try {
    while (!ended_ && standing_.steps < steps) take_step();
  } catch (Diagnostic& mistake) {
    mistake_ = std::move(mistake);
    ended_ = true;
  } catch (const HostLimit& limit) {
    mistake_ = Diagnostic{statement_->place, limit.what()};
    ended_ = true;
  }
}

void Run::take_step() {
  if (waiting_.any_ready()) [[unlikely]]
    perform_waiting();
  else if (standing_.statement != block_end_) [[likely]]
    perform(standing_.statement++);
  else if (!standing_.loops.empty())
    end_round();
  else
    end_script();
}

void Run::perform(std::uint32_t index) {
  const Statement& statement = script_.statements[index];
  statement_ = &statement;
  index_ = index;
  count_step(statement.place);
  if (const auto* loop = std::get_if<LoopStatement>(&statement.body)) {
    execute(*loop);
    return;
  }
  if (preset_ != nullptr && !is_preset(statement)) [[unlikely]]
    end_presets();
  if (options_.trace) [[unlikely]]
    listener_.begin(statement, *this);
  std::visit([this](const auto& body) { execute(body); }, statement.body);
  performer_.note_reaped();
  if (options_.trace) [[unlikely]]
    listener_.done(statement, *this);
  if (options_.audit_each && !is_preset(statement)) [[unlikely]]
    performer_.check_identities();
}

void Run::perform_waiting() {
  WaitingOperations::Waiting next = waiting_.take();
  const auto& operation = std::get<OperationStatement>(script_.statements[next.statement].body);
  std::swap(standing_.loops, next.loops);
  const std::uint64_t actor = evaluate_.tag(operation.process);
  perform(next.statement);
  std::swap(standing_.loops, next.loops);
  if (!preempted(actor)) waiting_.ready(actor);
}

// A round is a step of its own, so that rounds of nothing come to an end too.
void Run::end_round() {
  OpenLoop& loop = standing_.loops.back();
  statement_ = &script_.statements[loop.head];
  count_step(statement_->place);
  if (loop.now != loop.last) {
    ++loop.now;
    standing_.statement = loop.head + 1;
    return;
  }
  standing_.loops.pop_back();
  block_end_ = block_end();
}

std::uint32_t Run::block_end() const {
  return standing_.loops.empty() ? static_cast<std::uint32_t>(script_.statements.size())
                                 : std::get<LoopStatement>(script_.statements[standing_.loops.back().head].body).end;
}

void Run::end_presets() {
  if (preset_ != nullptr) performer_.end_presets(std::exchange(preset_, nullptr)->place);
}

// With the script end the time slices of those who made others wait.
void Run::end_script() {
  end_presets();
  ended_ = waiting_.empty();
  if (!ended_) {
    performer_.end_slices();
    slices_ended();
  }
}

void Run::count_step(Place place) {
  if (++standing_.steps > options_.max_steps) [[unlikely]]
    fail(place, fmt::format("the run has taken {}; --max-steps allows more", count_text(options_.max_steps, "step")));
  if (standing_.steps % kStepsBetweenProgress == 0) [[unlikely]]
    listener_.progress(progress());
}

// How much of the script has been run, from 0 to 1: a loop counts as its lines do, however often it runs.
double Run::progress() const {
  const auto size = static_cast<double>(script_.statements.size());
  if (standing_.loops.empty()) return static_cast<double>(standing_.statement) / size;
  const OpenLoop& loop = standing_.loops.front();
  const std::uint32_t end = std::get<LoopStatement>(script_.statements[loop.head].body).end;
  const double round = static_cast<double>(loop.now) - static_cast<double>(loop.first);
  const double rounds = static_cast<double>(loop.last) - static_cast<double>(loop.first) + 1;
  return (loop.head + (end - loop.head) * round / rounds) / size;
}

bool Run::preempted(std::uint64_t tag) const {
  if (tag == Names::kNobody) return false;
  const NamedProcess& process = names_[tag];
  return process.bound && !process.reaped && kernel_.process(process.slot).state == ProcessState::Preempted;
}

void Run::slices_ended() {
  waiting_.ready_if([this](std::uint64_t actor) { return !preempted(actor); });
}

void Run::execute(const OperationStatement& operation) {
  if (kernel_.config().first == RunsFirst::Child) [[unlikely]]
    execute_first_child(operation);
  else
    performer_.operation(operation);
}

// An operation of a preempted process waits until that runs again.
void Run::execute_first_child(const OperationStatement& operation) {
  const std::uint64_t actor = evaluate_.tag(operation.process);
  if (preempted(actor)) {
    waiting_.add(actor, {.statement = index_, .loops = standing_.loops});
    return;
  }
  const bool known = actor != Names::kNobody && names_[actor].bound && !names_[actor].reaped;
  const ProcSlot parent = known ? kernel_.process(names_[actor].slot).preempts : kNoProcess;
  performer_.operation(operation);
  if (parent != kNoProcess && kernel_.process(parent).state != ProcessState::Preempted)
    waiting_.ready(kernel_.process(parent).tag);
}

void Run::execute(const TickStatement& tick) {
  const std::uint64_t ticks = tick.ticks == nullptr ? 1 : evaluate_.count(tick.ticks, "the number of ticks");
  if (ticks > kMaxTicks - kernel_.counters().trap.timer)
    fail(statement_->place, "the clock counts no farther than 2^56 ticks");
  performer_.tick(ticks);
  slices_ended();
  if (options_.sample) take_sample();
}

void Run::take_sample() {
  if (samples_.size() == kMaxSamples)
    fail(statement_->place, fmt::format("`sar` keeps {} ticks, and no more", kMaxSamples));
  performer_.commit(2 * sizeof(Sample));  // the list grows by doubling
  samples_.push_back(state().sample());
}

void Run::execute(const RunStatement& run) {
  const std::uint64_t seconds = evaluate_.count(run.seconds, "the number of seconds");
  for (std::uint64_t second = 0; second < seconds; ++second) {
    count_step(statement_->place);
    performer_.run_second();
  }
  slices_ended();
}

void Run::execute(const ExpectStatement& expect) {
  Expectation result{.place = statement_->place, .text = expect.text, .held = false, .left = {}, .right = {}};
  if (is_comparison(expect.condition->kind)) {
    result.left = evaluate_.value(expect.condition->left);
    result.right = evaluate_.value(expect.condition->right);
    result.held = evaluate_.compare(expect.condition, *result.left, *result.right);
    result.left->hex = result.right->hex = result.left->hex || result.right->hex;
  } else {
    result.held = evaluate_.truth(expect.condition);
  }
  listener_.expectation(result);
}

void Run::execute(const PresetStatement& preset) {
  preset_ = statement_;
  performer_.preset(preset);
}

void Run::execute(const LoopStatement& loop) {
  const std::uint32_t head = standing_.statement - 1;
  const std::int64_t last = evaluate_.number(loop.last);
  if (loop.first == nullptr && last < 0) fail(loop.last->place, fmt::format("a loop cannot run {} times", last));
  const std::int64_t first = loop.first == nullptr ? 0 : evaluate_.number(loop.first);
  const bool any = loop.first == nullptr ? last > 0 : first <= last;
  if (!any) {
    standing_.statement = loop.end;
    return;
  }
  standing_.loops.push_back(
      {.head = head, .first = first, .last = loop.first == nullptr ? last - 1 : last, .now = first});
  block_end_ = loop.end;
}

}  // namespace bachsim
