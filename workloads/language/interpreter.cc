#include "workloads/language/interpreter.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "regions/vhand.h"
#include "sim/kernel/audit.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kStepsBetweenProgress = 1u << 16;
constexpr std::size_t kMaxSamples = 1u << 20;
constexpr std::uint64_t kMaxTicks = std::uint64_t{1} << 56;

bool shows_sar(const Statement& statement) {
  const auto* show = std::get_if<ShowStatement>(&statement.body);
  return show != nullptr && (show->view == View::Sar || show->view == View::All);
}

bool is_preset(const Statement& statement) {
  return std::holds_alternative<PresetStatement>(statement.body);
}

}  // namespace

Interpreter::Interpreter(Kernel& kernel, const Script& script, Listener& listener, RunOptions options)
    : kernel_(kernel),
      script_(script),
      listener_(listener),
      options_(options),
      names_(script),
      loop_values_(script.loop_slots) {
  options_.sample = options_.sample || std::ranges::any_of(script.statements, shows_sar);
}

std::optional<Diagnostic> Interpreter::run() {
  try {
    run_range(0, static_cast<std::uint32_t>(script_.statements.size()));
    if (preset_ != nullptr)
      end_presets();
    perform_rest();
  } catch (Diagnostic& mistake) {
    return std::move(mistake);
  } catch (const HostLimit& limit) {
    return Diagnostic{statement_->place, limit.what()};
  }
  return std::nullopt;
}

void Interpreter::run_range(std::uint32_t first, std::uint32_t end) {
  for (std::uint32_t i = first; i < end;) {
    const Statement& statement = script_.statements[i];
    if (first == 0)
      done_ = static_cast<double>(i) / static_cast<double>(end);
    index_ = i;
    step(statement);
    if (!waiting_.empty()) [[unlikely]]
      perform_waiting();
    const auto* loop = std::get_if<LoopStatement>(&statement.body);
    i = loop == nullptr ? i + 1 : loop->end;
  }
}

void Interpreter::step(const Statement& statement) {
  statement_ = &statement;
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
  if (kernel_.any_reaped())
    note_reaped();
  if (options_.trace) [[unlikely]]
    listener_.done(statement, *this);
  if (options_.audit_each && !is_preset(statement)) [[unlikely]]
    check_identities();
}

bool Interpreter::preempted(std::uint64_t tag) const {
  const Binding& binding = names_[tag];
  return binding.bound && !binding.reaped && kernel_.process(binding.slot).state == ProcessState::Preempted;
}

// Operations whose processes run again, in their order; one of them may be a fork that makes the others wait on.
void Interpreter::perform_waiting() {
  for (std::size_t i = 0; i < waiting_.size();) {
    if (preempted(waiting_[i].actor)) {
      ++i;
      continue;
    }
    Waiting next = std::move(waiting_[i]);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
    std::swap(loop_values_, next.loop_values);
    step(*next.statement);
    std::swap(loop_values_, next.loop_values);
    i = 0;
  }
}

// The script has ended, and so have the time slices of those who made others wait.
void Interpreter::perform_rest() {
  while (!waiting_.empty()) {
    kernel_.end_slices();
    perform_waiting();
  }
}

void Interpreter::count_step(Place place) {
  if (++steps_ > options_.max_steps) [[unlikely]]
    fail(place, fmt::format("the run has taken {} steps; --max-steps allows more", options_.max_steps));
  if (steps_ % kStepsBetweenProgress == 0) [[unlikely]]
    listener_.progress(done_);
}

void Interpreter::note_reaped() {
  for (const ProcessTable::Reaped& reaped : kernel_.take_reaped()) {
    Binding& binding = names_[reaped.tag];
    binding.reaped = true;
    binding.status = reaped.status;
  }
}

void Interpreter::check_identities() {
  const Violations found = audit(kernel_);
  if (!found.empty())
    throw IdentityBroken(fmt::format("identity {}: {}", found.front().identity, found.front().what));
}

void Interpreter::execute(const NoteStatement& note) {
  listener_.line(note.text);
}

void Interpreter::execute(const SpawnStatement& spawn) {
  const std::uint64_t tag = new_name(spawn.name);
  const auto child = kernel_.spawn(spawn.program, tag);
  if (child) {
    bind(tag, *child);
  } else {
    names_[tag].bound = false;
    failed(names_.text(tag), "spawn", child.error());
  }
  kernel_.end_operation();
}

void Interpreter::execute(const OperationStatement& operation) {
  const std::uint64_t tag = resolve(operation.process);
  if (kernel_.vm().config.first == RunsFirst::Child && preempted(tag)) [[unlikely]] {
    waiting_.push_back({.statement = statement_, .actor = tag, .loop_values = loop_values_});
    return;
  }
  make_able(tag, operation);
  actor_ = tag;
  slot_ = names_[actor_].slot;
  std::visit([this](const auto& body) { perform(body); }, *operation.body);
  kernel_.end_operation();
}

void Interpreter::execute(const TickStatement& tick) {
  const std::uint64_t ticks = tick.ticks == nullptr ? 1 : count(tick.ticks, "the number of ticks");
  if (ticks > kMaxTicks - kernel_.counters().trap.timer)
    fail(statement_->place, "the clock counts no farther than 2^56 ticks");
  kernel_.tick(ticks);
  if (options_.sample)
    take_sample();
}

void Interpreter::take_sample() {
  if (samples_.size() == kMaxSamples)
    fail(statement_->place, fmt::format("`sar` keeps {} ticks, and no more", kMaxSamples));
  const Counters now = kernel_.counters();
  const Vm& vm = kernel_.vm();
  samples_.push_back({.ticks = now.trap.timer,
                      .validity_faults = now.vfault.total,
                      .protection_faults = now.pfault.total,
                      .file_fills = now.vfault.file + now.vfault.fill,
                      .reclaimed = now.stealer.stolen,
                      .swap_ins = now.swap.transfers - vm.swap.transfers_out(),
                      .pages_in = now.swap.reads,
                      .swap_outs = vm.swap.transfers_out(),
                      .pages_out = now.swap.writes,
                      .free_frames = vm.pfdata.free(),
                      .free_blocks = vm.swap.free_blocks()});
}

void Interpreter::execute(const RunStatement& run) {
  const std::uint64_t seconds = count(run.seconds, "the number of seconds");
  for (std::uint64_t second = 0; second < seconds; ++second) {
    count_step(statement_->place);
    kernel_.run_second();
  }
}

void Interpreter::execute(const AgeStatement&) {
  age(kernel_.vm());
}

void Interpreter::execute(const StealStatement& statement) {
  std::optional<std::uint64_t> frames;
  if (statement.frames != nullptr)
    frames = count(statement.frames, "the number of frames");
  steal(kernel_.vm(), frames);
}

void Interpreter::execute(const ShowStatement&) {
  listener_.show(*statement_, *this);
}

void Interpreter::execute(const ExpectStatement& expect) {
  Expectation result{.place = statement_->place, .text = expect.text, .held = false, .left = {}, .right = {}};
  if (is_comparison(expect.condition->kind)) {
    result.left = value(expect.condition->left);
    result.right = value(expect.condition->right);
    result.held = compare(expect.condition, *result.left, *result.right);
  } else {
    result.held = truth(expect.condition);
  }
  listener_.expectation(result);
}

void Interpreter::execute(const AuditStatement&) {
  check_identities();
}

void Interpreter::execute(const LoopStatement& loop) {
  const Statement* const head = statement_;
  const std::uint32_t body = index_ + 1;
  const std::int64_t last = number(loop.last);
  std::int64_t i = 0;
  if (loop.first != nullptr) {
    i = number(loop.first);
    if (i > last)
      return;
  } else {
    if (last < 0)
      fail(loop.last->place, fmt::format("a loop cannot run {} times", last));
    if (last == 0)
      return;
  }
  const std::int64_t end = loop.first != nullptr ? last : last - 1;
  const double rounds = static_cast<double>(end) - static_cast<double>(i) + 1;
  const double share = static_cast<double>(loop.end - body) / static_cast<double>(script_.statements.size());
  const double before = done_;
  for (double round = 0;; ++i, ++round) {
    loop_values_[loop.slot] = i;
    if (loop.slot == 0)
      done_ = before + share * round / rounds;
    run_range(body, loop.end);
    // A round is a step of its own, so that rounds of nothing come to an end too.
    statement_ = head;
    count_step(head->place);
    if (i == end)
      return;
  }
}

}  // namespace bachsim
