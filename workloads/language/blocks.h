// The blocks, definitions and calls that a parser keeps in mind while it reads a script.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "workloads/language/diagnostic.h"
#include "workloads/language/expr.h"
#include "workloads/language/lexer.h"

namespace bachsim {

// A block of the text whose end is still to come.
struct Block {
  enum class Kind : std::uint8_t { Loop, Branch, Else, Call, Wrong };  // Wrong: nobody knows, as its head was wrong
  Kind kind;
  Place place;
  std::size_t statement;  // its head; past the end for one whose head was wrong
  std::size_t first = 0;  // of a branch and an `else`: the head of the first branch
  bool names_variable = false;
  std::uint32_t slots = 1;
};

// A definition.
struct Defined {
  std::string_view name{};
  Place place{};
  std::vector<Token> parameters{};
  std::size_t file = 0;
  std::string identity{};  // of the file
  Place body{};            // where the line behind its brace begins
  Place end{};             // the closing brace
  bool called = false;     // by a call that fits it
  bool wrong = false;      // a mistake has been told
};

// What a parameter stands for in a call: a name with its index, or a number in a slot.
struct Argument {
  Symbol parameter = 0;
  Place declared{};
  bool is_name = false;
  Symbol name = 0;
  const Expr* index = nullptr;
  std::uint32_t slot = 0;
};

// A call whose body is being read. It sees its own parameters and loop variables.
struct Scope {
  const Defined* definition;
  std::size_t statement;  // the call
  std::size_t first_variable;
  std::vector<Argument> arguments{};
  std::shared_ptr<const std::vector<Note>> notes{};  // of this call and those around, once they are wanted
};

}  // namespace bachsim
