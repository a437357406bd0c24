// Where parsed scripts lie: nothing moves, nothing is lost, also beyond the first chunk.
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

TEST_CASE("an arena that is moved keeps what it holds") {
  Arena first;
  auto* const number = first.make<int>();
  *number = 7;
  Arena second(std::move(first));
  *second.make<int>() = 8;
  CHECK(*number == 7);
  CHECK(second.bytes() > 0);
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
