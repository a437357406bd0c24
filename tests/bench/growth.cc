#include "tests/bench/growth.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <string_view>
#include <vector>

#include "regions/vhand.h"
#include "tests/bench/lab.h"
#include "tests/bench/measure.h"

namespace bachsim::bench {
namespace {

constexpr int kRounds = 5;

// ns per unit for one size, in one round.
using Cost = std::function<double(std::uint64_t)>;

double median_of(const Cost& cost, std::uint64_t size) {
  std::vector<double> ns;
  for (int round = 0; round < kRounds; ++round) ns.push_back(cost(size));
  std::ranges::sort(ns);
  return ns[kRounds / 2];
}

// One table: a line for each size from `first` by factors to `last`. `quick` stops after three.
Curve print_costs(std::string_view title, std::string_view sizes, std::string_view unit, const Cost& cost,
                  std::uint64_t first, std::uint64_t last, std::uint64_t factor, bool quick) {
  Curve curve{.title = title, .sizes = sizes, .unit = unit, .points = {}};
  fmt::print("\n{}\n{:>12} {:>14}\n", title, sizes, fmt::format("ns per {}", unit));
  int lines = 0;
  for (std::uint64_t size = first; size <= last && !(quick && lines == 3); size *= factor, ++lines) {
    try {
      curve.points.push_back({size, median_of(cost, size)});
      fmt::print("{:>12} {:>14.2f}\n", size, curve.points.back().ns);
    } catch (const HostLimit& limit) {
      fmt::print("{:>12} {:>14}  {}\n", size, "-", limit.what());
    }
  }
  return curve;
}

Program data_of(std::uint64_t pages) { return {.name = "bench", .text = 1, .bss = pages}; }

// Two regions and no page: what there can be many of.
constexpr std::uint64_t kRegionsOfEmpty = 2;
Program empty_program() { return {.name = "empty", .stack = 0}; }

// The host backs no page that nothing is written to, so the simulated memory may be larger than the
// host's.
double fork_cost(std::uint64_t pages) {
  Lab lab(machine(pages + 16), data_of(pages));
  const ProcSlot parent = lab.spawn();
  lab.map_all(parent);
  for (int untimed = 0; untimed < 3; ++untimed) {  // upper tables of one fork are leaf tables of another
    lab.exit(lab.fork(parent));
    lab.wait(parent);
  }
  const std::uint64_t repeats = std::max<std::uint64_t>(1, 4096 / pages);
  double ns = 0;
  for (std::uint64_t i = 0; i < repeats; ++i) {
    const std::uint64_t start = now_ns();
    const ProcSlot child = lab.fork(parent);
    ns += since(start, pages);
    lab.exit(child);
    lab.wait(parent);
  }
  return ns / static_cast<double>(repeats);
}

// One page, shared by so many processes, each of which writes to it: all but the last copy it.
double shared_fault_cost(std::uint64_t sharers) {
  Lab lab(machine(sharers + 16), data_of(1));
  const std::uint64_t repeats = std::max<std::uint64_t>(1, 256 / sharers) + 1;
  double ns = 0;
  for (std::uint64_t round = 0; round < repeats; ++round) {
    std::vector<ProcSlot> processes{lab.spawn()};
    lab.store_all(processes.front());
    while (processes.size() < sharers) processes.push_back(lab.fork(processes.front()));
    if (sharers == 1) {  // nobody shares it any more: it is kept
      lab.exit(lab.fork(processes.front()));
      lab.wait(processes.front());
    }
    const std::uint64_t start = now_ns();
    for (const ProcSlot process : processes) lab.store(process, lab.data(0));
    if (round > 0)  // the first one's frames are new to the host
      ns += since(start, sharers);
    for (; !processes.empty(); processes.pop_back()) lab.exit(processes.back());
  }
  return ns / static_cast<double>(repeats - 1);
}

// A thousand pages stolen from memory of so many frames.
double steal_cost(std::uint64_t frames) {
  constexpr std::uint32_t kPages = 1000;
  Config config = machine(frames + 16);
  config.swap = {2 * kPages};
  config.max_age = 1;
  Lab lab(config, data_of(kPages));
  const ProcSlot process = lab.spawn();
  double ns = 0;
  for (int round = 0; round < 2; ++round) {
    lab.store_all(process);
    const std::uint64_t start = now_ns();
    lab.kernel().steal(kPages);
    ns = since(start, kPages);
  }
  return ns;
}

// One round of the stealer over so many pages in memory.
double examine_cost(std::uint64_t pages) {
  Lab lab(machine(pages + 16), data_of(pages));
  lab.map_all(lab.spawn());
  const std::uint64_t start = now_ns();
  lab.kernel().age();
  return since(start, pages);
}

// fork, exit and wait of a small process, while there are so many regions.
double many_regions_cost(std::uint64_t regions) {
  Lab lab(machine(64), {.name = "small", .text = 4, .data = 8});
  const ProgramId empty = lab.kernel().add_program(empty_program());
  for (std::uint64_t i = 0; i < regions / kRegionsOfEmpty; ++i) {
    if (!lab.kernel().spawn(empty, 0)) throw std::runtime_error("no process");
  }
  const ProcSlot parent = lab.spawn();
  lab.store_all(parent);
  constexpr std::uint64_t kCalls = 1000;
  const std::uint64_t start = now_ns();
  for (std::uint64_t i = 0; i < kCalls; ++i) {
    lab.exit(lab.fork(parent));
    lab.wait(parent);
  }
  return since(start, kCalls);
}

// The exit of some of so many processes, all children of one.
double exit_cost(std::uint64_t processes) {
  Lab lab(machine(64), {.name = "small", .text = 1, .data = 1});
  const ProcSlot parent = lab.spawn();
  std::vector<ProcSlot> children;
  while (children.size() < processes) children.push_back(lab.fork(parent));
  Numbers numbers;
  const std::uint64_t exits = std::min<std::uint64_t>(processes, 1000);
  double ns = 0;
  for (std::uint64_t i = 0; i < exits; ++i) {
    std::swap(children[numbers.next() % children.size()], children.back());
    const std::uint64_t start = now_ns();
    lab.exit(children.back());
    lab.wait(parent);
    ns += since(start, exits);
    children.pop_back();
  }
  return ns;
}

std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// What `act` makes the host back, per unit.
template <class Act>
double bytes_per(std::uint64_t units, Act&& act) {
  const std::uint64_t before = resident_bytes();
  act();
  return static_cast<double>(resident_bytes() - before) / static_cast<double>(units);
}

void print_memory(bool quick) {
  // Much of each, as the host backs tables by 2 MiB at a time.
  const std::uint64_t pages = quick ? 8192 : 524'288;
  constexpr std::uint64_t kChildren = 8;
  fmt::print("\nMemory of the host\n{:<56} {:>8}\n", "", "bytes");
  const auto line = [](std::string_view what, double bytes) { fmt::print("{:<56} {:>8.1f}\n", what, bytes); };
  {
    Lab lab(machine(2 * pages + 16), data_of(pages));
    const ProcSlot parent = lab.spawn();
    line("a page written: its frame, its count, its PTE", bytes_per(pages, [&] { lab.store_all(parent); }));
    std::vector<ProcSlot> children;
    line("a page forked: PTE and dbd of the child", bytes_per(kChildren * pages, [&] {
           while (children.size() < kChildren) children.push_back(lab.fork(parent));
         }));
    for (const ProcSlot child : children) lab.exit(child);
    line("a frame freed: its links in pfdata", bytes_per(pages, [&] { lab.exit(parent); }));
  }
  const std::uint64_t processes = quick ? 1000 : 100'000;
  Lab lab(machine(64), {.name = "small", .text = 1, .data = 1});
  const ProgramId empty = lab.kernel().add_program(empty_program());
  line("a process, its text shared, without pages", bytes_per(processes, [&] {
         for (std::uint64_t i = 0; i < processes; ++i) static_cast<void>(lab.kernel().spawn(empty, 0));
       }));
  line("a process with a text, a data and a stack page", bytes_per(processes, [&] {
         for (std::uint64_t i = 0; i < processes; ++i) lab.spawn();
       }));
  line("an entry of the region table", sizeof(Region));
  line("an entry of the process table", sizeof(Process));
}

}  // namespace

std::vector<Curve> print_growth(const Machine& machine, bool quick) {
  fmt::print("{}, {}, CPU {} alone; medians of {} rounds\n", machine.cpu, machine.kernel, machine.pinned, kRounds);
  print_memory(quick);  // first, while no memory of the heap is there to be used again
  return {
      print_costs("fork of a process of so many pages", "PAGES", "page", fork_cost, 1, 4'194'304, 4, quick),
      print_costs("faults on a page that so many processes share", "PROCESSES", "fault", shared_fault_cost, 1, 65'536,
                  4, quick),
      print_costs("1000 pages stolen, of memory of so many frames", "FRAMES", "page", steal_cost, 1000, 10'000'000, 10,
                  quick),
      print_costs("a round of the stealer over so many pages", "PAGES", "page", examine_cost, 1024, 4'194'304, 8,
                  quick),
      print_costs("fork, exit and wait beside so many regions", "REGIONS", "call", many_regions_cost, 10, 1'000'000, 10,
                  quick),
      print_costs("exit of one of so many processes", "PROCESSES", "exit", exit_cost, 10, 100'000, 10, quick),
  };
}

Chart chart(const std::vector<Curve>& curves, const Machine& machine) {
  Chart chart{.title = fmt::format("Cost of one unit as the whole grows ({})", machine.cpu),
              .x_label = "how many there are",
              .y_label = "cost of a unit (ns)",
              .logarithmic = true,
              .legend_below = true};
  for (const Curve& curve : curves) {
    Chart::Curve& drawn = chart.curves.emplace_back();
    drawn.name = fmt::format("{} (ns per {})", curve.title, curve.unit);
    drawn.color = chart.curves.size() - 1;
    for (const Curve::Point& point : curve.points)
      drawn.points.push_back({.x = static_cast<double>(point.size), .y = point.ns});
  }
  return chart;
}

}  // namespace bachsim::bench
