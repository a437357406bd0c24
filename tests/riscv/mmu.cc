// Compares bachsim's hart with QEMU's: the same memory, the same accesses.
//
//   riscv_mmu BACHSIM PROBER SOURCE short|long FOLDER
//
// BACHSIM is the program whose dumps are taken, PROBER the bytes of prober.S, SOURCE the source tree with its scripts;
// FOLDER is for files. Prints how much was compared, and ends with 1 if anything differs.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/model/lockstep.h"
#include "tests/model/script.h"
#include "tests/model/workload.h"
#include "tests/riscv/board.h"
#include "tests/riscv/core_file.h"
#include "tests/riscv/hart_side.h"
#include "tests/riscv/questions.h"
#include "workloads/language/settings.h"

namespace bachsim {
namespace {

constexpr std::array kModeNames{"sv39", "sv48", "sv57"};

struct Extent {
  std::size_t modes;  // in which each script is run
  std::uint64_t workloads;
  std::uint64_t made;  // memories with tables made by hand, of kTablesEach
  std::uint64_t least_dumps;
};
constexpr Extent kShort{.modes = 1, .workloads = 42, .made = 12, .least_dumps = 100};
constexpr Extent kLong{.modes = kModeNames.size(), .workloads = 800, .made = 400, .least_dumps = 1000};
constexpr unsigned kTablesEach = 24;

class Comparison {
 public:
  explicit Comparison(Board board) : board_(std::move(board)) {}

  void compare(const ProbedMemory& probed) {
    ProbedMemory hart = probed;
    answer_by_hart(hart, AdUpdate::Hardware);
    ProbedMemory kernel = probed;
    answer_by_hart(kernel, AdUpdate::Software);
    ProbedMemory qemu = hart;  // with the physical addresses of its fetches
    qemu.memory = probed.memory;
    for (Record& record : qemu.records) record.cause = record.tval = record.value = 0;
    board_.probe(qemu);
    for (Record& record : qemu.records) {
      if (record.kind == ProbeKind::Fetch && record.cause == Record::kBreakpoint) record.tval = 0;
    }
    const std::uint64_t before = differences_;
    compare(qemu, hart, "the hart, A and D set by hardware");
    compare(qemu, kernel, "the hart, A and D set by the kernel");
    if (differences_ != before) ++wrong_;
    for (const Record& record : qemu.records) count(record);
  }

  [[nodiscard]] std::uint64_t addresses() const { return addresses_; }
  [[nodiscard]] std::uint64_t granted() const { return sum(granted_); }
  [[nodiscard]] std::uint64_t access_faults() const { return sum(access_faults_); }
  [[nodiscard]] std::uint64_t differences() const { return differences_; }
  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }
  // Whether fetches, loads and stores came out in all three ways, some hundred times each.
  [[nodiscard]] bool saw_enough() const {
    return std::ranges::all_of(std::array{granted_, page_faults_, access_faults_},
                               [](const ByAccess& counts) { return std::ranges::min(counts) >= 200; });
  }

 private:
  using ByAccess = std::array<std::uint64_t, kWords<Access>.size()>;
  static std::uint64_t sum(const ByAccess& counts) { return counts[0] + counts[1] + counts[2]; }

  void count(const Record& record) {
    if (record.kind == ProbeKind::SetSatp) return;
    ++addresses_;
    const Access access = access_of(record.kind);
    if (record.cause == static_cast<std::uint64_t>(page_fault(access)))
      ++page_faults_.at(static_cast<unsigned>(access));
    else if (record.cause == static_cast<std::uint64_t>(access_fault(access)))
      ++access_faults_.at(static_cast<unsigned>(access));
    else
      ++granted_.at(static_cast<unsigned>(access));
  }

  void compare(const ProbedMemory& qemu, const ProbedMemory& ours, const char* who) {
    std::uint64_t satp = 0;
    for (std::size_t i = 0; i < qemu.records.size(); ++i) {
      if (qemu.records[i].kind == ProbeKind::SetSatp) satp = qemu.records[i].operand;
      if (qemu.records[i] == ours.records[i]) continue;
      differ(fmt::format("{}: satp {:#x}\n  QEMU: {}\n  {}: {}", qemu.name, satp, text(qemu.records[i]), who,
                         text(ours.records[i])));
    }
    for (std::size_t offset = 0; offset < qemu.memory.size(); ++offset) {
      if (qemu.memory[offset] == ours.memory[offset]) continue;
      differ(fmt::format("{}: memory at {:#x} in the end\n  QEMU: {:#04x}\n  {}: {:#04x}", qemu.name,
                         kMemoryStart + offset, std::to_integer<unsigned>(qemu.memory[offset]), who,
                         std::to_integer<unsigned>(ours.memory[offset])));
    }
  }

  void differ(const std::string& what) {
    constexpr std::uint64_t kMostShown = 10;
    if (++differences_ <= kMostShown) fmt::print("{}\n", what);
  }

  Board board_;
  std::uint64_t addresses_ = 0;
  ByAccess granted_{};
  ByAccess page_faults_{};
  ByAccess access_faults_{};
  std::uint64_t differences_ = 0;
  std::uint64_t wrong_ = 0;  // memories with a difference
};

// A script that the tests of the model make, up to a moment at which processes live.
std::string random_script(Chance& random) {
  const std::string stage = random_stage(random, PagingPolicy::On);
  ParsedScript parsed(stage);
  const auto config = parsed.configure();
  if (!config) throw std::runtime_error("no machine: " + parsed.errors());
  Lockstep lockstep(*config, programs_of(parsed.script(), *config));
  const std::uint64_t length = random.between(20, 120);
  for (std::uint64_t i = 0; i < length; ++i) {
    const Step step = random_step(random, lockstep.model(), lockstep.cast());
    if (lockstep.possible(step)) lockstep.perform(step);
  }
  return stage + lockstep.script();
}

class Dumps {
 public:
  Dumps(std::string bachsim, std::string folder) : bachsim_(std::move(bachsim)), folder_(std::move(folder)) {}

  // Physical memory after a script. A script may hold expectations that are false in another mode.
  CoreFile take(const std::string& script, const std::string& mode) const {
    const std::string dump = folder_ + "/dump";
    std::filesystem::remove(dump);
    const int status =
        std::system(fmt::format("'{}' run --report none {} --dump '{}' '{}' >'{}/run.log' 2>&1", bachsim_,
                                mode.empty() ? "" : "--set mode=" + mode, dump, script, folder_)
                        .c_str());
    if (!std::filesystem::exists(dump)) throw std::runtime_error(fmt::format("no dump, and status {:#x}", status));
    return read_core_file(dump);
  }

  // The same after a script that is at hand.
  CoreFile take_of_text(const std::string& text) const {
    const std::string script = folder_ + "/random.bach";
    std::ofstream(script) << text;
    return take(script, "");
  }

 private:
  std::string bachsim_;
  std::string folder_;
};

std::vector<std::filesystem::path> scripts_of(const std::filesystem::path& source) {
  std::vector<std::filesystem::path> scripts;
  for (const char* folder : {"workloads/textbook", "workloads/examples"}) {
    for (const auto& entry : std::filesystem::directory_iterator(source / folder)) {
      if (entry.path().extension() == ".bach") scripts.push_back(entry.path());
    }
  }
  std::ranges::sort(scripts);
  return scripts;
}

int run(const Dumps& dumps, Comparison& comparison, const std::filesystem::path& source, const Extent& extent) {
  Chance random(1);
  std::uint64_t taken = 0;
  const auto compare = [&](CoreFile core, const std::string& name) {
    if (core.spaces.empty()) return;  // nobody lives
    comparison.compare(questions_on(std::move(core), name, random));
    ++taken;
  };
  std::size_t turn = 0;
  for (const std::filesystem::path& script : scripts_of(source)) {
    for (std::size_t i = 0; i < extent.modes; ++i) {
      const std::string mode = kModeNames[turn++ % kModeNames.size()];
      compare(dumps.take(script, mode), script.filename().string() + " in " + mode);
    }
  }
  for (std::uint64_t seed = 1; seed <= extent.workloads; ++seed) {
    Chance chance(seed);
    compare(dumps.take_of_text(random_script(chance)), fmt::format("random workload {}", seed));
  }
  for (std::uint64_t seed = 1; seed <= extent.made; ++seed) {
    Chance chance(seed);
    const bool shared = seed % 2 == 0;
    comparison.compare(
        questions_on_made_tables(kTablesEach, shared, fmt::format("tables made by hand {}", seed), chance));
  }
  fmt::print(
      "checked: page tables: {} dumps, {} addresses, {} hand-made tables ({} accesses granted, {} access faults): {}\n",
      taken, comparison.addresses(), extent.made * kTablesEach, comparison.granted(), comparison.access_faults(),
      comparison.differences() == 0
          ? "no disagreement with QEMU"
          : fmt::format("{} disagreements with QEMU in {} memories", comparison.differences(), comparison.wrong()));
  const bool enough = taken >= extent.least_dumps && comparison.saw_enough();
  if (!enough) fmt::print("that is less than was to be compared\n");
  return comparison.differences() == 0 && enough ? 0 : 1;
}

}  // namespace
}  // namespace bachsim

int main(int argc, char** argv) try {
  using namespace bachsim;
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() != 5 || (words[3] != "short" && words[3] != "long"))
    throw std::runtime_error("usage: riscv_mmu BACHSIM PROBER SOURCE short|long FOLDER");
  std::ifstream prober(words[1], std::ios::binary);
  Comparison comparison(Board(std::string(std::istreambuf_iterator<char>(prober), {}), words[4]));
  return run(Dumps(words[0], words[4]), comparison, words[2], words[3] == "long" ? kLong : kShort);
} catch (const std::exception& trouble) {
  fmt::print(stderr, "riscv_mmu: {}\n", trouble.what());
  return 1;
}
