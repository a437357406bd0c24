// Where parsed scripts lie: nothing moves, nothing is lost, also beyond the first chunk and the first block.
#include "workloads/language/arena.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/parser/fixture.h"

namespace bachsim {
namespace {

TEST_CASE("an arena gives every object room of its own") {
  Arena arena;
  std::vector<std::uint64_t*> numbers;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    *arena.make<char>() = 'x';
    numbers.push_back(arena.make<std::uint64_t>());
    *numbers.back() = i;
  }
  for (std::uint64_t i = 0; i < numbers.size(); ++i) {
    if (*numbers[i] != i || reinterpret_cast<std::uintptr_t>(numbers[i]) % alignof(std::uint64_t) != 0) FAIL(i);
  }
}

TEST_CASE("an arena has room for what is larger than its chunks") {
  constexpr std::size_t kBytes = std::size_t{20} << 20;
  Arena arena;
  for (int i = 0; i < 2; ++i) {
    char* const first = arena.room<char>(kBytes);
    first[0] = 'a';
    first[kBytes - 1] = 'z';
    *arena.make<char>() = 'x';
    CHECK(first[kBytes - 1] == 'z');
  }
  CHECK(arena.keep(std::vector<int>{}).empty());
  const auto kept = arena.keep(std::vector<int>{1, 2, 3});
  CHECK(std::vector<int>(kept.begin(), kept.end()) == std::vector<int>{1, 2, 3});
}

TEST_CASE("an arena that is moved keeps what it holds, and the old one is as new") {
  Arena first;
  auto* const number = first.make<int>();
  *number = 7;
  Arena second(std::move(first));
  *second.make<int>() = 8;
  *first.make<int>() = 9;  // NOLINT(bugprone-use-after-move)
  CHECK(*number == 7);
  first = std::move(second);
  CHECK(*number == 7);
}

TEST_CASE("a block list finds its elements by number and in order") {
  Arena arena;
  BlockList<std::pair<int, int>> list;
  CHECK(list.size() == 0);
  CHECK(list.begin() == list.end());
  constexpr int kCount = 1025;  // four blocks and one element
  for (int i = 0; i < kCount; ++i) {
    list.add(arena, i, -i);
    REQUIRE(list.size() == static_cast<std::size_t>(i) + 1);
  }
  const auto* const first = &list[0];
  int at = 0;
  for (const auto& [number, negative] : list) {
    REQUIRE(number == at);
    REQUIRE(negative == -at);
    REQUIRE(list[static_cast<std::size_t>(at)].first == at);
    ++at;
  }
  CHECK(at == kCount);
  const BlockList<std::pair<int, int>> moved = std::move(list);
  CHECK(&moved[0] == first);
  CHECK(list.size() == 0);  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("a long script has all its statements, and its blocks end where they end") {
  std::string text = "program sh data=9\nspawn sh as P\n";
  std::string dump = "program sh text=0 data=9 bss=0 stack=1\nspawn sh as P\n";
  for (int i = 0; i < 3000; ++i) {
    const std::string line = fmt::format("P: write data[{}]", i);
    text += fmt::format("repeat 2 {{\n{} = {} + 1\n}}\n", line, i);
    dump += fmt::format("repeat 2 as $0 {{\n  {} = ({} + 1)\n}}\n", line, i);
  }
  CHECK(dump_of(text) == dump);
}

}  // namespace
}  // namespace bachsim
