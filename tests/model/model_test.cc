// Random workloads, run by the kernel and by the model side by side.
//
// BACHSIM_SEEDS=N in the environment runs the seeds 1 to N instead of the first ones;
// BACHSIM_SEED=N runs one. A workload that fails is cut down to the fewest steps that still fail,
// and printed as a script that `bachsim run
// --audit` takes; the mismatch itself may be one that only this test can see.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/model/lockstep.h"
#include "tests/model/script.h"
#include "tests/model/workload.h"
#include "workloads/language/settings.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kSeeds = 150;

struct Workload {
  std::string stage;
  std::vector<Step> steps;
  bool remove_shm = false;
  bool audit_replay = false;  // in the other replays, the same counters must do
};

struct Failure {
  std::string what;
  std::string script;
};

// Counters that say what happened to memory: those of traps and of the TLB left out.
std::vector<std::uint64_t> memory_counters(const Counters& counters) {
  std::vector<std::uint64_t> values;
  counters.for_each([&](std::string_view group, std::string_view, std::uint64_t value) {
    if (group != "trap" && group != "tlb") values.push_back(value);
  });
  return values;
}

// Somebody was killed or refused for want of memory, which depends on who left it before.
bool was_short_of_memory(const RunResult& result) {
  return std::ranges::any_of(result.lines, [](const std::string& line) {
    return line.find("memory") != std::string::npos || line.find("ENOMEM") != std::string::npos;
  });
}

// The script with stealer=opt, whose run is made twice: the same lines, unless memory was too short for them, and all
// identities.
std::optional<std::string> replay_by_opt(const ParsedScript& parsed, Config config) {
  config.stealer = StealBy::Fifo;
  const RunResult plain = run(parsed, config, false);
  config.stealer = StealBy::Opt;
  const RunResult opt = run(parsed, config, true);
  if (was_short_of_memory(plain) || was_short_of_memory(opt)) return std::nullopt;
  if (opt.mistake) return *opt.mistake;
  return opt.lines == plain.lines ? std::nullopt : std::optional<std::string>("with stealer=opt it prints other lines");
}

// The script once more, by parser and interpreter: the same lines, and all counters the same. Then
// on a machine that sets A and D in the other way, with another TLB and the other kind of swap map: the same happens to
// memory.
std::optional<std::string> replay(const std::string& text, const Lockstep& lockstep, bool audit_each) {
  ParsedScript parsed(text);
  if (!parsed.errors().empty()) return parsed.errors();
  const auto config = parsed.configure();
  const RunResult result = run(parsed, *config, audit_each);
  if (result.mistake) return *result.mistake;
  for (std::size_t i = 0; i < std::max(result.lines.size(), lockstep.lines().size()); ++i) {
    const std::string real = i < result.lines.size() ? result.lines[i] : "nothing";
    const std::string wanted = i < lockstep.lines().size() ? lockstep.lines()[i] : "nothing";
    if (real != wanted) return "the script prints `" + real + "`, should print `" + wanted + "`";
  }
  if (!result.failed_expectations.empty()) return "expectation failed: " + result.failed_expectations.front();
  if (result.counters != lockstep.counters()) return "the script's counters are not those of the calls it stands for";

  Config other = *config;
  other.ad = config->ad == AdUpdate::Hardware ? AdUpdate::Software : AdUpdate::Hardware;
  other.valid = config->valid == ValidBit::Hardware ? ValidBit::Software : ValidBit::Hardware;
  other.tlb = config->tlb == 1 ? 7 : 1;
  other.swap_map = config->swap_map == SwapMapKind::Bits ? SwapMapKind::Extents : SwapMapKind::Bits;
  const RunResult otherwise = run(parsed, other, false);
  if (otherwise.lines != result.lines || memory_counters(otherwise.counters) != memory_counters(result.counters))
    return "the other kind of ad, of valid or of swap map, or another tlb, makes a difference to memory";
  return audit_each ? replay_by_opt(parsed, *config) : std::nullopt;
}

// Performs those of the workload's steps that are possible; `extend` may add to them on the way.
template <class Extend>
std::optional<Failure> play(Workload& workload, Extend&& extend) {
  ParsedScript stage(workload.stage);
  const auto config = stage.configure();
  if (!stage.errors().empty() || !config) return Failure{"the stage is no script: " + stage.errors(), workload.stage};
  Lockstep lockstep(*config, programs_of(stage.script(), *config));
  std::optional<std::string> what;
  try {
    for (std::size_t i = 0; extend(lockstep), i < workload.steps.size(); ++i) {
      if (lockstep.possible(workload.steps[i])) lockstep.perform(workload.steps[i]);
    }
    lockstep.wind_down(workload.remove_shm);
    what = replay(workload.stage + lockstep.script(), lockstep, workload.audit_replay);
  } catch (const std::exception& trouble) {  // Mismatch, KernelPanic, or the model lost its way
    what = trouble.what();
  }
  if (!what) return std::nullopt;
  return Failure{*what, workload.stage + lockstep.script()};
}

std::optional<Failure> play(Workload& workload) {
  return play(workload, [](const Lockstep&) {});
}

// Leaves out steps, many at a time and then fewer, as long as what is left fails too.
Failure cut_down(Workload workload, Failure failure) {
  for (std::size_t length = workload.steps.size() / 2; length > 0; length /= 2) {
    for (std::size_t begin = 0; begin < workload.steps.size();) {
      Workload shorter = workload;
      const auto first = shorter.steps.begin() + static_cast<std::ptrdiff_t>(begin);
      const std::size_t count = std::min(length, shorter.steps.size() - begin);
      shorter.steps.erase(first, first + static_cast<std::ptrdiff_t>(count));
      if (auto still = play(shorter)) {
        workload = std::move(shorter);
        failure = std::move(*still);
      } else {
        begin += length;
      }
    }
  }
  return failure;
}

std::optional<Failure> run_seed(std::uint64_t seed, PagingPolicy paging) {
  Chance random(seed);
  Workload workload;
  workload.stage = random_stage(random, paging);
  workload.remove_shm = random.percent(70);
  workload.audit_replay = random.percent(25);
  const std::size_t length = random.between(40, 120);
  auto failure = play(workload, [&](const Lockstep& lockstep) {
    if (workload.steps.size() < length)
      workload.steps.push_back(random_step(random, lockstep.model(), lockstep.cast()));
  });
  if (failure) return cut_down(std::move(workload), std::move(*failure));
  return std::nullopt;
}

std::optional<std::uint64_t> environment_number(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

void run_seeds(PagingPolicy paging) {
  const auto only = environment_number("BACHSIM_SEED");
  const std::uint64_t last = only.value_or(environment_number("BACHSIM_SEEDS").value_or(kSeeds));
  for (std::uint64_t seed = only.value_or(1); seed <= last; ++seed) {
    CAPTURE(seed);
    const auto failure = run_seed(seed, paging);
    INFO((failure ? "# " + failure->what + "\n" + failure->script : std::string()));
    CHECK(!failure);
  }
}

}  // namespace

TEST_CASE("Random workloads see the same bytes as under eager copying") { run_seeds(PagingPolicy::On); }

TEST_CASE("So they do without paging, whole processes moving") { run_seeds(PagingPolicy::Off); }

TEST_CASE("So they do where processes and pages move") { run_seeds(PagingPolicy::Hybrid); }

}  // namespace bachsim
