// A parsed script. Everything with a name is resolved to a number, so that running it looks nothing up by name.
//
// Statements lie in one flat list in the order of the text; a block's statements follow its head, which knows where
// they end.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "swap/program.h"
#include "workloads/language/arena.h"
#include "workloads/language/operation.h"
#include "workloads/language/source.h"

namespace bachsim {

// The tables that `show` and --report can draw, by name.
// clang-format off
#define BACHSIM_VIEWS(X) \
  X(Summary, "summary") X(Counters, "counters") X(Processes, "processes") \
  X(Pregions, "pregions") X(Regions, "regions") X(Pages, "pages") X(Pfdata, "pfdata") \
  X(Freelist, "freelist") X(Hash, "hash") X(Swap, "swap") X(Map, "map") X(MapCost, "map-cost") X(Tlb, "tlb") \
  X(Tree, "tree") X(Walk, "walk") X(Sar, "sar") X(Swapper, "swapper") \
  X(Figure, "figure") X(WorkingSet, "working-set") X(All, "all")
// clang-format on

enum class View : std::uint8_t {
#define X(enumerator, spelling) enumerator,
  BACHSIM_VIEWS(X)
#undef X
};

// [View]
inline constexpr std::array kViewWords{
#define X(enumerator, spelling) std::string_view(spelling),
    BACHSIM_VIEWS(X)
#undef X
};
[[nodiscard]] inline std::span<const std::string_view> view_words() { return kViewWords; }

// Statements.
struct NoteStatement {
  // A text, and the value behind it, if there is one.
  struct Part {
    std::string_view text;
    const Expr* value;
  };
  std::span<const Part> parts;
};
struct SpawnStatement {
  ProgramId program;
  ProcessRef name;
};
struct OperationStatement {
  ProcessRef process;
  const OperationBody* body;
  bool begin = false;  // it may stay inside the kernel
};
// Operations that were begun go on to their end: that of one process, that of the page stealer, or all.
struct FinishStatement {
  enum class Whose : std::uint8_t { All, Process, Vhand };
  Whose whose;
  ProcessRef process{};
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
  bool begin = false;  // the page stealer may stay inside the kernel
};
struct ShowStatement {
  View view;
  std::span<const ProcessRef> names;  // of `walk`: one
  const Location* where = nullptr;    // of `walk`: one cell, or any byte of it
};
struct ExpectStatement {
  const Expr* condition;
  std::string_view text;
  bool by_default = false;  // it is judged only where every param has its default
};
struct AuditStatement {};
struct PresetStatement {
  const PresetBody* body;
};
// Statements up to `end` are its body; `count`, or `first` and `last`, say how often it runs.
struct LoopStatement {
  const Expr* first;  // nullptr: from 0 to count-1, which `last` is then
  const Expr* last;
  std::uint32_t slot;
  std::uint32_t end = 0;
};

// Statements up to `end` are its body, which is done if the condition holds. An `else if` and an `else` lie behind the
// branch before them and are heads too, which are looked at in the step of the first one.
struct IfStatement {
  const Expr* condition;  // nullptr: `else`
  std::uint32_t end = 0;
  std::uint32_t behind = 0;  // index behind the last branch
};

// A call of a definition. Statements up to `end` are its body, in which each value has a slot of its own.
struct CallStatement {
  struct Call {
    std::string_view name;
    std::span<const Expr* const> values;
  };
  const Call* call;
  std::uint32_t end = 0;

  // How many blocks are open while it goes on.
  [[nodiscard]] std::uint32_t slots() const {
    return call->values.empty() ? 1 : static_cast<std::uint32_t>(call->values.size());
  }
};

// Statements that open a block come last.
struct Statement {
  Place place;
  Place end;  // of its line's text
  std::variant<NoteStatement, SpawnStatement, OperationStatement, TickStatement, RunStatement, AgeStatement,
               StealStatement, ShowStatement, ExpectStatement, AuditStatement, PresetStatement, FinishStatement,
               LoopStatement, IfStatement, CallStatement>
      body;

  [[nodiscard]] bool opens_block() const { return body.index() >= kFirstBlock; }
  // Index behind the last statement of its block.   REQUIRES: opens_block()
  [[nodiscard]] std::uint32_t end_of_block() const {
    if (const auto* const loop = std::get_if<LoopStatement>(&body)) return loop->end;
    if (const auto* const branch = std::get_if<IfStatement>(&body)) return branch->end;
    return std::get<CallStatement>(body).end;
  }

  static constexpr std::size_t kFirstBlock = 12;
};
static_assert(
    std::is_same_v<std::variant_alternative_t<Statement::kFirstBlock, decltype(Statement::body)>, LoopStatement>);

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
    const Expr* constant;  // nullptr for a number or a word alone; a param alone may be meant as a word, too
  };
  std::vector<Value> values;  // one or more, separated by commas
};

// A number that the script leaves open: see params.h. Expressions in it know the params before it.
struct ParamDeclaration {
  struct Range {
    const Expr* first;
    const Expr* last;  // nullptr: `first` alone
    const Expr* step;  // nullptr: 1
  };
  std::string_view name;
  Place place;
  const Expr* standard = nullptr;   // its default; nullptr: the first of its values
  std::span<const Range> values{};  // that it may have; none: any
  std::string_view values_text{};   // the same as the script has them
  bool hexadecimal = false;         // the first number of the line is
};

// A program as declared. How many pages its bytes are, the machine tells, and --set may have the last word on that.
struct ProgramDeclaration {
  struct Section {
    const Expr* size = nullptr;  // pages, or bytes if it is a number with a suffix
    Place place{};
    const Expr* start = nullptr;  // the address to show it at
    Place start_place{};
  };
  std::string name{};
  Place place{};
  Section text{};
  Section data{};
  Section bss{};
  Section stack{};  // without a size: 1
  bool unaligned = false;
  bool sticky = false;
  std::vector<const Expr*> file_blocks{};
  std::optional<ProgramId> file_of{};  // another program, whose file this one runs
  std::optional<std::uint32_t> working_set{};
};

// A block of swap that an expression compares a page or a frame with.
struct ComparedBlock {
  Place place;
  std::uint64_t device;
  std::uint64_t block;
};

struct Script {
  std::string title;
  std::vector<ParamDeclaration> params;      // in order: an expression's slot is an index here
  std::vector<Setting> settings;             // in order: later ones win
  std::vector<ProgramDeclaration> programs;  // [ProgramId]; settings.h makes Programs of them
  std::vector<std::string> process_names;
  std::deque<Statement> statements;
  std::uint32_t end = 0;  // index behind the last statement to be run; statements of texts behind the script follow
  std::vector<std::uint32_t> draws;  // [statement]: how many numbers it draws; those past the end, none
  bool uses_zipf = false;
  std::vector<std::string> shm_keys;         // names of keys; see key_text()
  std::vector<ComparedBlock> swap_compared;  // that the machine must have
  std::vector<std::unique_ptr<ReferenceFile>> reference_files;
  Arena arena;                   // of operations and expressions
  std::uint64_t host_bytes = 0;  // about what the script and its texts take of the host's memory
};

// The calls of definitions that a statement, by its index, is in, outermost first.
[[nodiscard]] std::vector<const Statement*> calls_around(const Script& script, std::uint32_t index);

// Shared memory keys that are names have this bit, and an index into Script::shm_keys below it.
inline constexpr std::uint64_t kNamedKey = std::uint64_t{1} << 63;
[[nodiscard]] inline std::string key_text(const Script& script, std::uint64_t key) {
  return (key & kNamedKey) != 0 ? script.shm_keys[key & ~kNamedKey] : std::to_string(key);
}

}  // namespace bachsim
