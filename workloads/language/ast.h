// A parsed script. Everything with a name is resolved to a number, so that running it looks nothing up by name.
//
// Statements lie in one flat list in the order of the text; a block's statements follow its head, which knows where
// they end. Expressions lie in an arena that the Script owns and point to each other.
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "regions/region.h"
#include "sim/machine/types.h"
#include "swap/program.h"
#include "workloads/language/source.h"
#include "workloads/language/words.h"

namespace bachsim {

struct Path;

enum class ExprKind : std::uint8_t {
  Number,
  LoopVariable,  // slot
  Word,          // text: compared, never computed with
  Path,          // path
  Negate, Not,   // left
  Add, Subtract, Multiply, Divide, Remainder,
  Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual,
  And, Or,
};

constexpr bool is_comparison(ExprKind kind) {
  return kind >= ExprKind::Equal && kind <= ExprKind::GreaterEqual;
}

struct Expr {
  ExprKind kind = ExprKind::Number;
  bool suffixed = false;       // a number that was written in K, M or G
  std::uint16_t height = 1;    // of the tree below: bounds what evaluation recurses
  std::uint32_t slot = 0;      // of the loop variable
  Place place;                 // of the operator, or of the only token
  std::uint64_t number = 0;
  const Expr* left = nullptr;
  const Expr* right = nullptr;
  const Path* path = nullptr;
  std::string_view text{};
};

// A name that stands for processes: `P`, or one of a family, `P[I]`.
struct ProcessRef {
  std::uint32_t name = 0;        // index into Script::process_names
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
#define BACHSIM_ATTRIBUTES(X)                                                                   \
  X(Age, "age") X(Cow, "cow") X(Disk, "disk") X(Errno, "errno")             \
  X(FrameNumber, "frame") X(Free, "free") X(Modified, "modified") X(Pages, "pages") X(ProcessId, "pid") \
  X(ParentId, "ppid") X(Program, "program") X(Referenced, "referenced") X(Refs, "refs")             \
  X(Region, "region") X(Satp, "satp") X(Start, "start") X(State, "state") X(Status, "status")   \
  X(Type, "type") X(Valid, "valid") X(Value, "value") X(WaitingFor, "waiting_for")              \
  X(Writable, "writable")

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

// Operations: what a process does.
struct AccessOp {
  Access access;  // Load or Fetch
  Location where;
};
struct WriteOp {
  Location where;
  const Expr* value;  // nullptr: the process's pid
};
struct PrintItem {
  std::optional<Location> where;  // else:
  const Expr* value = nullptr;
  std::string_view text{};        // as the script has it, blanks run together
};
struct PrintOp {
  std::span<const PrintItem> items;
};
struct ForkOp {
  bool vfork;
  ProcessRef child;
};
struct ExecOp {
  ProgramId program;
};
struct ExitOp {
  const Expr* status;  // nullptr: 0
};
struct WaitOp {};
struct SbrkOp {
  const Expr* pages;
};
struct ShmOp {
  Word call;          // Shmget, Shmat, Shmdt, Shmrm
  std::uint64_t key;
  const Expr* pages;  // of Shmget
};
struct PlockOp {
  RegionType region;
  bool lock;
};
struct NiceOp {
  const Expr* value;
};
struct SwapOp {
  bool out;
};

using OperationBody =
    std::variant<AccessOp, WriteOp, PrintOp, ForkOp, ExecOp, ExitOp, WaitOp, SbrkOp, ShmOp, PlockOp,
                 NiceOp, SwapOp>;

// The tables that `show` and --report can draw.
#define BACHSIM_VIEWS(X)                                                                        \
  X(Summary, "summary") X(Counters, "counters") X(Processes, "processes")                       \
  X(Pregions, "pregions") X(Regions, "regions") X(Pages, "pages") X(Pfdata, "pfdata")           \
  X(Freelist, "freelist") X(Hash, "hash") X(Swap, "swap") X(Map, "map") X(Tlb, "tlb")           \
  X(Tree, "tree") X(Sar, "sar") X(Swapper, "swapper") X(All, "all")

enum class View : std::uint8_t {
#define X(enumerator, spelling) enumerator,
  BACHSIM_VIEWS(X)
#undef X
};

[[nodiscard]] std::string_view spelling(View view);
[[nodiscard]] std::span<const std::string_view> view_words();  // [View]

// Statements.
struct NoteStatement {
  std::string_view text;
};
struct SpawnStatement {
  ProgramId program;
  ProcessRef name;
};
struct OperationStatement {
  ProcessRef process;
  const OperationBody* body;
};
struct TickStatement {
  const Expr* ticks;  // nullptr: 1
};
struct RunStatement {
  const Expr* seconds;
};
struct AgeStatement {};
struct StealStatement {
  const Expr* frames;  // nullptr: until the high water mark
};
struct ShowStatement {
  View view;
  std::span<const ProcessRef> names;
};
struct ExpectStatement {
  const Expr* condition;
  std::string_view text;
};
struct AuditStatement {};
// Statements up to `end` are its body; `count`, or `first` and `last`, say how often it runs.
struct LoopStatement {
  const Expr* first;  // nullptr: from 0 to count-1, which `last` is then
  const Expr* last;
  std::uint32_t slot;
  std::uint32_t end = 0;
};

struct Statement {
  Place place;
  Place end;  // of its line's text
  std::variant<NoteStatement, SpawnStatement, OperationStatement, TickStatement, RunStatement, AgeStatement,
               StealStatement, ShowStatement, ExpectStatement, AuditStatement, LoopStatement>
      body;
};

// One KEY=VALUE of a machine statement or of --set, not looked into yet.
struct Setting {
  std::string_view key;
  Place key_place;
  Place value_place;
  struct Value {
    bool word;
    bool suffixed;
    std::uint64_t number;
    std::string_view text;
    Place place;
  };
  std::vector<Value> values;  // one or more, separated by commas
};

struct Script {
  std::string title;
  std::vector<Setting> settings;  // in order: later ones win
  std::vector<Program> programs;  // [ProgramId]
  std::vector<Place> program_places;
  std::vector<std::string> process_names;
  std::vector<Statement> statements;
  std::uint32_t loop_slots = 0;
  std::vector<std::string> shm_keys;  // names of keys; see key_text()
  std::unique_ptr<std::pmr::monotonic_buffer_resource> arena =
      std::make_unique<std::pmr::monotonic_buffer_resource>();
};

// Shared memory keys that are names have this bit, and an index into Script::shm_keys below it.
inline constexpr std::uint64_t kNamedKey = std::uint64_t{1} << 63;
[[nodiscard]] std::string key_text(const Script& script, std::uint64_t key);

// The script as text again, fully bracketed: what parser tests compare.
[[nodiscard]] std::string dump(const Script& script);

}  // namespace bachsim
