// A run tells its listener about lines, tables, expectations and statements.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "workloads/language/ast.h"
#include "workloads/language/diagnostic.h"

namespace bachsim {

// The value of an expression: a 64-bit number or a word.
struct Value {
  bool is_word = false;
  std::int64_t number = 0;
  std::string word{};
  bool hex = false;  // a number that is an address

  static Value of(std::int64_t number) { return {.is_word = false, .number = number}; }
  static Value of(std::string word) { return {.is_word = true, .number = 0, .word = std::move(word)}; }
  static Value null() { return of(std::string("null")); }

  [[nodiscard]] std::string text() const {
    return is_word ? word : hex ? fmt::format("{:#x}", static_cast<std::uint64_t>(number)) : std::to_string(number);
  }

  friend bool operator==(const Value& a, const Value& b) {
    return a.is_word == b.is_word && a.number == b.number && a.word == b.word;
  }
};

// One evaluation of an `expect`.
struct Expectation {
  Place place;
  std::string_view text;
  bool held;
  std::optional<Value> left;  // of a comparison
  std::optional<Value> right;
};

class Run;

// Watches a run. Each of these does nothing unless it is overridden.
class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  virtual ~Listener() = default;

  // A line that print, note, a failing call or a death wrote.
  virtual void line(std::string_view /*text*/) {}
  // A `show` statement.
  virtual void show(const Statement& /*statement*/, const Run& /*run*/) {}
  // An expectation was evaluated.
  virtual void expectation(const Expectation& /*expectation*/) {}
  // With RunOptions::trace: a statement that is no loop is about to be done, and has been done.
  virtual void begin(const Statement& /*statement*/, const Run& /*run*/) {}
  virtual void done(const Statement& /*statement*/, const Run& /*run*/) {}
  // Every few ten thousand steps: how much of the script has been run, from 0 to 1.
  virtual void progress(double /*fraction*/) {}
};

}  // namespace bachsim
