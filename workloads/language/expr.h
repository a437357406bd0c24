// Expressions, the paths into the state that they may hold, and the locations that operations work on.
//
// All of them lie in an arena that the Script owns and point to each other. Names are resolved to numbers.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "regions/region.h"
#include "workloads/language/source.h"

namespace bachsim {

struct Path;

enum class ExprKind : std::uint8_t {
  Number,        // number
  LoopVariable,  // slot
  Word,          // text: compared, never computed with
  Path,          // path
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

constexpr bool is_comparison(ExprKind kind) {
  return kind >= ExprKind::Equal && kind <= ExprKind::GreaterEqual;
}

// Three words, as a script has more of these than of anything else.
struct Expr {
  ExprKind kind = ExprKind::Number;
  bool suffixed = false;     // a number that was written in K, M or G
  std::uint16_t height = 1;  // of the tree below, indexes of paths included: bounds how deep evaluation recurses
  Place place;               // of the operator, or of the only token
  union {                    // by kind
    std::uint64_t number = 0;
    std::uint32_t slot;  // of the loop variable
    const std::string_view* text;
    const Path* path;
    const Expr* left;
  };
  const Expr* right = nullptr;
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

// Attributes of what a path leads to; each kind of path has some of them.
// clang-format off
#define BACHSIM_ATTRIBUTES(X) \
  X(Address, "address") X(Age, "age") X(Block, "block") X(Break, "break") X(Cow, "cow") X(Disk, "disk") \
  X(Errno, "errno") X(FileBlock, "file_block") X(FrameNumber, "frame") X(Free, "free") X(Held, "held") \
  X(LookedAt, "looked_at") X(Modified, "modified") X(PteFrame, "pte_frame") \
  X(Pages, "pages") X(ProcessId, "pid") X(ParentId, "ppid") X(Program, "program") X(Ran, "ran") \
  X(Referenced, "referenced") X(Refs, "refs") X(Region, "region") X(Satp, "satp") \
  X(Seconds, "seconds") X(Start, "start") X(State, "state") X(Status, "status") \
  X(Type, "type") X(Units, "units") X(Valid, "valid") X(Value, "value") \
  X(WaitingFor, "waiting_for") X(Writable, "writable")
// clang-format on

enum class Attribute : std::uint8_t {
#define X(enumerator, spelling) enumerator,
  BACHSIM_ATTRIBUTES(X)
#undef X
};

inline constexpr std::array kAttributeWords{
#define X(enumerator, spelling) std::string_view(spelling),
    BACHSIM_ATTRIBUTES(X)
#undef X
};
constexpr std::string_view spelling(Attribute attribute) {
  return kAttributeWords[static_cast<std::size_t>(attribute)];
}

enum class PathKind : std::uint8_t {
  Counter,     // index: as Counters::for_each counts them
  Gauge,       // index: as Gauges::for_each counts them
  PageFrame,   // pfdata[first].attribute
  RegionById,  // region[first].attribute
  SwapUse,     // swap_use[first,second]
  SwapExtent,  // swap_map[first,second].attribute
  SwapMap,     // swap_map[first].attribute
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
