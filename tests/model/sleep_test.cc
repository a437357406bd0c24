// Random workloads in which several processes are inside the kernel at a time (io=sleep). Whoever acts when, each
// process must find in its memory what it finds where nobody sleeps; and all identities must hold after every
// statement.
//
// BACHSIM_SEEDS=N in the environment runs the seeds 1 to N.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/model/script.h"
#include "tests/model/workload.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kProcesses = 4;

// The same workload twice: with `begin` and `finish`, and without.
struct Scripts {
  std::string sleeps;
  std::string atomic;
};

std::string operation(Chance& random) {
  const std::uint64_t first = random.below(5);
  const std::uint64_t last = std::min<std::uint64_t>(first + random.below(3), 4);
  switch (random.below(8)) {
    case 0:
      return fmt::format("fetch text[{}]", random.below(3));
    case 1:
    case 2:
      return fmt::format("read data[{}..{}]", first, last);
    case 3:
      return fmt::format("print data[{}..{}], stack[0]", first, last);
    case 4:
      return fmt::format("exec {}", random.percent(50) ? "sh" : "cat");
    case 5:
      return fmt::format("write stack[{}] = {}", random.below(4), random.below(1000));
    default:
      return fmt::format("write data[{}..{}] = {}", first, last, random.below(1000));
  }
}

Scripts scripts_of(std::uint64_t seed) {
  Chance random(seed);
  Scripts scripts;
  const auto both = [&](const std::string& line) {
    scripts.sleeps += line + "\n";
    scripts.atomic += line + "\n";
  };
  const std::uint64_t low = random.percent(50) ? random.between(1, 3) : 0;
  std::string machine = fmt::format(
      "machine frames={} swap=400,50 max-age={} cluster={} tlb={} low={} high={} prepage={} working-set={}",
      random.between(6, 24), random.below(4), random.between(1, 6), random.between(1, 8), low, random.below(5),
      random.percent(30) ? random.between(1, 4) : 0, random.percent(20) ? random.between(2, 8) : 0);
  if (random.percent(30)) machine += " check=protection-first";
  if (random.percent(30)) machine += " valid=software";
  if (random.percent(30)) machine += " out-list=keep";
  constexpr std::array kRules{"clock", "fifo", "lru", "nru", "random"};
  if (random.percent(50)) machine += fmt::format(" stealer={}", kRules[random.below(kRules.size())]);
  if (machine.find("working-set=0") == std::string::npos && random.percent(40)) machine += " window=references";
  scripts.sleeps = machine + " io=sleep\n";
  scripts.atomic = machine + "\n";
  both(fmt::format("program sh text=3 data=2 bss=3{}", random.percent(30) ? " unaligned" : ""));
  both(fmt::format("program cat text=3 data=3 bss=2{}", random.percent(30) ? " sticky" : ""));
  both("spawn sh as P[0]");
  both("P[0]: write data[*] = 9");
  std::uint64_t forks = 0;
  for (std::uint64_t i = 1; i < kProcesses; ++i) both(fmt::format("P[{}]: fork as P[{}]", random.below(i), i));
  for (int batch = 0; batch < 40; ++batch) {
    bool vhand = false;
    std::vector<std::uint64_t> idle{0, 1, 2, 3};
    for (std::uint64_t n = random.between(1, 5); n > 0; --n) {
      if (random.percent(20)) {
        // Where there is a low-water mark the stealer may be at work already.
        if (!vhand && low == 0) scripts.sleeps += fmt::format("vhand: begin steal {}\n", random.between(1, 4));
        vhand = true;
        continue;
      }
      if (idle.empty()) break;
      const std::uint64_t chosen = random.below(idle.size());
      const std::uint64_t who = idle[chosen];
      idle.erase(idle.begin() + static_cast<std::ptrdiff_t>(chosen));
      if (forks < 20 && random.percent(10)) {
        // a child that lives for one batch
        scripts.sleeps +=
            fmt::format("P[{}]: fork as C[{}]\nC[{}]: begin write data[*] = {}\n", who, forks, forks, forks);
        scripts.atomic += fmt::format("P[{}]: fork as C[{}]\nC[{}]: write data[*] = {}\n", who, forks, forks, forks);
        scripts.sleeps += fmt::format("finish\nC[{0}]: begin print data[*]\nfinish\nC[{0}]: begin exit\n", forks);
        scripts.atomic += fmt::format("C[{0}]: print data[*]\nC[{0}]: exit\n", forks);
        scripts.sleeps += fmt::format("P[{}]: begin wait\n", who);
        scripts.atomic += fmt::format("P[{}]: wait\n", who);
        scripts.sleeps += "finish\n";
        ++forks;
        break;
      }
      const std::string what = operation(random);
      scripts.sleeps += fmt::format("P[{}]: {}{}\n", who, random.percent(80) ? "begin " : "", what);
      scripts.atomic += fmt::format("P[{}]: {}\n", who, what);
    }
    scripts.sleeps += "finish\n";
  }
  for (std::uint64_t i = 0; i < kProcesses; ++i) both(fmt::format("P[{}]: print data[*], stack[*], text[*]", i));
  return scripts;
}

RunResult result_of(const std::string& text, bool audit) {
  ParsedScript parsed(text);
  REQUIRE(parsed.errors().empty());
  const auto config = parsed.configure();
  REQUIRE(config.has_value());
  RunResult result = run(parsed, *config, audit);
  std::ranges::stable_sort(result.lines, {}, [](const std::string& line) { return line.substr(0, line.find(':')); });
  return result;
}

TEST_CASE("processes that sleep inside the kernel find what they find where nobody sleeps") {
  const char* wanted = std::getenv("BACHSIM_SEEDS");
  const std::uint64_t seeds = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 40;
  std::uint64_t swapped = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Scripts scripts = scripts_of(seed);
    CAPTURE(seed);
    INFO(scripts.sleeps);
    const RunResult atomic = result_of(scripts.atomic, false);
    REQUIRE_FALSE(atomic.mistake.has_value());
    const RunResult sleeps = result_of(scripts.sleeps, true);
    CHECK(sleeps.mistake.value_or("") == "");
    REQUIRE(sleeps.lines == atomic.lines);
    REQUIRE(sleeps.trouble == "");
    swapped += sleeps.counters.swap.reads;
  }
  CHECK(swapped > seeds);
}

// A machine that ends while somebody sleeps takes their stacks down.
TEST_CASE("a run may end with processes inside the kernel") {
  RunResult result = result_of(
      "machine frames=3 io=sleep swap=9 max-age=1\nprogram sh text=1 data=2\nspawn sh as P\nP: fork as C\n"
      "P: begin print data[0..1]\nC: begin read data[*]\nvhand: begin steal 3\nP: read data[0]\n",
      true);
  CHECK(result.mistake.value_or("").find("`P` has begun something that has not ended") != std::string::npos);
  CHECK(result.lines.empty());
}

}  // namespace
}  // namespace bachsim
