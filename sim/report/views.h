// The tables of the simulated kernel as text: what `show` and --report print. Each is a function of the state alone.
#pragma once

#include <span>
#include <string>

#include "sim/kernel/process.h"
#include "workloads/language/ast.h"
#include "workloads/language/run.h"

namespace bachsim {

// A view of everything, or, where processes are named, of what concerns them: their rows, their regions and pages.
// Ends in a newline unless it is empty.
[[nodiscard]] std::string view_text(View view, const Run& run, std::span<const ProcSlot> only = {});

}  // namespace bachsim
