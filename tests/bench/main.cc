// bench: measures the rows of rows.h, prints one table.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/utsname.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/gnuplot.h"
#include "sim/cli/host.h"
#include "tests/bench/growth.h"
#include "tests/bench/reporter.h"
#include "tests/bench/rows.h"

namespace bachsim::bench {
namespace {

namespace po = boost::program_options;

struct Choices {
  int rounds = 0;  // 0: the usual number
  std::string filter;
  std::string json;
  bool quick = false;
  bool growth = false;
  std::string chart;
};

// Pins the program, and what it forks, to the first CPU that it may use.
std::size_t pin() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof(allowed), &allowed);
  std::size_t cpu = 0;
  while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &allowed)) ++cpu;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  if (sched_setaffinity(0, sizeof(one), &one) != 0)
    throw std::runtime_error("this program cannot be pinned to one CPU");
  return cpu;
}

Machine this_machine() {
  Machine machine{.cpu = "unknown CPU", .kernel = "unknown kernel", .pinned = pin()};
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.starts_with("model name")) {
      machine.cpu = line.substr(line.find(':') + 2);
      break;
    }
  }
  utsname names{};
  if (uname(&names) == 0) {
    const std::string_view release = names.release;  // what the distribution adds to it says nothing here
    const std::size_t end = release.find_first_not_of("0123456789.");
    machine.kernel = fmt::format("{} {}", names.sysname, release.substr(0, end));
  }
  return machine;
}

void register_benchmark(const Row& row, const char* subject, Measure measure, const Sizes& sizes, int rounds) {
  if (measure == nullptr) return;
  const std::string name = fmt::format("{}/{}", row.key, subject);
  const auto run = [measure, &sizes](benchmark::State& state) {
    for (auto _ : state) {
      try {
        state.SetIterationTime(measure(sizes) * 1e-9);
      } catch (const std::exception& error) {
        state.SkipWithError(error.what());
        break;
      }
    }
  };
  benchmark::RegisterBenchmark(name.c_str(), run)
      ->UseManualTime()
      ->Iterations(1)
      ->Repetitions(rounds)
      ->Unit(benchmark::kNanosecond);
}

Choices parse_choices(int argc, char** argv) {
  Choices choices;
  po::options_description options("options");
  auto add = options.add_options();
  add("rounds", po::value<int>(&choices.rounds), "rounds of each measure (default: 7)");
  add("filter", po::value<std::string>(&choices.filter)->default_value("."), "only what matches, as `fork/linux`");
  add("json", po::value<std::string>(&choices.json), "write the table to a file as well, whole or not at all");
  add("quick", po::bool_switch(&choices.quick), "small sizes, 3 rounds; fails if a row does or is far off");
  add("growth", po::bool_switch(&choices.growth), "how costs grow, and memory, instead of the table");
  add("chart", po::value(&choices.chart), "with --growth: draw it into a file as SVG, whole or not at all");
  add("help", "print this text");
  po::variables_map found;
  po::store(po::parse_command_line(argc, argv, options), found);
  po::notify(found);
  if (found.count("help") != 0) {
    std::cout << "usage: ./bench [OPTION ...]\n\n" << options;
    std::exit(0);
  }
  if (found.count("rounds") != 0 && choices.rounds < 1) throw po::error("--rounds wants 1 or more");
  if (!choices.chart.empty() && !choices.growth) throw po::error("--chart wants --growth");
  if (choices.rounds == 0) choices.rounds = choices.quick ? 3 : 7;
  return choices;
}

// Empty if all went well.
std::string write_file(const std::string& path, const std::string& text) {
  const auto file = OutputFile::create(path);
  if (!file) return file.error();
  (*file)->write(text);
  return (*file)->finish();
}

int run(const Choices& choices) {
  const Machine machine = this_machine();
  const Sizes sizes = choices.quick ? kQuick : Sizes{};
  if (choices.growth) {
    const std::vector<Curve> curves = print_growth(machine, choices.quick);
    if (choices.chart.empty()) return 0;
    const auto picture = drawn_by_gnuplot(chart(curves, machine));
    const std::string trouble = picture ? write_file(choices.chart, *picture) : picture.error();
    if (!trouble.empty()) fmt::print(stderr, "bench: {}\n", trouble);
    return trouble.empty() ? 0 : 1;
  }
  for (const Row& row : kRows) {
    register_benchmark(row, kOurs, row.ours, sizes, choices.rounds);
    register_benchmark(row, kLinux, row.linux_kernel, sizes, choices.rounds);
    register_benchmark(row, kBare, row.bare, sizes, choices.rounds);
    register_benchmark(row, kSmaller, row.smaller, sizes, choices.rounds);
  }
  Reporter reporter;
  if (benchmark::RunSpecifiedBenchmarks(&reporter, choices.filter) == 0)
    throw std::runtime_error(fmt::format("no benchmark matches {}", choices.filter));
  fmt::print("{}", table_text(reporter, machine));
  std::vector<std::string> troubles = reporter.failures();
  if (choices.quick) std::ranges::move(far_off(reporter), std::back_inserter(troubles));
  if (!choices.json.empty()) {
    if (const std::string trouble = write_file(choices.json, table_json(reporter, machine)); !trouble.empty())
      troubles.push_back(trouble);
  }
  for (const std::string& trouble : troubles) fmt::print(stderr, "bench: {}\n", trouble);
  return troubles.empty() ? 0 : 1;
}

}  // namespace
}  // namespace bachsim::bench

int main(int argc, char** argv) {
  try {
    return bachsim::bench::run(bachsim::bench::parse_choices(argc, argv));
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench: {}\n", error.what());
    return 2;
  }
}
