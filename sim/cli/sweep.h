// bachsim sweep: one workload under every combination of settings, params and seeds.
//
//   sweep_command.cc      its options
//   sweep_runs.cc         runs, here, of all combinations or of a share of them
//   sweep_merge.cc        shares that were run elsewhere become one table
//   sweep_programs.cc     jobs of other programs that run the shares
//   sweep_destination.cc  where the results of all three go
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/command.h"
#include "sim/cli/options.h"
#include "sim/sweep/plot.h"
#include "sim/sweep/results.h"

namespace bachsim {

// What is measured where nobody says.
inline constexpr std::string_view kSweepMeasures =
    "counter.vfault.total,counter.pfault.total,counter.pfault.copied,counter.fork.pages_copied,counter.swap.reads,"
    "counter.swap.writes,counter.stealer.stolen,counter.tlb.misses,frames.peak,tables.peak,swap.used,processes";

// What the options of a sweep say.
struct SweepChoices {
  std::vector<std::string> vary;
  std::vector<std::string> defines;
  std::string seeds;
  std::string measures{kSweepMeasures};
  std::vector<std::string> settings;
  std::string include_root;
  std::optional<ResultFormat> format{};
  std::string output;
  bool resume = false;
  bool merge = false;
  bool progress = false;
  std::uint64_t jobs = 0;
  std::uint64_t share = 0;  // 0: all
  std::uint64_t shares = 1;
  std::uint64_t slurm = 0;  // tasks; 0: run here
  std::string plot_file;
  std::string plot;
  ColorWhen color = ColorWhen::Auto;
  RunOptions run{};

  [[nodiscard]] ResultFormat form() const { return format.value_or(ResultFormat::Table); }
};

// Runs them and writes their results. Returns the exit status; what is wrong has gone to standard error.
int sweep(const std::string& file, const SweepChoices& choices);

// Puts the parts together that shares were written to, of which each run must be in one. Returns the exit status; what
// is wrong has gone to standard error.
int merge_parts(const std::vector<std::string>& files, const SweepChoices& choices);

// Writes a shell script to standard output that runs the sweep of these arguments as so many tasks of Slurm's, and then
// puts their parts together. Returns the exit status.   REQUIRES: `known`, the options of a sweep, takes the arguments
int write_slurm_job(const Arguments& arguments, const Options& known, std::uint64_t tasks, const std::string& output);

// Why a plan's results cannot be in a format, for the user; empty if they can.
std::string why_not_in(ResultFormat format, const Plan& plan);

// Writes results to where they are to go, and a plot of them.
class SweepDestination {
 public:
  // On failure, why, for the user.   REQUIRES: `choices` and `plan` outlive it
  static std::expected<std::unique_ptr<SweepDestination>, std::string> open(const SweepChoices& choices,
                                                                            const Plan& plan);

  // The runs come in their order.
  void add(std::uint64_t run, const Outcome& outcome);

  // The exit status; what is wrong has gone to standard error. `title`: of the plot.
  int finish(const std::string& title);

 private:
  explicit SweepDestination(const SweepChoices& choices) : choices_(choices) {}

  const SweepChoices& choices_;
  std::unique_ptr<OutputFile> output_;
  std::optional<ResultTable> table_;
  std::optional<Plot> plot_;
  std::unique_ptr<OutputFile> plot_output_;
};

}  // namespace bachsim
