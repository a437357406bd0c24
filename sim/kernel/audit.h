// The identities of docs/model.md recomputed from nothing but page tables, dbds and the process table.
#pragma once

#include "sim/kernel/kernel.h"
#include "sim/machine/check.h"

namespace bachsim {

// Every finding, ordered by identity; empty if all hold. Changes nothing.
[[nodiscard]] Violations audit(const Kernel& kernel);

}  // namespace bachsim
