// What `bachsim sweep` has other programs do.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "sim/cli/command.h"

namespace bachsim {

// What gnuplot draws, as SVG. On failure, why, for the user.
[[nodiscard]] std::expected<std::string, std::string> drawn_by_gnuplot(const std::string& program);

// Writes a shell script to standard output that runs the sweep of these arguments as so many tasks of Slurm's, and then
// puts their parts together. Returns the exit status.
int write_slurm_job(const Arguments& arguments, std::uint64_t tasks, const std::string& output);

}  // namespace bachsim
