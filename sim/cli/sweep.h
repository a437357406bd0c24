// Sweeps as jobs of other programs.
#pragma once

#include <cstdint>
#include <string>

#include "sim/cli/command.h"
#include "sim/cli/options.h"

namespace bachsim {

// Writes a shell script to standard output that runs the sweep of these arguments as so many tasks of Slurm's, and then
// puts their parts together. Returns the exit status.   REQUIRES: `known`, the options of a sweep, takes the arguments
int write_slurm_job(const Arguments& arguments, const Options& known, std::uint64_t tasks, const std::string& output);

}  // namespace bachsim
