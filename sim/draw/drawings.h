// Moments of a run as drawings in DOT. Each is a function of rows, and the same rows give the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
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
  std::set<std::uint32_t> pids{};      // of the processes that are drawn; empty: all
  bool swap = true;                    // with the blocks on swap in use

  [[nodiscard]] bool draws(std::uint32_t pid) const;
};

// A moment as it is drawn, and, where changes are to be marked, the one before.
struct Scene {
  const Moment& now;
  const Moment* before = nullptr;
};

// Bytes of the host's memory that a drawing of a moment takes while it is made: lists of its pages, and words for what
// is in frames and on swap.
[[nodiscard]] std::uint64_t drawing_bytes(const Moment& moment);

// Process regions, region table, page tables with the disk block descriptors, pfdata and blocks on swap from left to
// right, and the arrows between them (figures 9.15, 9.22, 9.26). Processes and regions are left out where no region has
// several processes. A machine with one page in memory is drawn as figure 9.14 is.
[[nodiscard]] std::string tables_drawing(const Subject& subject, const Scene& scene);

// The same of two moments, one above the other (figure 9.26).
[[nodiscard]] std::string tables_before_after(const Subject& subject, const Moment& before, const Moment& after);

// Frames that a write filled with the contents of another: [frame] is that one.
using Copies = std::map<std::uint32_t, std::uint32_t>;
// How often a fault has given a frame other contents: [frame].
using Fills = std::map<std::uint32_t, std::uint64_t>;
// When pages of a region of a number were last freed, which others have since: [region][first page], and all behind it.
using Freed = std::map<std::uint32_t, std::map<std::uint32_t, std::uint64_t>>;
struct PagesMoment {
  const Moment& moment;
  Copies copies{};
  Fills fills{};
  Freed freed{};
};

// Processes on both sides of physical memory, whose pages have letters, as lecture notes on copy-on-write draw them: of
// one moment, with marks if there is one before, or of the moments before and after a statement side by side. A page
// that a write has copied is called a copy of the other one for as long as that is drawn. It takes
// pages_drawing_bytes() while it is made.
[[nodiscard]] std::string pages_drawing(const Subject& subject, const PagesMoment& now, const PagesMoment* before);
[[nodiscard]] std::string pages_before_after(const Subject& subject, const PagesMoment& before,
                                             const PagesMoment& after, std::string_view statement);
[[nodiscard]] std::uint64_t pages_drawing_bytes(const Moment& moment);

// The walk of an address; `before`: the same at the moment before, or nullptr.
[[nodiscard]] std::string walk_drawing(const Subject& subject, const Walk& walk, const Walk* before);

// The page tables of a process.
struct SpaceTree {
  ProcessRow process;
  std::vector<TreeRow> rows{};
};
// All page tables that satp leads to; a table that several processes have is drawn once. It takes tree_drawing_bytes()
// of each moment while it is made.
[[nodiscard]] std::string tree_drawing(const Subject& subject, const std::vector<SpaceTree>& trees,
                                       const std::vector<SpaceTree>* before);
[[nodiscard]] std::uint64_t tree_drawing_bytes(const std::vector<SpaceTree>& trees);

// The process tree of a run up to a moment. With its processes at the moment before, what came since is marked.
class ForkHistory;
struct ForkedProcess;
[[nodiscard]] std::string forks_drawing(const Subject& subject, const ForkHistory& history, const Moment& now,
                                        const std::map<std::uint32_t, ForkedProcess>* before);

// All frames by owner and count: a box each, or, of a larger machine, a row for those of which the same can be said.
[[nodiscard]] std::string memory_drawing(const Subject& subject, const Scene& scene);

// The map of each swap device with free blocks: an entry for each run of them, by address and units (figures 9.1
// to 9.5).
[[nodiscard]] std::string map_drawing(const Subject& subject, const Scene& scene);

}  // namespace bachsim
