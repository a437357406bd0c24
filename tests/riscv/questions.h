// Which accesses are tried.
#pragma once

#include "tests/model/workload.h"
#include "tests/riscv/core_file.h"
#include "tests/riscv/record.h"

namespace bachsim {

// In the spaces of a dump: pages of every pregion, with and without the right, its borders and beyond, places where
// nothing is, and addresses that are not canonical. The spaces take turns. In most dumps A and D of some PTEs are
// cleared before, as those of processes that have just run are nearly all set.
[[nodiscard]] ProbedMemory questions_on(CoreFile core, const std::string& name, Chance& random);

// Page tables that no kernel makes, in one memory, and accesses through them: PTEs with each bit set and clear,
// reserved ones too, pointers with bits of leaves, superpages of every level, frames and tables beyond memory, roots
// too. If `shared`, pages may lead to tables as well, so that stores change them.   REQUIRES: tables <= 24
[[nodiscard]] ProbedMemory questions_on_made_tables(unsigned tables, bool shared, const std::string& name,
                                                    Chance& random);

}  // namespace bachsim
