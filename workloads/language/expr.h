// Expressions, the paths into the state that they may hold, and the locations that operations work on.
//
// All of them lie in an arena that the Script owns and point to each other. Names are resolved to numbers.
#pragma once

#include <cstdint>
#include <string_view>

#include "regions/region.h"
#include "workloads/language/source.h"

namespace bachsim {

struct Path;

enum class ExprKind : std::uint8_t {
  Number,
  LoopVariable,  // slot
  Word,          // text: compared, never computed with
  Path,          // path
  Negate,
  Not,  // left
  Add,
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

constexpr bool is_comparison(ExprKind kind) {
  return kind >= ExprKind::Equal && kind <= ExprKind::GreaterEqual;
}

struct Expr {
  ExprKind kind = ExprKind::Number;
  bool suffixed = false;     // a number that was written in K, M or G
  std::uint16_t height = 1;  // of the tree below: bounds what evaluation recurses
  std::uint32_t slot = 0;    // of the loop variable
  Place place;               // of the operator, or of the only token
  std::uint64_t number = 0;
  const Expr* left = nullptr;
  const Expr* right = nullptr;
  const Path* path = nullptr;
  std::string_view text{};
};

// A name that stands for processes: `P`, or one of a family, `P[I]`.
struct ProcessRef {
  std::uint32_t name = 0;  // index into Script::process_names
  const Expr* index = nullptr;
  Place place;
};

// Which of a process's regions: by type, shared memory also by key.
struct RegionRef {
  RegionType type = RegionType::Text;
  std::uint64_t key = 0;
  Place place;
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
  RegionRef region{};
  const Expr* first = nullptr;
  const Expr* last = nullptr;
  Place place;
};

// Attributes of what a path leads to; each kind of path has some of them.
// clang-format off
#define BACHSIM_ATTRIBUTES(X) \
  X(Age, "age") X(Cow, "cow") X(Disk, "disk") X(Errno, "errno") X(FrameNumber, "frame") \
  X(Free, "free") X(Modified, "modified") X(Pages, "pages") X(ProcessId, "pid") \
  X(ParentId, "ppid") X(Program, "program") X(Referenced, "referenced") X(Refs, "refs") \
  X(Region, "region") X(Satp, "satp") X(Start, "start") X(State, "state") X(Status, "status") \
  X(Type, "type") X(Valid, "valid") X(Value, "value") X(WaitingFor, "waiting_for") \
  X(Writable, "writable")
// clang-format on

enum class Attribute : std::uint8_t {
#define X(enumerator, spelling) enumerator,
  BACHSIM_ATTRIBUTES(X)
#undef X
};

[[nodiscard]] std::string_view spelling(Attribute attribute);

enum class PathKind : std::uint8_t {
  Counter,     // index: as Counters::for_each counts them
  Gauge,       // index: as Gauges::for_each counts them
  PageFrame,   // pfdata[first].attribute
  RegionById,  // region[first].attribute
  SwapUse,     // swap_use[first,second]
  Process,     // process.attribute
  Pregion,     // process.region.attribute
  Page,        // process.region[first].attribute
  Cell,        // process.VAR: location
};

struct Path {
  PathKind kind = PathKind::Counter;
  Attribute attribute = Attribute::Refs;
  std::uint32_t index = 0;
  const Expr* first = nullptr;
  const Expr* second = nullptr;
  ProcessRef process{};
  RegionRef region{};
  const Location* location = nullptr;
  Place place;
};

}  // namespace bachsim
