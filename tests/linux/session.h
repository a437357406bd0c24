// A random workload twice: as a script for bachsim, and as orders for real processes.
//
// It knows who lives and which pages there are, so that it orders what both systems define. It knows no contents.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/linux/control.h"
#include "tests/model/workload.h"

namespace bachsim::real {

// A statement, and what the driver needs to know to have it done.
struct RealStep {
  static constexpr unsigned kNobody = kMostProcesses;

  bool spawns = false;  // `process` is new, and the driver's child
  unsigned process = 0;
  unsigned program = 0;               // spawns
  Order order{};                      // else
  bool sleeps = false;                // a wait that ends when a child does
  bool ends = false;                  // the process does not live on
  unsigned woken = kNobody;           // whose wait ends by it, ...
  unsigned reaped = kNobody;          // ... and whom that, or the wait itself, reaps
  const char* call = nullptr;         // the script's word for it, if it may fail
  std::vector<std::string> places{};  // a read's, as the script has them
};

struct Session {
  std::array<RealProgram, kPrograms> programs{};
  std::string script;
  std::vector<RealStep> steps;
};

[[nodiscard]] Session random_session(std::uint64_t seed);

}  // namespace bachsim::real
