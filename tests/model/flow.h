// Random workloads with control flow, each in two texts that mean the same: with loops, branches, definitions and
// numbers by chance; and with all of these unrolled, statement by statement.
//
// What a process does in them was done by the kernel and the model side by side. No statement of them depends on how
// much memory there is, so that they may run on any machine that has room for them.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace bachsim {

// The rules of the page stealer.
inline constexpr std::array kStealers{"age", "clock", "fifo", "lru", "nru", "random", "opt"};

struct Flow {
  std::string rolled;
  std::string unrolled;
  bool forks_to_exec = false;  // whoever is forked execs or exits at once
  bool labels = false;         // also for pages of another size (`page=`)
  std::uint64_t branches = 0;  // ifs, loops and calls in the rolled text
  std::uint64_t steps = 0;     // statements that processes and the operator have done
};

// Throws Mismatch, KernelPanic.
[[nodiscard]] Flow random_flow(std::uint64_t seed);

// The text for a machine with `page=BYTES`: the same cells.   REQUIRES: flow.labels; at least 512
[[nodiscard]] std::string with_page(const std::string& text, std::uint64_t bytes);

}  // namespace bachsim
