// What an expression comes to: a 64-bit number or a word.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace bachsim {

struct Value {
  bool is_word = false;
  std::int64_t number = 0;
  std::string word{};

  static Value of(std::int64_t number) { return {.is_word = false, .number = number}; }
  static Value of(std::string word) { return {.is_word = true, .number = 0, .word = std::move(word)}; }
  static Value null() { return of(std::string("null")); }

  [[nodiscard]] std::string text() const { return is_word ? word : std::to_string(number); }

  friend bool operator==(const Value&, const Value&) = default;
};

}  // namespace bachsim
