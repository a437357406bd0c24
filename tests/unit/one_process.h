// A machine of 16 frames and 16 swap blocks with one process, for tests of calls and traps.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/kernel/audit.h"
#include "tests/unit/fixture.h"

namespace bachsim {

using List = std::vector<std::uint32_t>;

// What a fork of a process with these sections takes: 1 root, 2 middle tables, 1 leaf table for
// data and stack each.
inline constexpr std::int64_t kForkTables = 5;

struct One : Machine {
  explicit One(const Config& config = {.frames = 16, .swap = {16}}) : Machine(config) {}

  Findings found() { return findings(audit(kernel)); }

  ProgramId prog = program(1, 1, 1, 1);
  ProcSlot process = spawn(prog);
  Numbers before = numbers(kernel);
};

}  // namespace bachsim
