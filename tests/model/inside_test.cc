// Random statements in every order that the language allows while others are inside the kernel (io=sleep): each call,
// access and move under tight limits, in each mode of paging, begun and left, gone on with, or run to its end.
//
// Nobody says here what must come out: contents_test.cc does. But the kernel must not panic, all identities must hold
// after every statement, and what has begun must end.
#include <fmt/format.h>

#include <array>
#include <catch2/catch.hpp>
#include <exception>
#include <string>

#include "tests/model/script.h"
#include "tests/model/workload.h"

namespace bachsim {
namespace {

constexpr unsigned kNames = 6;
constexpr unsigned kTries = 160;  // statements that are made up for a script
constexpr std::uint64_t kStepsInside = 10'000;

std::string random_name(Chance& random) { return fmt::format("p[{}]", random.below(kNames)); }

// Now and then a name whose index is another one behind each fault of a load.
std::string random_actor(Chance& random) {
  return random.percent(95) ? random_name(random) : fmt::format("p[counter.trap.load_fault % {}]", kNames);
}

std::string random_cells(Chance& random) {
  constexpr std::array kRegions{"text", "data", "data", "data", "stack", "shm.1", "shm.2"};
  const std::string region = kRegions[random.below(kRegions.size())];
  const std::uint64_t first = random.below(4);
  if (random.percent(50)) return fmt::format("{}[{}]", region, first);
  return random.percent(50) ? fmt::format("{}[*]", region)
                            : fmt::format("{}[{}..{}]", region, first, first + random.below(3));
}

std::string random_operation(Chance& random) {
  const auto program = [&random] {
    return program_name(ProgramId{static_cast<std::uint32_t>(random.below(kPrograms))});
  };
  constexpr std::array kMoves{"swapout", "swapin"};
  constexpr std::array kLocks{"plock", "punlock"};
  constexpr std::array kLockable{"text", "data", "stack"};
  switch (random.below(24)) {
    case 0:
      return fmt::format("fork as {}", random_name(random));
    case 1:
      return fmt::format("vfork as {}", random_name(random));
    case 2:
    case 3:
      return fmt::format("exec {}", program());
    case 4:
      return fmt::format("exit {}", random.below(4));
    case 5:
      return "wait";
    case 6:
    case 7:
      return fmt::format("sbrk {}", static_cast<std::int64_t>(random.below(6)) - 3);
    case 8:
      return fmt::format("shmget {} {}", random.between(1, 2), random.between(1, 3));
    case 9:
      return fmt::format("shmat {}", random.between(1, 2));
    case 10:
      return fmt::format("shmdt {}", random.between(1, 2));
    case 11:
      return fmt::format("shmrm {}", random.between(1, 2));
    case 12:
      return fmt::format("{} {}", kLocks[random.below(2)], kLockable[random.below(3)]);
    case 13:
    case 14:
    case 15:
      return kMoves[random.below(2)];
    case 16:
      return fmt::format("read {}", random_cells(random));
    case 17:
      return fmt::format("fetch text[{}]", random.below(3));
    case 18:
      return fmt::format("print {}", random_cells(random));
    case 19:
      return fmt::format("print {}, {}.ran", random_cells(random), random_name(random));
    default:
      return fmt::format("write {} = {}", random_cells(random), random.below(1000));
  }
}

std::string random_statement(Chance& random) {
  switch (random.below(32)) {
    case 0:
    case 1:
    case 2:
      return fmt::format("spawn {} as {}", program_name(ProgramId{static_cast<std::uint32_t>(random.below(kPrograms))}),
                         random_name(random));
    case 3:
      return "age";
    case 4:
      return fmt::format("steal {}", random.below(4));
    case 5:
    case 6:
      return fmt::format("vhand: begin steal {}", random.between(1, 4));
    case 7:
      return "vhand: finish";
    case 8:
      return "tick 1";
    case 9:
      return fmt::format("run {}", random.between(1, 3));
    case 10:
      return "finish";
    case 11:
    case 12:
      return random_actor(random) + ": finish";
    default:
      return fmt::format("{}: {}{}", random_actor(random), random.percent(65) ? "begin " : "",
                         random_operation(random));
  }
}

// Swap without two free blocks in a row, so that a cluster is written block by block; pages that hardly ever are
// stolen.
std::string rare_settings(Chance& random) {
  std::string lines;
  if (random.percent(20)) lines += "machine frame-wait=locked\n";
  if (random.percent(20)) lines += "machine swap=1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1\n";
  if (random.percent(10)) lines += "machine max-age=65535\n";
  return lines;
}

// What stops the script; empty if nothing does.
std::string mistake_of(const std::string& text, bool audit) {
  ParsedScript parsed(text);
  if (!parsed.errors().empty()) return parsed.errors();
  const auto config = parsed.configure(std::vector<std::string>{"io=sleep"});
  if (!config) return "no such machine";
  return run(parsed, *config, audit, kStepsInside).mistake.value_or("");
}

// Writes statements behind those that set the stage. One that would stop the script is left out. Returns how many begin
// something.
std::uint64_t crowd(Chance& random, std::string& script) {
  std::uint64_t begun = 0;
  for (unsigned i = 0; i < kTries; ++i) {
    const std::string statement = random_statement(random) + "\n";
    script += statement;
    if (!mistake_of(script, false).empty())
      script.resize(script.size() - statement.size());
    else
      begun += statement.find(": begin ") != std::string::npos ? 1u : 0u;
  }
  return begun;
}

void crowd_the_kernel(std::uint64_t seeds) {
  std::uint64_t begun = 0;
  std::uint64_t scripts = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    CAPTURE(seed);
    Chance random(seed);
    constexpr std::array kPolicies{PagingPolicy::On, PagingPolicy::Off, PagingPolicy::Hybrid};
    std::string script =
        random_stage(random, kPolicies[seed % kPolicies.size()]) + tight_limits(random) + rare_settings(random);
    try {
      if (!mistake_of(script, false).empty()) continue;
      ++scripts;
      begun += crowd(random, script);
      INFO(script);
      const std::string mistake = mistake_of(script + "finish\naudit\n", true);
      CHECK((mistake.empty() || mistake.find("circle") != std::string::npos));
    } catch (const std::exception& trouble) {
      INFO(script);
      FAIL_CHECK(trouble.what());
    }
  }
  fmt::print("checked: {} statements begun in {} scripts whose processes were inside the kernel together\n", begun,
             scripts);
  CHECK(begun > 5 * seeds);
}

}  // namespace

TEST_CASE("whoever is inside the kernel together, all identities hold") { crowd_the_kernel(60); }

TEST_CASE("600 crowded kernels keep all identities", "[slow]") { crowd_the_kernel(600); }

TEST_CASE("20,000 crowded kernels keep all identities", "[long]") { crowd_the_kernel(20'000); }

}  // namespace bachsim
