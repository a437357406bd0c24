// The rows of the benchmark's table: what is measured, on what, and the ratios to reach.
//
// A measure is one round: it makes what it needs, does the operation once untimed where the first
// time is not like the others, and returns ns per unit. It throws std::runtime_error where the
// machine does not let it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bachsim::bench {

struct Sizes {
  std::uint32_t pages = 262'144;       // of the rows of 1 GiB
  std::uint32_t fault_pages = 65'536;  // of the rows of 256 MiB
  std::uint32_t calls = 10'000;
  std::uint32_t width = 100;  // children of the tree's root, each with width - 1 children of its own
  std::uint32_t depth = 10'000;
  std::uint32_t accesses = 20'000'000;
  std::uint32_t walks = 4'000'000;
  std::uint32_t statements = 2'000'000;
  std::uint32_t lines = 100'000;
};

inline constexpr Sizes kQuick{.pages = 8192,
                              .fault_pages = 2048,
                              .calls = 200,
                              .width = 10,
                              .depth = 200,
                              .accesses = 100'000,
                              .walks = 50'000,
                              .statements = 20'000,
                              .lines = 2'000};

using Measure = double (*)(const Sizes&);

// This program.
namespace ours {
double fork(const Sizes& sizes);
double exit_of_child(const Sizes& sizes);
double copied(const Sizes& sizes);
double kept(const Sizes& sizes);
double demand_zero(const Sizes& sizes);
double last_user(const Sizes& sizes);
double fork_small(const Sizes& sizes);
double vfork_any(const Sizes& sizes);
double tlb_hit(const Sizes& sizes);
double random_loads(const Sizes& sizes);
double one_by_one(const Sizes& sizes);
double tree(const Sizes& sizes);
double chain(const Sizes& sizes);
double chain_short(const Sizes& sizes);
double steal_and_return(const Sizes& sizes);
double statement(const Sizes& sizes);
double with_events(const Sizes& sizes);
double without_events(const Sizes& sizes);
double parse_line(const Sizes& sizes);
}  // namespace ours

// Real processes of the kernel that this program runs on.
namespace on_linux {
double fork(const Sizes& sizes);
double exit_of_child(const Sizes& sizes);
double copied(const Sizes& sizes);
double kept(const Sizes& sizes);
double demand_zero(const Sizes& sizes);
double last_user(const Sizes& sizes);
double fork_small(const Sizes& sizes);
double vfork_any(const Sizes& sizes);
double random_loads(const Sizes& sizes);
double one_by_one(const Sizes& sizes);
double tree(const Sizes& sizes);
}  // namespace on_linux

// The loads, stores and copies that the operation cannot avoid, in plain arrays.
namespace bare {
double fork(const Sizes& sizes);
double exit_of_child(const Sizes& sizes);
double copied(const Sizes& sizes);
double kept(const Sizes& sizes);
double demand_zero(const Sizes& sizes);
double last_user(const Sizes& sizes);
double tlb_hit(const Sizes& sizes);
double random_loads(const Sizes& sizes);
double steal_and_return(const Sizes& sizes);
double scan_line(const Sizes& sizes);
}  // namespace bare

struct Row {
  std::string_view key;  // in names of benchmarks and in JSON
  std::string_view text;
  std::string_view unit;
  Measure ours = nullptr;
  Measure linux_kernel = nullptr;
  Measure bare = nullptr;
  Measure smaller = nullptr;            // ours, of a smaller size: does the rate keep?
  std::optional<double> linux_least{};  // Linux / ours
  std::optional<double> bare_most{};    // ours / bare
  std::optional<double> ns_most{};      // ours
  std::optional<double> kept_least{};   // smaller / ours
};

// clang-format off
inline constexpr std::array<Row, 17> kRows{{
    {.key = "fork", .text = "fork, all pages resident", .unit = "page",
     .ours = ours::fork, .linux_kernel = on_linux::fork, .bare = bare::fork,
     .linux_least = 25, .bare_most = 3},
    {.key = "exit", .text = "exit of that child", .unit = "page",
     .ours = ours::exit_of_child, .linux_kernel = on_linux::exit_of_child, .bare = bare::exit_of_child,
     .linux_least = 25, .bare_most = 3},
    {.key = "copied", .text = "copy-on-write fault with copy", .unit = "fault",
     .ours = ours::copied, .linux_kernel = on_linux::copied, .bare = bare::copied,
     .linux_least = 5, .bare_most = 1.4},
    {.key = "kept", .text = "kept page (last sharer)", .unit = "fault",
     .ours = ours::kept, .linux_kernel = on_linux::kept, .bare = bare::kept,
     .linux_least = 12, .bare_most = 3},
    {.key = "zero", .text = "demand zero", .unit = "fault",
     .ours = ours::demand_zero, .linux_kernel = on_linux::demand_zero, .bare = bare::demand_zero,
     .linux_least = 5, .bare_most = 1.4},
    {.key = "freed", .text = "last user frees", .unit = "page",
     .ours = ours::last_user, .linux_kernel = on_linux::last_user, .bare = bare::last_user,
     .linux_least = 10, .bare_most = 3},
    {.key = "fork-small", .text = "fork + exit + wait, small process", .unit = "call",
     .ours = ours::fork_small, .linux_kernel = on_linux::fork_small, .linux_least = 50},
    {.key = "vfork", .text = "vfork + exit, 1 GiB", .unit = "call",
     .ours = ours::vfork_any, .linux_kernel = on_linux::vfork_any, .linux_least = 30},
    {.key = "tlb-hit", .text = "load or store that hits the TLB", .unit = "access",
     .ours = ours::tlb_hit, .bare = bare::tlb_hit, .bare_most = 2},
    {.key = "walk", .text = "random load over 1 GiB, with walks", .unit = "access",
     .ours = ours::random_loads, .linux_kernel = on_linux::random_loads, .bare = bare::random_loads,
     .bare_most = 1.4},
    {.key = "one-by-one", .text = "processes made and ended one by one", .unit = "process",
     .ours = ours::one_by_one, .linux_kernel = on_linux::one_by_one, .linux_least = 40},
    {.key = "tree", .text = "a tree of 10,000 alive", .unit = "process",
     .ours = ours::tree, .linux_kernel = on_linux::tree, .linux_least = 60},
    {.key = "chain", .text = "a chain of processes 10,000 deep", .unit = "process",
     .ours = ours::chain, .smaller = ours::chain_short, .kept_least = 0.8},
    {.key = "steal", .text = "steal a page to swap and bring it back", .unit = "page",
     .ours = ours::steal_and_return, .bare = bare::steal_and_return, .bare_most = 2},
    {.key = "statement", .text = "one statement of a loop", .unit = "statement",
     .ours = ours::statement, .ns_most = 60},
    {.key = "events", .text = "a loop of fork and faults, untraced", .unit = "statement",
     .ours = ours::with_events, .bare = ours::without_events, .bare_most = 1.02},
    {.key = "parse", .text = "parsing", .unit = "line",
     .ours = ours::parse_line, .bare = bare::scan_line, .ns_most = 100},
}};
// clang-format on

}  // namespace bachsim::bench
