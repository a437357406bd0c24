// Moments of a run as drawings in DOT. Each is a function of rows, and the same rows give the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/state/moment.h"
#include "sim/state/walk.h"

namespace bachsim {

// A table of more rows than this is drawn with rows that only count on as one.
inline constexpr std::size_t kRowsUnmerged = 60;

// What every drawing has.
struct Subject {
  std::string title{};                 // of the script
  std::vector<std::string> caption{};  // which moment it is, in lines
  std::vector<std::uint32_t> pids{};   // of the processes that are drawn; empty: all
  bool swap = true;                    // with the blocks on swap in use

  [[nodiscard]] bool draws(std::uint32_t pid) const;
};

// A moment as it is drawn, and, where changes are to be marked, the one before.
struct Scene {
  const Moment& now;
  const Moment* before = nullptr;
};

// Process regions, region table, page tables with the disk block descriptors, pfdata and blocks on swap from left to
// right, and the arrows between them (figures 9.15, 9.22, 9.26). Processes and regions are left out where no region has
// several processes. A machine with one page in memory is drawn as figure 9.14 is.
[[nodiscard]] std::string tables_drawing(const Subject& subject, const Scene& scene);

// The same of two moments, one above the other (figure 9.26).
[[nodiscard]] std::string tables_before_after(const Subject& subject, const Moment& before, const Moment& after);

}  // namespace bachsim
