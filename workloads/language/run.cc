#include "workloads/language/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <new>
#include <utility>

namespace bachsim {
namespace {

constexpr std::uint64_t kStepsBetweenProgress = 1u << 16;
constexpr std::size_t kMaxSamples = 1u << 20;
constexpr std::uint64_t kMaxTicks = std::uint64_t{1} << 56;
constexpr const char* kNoMemory = "this host has no memory left";

bool shows_sar(const Statement& statement) {
  const auto* show = std::get_if<ShowStatement>(&statement.body);
  return show != nullptr && (show->view == View::Sar || show->view == View::All);
}

bool is_preset(const Statement& statement) { return std::holds_alternative<PresetStatement>(statement.body); }

// Beside an address a number is shown as one.
void show_alike(const Field& one, Field& other) {
  const auto* number = std::get_if<std::int64_t>(&other);
  if (number != nullptr && std::holds_alternative<Address>(one))
    other = Address{.value = static_cast<std::uint64_t>(*number)};
}

// The run before a run with stealer=opt. A replay may be long, and so may many seconds.
class LookAhead : public Listener {
 public:
  explicit LookAhead(Listener& listener) : listener_(listener) {}
  void replayed(std::uint64_t /*references*/) override { listener_.looks_ahead(); }
  void second_passed() override { listener_.looks_ahead(); }

 private:
  Listener& listener_;
};

}  // namespace

Run::Run(const Config& config, const Script& script, Listener& listener, const RunOptions& options, const Host& host)
    : script_(script),
      listener_(listener),
      options_(options),
      params_(options.params.empty() ? choose(script).value() : options.params),
      by_default_(are_defaults(script, params_)),
      draws_(!script.draws.empty()),
      performer_(config, host, script, params_, standing_, listener),
      block_end_(block_end()) {
  for (std::size_t i = 0; i < script.statements.size() && !options_.sample; ++i)
    options_.sample = shows_sar(script.statements[i]);
  if (config.stealer == StealBy::Opt && !options.first) look_ahead(config, host);
}

// Of a run before this one nothing is wanted but its references. A mistake that stops it stops this one too, at the
// same place, unless it was the host's.
void Run::look_ahead(const Config& config, const Host& host) {
  if (options_.foreseen.uses == nullptr) {
    RunOptions options{.max_steps = options_.max_steps, .idle = options_.idle, .params = params_, .first = true};
    LookAhead ahead(listener_);
    Run first(config, script_, ahead, options, {.budget = host.budget});
    for (; !first.ended(); first.step()) listener_.looks_ahead();
    options_.foreseen.uses = first.kernel().uses();
    if (first.mistake()) options_.foreseen.mistake = first.mistake()->what;
  }
  performer_.foresee(options_.foreseen.uses);
}

Diagnostic Run::unforeseen(const Unforeseen& what) const {
  const auto& first = options_.foreseen.mistake;
  return in_calls({statement().place, first ? "stealer=opt looks ahead no farther: " + *first : what.what()});
}

std::vector<ProcSlot> Run::named(std::span<const ProcessRef> refs) const {
  std::vector<ProcSlot> slots;
  for (const ProcessRef& ref : refs) slots.push_back(evaluate_.slot(ref));
  return slots;
}

Walk Run::walk(const ShowStatement& show) const {
  const ProcSlot slot = evaluate_.slot(show.names.front());
  if (kernel_.process(slot).state == ProcessState::Zombie)
    fail(show.names.front().place, "the process has ended and has no address space");
  return state().walk(slot, evaluate_.byte_address(slot, *show.where));
}

void Run::run_to(std::uint64_t steps) {
  try {
    while (!ended_ && standing_.steps < steps) take_step();
  } catch (Diagnostic& mistake) {
    mistake_ = in_calls(std::move(mistake));
    ended_ = true;
  } catch (const LimitBetween& limit) {
    mistake_ = in_calls({statement().place, limit.what()});
    ended_ = true;
  } catch (const HostLimit& limit) {
    mistake_ = in_calls({statement().place, limit.what()});
    ended_ = halfway_ = true;
  } catch (const Unforeseen& what) {
    mistake_ = unforeseen(what);
    ended_ = true;
  } catch (const std::bad_alloc&) {
    mistake_ = Diagnostic{statement().place, kNoMemory};
    ended_ = halfway_ = true;
  }
}

// A mistake of the statement that was begun last, with the calls that this is in.
Diagnostic Run::in_calls(Diagnostic mistake) const {
  std::ranges::move(call_notes(calls_around(script_, index_)), std::back_inserter(mistake.notes));
  return mistake;
}

const Statement* Run::next() const {
  const bool statement = !standing_.waiting.any_ready() && standing_.statement != block_end_;
  return statement && !ended_ ? &script_.statements[standing_.statement] : nullptr;
}

std::optional<Diagnostic> Run::perform_typed(std::size_t index) {
  KASSERT(!mistake_);
  try {
    performer_.set_foreseen(false);
    begin_draws(static_cast<std::uint32_t>(index));
    perform(static_cast<std::uint32_t>(index));
    performer_.set_foreseen(true);
    ended_ = false;  // it may have left an operation that waits
    return std::nullopt;
  } catch (Diagnostic& mistake) {
    return std::move(mistake);
  } catch (const HostLimit& limit) {
    return Diagnostic{statement().place, limit.what()};
  } catch (const std::bad_alloc&) {
    return Diagnostic{statement().place, kNoMemory};
  }
}

void Run::take_step() {
  if (standing_.waiting.any_ready()) [[unlikely]]
    perform_waiting();
  else if (standing_.statement != block_end_) [[likely]]
    perform_next();
  else if (!standing_.blocks.empty())
    end_round();
  else
    end_script();
}

void Run::perform_next() {
  const std::uint32_t index = standing_.statement++;
  if (draws_) [[unlikely]]
    begin_draws(index);
  perform(index);
}

// Each number that a statement may draw has an index in the run, whether it comes to be drawn or not.
void Run::begin_draws(std::uint32_t index) {
  standing_.first_draw = standing_.draws;
  if (index < script_.draws.size()) standing_.draws += script_.draws[index];
}

void Run::perform(std::uint32_t index) {
  const Statement& statement = script_.statements[index];
  index_ = index;
  count_step(statement.place);
  if (options_.trace) [[unlikely]]
    put_off_.clear();
  if (statement.opens_block()) return open_block(statement);
  if (standing_.preset && !is_preset(statement)) [[unlikely]]
    end_presets();
  if (options_.idle) [[unlikely]]
    return perform_idle(statement);
  if (options_.trace) [[unlikely]]
    listener_.begin(statement, *this);
  std::visit([this](const auto& body) { execute(body); }, statement.body);
  performer_.note_reaped();
  resume();
  if (options_.trace) [[unlikely]]
    listener_.done(statement, *this);
  if (options_.audit_each && !is_preset(statement)) [[unlikely]]
    performer_.check_identities();
}

// The stage, and what can be said of it before anybody has acted.
void Run::perform_idle(const Statement& statement) {
  const auto* expect = std::get_if<ExpectStatement>(&statement.body);
  try {
    if (expect != nullptr) execute(*expect);
    if (const auto* spawn = std::get_if<SpawnStatement>(&statement.body)) execute(*spawn);
    if (const auto* preset = std::get_if<PresetStatement>(&statement.body)) execute(*preset);
  } catch (const Diagnostic&) {
    if (expect != nullptr && (by_default_ || !expect->by_default))
      listener_.expectation({.place = statement.place, .text = expect->text, .held = false, .left = {}, .right = {}});
  }
}

void Run::perform_waiting() {
  WaitingOperations::Waiting next = standing_.waiting.take();
  {
    const SurroundingsOfThen then(standing_, next.surroundings);
    perform(next.statement);
  }
  if (!performer_.preempted(next.actor)) standing_.waiting.ready(next.actor);
}

// The statement that was begun is done when its process runs again.
void Run::wait(std::uint64_t actor) {
  if (options_.trace) put_off_ = performer_.names().process(actor);
  standing_.waiting.add({{actor, index_, standing_}});
  commit_later();
}

void Run::commit_later() {
  const std::uint64_t bytes = standing_.waiting.bytes() + standing_.begun_bytes;
  if (bytes <= later_bytes_) return;
  performer_.commit(bytes - later_bytes_);
  later_bytes_ = bytes;
}

// Operations of processes that run again may be taken.
void Run::resume() {
  if (!kernel_.any_resumed()) [[likely]]
    return;
  for (const std::uint64_t actor : performer_.take_resumed()) standing_.waiting.ready(actor);
}

// Where nobody acts, a block whose head cannot be judged is passed over. Calls are told of, for they say why a line of
// a definition is done.
void Run::open_block(const Statement& head) {
  const bool told = options_.trace && !options_.idle && std::holds_alternative<CallStatement>(head.body);
  if (told) listener_.begin(head, *this);
  try {
    std::visit([this](const auto& body) { execute(body); }, head.body);
  } catch (const Diagnostic&) {
    if (!options_.idle) throw;
    const auto* const branch = std::get_if<IfStatement>(&head.body);
    standing_.statement = branch != nullptr ? branch->behind : head.end_of_block();
  }
  if (told) listener_.done(head, *this);
}

// A round is a step of its own, so that rounds of nothing come to an end too. So is a branch.
void Run::end_round() {
  OpenBlock& block = standing_.blocks.back();
  index_ = block.head;
  count_step(statement().place);
  if (block.now != block.last) {
    ++block.now;
    standing_.statement = block.head + 1;
    return;
  }
  const auto* const branch = std::get_if<IfStatement>(&statement().body);
  if (branch != nullptr) standing_.statement = branch->behind;
  const auto* const call = std::get_if<CallStatement>(&statement().body);
  standing_.blocks.resize(standing_.blocks.size() - (call == nullptr ? 1 : call->slots()));
  block_end_ = block_end();
}

// A search of the script for them would make a script of many failed expectations slow. Each has a block for each
// argument.
std::vector<const Statement*> Run::open_calls() const {
  std::vector<const Statement*> calls;
  for (const OpenBlock& block : standing_.blocks) {
    const Statement& head = script_.statements[block.head];
    const bool is_call = std::holds_alternative<CallStatement>(head.body);
    if (is_call && (calls.empty() || calls.back() != &head)) calls.push_back(&head);
  }
  return calls;
}

std::uint32_t Run::block_end() const {
  return standing_.blocks.empty() ? script_.end : script_.statements[standing_.blocks.back().head].end_of_block();
}

void Run::end_presets() {
  if (!standing_.preset) return;
  const Place last = script_.statements[*standing_.preset].place;
  standing_.preset.reset();
  performer_.end_presets(last);
}

// With the script end the time slices of those who made others wait.
void Run::end_script() {
  end_presets();
  finish({});
  ended_ = standing_.waiting.empty();
  if (ended_) return;
  performer_.end_slices();
  resume();
}

void Run::count_step(Place place) {
  if (++standing_.steps > options_.max_steps) [[unlikely]]
    fail(place, "the run has taken {}; --max-steps allows more", count_text(options_.max_steps, "step"));
  if (standing_.steps % kStepsBetweenProgress == 0) [[unlikely]]
    listener_.progress(progress());
}

// How much of the script has been run, from 0 to 1: a block counts as its lines do, however often it runs.
double Run::progress() const {
  const auto size = static_cast<double>(script_.statements.size());
  if (standing_.blocks.empty()) return static_cast<double>(standing_.statement) / size;
  const OpenBlock& block = standing_.blocks.front();
  const std::uint32_t end = script_.statements[block.head].end_of_block();
  const double round = static_cast<double>(block.now) - static_cast<double>(block.first);
  const double rounds = static_cast<double>(block.last) - static_cast<double>(block.first) + 1;
  return (block.head + (end - block.head) * round / rounds) / size;
}

void Run::execute(const OperationStatement& operation) {
  const bool later = performer_.operation(operation) == Kernel::Turn::Later;
  if (later) [[unlikely]]
    wait(performer_.actor());
  else if (kernel_.anybody_inside()) [[unlikely]]
    end_or_note(performer_.actor(), operation.begin);
}

void Run::execute(const TickStatement& tick) {
  const std::uint64_t ticks = tick.ticks == nullptr ? 1 : evaluate_.count(tick.ticks, "the number of ticks");
  if (ticks > kMaxTicks - kernel_.counters().trap.timer)
    fail(statement().place, "the clock counts no farther than 2^56 ticks");
  performer_.tick(ticks);
  if (options_.sample) take_sample();
}

void Run::take_sample() {
  if (samples_.size() == kMaxSamples) fail(statement().place, "`sar` keeps {} ticks, and no more", kMaxSamples);
  performer_.commit(2 * sizeof(Sample));  // the list grows by doubling
  samples_.push_back(state().sample());
}

void Run::execute(const RunStatement& run) {
  const std::uint64_t seconds = evaluate_.count(run.seconds, "the number of seconds");
  for (std::uint64_t second = 0; second < seconds; ++second) {
    count_step(statement().place);
    if (kernel_.swapper().seconds().size() == Swapper::kMaxSeconds)
      fail(statement().place, "the swapper keeps {} seconds, and no more", Swapper::kMaxSeconds);
    performer_.run_second();
    listener_.second_passed();
  }
}

void Run::execute(const NoteStatement& note) {
  if (note.parts.size() == 1 && note.parts.front().value == nullptr) {
    check_line(note.parts.front().text);
    return listener_.note(note.parts.front().text);
  }
  std::string line;
  for (const NoteStatement::Part& part : note.parts) {
    line += part.text;
    if (part.value != nullptr) line += text(evaluate_.value(part.value));
    check_line(line);
  }
  listener_.note(line);
}

void Run::execute(const ExpectStatement& expect) {
  Expectation result{.place = statement().place, .text = expect.text, .held = false, .left = {}, .right = {}};
  if (is_comparison(expect.condition->kind)) {
    result.left = evaluate_.value(expect.condition->left);
    result.right = evaluate_.value(expect.condition->right);
    result.held = evaluate_.compare(expect.condition, *result.left, *result.right);
    show_alike(*result.left, *result.right);
    show_alike(*result.right, *result.left);
  } else {
    result.held = evaluate_.truth(expect.condition);
  }
  if (!result.held) result.calls = call_notes(open_calls());
  if (expect.by_default && !by_default_) return listener_.not_judged(result);
  listener_.expectation(result);
}

void Run::execute(const PresetStatement& preset) {
  if (kernel_.anybody_inside()) fail(statement().place, "a preset is for a machine where nobody is inside the kernel");
  standing_.preset = index_;
  performer_.preset(preset);
}

void Run::execute(const LoopStatement& loop) {
  const std::uint32_t head = standing_.statement - 1;
  const std::int64_t last = evaluate_.number(loop.last);
  if (loop.first == nullptr && last < 0) fail(loop.last->place, "a loop cannot run {} times", last);
  const std::int64_t first = loop.first == nullptr ? 0 : evaluate_.number(loop.first);
  const bool any = loop.first == nullptr ? last > 0 : first <= last;
  if (!any) {
    standing_.statement = loop.end;
    return;
  }
  standing_.blocks.push_back(
      {.head = head, .first = first, .last = loop.first == nullptr ? last - 1 : last, .now = first});
  block_end_ = loop.end;
}

// The branch whose condition is the first that holds.
void Run::execute(const IfStatement& first) {
  std::uint32_t head = index_;
  for (const IfStatement* branch = &first;;) {
    if (branch->condition == nullptr || evaluate_.truth(branch->condition)) {
      standing_.statement = head + 1;
      standing_.blocks.push_back({.head = head, .first = 0, .last = 0, .now = 0});
      block_end_ = branch->end;
      return;
    }
    head = branch->end;
    if (head == first.behind) break;
    begin_draws(head);
    branch = &std::get<IfStatement>(script_.statements[head].body);
  }
  standing_.statement = first.behind;
}

void Run::execute(const CallStatement& call) {
  std::vector<std::int64_t> values;
  for (const Expr* const value : call.call->values) values.push_back(evaluate_.number(value));
  values.resize(call.slots());
  for (const std::int64_t value : values)
    standing_.blocks.push_back({.head = index_, .first = value, .last = value, .now = value});
  block_end_ = call.end;
}

}  // namespace bachsim
