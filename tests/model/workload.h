// A random workload: the machine and programs that its script begins with, and then steps, a
// statement each.
//
// All randomness is std::mt19937_64 and `%`, so that a seed means the same workload everywhere.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "regions/config.h"
#include "regions/region.h"
#include "sim/machine/types.h"
#include "swap/disk_block.h"

namespace bachsim {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }
  std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + below(most - least + 1); }
  bool percent(std::uint64_t chance) { return below(100) < chance; }

 private:
  std::mt19937_64 engine_;
};

enum class PlaceKind : std::uint8_t {
  Cell,     // region+offset
  Page,     // region[first]
  Pages,    // region[first..last]
  All,      // region[*]
  Address,  // @address
};

// Which cells an access is to.
struct CellPlace {
  PlaceKind kind = PlaceKind::Cell;
  RegionType region = RegionType::Data;
  std::uint64_t key = 0;    // of shared memory
  std::uint64_t first = 0;  // page
  std::uint64_t last = 0;
  std::uint64_t cell = 0;  // in its page
  std::uint64_t address = 0;

  [[nodiscard]] std::string text() const;
};

enum class StepKind : std::uint8_t {
  Spawn,
  Fork,
  Vfork,
  Exec,
  Exit,
  Wait,
  Sbrk,
  Shmget,
  Shmat,
  Shmdt,
  Shmrm,
  Plock,
  Punlock,
  Read,
  Print,
  Fetch,
  Write,
  WritePid,
  Swapout,
  Swapin,
  Age,
  Steal,
  StealSome,
  Tick,
  Run,
  ExpectState,
  ExpectCell,
};

// One statement. Processes go by their script's names, `p<number>`.
struct Step {
  StepKind kind = StepKind::Age;
  unsigned process = 0;
  unsigned child = 0;        // Spawn, Fork, Vfork
  ProgramId program{};       // Spawn, Exec
  CellPlace place{};         // accesses; plocks: its region; ExpectCell: its page
  std::uint64_t key = 0;     // shared memory
  std::int64_t pages = 0;    // Shmget
  std::int64_t bytes = 0;    // Sbrk
  std::uint64_t number = 0;  // Exit: status; Write: value; StealSome, Tick, Run: how many
};

// The step as a statement; `expected` is the value that ExpectCell asks for.
[[nodiscard]] std::string text(const Step& step, std::uint64_t expected);

// The statements that set the stage: kPrograms programs called a, b, ..., on a machine that is
// short of something now and then.
inline constexpr unsigned kPrograms = 3;
[[nodiscard]] std::string random_stage(Chance& random, PagingPolicy paging = PagingPolicy::On);
// A line with limits of the machine that are met soon, or nothing.
[[nodiscard]] std::string tight_limits(Chance& random);
// The programs alone.
[[nodiscard]] std::string random_programs(Chance& random);

// The name of a program.
[[nodiscard]] char program_name(ProgramId program);

// Who plays: the names of the script, and the pids behind them.
class Cast {
 public:
  // The name that the next process is to have; no name is given twice.
  [[nodiscard]] unsigned next() const { return static_cast<unsigned>(pids_.size()); }
  // REQUIRES: the name is not taken
  void enter(unsigned name, std::uint32_t pid) {
    if (name >= pids_.size()) pids_.resize(name + 1, kNobody);
    pids_[name] = pid;
  }
  [[nodiscard]] std::uint32_t pid(unsigned name) const { return name < pids_.size() ? pids_[name] : kNobody; }
  // The name of a pid.   REQUIRES: it has one
  [[nodiscard]] unsigned name(std::uint32_t pid) const;

  static constexpr std::uint32_t kNobody = 0;

 private:
  std::vector<std::uint32_t> pids_;  // [name]
};

// The next step, given the state that the others have led to.
class ModelVm;
[[nodiscard]] Step random_step(Chance& random, const ModelVm& model, const Cast& cast);

}  // namespace bachsim
