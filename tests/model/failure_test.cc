// Each workload of the repository again, with one limit of the machine at a time lowered to 0, 1,
// 2, ... up to what the workload uses when it has plenty: so that each thing that can be allocated
// fails once, at each place where it can.
//
// Whatever a script then says about missing processes, and whatever it expects in vain: the kernel
// must not panic, all identities must hold after every statement, and a call that fails must leave
// every table as it was.
//
// And random scripts under tight limits without the calls that were refused: they end in the same state.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sim/machine/check.h"
#include "tests/model/lockstep.h"
#include "tests/model/script.h"
#include "tests/model/workload.h"
#include "workloads/language/settings.h"

namespace bachsim {
namespace {

// Workloads of more statements, or that use more of something, are about speed and not about
// failing.
constexpr std::uint64_t kMostSteps = 2000;
constexpr std::uint64_t kMostUsed = 3000;
// Enough of everything.
constexpr std::uint64_t kPlenty = 20'000;

struct Limit {
  const char* key;
  std::uint64_t Peaks::*used;
};
constexpr Limit kLimits[] = {{"frames", &Peaks::frames},
                             {"tables", &Peaks::tables},
                             {"nregion", &Peaks::regions},
                             {"nproc", &Peaks::processes},
                             {"swap", &Peaks::swap}};

std::string setting(const Limit& limit, std::uint64_t value) { return fmt::format("{}={}", limit.key, value); }

struct Tried {
  std::uint64_t runs = 0;
  std::uint64_t refused = 0;  // calls that failed in them
  std::uint64_t large = 0;    // limits that stayed as they were, as the workload is about speed
};

// What is wrong with the run; empty if nothing is.
std::string trouble_with(ParsedScript& parsed, const std::vector<std::string>& settings, Tried& tried) {
  const auto config = parsed.configure(settings);
  if (!config) return {};  // no such machine
  ++tried.runs;
  try {
    const RunResult result = run(parsed, *config, true);
    tried.refused += result.refused;
    return result.trouble;
  } catch (const KernelPanic& panic) {
    return panic.what();
  }
}

Tried lower_limits(ParsedScript& parsed, const std::string& name) {
  Tried tried;
  for (const Limit& limit : kLimits) {
    const auto plenty = parsed.configure(std::vector{setting(limit, kPlenty)});
    if (!plenty) continue;
    const RunResult result = run(parsed, *plenty, false, kMostSteps);
    const std::uint64_t used = result.peaks.*limit.used;
    if (result.too_long || used > kMostUsed) {
      ++tried.large;
      continue;
    }
    for (std::uint64_t n = 0; n <= used; ++n) {
      const std::string lowered = setting(limit, n);
      const std::string trouble = trouble_with(parsed, {lowered}, tried);
      INFO("bachsim run --audit --set " << lowered << " " << name);
      CHECK(trouble == "");
    }
  }
  return tried;
}

// What the workload is expected to print has a mistake in its text.
bool shows_mistakes(std::filesystem::path path) {
  return text_of(path.replace_extension(".errors")).find(": error: ") != std::string::npos;
}

void lower_limits_in(const char* folder) {
  std::string table = "RUNS  CALLS REFUSED  WORKLOAD\n";
  Tried all;
  for (const std::filesystem::path& path : workloads_in(folder)) {
    ParsedScript parsed(text_of(path), path.string());
    if (!parsed.errors().empty()) {
      INFO(parsed.errors());
      CHECK(shows_mistakes(path));
      continue;
    }
    const Tried tried = lower_limits(parsed, path.string());
    {
      INFO(path.string());
      const bool no_machine = !parsed.configure() && shows_mistakes(path);
      CHECK((tried.runs > 0 || tried.large > 0 || no_machine));
    }
    all.runs += tried.runs;
    all.refused += tried.refused;
    table += fmt::format("{:>4}  {:>13}  {}\n", tried.runs, tried.refused, path.stem().string());
  }
  CHECK(all.refused > 0);
  WARN(table);
  fmt::print("checked: {} runs of {} short of something, {} refused calls in them\n", all.runs, folder, all.refused);
}

// The statements that kernel and model can do on this stage, done side by side. Fails the test if they disagree.
std::string random_script(Chance& random, const std::string& stage, unsigned steps) {
  ParsedScript parsed_stage(stage);
  const Config config = *parsed_stage.configure();
  Lockstep lockstep(config, programs_of(parsed_stage.script(), config));
  try {
    for (unsigned i = 0; i < steps; ++i) {
      const Step step = random_step(random, lockstep.model(), lockstep.cast());
      if (lockstep.possible(step)) lockstep.perform(step);
    }
  } catch (const std::exception& trouble) {
    FAIL_CHECK(trouble.what() << "; see the test of random workloads");
    return {};
  }
  return stage + lockstep.script();
}

// The text without the lines of these numbers, which count from 1; and the word of the call on each.
std::string without_lines(const std::string& text, const std::vector<std::uint32_t>& numbers,
                          std::map<std::string, std::uint64_t>& calls) {
  std::string rest;
  std::uint32_t number = 1;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = text.find('\n', begin) + 1;
    const std::string line = text.substr(begin, end - begin);
    begin = end;
    if (std::ranges::find(numbers, number) == numbers.end()) {
      rest += line;
      continue;
    }
    const std::size_t word = line.starts_with("spawn") ? 0 : line.find(": ") + 2;
    ++calls[line.substr(word, line.find_first_of(" \n", word) - word)];
  }
  return rest;
}

// Counters that a refused call does not move.
std::vector<std::uint64_t> others(const Counters& counters) {
  std::vector<std::uint64_t> values;
  counters.for_each([&](std::string_view group, std::string_view, std::uint64_t value) {
    if (group != "syscall" && group != "trap" && group != "tlb") values.push_back(value);
  });
  return values;
}

struct Dropped {
  std::uint64_t runs = 0;
  std::map<std::string, std::uint64_t> calls{};
};

// The script as if the calls that were refused had not been made: it ends in the same state.
void drop_refused(const std::string& text, const std::string& io, Dropped& dropped) {
  ParsedScript parsed(text);
  const auto config = parsed.configure(std::vector{io});
  INFO(text);
  REQUIRE(config.has_value());
  const RunResult whole = run_to_see(parsed, *config, true);
  CHECK(whole.trouble == "");
  if (whole.refused_at.empty()) return;
  ParsedScript shorter(without_lines(text, whole.refused_at, dropped.calls));
  INFO("# --set " << io << " without the lines " << fmt::format("{}", fmt::join(whole.refused_at, " ")));
  const RunResult without = run_to_see(shorter, *shorter.configure(std::vector{io}));
  CHECK(without.mistake.has_value() == whole.mistake.has_value());
  CHECK(first_change(whole.tables, without.tables) == "");
  CHECK(whole.contents == without.contents);
  CHECK(others(whole.counters) == others(without.counters));
  dropped.runs += 2;
}

void drop_refused_of(std::uint64_t seeds) {
  Dropped dropped;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    Chance random(seed);
    constexpr std::array kPolicies{PagingPolicy::On, PagingPolicy::Off, PagingPolicy::Hybrid};
    const std::string stage = random_stage(random, kPolicies[seed % kPolicies.size()]) + tight_limits(random);
    const std::string script = random_script(random, stage, 100);
    for (const char* io : {"io=atomic", "io=sleep"}) drop_refused(script, io, dropped);
  }
  std::uint64_t lines = 0;
  std::string words;
  for (const auto& [call, count] : dropped.calls) {
    lines += count;
    words += fmt::format(" {} {}", call, count);
  }
  fmt::print("checked: {} refused calls left out of {} runs, which end in the same state:{}\n", lines, dropped.runs,
             words);
  // Every call that can fail, spawn, and the two moves.
  if (seeds >= 200) CHECK(dropped.calls.size() == 12);
}

}  // namespace

TEST_CASE("Textbook workloads end soundly whatever runs out", "[slow]") { lower_limits_in("workloads/textbook"); }

TEST_CASE("Example workloads end soundly whatever runs out", "[slow]") { lower_limits_in("workloads/examples"); }

TEST_CASE("Golden workloads end soundly whatever runs out", "[slow]") { lower_limits_in("tests/golden"); }

TEST_CASE("Random workloads end soundly whatever runs out", "[slow]") {
  constexpr std::uint64_t kSeeds = 12;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Chance random(seed);
    constexpr std::array kPolicies{PagingPolicy::On, PagingPolicy::Off, PagingPolicy::Hybrid};
    const std::string stage = random_stage(random, kPolicies[seed % kPolicies.size()]);
    CAPTURE(seed);
    const std::string script = random_script(random, stage, 60);
    ParsedScript parsed(script);
    CAPTURE(script);
    CHECK(lower_limits(parsed, "of the script below").runs > 0);
  }
}

TEST_CASE("a script without its refused calls ends in the same state") { drop_refused_of(60); }

TEST_CASE("600 random scripts without their refused calls end in the same state", "[slow]") { drop_refused_of(600); }

TEST_CASE("20,000 random scripts without their refused calls end in the same state", "[long]") {
  drop_refused_of(20'000);
}

}  // namespace bachsim
