#include "sim/sweep/sweep.h"

#include <fmt/format.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/info.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <expected>
#include <new>
#include <utility>

#include "sim/machine/host_block.h"
#include "sim/sweep/filter_order.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kMachineCost = 200;                    // of making a machine, in statements
constexpr std::uint64_t kFramesPerCost = 64;                   // and of its tables
constexpr std::uint64_t kMostSpare = std::uint64_t{32} << 20;  // bytes that a thread keeps from run to run
constexpr std::uint64_t kMostCost = std::uint64_t{1} << 40;

// Counts the expectations that do not hold.
struct Failures : Listener {
  std::uint64_t failed = 0;
  void expectation(const Expectation& expectation) override { failed += expectation.held ? 0u : 1u; }
};

struct Setup {
  ParamValues params;
  std::vector<Setting> settings;
  std::uint64_t seed;
};

std::expected<Setup, std::vector<Diagnostic>> choices_of(const Sweep& sweep, std::uint64_t run) {
  const std::vector<std::size_t> chosen = sweep.plan.indices_of(run);
  Setup setup{.params = {}, .settings = sweep.settings, .seed = 0};
  ParamChoices choices = sweep.params;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const Axis& axis = sweep.plan.axes[i];
    if (axis.kind == Axis::Kind::Key) setup.settings.push_back(sweep.keys[i][chosen[i]]);
    if (axis.kind == Axis::Kind::Param) choices.definitions.push_back(sweep.definitions[i][chosen[i]]);
    if (axis.kind == Axis::Kind::Seed) choices.seed = seed_of(axis.values[chosen[i]]);
  }
  auto params = choose(sweep.script, choices);
  if (!params) return std::unexpected(std::move(params.error()));
  setup.params = std::move(*params);
  setup.seed = choices.seed.value_or(0);
  return setup;
}

// A mistake in one line, as a row has it.
std::string in_a_line(const Sweep& sweep, const Diagnostic& mistake) {
  const Sources::Position at = sweep.sources.find(mistake.place);
  std::string text = fmt::format("{}:{}: {}", sweep.sources.name(at.file), at.line, mistake.what);
  std::ranges::replace(text, '\n', ' ');
  return text;
}

// Numbers and truth values stay what they are; all else is text from here on.
Field plain(Field field) {
  if (std::holds_alternative<Address>(field) || std::holds_alternative<Disk>(field)) return text(field);
  return field;
}

void measure(const Sweep& sweep, const Run& run, Outcome& outcome) {
  for (const Expr* const expr : sweep.measures) {
    try {
      outcome.values.push_back(plain(run.evaluator().value(expr)));
    } catch (const Diagnostic& mistake) {
      outcome.values.emplace_back(kNothing);
      if (outcome.status == kRunIsOk) outcome.status = mistake.what;
    }
  }
}

// The machine of a run, and its params.
std::expected<std::pair<Config, ParamValues>, std::vector<Diagnostic>> set_up(const Sweep& sweep,
                                                                              std::uint64_t number) {
  auto choices = choices_of(sweep, number);
  if (!choices) return std::unexpected(std::move(choices.error()));
  auto config = configure(sweep.script, choices->settings, {}, choices->params);
  if (!config) return std::unexpected(std::move(config.error()));
  config->seed = choices->seed;
  return std::pair(std::move(*config), std::move(choices->params));
}

// Comes back with what stopped it, if it is a mistake of the script's.
std::optional<Diagnostic> run_to_the_end(const Sweep& sweep, std::uint64_t number, SpareBlocks& spare,
                                         Outcome& outcome) {
  auto setup = set_up(sweep, number);
  if (!setup) return std::move(setup.error().front());
  RunOptions options = sweep.options;
  options.params = std::move(setup->second);
  Failures failures;
  Run run(setup->first, sweep.script, failures, options, Host{.budget = &sweep.budget, .spare = &spare});
  auto mistake = run.run();
  if (failures.failed != 0) outcome.status = fmt::format("{} failed", count_text(failures.failed, "expectation"));
  if (!run.halfway()) measure(sweep, run, outcome);
  return mistake;
}

// One run. Whatever is wrong with it, or goes wrong in it, is its outcome, or the mistake. Throws KernelPanic if the
// simulator is wrong.
std::pair<Outcome, std::optional<Diagnostic>> run_one(const Sweep& sweep, std::uint64_t run, SpareBlocks& spare) {
  Outcome outcome{.status = std::string(kRunIsOk), .values = {}};
  std::optional<Diagnostic> mistake;
  try {
    mistake = run_to_the_end(sweep, run, spare, outcome);
  } catch (const HostLimit& limit) {
    outcome.status = limit.what();
  } catch (const std::bad_alloc&) {
    outcome.status = "the host has no memory left";
  }
  outcome.values.resize(sweep.measures.size());
  return {std::move(outcome), std::move(mistake)};
}

// How often a loop goes round, where that is known; else once.
std::uint64_t rounds(const LoopStatement& loop, const ParamValues& params) {
  try {
    const std::int64_t first = loop.first == nullptr ? 1 : constant(loop.first, params);
    const std::int64_t last = constant(loop.last, params);
    return last < first ? 0 : static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first) + 1;
  } catch (const Diagnostic&) {
    return 1;
  }
}

std::uint64_t times(std::uint64_t a, std::uint64_t b) { return a != 0 && b > kMostCost / a ? kMostCost : a * b; }

// The statements from `index` to `end`, with what their loops repeat; all branches of an `if` count.
std::uint64_t statements(const Script& script, const ParamValues& params, std::uint32_t index, std::uint32_t end) {
  std::uint64_t cost = 0;
  while (index < end) {
    ++cost;
    const Statement& statement = script.statements[index];
    ++index;
    if (!statement.opens_block()) continue;
    const auto* const loop = std::get_if<LoopStatement>(&statement.body);
    const std::uint32_t end_of_block = statement.end_of_block();
    const std::uint64_t body = 1 + statements(script, params, index, end_of_block);
    cost = std::min(kMostCost, cost + times(loop == nullptr ? 1 : rounds(*loop, params), body));
    index = end_of_block;
  }
  return cost;
}

}  // namespace

std::string why_it_cannot_begin(const Sweep& sweep, std::uint64_t run) {
  const auto setup = set_up(sweep, run);
  return setup ? "" : in_a_line(sweep, setup.error().front());
}

std::uint64_t estimated_cost(const Sweep& sweep, std::uint64_t run) {
  const auto setup = choices_of(sweep, run);
  if (!setup) return 1;
  std::uint64_t frames = 0;
  const auto look = [&frames](const Setting& setting) {
    if (setting.key == "frames" && !setting.values.empty()) frames = setting.values.front().number;
  };
  std::ranges::for_each(sweep.script.settings, look);
  std::ranges::for_each(setup->settings, look);
  const auto size = static_cast<std::uint32_t>(sweep.script.statements.size());
  return std::min(kMostCost, kMachineCost + frames / kFramesPerCost + statements(sweep.script, setup->params, 0, size));
}

std::vector<std::uint64_t> shares(const Sweep& sweep, std::uint64_t count) {
  __extension__ using Wide = unsigned __int128;
  const std::uint64_t runs = sweep.plan.runs();
  Wide whole = 0;
  for (std::uint64_t run = 0; run < runs; ++run) whole += estimated_cost(sweep, run);
  std::vector<std::uint64_t> ends{0};
  Wide before = 0;
  for (std::uint64_t run = 0; run < runs; ++run) {
    // A run belongs to the share in which its middle lies.
    const std::uint64_t cost = estimated_cost(sweep, run);
    while (ends.size() < count && (2 * before + cost) * count >= 2 * whole * ends.size()) ends.push_back(run);
    before += cost;
  }
  while (ends.size() <= count) ends.push_back(runs);
  return ends;
}

void run_all(const Sweep& sweep, std::uint64_t first, std::uint64_t end, unsigned threads,
             const std::function<bool(std::uint64_t, const Outcome&)>& done) {
  using Result = std::pair<Outcome, std::optional<Diagnostic>>;
  constexpr std::size_t kRunsOfAThread = 16;  // that wait for those before them
  // Not limited for all of the program: lifting such a limit begins threads, where their failure cannot be told.
  tbb::task_arena arena(std::min(static_cast<int>(threads), tbb::info::default_concurrency()));
  std::uint64_t next = first;
  std::atomic<bool> go_on = true;  // two filters look at it
  // [run % size]: runs are finished in order, so those that are not lie side by side, and no two have one place.
  std::vector<Result> results(threads * kRunsOfAThread);
  const auto begin = [&](tbb::flow_control& control) -> std::uint64_t {
    told_begun(&next);
    const bool some = go_on && next < end;
    const std::uint64_t number = some ? next++ : end;
    if (!some) control.stop();
    told_done(&next);
    return number;
  };
  tbb::enumerable_thread_specific<SpareBlocks> spare([&sweep] { return SpareBlocks(sweep.budget, kMostSpare); });
  const auto run = [&](std::uint64_t number) {
    Result& result = results[number % results.size()];
    told_begun(&next);
    told_begun(&result);
    result = run_one(sweep, number, spare.local());
    told_done(&result);
    return number;
  };
  const auto finish = [&](std::uint64_t number) {
    Result& result = results[number % results.size()];
    told_begun(&results);
    told_begun(&result);
    auto [outcome, mistake] = std::exchange(result, {});
    if (mistake) outcome.status = in_a_line(sweep, *mistake);  // sources are for one thread at a time
    // A line of results has no tab of a script's text, and nothing of a file's name that does not show.
    std::ranges::replace_if(
        outcome.status, [](char c) { return c == '\n' || c == '\t'; }, ' ');
    outcome.status = printable(outcome.status);
    if (go_on && !done(number, outcome)) go_on = false;
    told_done(&result);
    told_done(&results);
  };
  told_done(&next);
  const auto runs = tbb::make_filter<void, std::uint64_t>(tbb::filter_mode::serial_in_order, begin) &
                    tbb::make_filter<std::uint64_t, std::uint64_t>(tbb::filter_mode::parallel, run) &
                    tbb::make_filter<std::uint64_t, void>(tbb::filter_mode::serial_in_order, finish);
  arena.execute([&] { tbb::parallel_pipeline(results.size(), runs); });
  told_begun(&next);
  told_begun(&results);
}

}  // namespace bachsim
