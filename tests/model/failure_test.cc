// Each workload of the repository again, with one limit of the machine at a time lowered to 0, 1,
// 2, ... up to what the workload uses when it has plenty: so that each thing that can be allocated
// fails once, at each place where it can.
//
// Whatever a script then says about missing processes, and whatever it expects in vain: the kernel
// must not panic, all identities must hold after every statement, and a call that fails must leave
// every table as it was.
#include <fmt/format.h>

#include <array>
#include <catch2/catch.hpp>
#include <exception>
#include <filesystem>
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
      CHECK((tried.runs > 0 || tried.large > 0));
    }
    all.runs += tried.runs;
    all.refused += tried.refused;
    table += fmt::format("{:>4}  {:>13}  {}\n", tried.runs, tried.refused, path.stem().string());
  }
  CHECK(all.refused > 0);
  WARN(table);
  fmt::print("checked: {} runs of {} short of something, {} refused calls in them\n", all.runs, folder, all.refused);
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
    ParsedScript parsed_stage(stage);
    const Config stage_config = *parsed_stage.configure();
    Lockstep lockstep(stage_config, programs_of(parsed_stage.script(), stage_config));
    CAPTURE(seed);
    try {
      for (unsigned i = 0; i < 60; ++i) {
        const Step step = random_step(random, lockstep.model(), lockstep.cast());
        if (lockstep.possible(step)) lockstep.perform(step);
      }
    } catch (const std::exception& trouble) {
      FAIL_CHECK(trouble.what() << "; see the test of random workloads");
      continue;
    }
    ParsedScript parsed(stage + lockstep.script());
    CAPTURE(stage + lockstep.script());
    CHECK(lower_limits(parsed, "of the script below").runs > 0);
  }
}

}  // namespace bachsim
