#include <sys/mman.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "sim/machine/host_block.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

bool zero(const HostBlock& block) {
  return std::all_of(block.get(), block.get() + block.get_deleter().bytes,
                     [](std::byte b) { return b == std::byte{}; });
}

// Takes a block, writes so many bytes, and gives it back. Returns where it was.
const std::byte* use(SpareBlocks& spare, std::uint64_t bytes, std::uint64_t written, Backing backing = Backing::Small) {
  const std::byte* where = nullptr;
  {
    HostBlock block = reserve(bytes, backing, &spare);
    where = block.get();
    std::memset(block.get(), 7, written);
    block.get_deleter().written = written;
  }
  return where;
}

bool is_mapped(const std::byte* start) {
  unsigned char resident = 0;
  return mincore(const_cast<std::byte*>(start), 4096, &resident) == 0;
}

// The host's flags of the mapping in which an address is.
std::string flags_at(const std::byte* address) {
  std::ifstream maps("/proc/self/smaps");
  bool here = false;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream words(line);
    std::uintptr_t first = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    if (words >> std::hex >> first >> dash >> end && dash == '-')
      here = first <= reinterpret_cast<std::uintptr_t>(address) && reinterpret_cast<std::uintptr_t>(address) < end;
    if (here && line.starts_with("VmFlags:")) return line + " ";
  }
  return "";
}

TEST_CASE("a block that goes to the host is mapped no longer") {
  HostBlock block = reserve(2 * kMiB, Backing::Small);
  const std::byte* const start = block.get();
  REQUIRE(is_mapped(start));
  block.reset();
  CHECK_FALSE(is_mapped(start));
}

TEST_CASE("the host is asked for huge pages where a block is to have them, and where it is not, for none") {
  if (!std::filesystem::exists("/sys/kernel/mm/transparent_hugepage/enabled")) return;  // it has none
  const std::uint64_t bytes = GENERATE(2 * kMiB, 6 * kMiB);
  const HostBlock huge = reserve(bytes, Backing::Huge);
  const HostBlock small = reserve(bytes, Backing::Small);
  const HostBlock stack = reserve(bytes, Backing::Stack);
  CHECK_THAT(flags_at(huge.get()), Catch::Contains(" hg "));
  CHECK_THAT(flags_at(small.get()), Catch::Contains(" nh "));
  CHECK_THAT(flags_at(stack.get()), Catch::Contains(" nh "));
}

TEST_CASE("the next machine gets the block of the last one, and finds it zero") {
  HostBudget budget(100 * kMiB);
  SpareBlocks spare(budget, 10 * kMiB);
  const std::byte* const first = use(spare, 2 * kMiB, 5000);
  const HostBlock again = reserve(2 * kMiB, Backing::Small, &spare);
  CHECK(again.get() == first);
  CHECK(zero(again));
  const HostBlock other = reserve(2 * kMiB, Backing::Small, &spare);
  CHECK(other.get() != first);
}

TEST_CASE("an array finds zero what the one before it wrote, to the last element") {
  constexpr std::uint64_t kElements = 300'000;
  constexpr std::uint64_t kWritten = 1000;
  HostBudget budget(100 * kMiB);
  SpareBlocks spare(budget, 10 * kMiB);
  const std::uint64_t* first = nullptr;
  {
    LazyArray<std::uint64_t> array(kElements, Backing::Small, &spare);
    first = array.data();
    std::fill_n(array.data(), kWritten, 7);
    array.written(kWritten);
  }
  const LazyArray<std::uint64_t> again(kElements, Backing::Small, &spare);
  REQUIRE(again.data() == first);
  CHECK(std::all_of(again.data(), again.data() + kElements, [](std::uint64_t element) { return element == 0; }));
}

TEST_CASE("a stack is kept with whatever is on it, and is nothing else than a stack") {
  HostBudget budget(100 * kMiB);
  SpareBlocks spare(budget, 10 * kMiB);
  const std::byte* const first = use(spare, kMiB, 5000, Backing::Stack);
  CHECK(spare.take(kMiB, Backing::Small) == nullptr);
  CHECK(spare.take(kMiB, Backing::Stack).get() == first);
}

TEST_CASE("a block of which nobody knows what was written goes to the host") {
  HostBudget budget(100 * kMiB);
  SpareBlocks spare(budget, 10 * kMiB);
  { const HostBlock block = reserve(kMiB, Backing::Small, &spare); }
  CHECK(spare.take(1, Backing::Small) == nullptr);
}

TEST_CASE("the smallest block that is large enough is taken") {
  HostBudget budget(100 * kMiB);
  SpareBlocks spare(budget, 10 * kMiB);
  const std::byte* large = nullptr;
  const std::byte* small = nullptr;
  {
    HostBlock block = reserve(4 * kMiB, Backing::Small, &spare);
    block.get_deleter().written = 0;
    large = block.get();
    small = use(spare, kMiB, 0);
  }
  CHECK(spare.take(5 * kMiB, Backing::Small) == nullptr);
  CHECK(spare.take(kMiB, Backing::Huge) == nullptr);
  const HostBlock one = reserve(kMiB, Backing::Small, &spare);
  CHECK(one.get() == small);
  const HostBlock two = reserve(kMiB, Backing::Small, &spare);
  CHECK(two.get() == large);
}

TEST_CASE("of blocks that are backed beyond the limit, the oldest goes to the host") {
  HostBudget budget(100 * kMiB);
  SpareBlocks spare(budget, 3 * kMiB);
  {
    HostBlock first = reserve(2 * kMiB, Backing::Small, &spare);
    HostBlock second = reserve(4 * kMiB, Backing::Small, &spare);
    first.get_deleter().written = 2 * kMiB;
    second.get_deleter().written = 2 * kMiB;
    first.reset();
  }
  CHECK(spare.take(4 * kMiB, Backing::Small) != nullptr);
  CHECK(spare.take(1, Backing::Small) == nullptr);
  use(spare, 8 * kMiB, 4 * kMiB);
  CHECK(spare.take(1, Backing::Small) == nullptr);
}

TEST_CASE("blocks that are backed up to the limit are kept") {
  HostBudget budget(100 * kMiB);
  SpareBlocks spare(budget, 2 * kMiB);
  const std::byte* const first = use(spare, 2 * kMiB, 2 * kMiB);
  CHECK(spare.take(2 * kMiB, Backing::Small).get() == first);
}

TEST_CASE("a block counts as much as any of its owners has written") {
  HostBudget budget(100 * kMiB);
  SpareBlocks spare(budget, 3 * kMiB);
  const std::byte* const first = use(spare, 2 * kMiB, 2 * kMiB);
  CHECK(use(spare, 2 * kMiB, 10) == first);
  {
    HostBlock block = reserve(2 * kMiB, Backing::Small, &spare);
    CHECK(block.get() == first);
    use(spare, 4 * kMiB, 2 * kMiB);  // more than there is room for beside the other one
    CHECK(spare.take(4 * kMiB, Backing::Small) == nullptr);
    block.get_deleter().written = 0;
  }
  CHECK(spare.take(2 * kMiB, Backing::Small).get() == first);
}

TEST_CASE("the limit comes out of the budget, and nothing is kept where that has not so much") {
  HostBudget budget(10 * kMiB);
  {
    SpareBlocks spare(budget, 8 * kMiB);
    CHECK(budget.left() == 2 * kMiB);
    SpareBlocks poor(budget, 8 * kMiB);
    CHECK(budget.left() == 2 * kMiB);
    use(poor, kMiB, 1);
    CHECK(poor.take(1, Backing::Small) == nullptr);
  }
  CHECK(budget.left() == 10 * kMiB);
}

}  // namespace
}  // namespace bachsim
