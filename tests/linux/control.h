// The page that the driver and the real processes share: a slot for each process, in which the driver puts one
// operation after the other, and the process what came of it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace bachsim::real {

inline constexpr std::uint64_t kPage = 4096;
inline constexpr unsigned kMostProcesses = 64;  // of a workload, those that have ended included
inline constexpr unsigned kMostCells = 8;       // that one operation reads
inline constexpr unsigned kKeys = 4;
inline constexpr unsigned kPrograms = 3;
inline constexpr unsigned kFilePages = 16;

struct RealProgram {
  std::uint64_t text = 0;
  std::uint64_t data = 0;
  std::uint64_t bss = 0;
};

enum class Section : std::uint8_t { Text, Data, Stack, Shm };

struct Cell {
  Section section = Section::Data;
  std::uint64_t key = 0;     // of shared memory
  std::uint64_t offset = 0;  // bytes; a stack's as scripts count them: page 0 is the highest
};

enum class Action : std::uint8_t {
  Fork,
  VforkExec,
  VforkExit,
  Exec,
  Exit,
  Wait,
  Sbrk,
  Shmget,
  Shmat,
  Shmdt,
  Shmrm,
  Read,
  Write,
};

struct Order {
  Action action = Action::Read;
  unsigned child = 0;       // the slot of a new process; of a wait with several zombies, whom it is to reap
  unsigned zombies = 0;     // of a wait
  unsigned program = 0;     // an exec's
  std::uint64_t key = 0;    // of shared memory
  std::int64_t number = 0;  // a status, bytes, pages, a value
  unsigned count = 0;       // cells
  std::array<Cell, kMostCells> cells{};
};

// Whose turn it is. A process that ends leaves Done behind.
enum class Turn : std::uint32_t { Driver, Process, Done };

struct Slot {
  std::atomic<std::uint32_t> turn{0};  // a Turn, as futex(2) wants it
  Order order;
  // What came of it.
  std::int64_t pid = 0;     // of this process
  std::int64_t result = 0;  // of the call, -1 if it failed
  std::int64_t error = 0;   // errno then
  std::int64_t status = 0;  // of whom it has reaped, as a shell has it: 128 + n for signal n
  std::int64_t signal = 0;  // that is about to end it
  std::array<std::uint64_t, kMostCells> values{};
};

struct Control {
  std::array<RealProgram, kPrograms> programs{};
  std::int32_t first_key = 0;  // of shared memory, which is the machine's
  std::array<Slot, kMostProcesses> slots{};
};

// Sleeps until the slot's turn is this. False after so many seconds.
[[nodiscard]] bool await_turn(Slot& slot, Turn turn, int seconds);
void give_turn(Slot& slot, Turn turn);

// The life of a real process: performs the orders of its slot until one ends it. `control` and `file` are descriptors.
[[noreturn]] void live(int control, int file, unsigned slot, unsigned program);

}  // namespace bachsim::real
