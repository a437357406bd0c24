// Runs that last: memory stays flat, the audit holds, and every value that is loaded is the one stored last.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>
#include <vector>

#include "regions/layout.h"
#include "regions/vm.h"
#include "sim/kernel/audit.h"
#include "sim/kernel/kernel.h"

// A test names the members of a Config or Program that it is about, and no others.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace bachsim {
namespace {

// The sanitizers make a run some ten times as long.
#ifdef __has_feature
constexpr bool kSanitized = __has_feature(address_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

constexpr VirtAddr kCells = data_start(1);

// Memory of this process in the host, in KiB.
std::uint64_t resident() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t pages = 0;
  statm >> all >> pages;
  return pages * 4;
}

VirtAddr cell(std::uint64_t page) { return VirtAddr{kCells.value + page * kPageSize}; }

void check_identities(const Kernel& kernel) {
  const Violations found = audit(kernel);
  INFO((found.empty() ? std::string() : found.front().what));
  REQUIRE(found.empty());
}

// Processes on a machine whose memory is too small for them, and beside each the cells that it must find.
class Crowd {
 public:
  Crowd(std::size_t processes, const Config& config, std::uint64_t seed) : kernel_(config), random_(seed) {
    programs_[0] = kernel_.add_program({.name = "one", .text = 1, .bss = 40, .stack = 2});
    programs_[1] = kernel_.add_program({.name = "two", .text = 1, .bss = 24, .stack = 4});
    for (std::size_t i = 0; i < processes; ++i) {
      crowd_.push_back({.slot = kernel_.spawn(programs_[0], i).value()});
      crowd_.back().cells.resize(40);
      burst(crowd_.back(), 500, 40);
    }
  }

  // Loads and stores in bursts, each by one process; between the bursts fork, exit, exec and brk.
  void work(std::uint64_t accesses) {
    const std::uint64_t end = done_ + accesses;
    while (done_ < end) {
      Member& member = crowd_[below(crowd_.size())];
      if (below(8) == 0) call(member);
      burst(member, std::min<std::uint64_t>(2'000, end - done_), 6);
    }
  }

  // Loads every cell of every process.
  void look_at_all() {
    for (Member& member : crowd_) {
      for (std::size_t page = 0; page < member.cells.size(); ++page)
        if (kernel_.load(member.slot, cell(page)).value() != member.cells[page]) ++wrong_;
    }
  }

  [[nodiscard]] Kernel& kernel() { return kernel_; }
  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }
  [[nodiscard]] std::uint64_t calls() const { return calls_; }

 private:
  struct Member {
    ProcSlot slot;
    std::vector<std::uint64_t> cells{};
    std::uint64_t window = 0;  // the first page of those that it works on
  };

  [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  // Within so many pages that lie side by side.
  void burst(Member& member, std::uint64_t accesses, std::uint64_t window) {
    if (below(4) == 0) member.window = below(member.cells.size());
    REQUIRE(kernel_.begin_operation(member.slot) == Kernel::Turn::Now);
    for (std::uint64_t i = 0; i < accesses; ++i) {
      const std::uint64_t chance = random_();
      const std::uint64_t page = (member.window + chance % window) % member.cells.size();
      const Access access = (chance >> 32) % 4 == 0 ? Access::Store : Access::Load;
      std::byte* at = kernel_.hit(member.slot, cell(page), access);
      if (at == nullptr) at = kernel_.access(member.slot, cell(page), access).value();
      if (access == Access::Store) {
        member.cells[page] = chance;
        std::memcpy(at, &chance, sizeof chance);
      } else if (std::memcmp(at, &member.cells[page], sizeof chance) != 0) {
        ++wrong_;
      }
    }
    kernel_.end_operation();
    done_ += accesses;
  }

  void call(Member& member) {
    ++calls_;
    switch (below(4)) {
      case 0:  // another ends, and a child of this one has its place
        if (Member& other = crowd_[below(crowd_.size())]; &other != &member) {
          kernel_.exit(other.slot, 0);
          other.slot = kernel_.fork(member.slot, ++tag_ + crowd_.size()).value();
          other.cells = member.cells;
        }
        return;
      case 1: {
        const bool second = below(2) == 1;
        REQUIRE(kernel_.exec(member.slot, programs_[second ? 1 : 0]));
        member.cells.assign(second ? 24 : 40, 0);
        return;
      }
      case 2:
        if (member.cells.size() < 60) {
          const std::uint64_t more = 1 + below(8);
          REQUIRE(kernel_.brk(member.slot, static_cast<std::int64_t>(more * kPageSize)));
          member.cells.resize(member.cells.size() + more);
        }
        return;
      default:
        if (member.cells.size() > 12) {
          REQUIRE(kernel_.brk(member.slot, -static_cast<std::int64_t>(4 * kPageSize)));
          member.cells.resize(member.cells.size() - 4);
        }
    }
  }

  Kernel kernel_;
  std::mt19937_64 random_;
  std::array<ProgramId, 2> programs_{};
  std::vector<Member> crowd_;
  std::uint64_t done_ = 0;
  std::uint64_t calls_ = 0;
  std::uint64_t tag_ = 0;
  std::uint64_t wrong_ = 0;
};

// So many accesses by 300 processes, with an audit after each million.
void run_crowd(std::uint64_t millions) {
  Crowd crowd(300, {.frames = 3'000, .swap = {8'000, 16'000}, .low = 20, .high = 60, .max_age = 2, .cluster = 4}, 1);
  std::uint64_t settled = 0;
  for (std::uint64_t i = 1; i <= millions; ++i) {
    crowd.work(1'000'000);
    check_identities(crowd.kernel());
    if (i == (millions + 4) / 5) settled = resident();
  }
  crowd.look_at_all();
  CHECK(crowd.wrong() == 0);
  CHECK(crowd.kernel().counters().stealer.stolen > millions * 10);
  if (!kSanitized) CHECK(resident() < settled + 4'096);  // a sanitizer keeps what was freed for a while
  std::printf("checked: %llu million accesses of 300 processes, %llu calls, %llu pages stolen, %llu MiB all along\n",
              static_cast<unsigned long long>(millions), static_cast<unsigned long long>(crowd.calls()),
              static_cast<unsigned long long>(crowd.kernel().counters().stealer.stolen),
              static_cast<unsigned long long>(resident() / 1'024));
}

// A process and all its descendants are alive, each with a page of its own; then all end.
void run_alive(std::uint64_t processes) {
  Kernel kernel({.frames = static_cast<std::uint32_t>(processes + 16)});
  const ProgramId program = kernel.add_program({.name = "one", .text = 1, .bss = 1});
  std::vector<ProcSlot> alive{kernel.spawn(program, 0).value()};
  while (alive.size() < processes) {
    const ProcSlot parent = alive[alive.size() / 2];
    alive.push_back(kernel.fork(parent, alive.size()).value());
  }
  for (std::size_t i = 0; i < alive.size(); ++i) REQUIRE(kernel.store(alive[i], cell(0), i));
  check_identities(kernel);
  std::uint64_t wrong = 0;
  for (std::size_t i = 0; i < alive.size(); ++i) wrong += kernel.load(alive[i], cell(0)).value() == i ? 0U : 1U;
  CHECK(wrong == 0);
  for (const ProcSlot process : alive) kernel.exit(process, 0);
  check_identities(kernel);
  CHECK(kernel.vm().pfdata.used() == 0);
  CHECK(kernel.vm().tables.used() == 0);
  std::printf("checked: %llu processes alive at one time\n", static_cast<unsigned long long>(processes));
}

// A machine has 65,535 ASIDs to give before it begins anew. Three processes live through several such generations. Each
// loads a cell that the next one has loaded last, so that the next one's entry stands in the TLB when its ASID becomes
// this one's.
void run_generations(std::uint64_t generations) {
  Kernel kernel({.frames = 64});
  const ProgramId program = kernel.add_program({.name = "one", .text = 1, .bss = 4});
  std::array<ProcSlot, 3> old{};
  for (std::uint64_t i = 0; i < old.size(); ++i) {
    old.at(i) = kernel.spawn(program, i).value();
    for (std::uint64_t page = 0; page < old.size(); ++page) REQUIRE(kernel.store(old.at(i), cell(page), 10 * i + page));
  }
  std::uint64_t wrong = 0;
  const std::uint64_t spaces = generations * 65'536;
  for (std::uint64_t i = 0; i < spaces; ++i) {
    const ProcSlot child = kernel.fork(old[0], 10 + i).value();
    REQUIRE(kernel.store(child, cell(3), i));
    wrong += kernel.load(child, cell(3)).value() == i ? 0U : 1U;
    kernel.exit(child, 0);
    REQUIRE(kernel.wait(old[0]));
    for (std::uint64_t each = 0; each < old.size(); ++each) {
      for (const std::uint64_t page : {(each + 1) % old.size(), each})
        wrong += kernel.load(old.at(each), cell(page)).value() == 10 * each + page ? 0U : 1U;
    }
    if (i % 4'096 == 0) check_identities(kernel);
  }
  CHECK(wrong == 0);
  CHECK(kernel.vm().asids.generation > generations);
  std::printf("checked: %llu address spaces, %llu times all ASIDs\n", static_cast<unsigned long long>(spaces),
              static_cast<unsigned long long>(kernel.vm().asids.generation - 1));
}

// The swapper's seconds, with twelve processes of which memory holds four.
void run_seconds(std::uint64_t seconds) {
  Kernel kernel({.frames = 64, .swap = {400}, .paging = PagingPolicy::Off});
  const ProgramId program = kernel.add_program({.name = "one", .text = 1, .bss = 10, .stack = 2});
  struct Member {
    ProcSlot slot;
    std::uint64_t cell = 0;
  };
  std::vector<Member> all;
  std::uint64_t had_processor = 0;
  std::uint64_t wrong = 0;
  const auto look = [&](Member& member, std::uint64_t second) {
    if (kernel.begin_operation(member.slot) != Kernel::Turn::Now) return;  // on swap
    std::byte* const at = kernel.access(member.slot, cell(3), Access::Store).value();
    std::uint64_t is = 0;
    std::memcpy(&is, at, sizeof is);
    if (is != member.cell) ++wrong;
    member.cell = second + 1;
    std::memcpy(at, &member.cell, sizeof is);
    kernel.end_operation();
    ++had_processor;
  };
  for (std::uint64_t i = 0; i < 12; ++i) {
    if (i >= 4) REQUIRE(kernel.swap_out(all[i - 4].slot));
    all.push_back({kernel.spawn(program, i).value()});
  }
  for (std::uint64_t second = 0; second < seconds; ++second) {
    kernel.run_second();
    for (Member& member : all) look(member, second);
    if (second % 600 == 0) check_identities(kernel);
  }
  check_identities(kernel);
  CHECK(wrong == 0);
  CHECK(kernel.counters().swapper.out > seconds / 60);
  std::printf("checked: %llu seconds of the swapper, %llu swap-outs, %llu turns\n",
              static_cast<unsigned long long>(seconds), static_cast<unsigned long long>(kernel.counters().swapper.out),
              static_cast<unsigned long long>(had_processor));
}

}  // namespace

TEST_CASE("20 million accesses of 300 processes") { run_crowd(20); }
TEST_CASE("10^9 accesses of 300 processes", "[long]") { run_crowd(kSanitized ? 100 : 1'000); }

TEST_CASE("10,000 processes are alive") { run_alive(10'000); }
TEST_CASE("100,000 processes are alive", "[long]") { run_alive(kSanitized ? 10'000 : 100'000); }

TEST_CASE("all ASIDs are given out twice") { run_generations(2); }
TEST_CASE("all ASIDs are given out many times", "[long]") { run_generations(kSanitized ? 4 : 40); }

TEST_CASE("an hour of the swapper") { run_seconds(3'600); }
TEST_CASE("a day of the swapper", "[long]") { run_seconds(86'400); }

}  // namespace bachsim
