// Expressions, the paths into the state that they may hold, and the locations that operations work on.
//
// All of them lie in an arena that the Script owns and point to each other. Names are resolved to numbers.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "regions/region.h"
#include "sim/state/column.h"
#include "workloads/language/source.h"

namespace bachsim {

struct Path;
struct Expr;
struct Draw;

enum class ExprKind : std::uint8_t {
  Number,        // number
  LoopVariable,  // slot
  Param,         // slot
  Word,          // word: compared, never computed with
  Path,          // path
  Draw,          // draw: what random() and zipf() give
  Negate,
  Not,  // left
  Add,  // left and right, as all that follow
  Subtract,
  Multiply,
  Divide,
  Remainder,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  And,
  Or,
};

constexpr bool is_comparison(ExprKind kind) { return kind >= ExprKind::Equal && kind <= ExprKind::GreaterEqual; }

// A word as the script has it, such as `zombie` or `swap:1:17`. One with params or loop variables in it, as `swap:1:A`,
// is made of parts: those that have an expression are its value.
struct WordText {
  struct Part {
    std::string_view text;
    const Expr* value;
  };
  std::string_view text;
  std::span<const Part> parts{};  // to be joined by colons; none where the text is the word
};

// Three words, as a script has more of these than of anything else.
struct Expr {
  ExprKind kind = ExprKind::Number;
  bool suffixed = false;     // a number that was written in K, M or G
  std::uint16_t height = 1;  // of the tree below, indexes of paths included: bounds how deep evaluation recurses
  Place place;               // of the operator, or of the only token
  union {                    // by kind
    std::uint64_t number = 0;
    std::uint32_t slot;  // of the loop variable; of the param
    const WordText* word;
    const Path* path;
    const Draw* draw;
    const Expr* left;
  };
  const Expr* right = nullptr;
};

// A number by chance: `random(first..last)`, each as likely; `zipf(count, exponent)`, from 0 to count-1 by Zipf's law.
struct Draw {
  const Expr* first = nullptr;     // nullptr: zipf
  const Expr* last = nullptr;      // of zipf: the count
  const Expr* exponent = nullptr;  // in hundredths
  std::uint32_t number = 0;        // among those of its statement
};

// A name that stands for processes: `P`, or one of a family, `P[I]`.
struct ProcessRef {
  std::uint32_t name = 0;  // index into Script::process_names
  Place place;
  const Expr* index = nullptr;
};

// Which of a process's regions: by type, shared memory also by key.
struct RegionRef {
  RegionType type = RegionType::Text;
  Place place;
  std::uint64_t key = 0;
};

enum class LocationKind : std::uint8_t {
  Page,      // region[first]: the first cell of that page
  Pages,     // region[first..last]
  AllPages,  // region[*]
  Offset,    // region+first: the cell at that byte
  Address,   // @first
};

struct Location {
  LocationKind kind = LocationKind::Page;
  Place place;
  RegionRef region{};
  const Expr* first = nullptr;
  const Expr* last = nullptr;
};

enum class PathKind : std::uint8_t {
  Counter,     // index: into counter_names()
  Gauge,       // index: into gauge_names()
  PageFrame,   // pfdata[first].column
  RegionById,  // region[first].column
  SwapUse,     // swap_use[first,second]
  SwapExtent,  // swap_map[first,second].column
  SwapMap,     // swap_map[first].column
  Process,     // process.column
  Pregion,     // process.region.column
  Page,        // process.region[first].column
  Cell,        // process.VAR: location
  Stealer,     // vhand.column
};

struct Path {
  PathKind kind = PathKind::Counter;
  std::uint32_t index = 0;
  const ColumnInfo* column = nullptr;  // of the row that the path leads to
  const Expr* first = nullptr;
  const Expr* second = nullptr;
  ProcessRef process{};
  RegionRef region{};
  const Location* location = nullptr;
  Place place;
};

}  // namespace bachsim
