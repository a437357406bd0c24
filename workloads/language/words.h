// The words that the language knows, each with a fixed symbol, and the table that gives every other name one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace bachsim {

// X(enumerator, spelling): words that begin a statement, operations, regions, words between others, and words that
// begin a path or follow a process's name in one. The predicates below go by this order.
// clang-format off
#define BACHSIM_WORDS(X) \
  X(Title, "title") X(Note, "note") X(Include, "include") X(Machine, "machine") \
  X(Program, "program") X(Var, "var") X(Param, "param") X(Define, "define") X(Spawn, "spawn") X(Tick, "tick") X(Run, "run") \
  X(Age, "age") X(Steal, "steal") X(Show, "show") X(Expect, "expect") X(Audit, "audit") \
  X(Repeat, "repeat") X(For, "for") X(If, "if") X(Preset, "preset") \
  X(Read, "read") X(Fetch, "fetch") X(Write, "write") X(Print, "print") X(Fork, "fork") \
  X(Vfork, "vfork") X(Exec, "exec") X(Exit, "exit") X(Wait, "wait") X(Sbrk, "sbrk") \
  X(Shmget, "shmget") X(Shmat, "shmat") X(Shmdt, "shmdt") X(Shmrm, "shmrm") X(Plock, "plock") \
  X(Punlock, "punlock") X(Nice, "nice") X(Swapout, "swapout") X(Swapin, "swapin") X(Replay, "replay") \
  X(Text, "text") X(Data, "data") X(Stack, "stack") X(Shm, "shm") \
  X(As, "as") X(In, "in") X(And, "and") X(Or, "or") X(Not, "not") X(Else, "else") \
  X(Counter, "counter") X(Frames, "frames") X(Tables, "tables") X(Swap, "swap") \
  X(Processes, "processes") X(Regions, "regions") X(Region, "region") X(Pfdata, "pfdata") \
  X(SwapUse, "swap_use") X(SwapMap, "swap_map") X(ProcessId, "pid") X(ParentId, "ppid") \
  X(State, "state") X(Seconds, "seconds") X(Ran, "ran") X(Status, "status") X(Errno, "errno") \
  X(WaitingFor, "waiting_for") X(AwaitedRegion, "awaited_region") X(AwaitedFrame, "awaited_frame") \
  X(Satp, "satp") X(Break, "break")
// clang-format on

enum class Word : std::uint32_t {
#define X(enumerator, spelling) enumerator,
  BACHSIM_WORDS(X)
#undef X
      Count,  // symbols from here on are names
};

[[nodiscard]] std::string_view spelling(Word word);

constexpr bool begins_operation(Word word) { return word >= Word::Read && word <= Word::Replay; }
constexpr bool is_region(Word word) { return word >= Word::Text && word <= Word::Shm; }

[[nodiscard]] std::vector<std::string_view> statement_words();
[[nodiscard]] std::vector<std::string_view> operation_words();
[[nodiscard]] std::vector<std::string_view> region_words();
[[nodiscard]] std::vector<std::string_view> joining_words();  // those between others
[[nodiscard]] std::vector<std::string_view> path_words();

// X(enumerator, spelling): words that mean something in their places, and are names elsewhere.
// clang-format off
#define BACHSIM_SOFT_WORDS(X) \
  X(Random, "random") X(Zipf, "zipf") X(Begin, "begin") X(Finish, "finish") X(Vhand, "vhand") X(By, "by") \
  X(Default, "default") X(Percent, "percent") X(Packed, "packed") X(Step, "step") X(FreeList, "freelist")
// clang-format on

// [SoftWord]
inline constexpr std::array kSoftWords{
#define X(enumerator, spelling) std::string_view(spelling),
    BACHSIM_SOFT_WORDS(X)
#undef X
};

enum class SoftWord : std::uint8_t {
#define X(enumerator, spelling) enumerator,
  BACHSIM_SOFT_WORDS(X)
#undef X
};

constexpr std::string_view spelling(SoftWord word) { return kSoftWords[static_cast<std::size_t>(word)]; }

using Symbol = std::uint32_t;

constexpr bool is_word(Symbol symbol) { return symbol < static_cast<Symbol>(Word::Count); }

// Gives equal spellings equal symbols: those of Word first, then names as they come.
class Symbols {
 public:
  Symbols();

  Symbol intern(std::string_view spelling);

  // The symbol of a short name, by its bytes in one word, none of them zero. It spares hashing and comparing texts.
  // False unless keep_short() was told it lately.
  static constexpr std::size_t kShortName = 8;
  bool find_short(std::uint64_t bytes, Symbol& symbol) const {
    const ShortName& lately = lately_[slot_of(bytes)];
    symbol = lately.symbol;
    return lately.bytes == bytes;
  }
  void keep_short(std::uint64_t bytes, Symbol symbol) { lately_[slot_of(bytes)] = {.bytes = bytes, .symbol = symbol}; }

  [[nodiscard]] std::string_view spelling(Symbol symbol) const { return spellings_[symbol]; }
  [[nodiscard]] std::size_t size() const { return spellings_.size(); }

 private:
  struct ShortName {
    std::uint64_t bytes = 0;
    Symbol symbol = 0;
  };

  // A place for a symbol. The one that its hash means may be another's; then it is in the next that was free.
  struct Slot {
    static constexpr Symbol kFree = ~Symbol{0};
    std::uint32_t hash = 0;
    Symbol symbol = kFree;
  };

  static constexpr std::size_t slot_of(std::uint64_t bytes) { return (bytes * 0x9e37'79b9'7f4a'7c15) >> 56; }
  // Where a spelling of this hash is, or belongs.
  [[nodiscard]] Slot& find(std::uint32_t hash, std::string_view spelling);
  void grow();

  std::array<ShortName, 256> lately_{};
  std::deque<std::string> spellings_;  // [Symbol]
  // A name costs one look at memory that is not in the cache, which nodes of their own would make several. A power of
  // two of them, more than half of them free.
  std::vector<Slot> slots_ = std::vector<Slot>(1024);
};

}  // namespace bachsim
