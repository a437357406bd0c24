// Blocks of a script that are made by chance: what they say, and which steps they come to.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/model/workload.h"

namespace bachsim::flow {

// The numbers by chance of a run with seed 0, as docs/workload-language.md has them for other programs.
class Draws {
 public:
  // That of the next random() of the run: below `count`.
  std::uint64_t below(std::uint64_t count);

 private:
  std::uint64_t index_ = 0;
};

// A number of a statement: fixed, `random(low..high)`, or a variable times a factor and something more.
struct Amount {
  static Amount fixed(std::uint64_t number) { return {.low = number}; }
  static Amount chance(std::uint64_t low, std::uint64_t high) { return {.low = low, .high = high, .draws = true}; }
  static Amount of(std::string variable, std::uint64_t factor = 1, std::uint64_t more = 0) {
    return {.low = more, .factor = factor, .variable = std::move(variable)};
  }

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::uint64_t value(const std::map<std::string, std::uint64_t>& variables, Draws& draws) const;

  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t factor = 0;
  std::string variable{};
  bool draws = false;
};

enum class NodeKind : std::uint8_t { Write, Print, For, If, Call };

struct Node {
  NodeKind kind = NodeKind::Write;
  std::string actor{};  // the process, or the parameter that stands for it
  RegionType region = RegionType::Data;
  Amount page{};
  Amount value{};
  // For: `variable` from `low` to `high`. Call: the arguments behind the process.
  std::string variable{};
  Amount low{};
  Amount high{};
  std::size_t definition = 0;
  // If: a condition that is true, or `test` % `modulus` == `rest`, or the same of a draw.
  std::string truth{};
  Amount test{};
  std::uint64_t modulus = 2;
  std::uint64_t rest = 0;
  std::vector<Node> body{};
  std::vector<Node> otherwise{};

  void set_actor(const std::string& name);
  // `depth`: of the blocks around it.
  [[nodiscard]] std::string text(std::size_t depth) const;
  [[nodiscard]] std::uint64_t branches() const;
};

// The process A has the pages V to W of data.
struct Definition {
  std::size_t number;  // among all
  std::vector<Node> body;

  [[nodiscard]] std::string text() const;
};

// Of a definition that may call those before it; or of a process that has `pages` of data.
[[nodiscard]] std::vector<Node> random_body(Chance& random, const std::vector<Definition>& definitions, bool defines,
                                            std::uint64_t pages = 0);
// An `if` of a condition that is true; its other branch would be noticed.
[[nodiscard]] Node random_branch(Chance& random, const std::string& truth);

struct Scope {
  unsigned process;
  std::uint64_t pages = 0;
  Draws& draws;
  std::map<std::string, std::uint64_t> variables{};
};

// Does the steps that the node comes to.
void perform(const Node& node, Scope& scope, const std::vector<Definition>& definitions,
             const std::function<void(const Step&)>& act);

}  // namespace bachsim::flow
