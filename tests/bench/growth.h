// How costs grow with what an operation touches, and with what it does not; and bytes of the host's
// memory.
#pragma once

#include "tests/bench/reporter.h"

namespace bachsim::bench {

// Prints a table for each operation. `quick`: without the largest sizes.
void print_growth(const Machine& machine, bool quick);

}  // namespace bachsim::bench
