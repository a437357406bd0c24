// Settings of the machine do not change what processes see, and a loop is what it comes to, statement by statement.
//
// BACHSIM_SEED=N in the environment tries one workload.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "tests/model/flow.h"
#include "tests/model/lockstep.h"
#include "tests/model/script.h"
#include "tests/model/workload.h"

namespace bachsim {
namespace {

// A machine that has room for what the flow asks for: often hardly any memory, and then swap.
std::vector<std::string> random_settings(Chance& random, const Flow& flow, const std::string& stealer) {
  constexpr std::array kModes{"sv39", "sv48", "sv57"};
  const std::uint64_t choice = random.below(100);
  const std::string paging = choice < 60 ? "on" : choice < 85 ? "hybrid" : "off";
  const bool short_of_frames = paging != "off" && random.percent(85);
  std::vector<std::string> settings{
      "paging=" + paging,
      "stealer=" + stealer,
      fmt::format("frames={}", short_of_frames ? random.between(6, 48) : 30'000),
      random.percent(50) ? "swap=9000" : "swap=6000,3000",
      fmt::format("mode={}", kModes[random.below(kModes.size())]),
      fmt::format("cluster={}", random.between(1, 8)),
      fmt::format("max-age={}", random.below(4)),
      fmt::format("tlb={}", random.between(1, 64)),
      fmt::format("low={}", random.percent(50) ? random.below(4) : 0),
      fmt::format("high={}", random.percent(50) ? random.below(6) : 0),
      fmt::format("prepage={}", random.percent(30) ? random.between(1, 5) : 0),
      fmt::format("block={}", 512 << random.below(8)),
  };
  if (random.percent(25)) {
    settings.push_back(fmt::format("working-set={}", random.between(1, 8)));
    if (random.percent(40)) settings.emplace_back("window=references");
  }
  const auto either = [&](const char* key, const char* often, const char* seldom) {
    settings.push_back(fmt::format("{}={}", key, random.percent(60) ? often : seldom));
  };
  either("fork", "cow", "copy");
  if (flow.forks_to_exec && random.percent(40)) settings.emplace_back("fork=vfork");
  either("vfork", "share", "fork");
  either("ad", "hardware", "software");
  either("valid", "hardware", "software");
  either("swap-map", "extents", "bits");
  either("check", "validity-first", "protection-first");
  either("out-list", "write", "keep");
  either("dispatch", "turns", "nice");
  either("io", "atomic", stealer == "opt" ? "atomic" : "sleep");
  return settings;
}

// Under io=sleep the stealer may be at work when it is told to work: it ends that first.
std::string with_finish(const std::string& text) {
  std::string changed;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin) + 1;
    const std::string line = text.substr(begin, end - begin);
    const std::size_t word = std::min(line.find_first_not_of(' '), line.size() - 1);
    const std::string_view words = std::string_view(line).substr(word);
    if (words == "age\n" || words.starts_with("steal")) changed += "finish\n";
    changed += line;
    begin = end;
  }
  return changed;
}

// A printed value without the words for its place, in which a loop variable may stand.
std::string value_of(const std::string& line) {
  const auto place = line.find(": ");
  const auto value = line.find(" = ");
  return place == std::string::npos || value == std::string::npos ? line : line.substr(0, place) + line.substr(value);
}

// What processes saw in the run, and left.
struct Seen {
  std::vector<std::string> lines;
  std::map<std::string, std::uint64_t> contents;

  bool operator==(const Seen&) const = default;
};

struct Attempt {
  Seen seen;
  RunResult result;
};

Attempt attempt(const std::string& text, const std::vector<std::string>& settings, bool audit = false) {
  ParsedScript parsed(text);
  INFO(fmt::format("{}\n# --set {}\n{}", parsed.errors(), fmt::join(settings, " --set "), text));
  REQUIRE(parsed.errors().empty());
  const auto config = parsed.configure(settings);
  REQUIRE(config.has_value());  // or: there is no such machine
  Attempt tried{.seen = {}, .result = run_to_see(parsed, *config, audit)};
  CHECK(tried.result.mistake.value_or("") == "");
  CHECK(tried.result.failed_expectations.empty());
  CHECK(tried.result.trouble == "");
  for (const std::string& line : tried.result.lines) tried.seen.lines.push_back(value_of(line));
  tried.seen.contents = tried.result.contents;
  return tried;
}

void check_same(const Seen& wanted, const Seen& seen, const std::string& text,
                const std::vector<std::string>& settings) {
  CHECK((seen == wanted));
  if (seen == wanted) return;
  INFO(fmt::format("# --set {}\n{}", fmt::join(settings, " --set "), text));
  for (std::size_t i = 0; i < std::max(wanted.lines.size(), seen.lines.size()); ++i) {
    CAPTURE(i);
    REQUIRE((i < seen.lines.size() ? seen.lines[i] : "nothing") ==
            (i < wanted.lines.size() ? wanted.lines[i] : "nothing"));
  }
  CHECK(seen.contents == wanted.contents);
}

struct FlowCounts {
  std::uint64_t flows = 0;
  std::uint64_t steps = 0;
  std::uint64_t branches = 0;
  std::uint64_t runs = 0;
  std::uint64_t lines = 0;
  std::uint64_t swapped = 0;  // pages that were read from swap
};

void try_settings(std::uint64_t seed, FlowCounts& counts) {
  const Flow flow = random_flow(seed);
  ++counts.flows;
  counts.steps += flow.steps;
  counts.branches += flow.branches;
  const std::vector<std::string> plenty{"frames=1500", "swap=9000"};
  const Attempt first = attempt(flow.unrolled, plenty);
  const Attempt rolled = attempt(flow.rolled, plenty, true);
  check_same(first.seen, rolled.seen, flow.rolled, plenty);
  {
    INFO(flow.rolled);
    CHECK(rolled.result.counters == first.result.counters);
    CHECK(first_change(first.result.tables, rolled.result.tables) == "");
  }
  counts.runs += 2;
  Chance random(seed);
  for (const char* stealer : kStealers) {
    std::vector<std::string> settings = random_settings(random, flow, stealer);
    std::string text = random.percent(70) ? flow.rolled : flow.unrolled;
    if (std::ranges::find(settings, "io=sleep") != settings.end()) text = with_finish(text);
    if (flow.labels && random.percent(50)) {
      const std::uint64_t page = std::uint64_t{512} << random.below(3);
      settings.push_back(fmt::format("page={}", page));
      text = with_page(text, page);
    }
    const Attempt tried = attempt(text, settings);
    check_same(first.seen, tried.seen, text, settings);
    ++counts.runs;
    counts.lines += tried.seen.lines.size();
    counts.swapped += tried.result.counters.swap.reads;
  }
}

std::optional<std::uint64_t> wanted_seed() {
  const char* text = std::getenv("BACHSIM_SEED");
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

void try_all(std::uint64_t flows) {
  FlowCounts counts;
  const auto only = wanted_seed();
  for (std::uint64_t seed = only.value_or(1); seed <= only.value_or(flows); ++seed) {
    CAPTURE(seed);
    try_settings(seed, counts);
  }
  fmt::print(
      "checked: {} workloads of {} statements, with {} loops, branches and calls, in {} runs under other settings, {} "
      "lines the same, {} pages read from swap\n",
      counts.flows, counts.steps, counts.branches, counts.runs, counts.lines, counts.swapped);
  if (!only) CHECK((counts.swapped > flows && counts.branches > flows && counts.lines > flows));
}

}  // namespace

TEST_CASE("settings do not change what processes see, and a loop is what it comes to") { try_all(6); }

TEST_CASE("settings do not change what processes see in 200 workloads", "[slow]") { try_all(200); }

TEST_CASE("settings do not change what processes see in 5,000 workloads", "[long]") { try_all(5000); }

}  // namespace bachsim
