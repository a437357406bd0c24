// Workloads one after the other, in the memory that those before have left: each does what it does in new memory, and
// leaves nothing behind.
#include <catch2/catch.hpp>
#include <cstring>

#include "sim/machine/host_block.h"
#include "tests/model/script.h"

namespace bachsim {
namespace {

// Every byte of what the store keeps, but for stacks.
bool all_zero(SpareBlocks& spare) {
  std::vector<HostBlock> blocks;
  bool zero = true;
  for (const Backing backing : {Backing::Small, Backing::Huge}) {
    while (HostBlock block = spare.take(1, backing)) {
      block.get_deleter().written = 0;
      const std::byte* const bytes = block.get();
      zero = zero && bytes[0] == std::byte{} && std::memcmp(bytes, bytes + 1, block.get_deleter().bytes - 1) == 0;
      blocks.push_back(std::move(block));
    }
  }
  return zero;
}

void run_all_in(const char* folder, const std::vector<std::string>& settings) {
  constexpr std::uint64_t kFewSteps = 2000;
  HostBudget budget(std::uint64_t{1} << 40);
  SpareBlocks spare(budget, std::uint64_t{4} << 20);
  std::size_t runs = 0;
  for (const std::filesystem::path& path : workloads_in(folder)) {
    ParsedScript parsed(text_of(path), path.string());
    const auto config = parsed.configure(settings);
    if (!parsed.errors().empty() || !config) continue;
    ++runs;
    INFO(path.string());
    const RunResult alone = run(parsed, *config, false, kFewSteps);
    const RunResult after_others = run(parsed, *config, false, kFewSteps, Host{.budget = &budget, .spare = &spare});
    CHECK(after_others.lines == alone.lines);
    CHECK(after_others.failed_expectations == alone.failed_expectations);
    CHECK(after_others.mistake == alone.mistake);
    CHECK((after_others.counters == alone.counters));
    REQUIRE(all_zero(spare));
  }
  CHECK(runs > 10);
}

}  // namespace

TEST_CASE("workloads run in the memory of others as in their own") {
  const std::vector<std::string> cases[] = {
      {}, {"frames=40", "swap=40000", "swap-map=bits"}, {"frames=40000", "swap=70000"}};
  for (const std::vector<std::string>& settings : cases) {
    CAPTURE(settings);
    run_all_in("workloads/textbook", settings);
    run_all_in("workloads/examples", settings);
    run_all_in("tests/golden", settings);
  }
}

}  // namespace bachsim
