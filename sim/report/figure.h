// The situation as the book's figures lay it out (9.14, 9.15, 9.22): what each process has at which address, then
// what each frame holds.
#pragma once

#include <span>
#include <string>

#include "sim/kernel/process.h"
#include "workloads/language/run.h"

namespace bachsim {

// A table for each of the processes that has a space, and one of the frames that are in use or hold a disk block.
[[nodiscard]] std::string figure_view(const Run& run, std::span<const ProcSlot> processes);

}  // namespace bachsim
