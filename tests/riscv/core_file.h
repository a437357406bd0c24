// Reads what `run --dump` writes: docs/interface.md, "Dumps".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/riscv/record.h"

namespace bachsim {

struct DumpedPregion {
  std::uint64_t start = 0;
  std::uint64_t bytes = 0;
};

struct DumpedSpace {
  std::uint64_t pid = 0;
  std::uint64_t satp = 0;
  std::vector<DumpedPregion> pregions;
};

struct CoreFile {
  MemoryImage memory;
  std::vector<DumpedSpace> spaces;
};

// Throws std::runtime_error if the file is no such dump.
[[nodiscard]] CoreFile read_core_file(const std::string& path);

}  // namespace bachsim
