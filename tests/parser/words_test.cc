// The words of the language and the symbols of names.
#include "workloads/language/words.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace bachsim {
namespace {

TEST_CASE("every word has the symbol of its own number") {
  Symbols symbols;
  CHECK(symbols.size() == static_cast<std::size_t>(Word::Count));
  for (Symbol symbol = 0; symbol < static_cast<Symbol>(Word::Count); ++symbol) {
    const std::string_view word = spelling(static_cast<Word>(symbol));
    CAPTURE(word);
    CHECK(symbols.intern(word) == symbol);
    CHECK(symbols.spelling(symbol) == word);
    CHECK(is_word(symbol));
  }
  CHECK(symbols.size() == static_cast<std::size_t>(Word::Count));
}

TEST_CASE("names get symbols in the order they come") {
  Symbols symbols;
  const auto first = static_cast<Symbol>(Word::Count);
  CHECK(symbols.intern("P") == first);
  CHECK(symbols.intern("Q") == first + 1);
  CHECK(symbols.intern("P") == first);
  CHECK(symbols.intern("p") == first + 2);
  CHECK(symbols.intern("PQ") == first + 3);
  CHECK(symbols.spelling(first + 1) == "Q");
  CHECK_FALSE(is_word(first));
}

TEST_CASE("the table of symbols grows and forgets nothing") {
  Symbols symbols;
  std::vector<Symbol> given;
  for (int i = 0; i < 20000; ++i) given.push_back(symbols.intern("name" + std::to_string(i)));
  CHECK(std::set<Symbol>(given.begin(), given.end()).size() == given.size());
  for (int i = 0; i < 20000; ++i) {
    const std::string name = "name" + std::to_string(i);
    if (symbols.intern(name) != given[static_cast<std::size_t>(i)] ||
        symbols.spelling(given[static_cast<std::size_t>(i)]) != name)
      FAIL(name);
  }
  CHECK(symbols.intern("fork") == static_cast<Symbol>(Word::Fork));
}

TEST_CASE("a short name is found by its bytes while it is kept, and is no other") {
  Symbols symbols;
  Symbol symbol = 0;
  CHECK_FALSE(symbols.find_short('P', symbol));
  symbols.keep_short('P', 99);
  REQUIRE(symbols.find_short('P', symbol));
  CHECK(symbol == 99);
  for (std::uint64_t bytes = 1; bytes < 10'000; ++bytes) {
    if (bytes != 'P' && symbols.find_short(bytes, symbol)) FAIL(bytes);
  }
  // The slots are few, so that later names take those of earlier ones.
  for (std::uint64_t bytes = 1; bytes < 10'000; ++bytes) symbols.keep_short(bytes, static_cast<Symbol>(bytes));
  int kept = 0;
  for (std::uint64_t bytes = 1; bytes < 10'000; ++bytes) {
    if (!symbols.find_short(bytes, symbol)) continue;
    ++kept;
    REQUIRE(symbol == bytes);
  }
  CHECK(kept > 100);
}

TEST_CASE("the groups of words are what their names say") {
  std::vector<std::string_view> statements;
  std::vector<std::string_view> operations;
  std::vector<std::string_view> regions;
  for (Symbol symbol = 0; symbol < static_cast<Symbol>(Word::Count); ++symbol) {
    const auto word = static_cast<Word>(symbol);
    if (word <= Word::Preset) statements.push_back(spelling(word));
    if (begins_operation(word)) operations.push_back(spelling(word));
    if (is_region(word)) regions.push_back(spelling(word));
  }
  CHECK(statements == statement_words());
  CHECK(operations == operation_words());
  CHECK(regions == std::vector<std::string_view>{"text", "data", "stack", "shm"});
  CHECK(std::ranges::count(statements, "preset") == 1);
  CHECK(std::ranges::count(operations, "read") == 1);
  CHECK(std::ranges::count(operations, "swapin") == 1);
}

}  // namespace
}  // namespace bachsim
