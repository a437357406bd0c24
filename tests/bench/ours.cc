#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "regions/vhand.h"
#include "tests/bench/lab.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"
#include "tests/bench/silent.h"
#include "workloads/language/parser.h"
#include "workloads/language/run.h"
#include "workloads/language/settings.h"

namespace bachsim::bench::ours {
namespace {

Program data_of(std::uint64_t pages) { return {.name = "bench", .text = 1, .bss = pages}; }

// Frames for a process of so many pages of data and a copy of it.
Config room_for_two(std::uint64_t pages) { return machine(2 * pages + 16); }

struct ForkTimes {
  double fork;
  double exit;
};

ForkTimes fork_and_exit(const Sizes& sizes) {
  Lab lab(machine(sizes.pages + 16), data_of(sizes.pages));
  const ProcSlot parent = lab.spawn();
  constexpr unsigned kCycles = 4;
  ForkTimes sum{};
  for (unsigned cycle = 0; cycle <= kCycles; ++cycle) {
    lab.store_all(parent);
    const std::uint64_t start = now_ns();
    const ProcSlot child = lab.fork(parent);
    const std::uint64_t forked = now_ns();
    lab.exit(child);
    const std::uint64_t exited = now_ns();
    lab.wait(parent);
    if (cycle == 0)  // the tables were new to the host
      continue;
    sum.fork += static_cast<double>(forked - start);
    sum.exit += static_cast<double>(exited - forked);
  }
  const double units = static_cast<double>(sizes.pages) * kCycles;
  return {sum.fork / units, sum.exit / units};
}

// Makes and ends children of `parent`, one after the other. Each writes to its stack before it ends
// and so does the parent after it: no real process gets by without.
double children_one_by_one(Lab& lab, ProcSlot parent, std::uint32_t count) {
  const VirtAddr stack{kStackEnd.value - 64};
  lab.store(parent, stack);
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < count; ++i) {
    const ProcSlot child = lab.fork(parent);
    lab.store(child, stack);
    lab.exit(child);
    lab.wait(parent);
    lab.store(parent, stack);
  }
  return since(start, count);
}

// Each process is the last one's child; then the last ends, and its parent, and so on.
double chain_of(std::uint32_t depth) {
  Lab lab(machine(depth + 64), {.name = "link", .text = 1, .data = 1});
  const VirtAddr stack{kStackEnd.value - 64};
  double ns = 0;
  for (int round = 0; round < 2; ++round) {
    std::vector<ProcSlot> chain{lab.spawn()};
    lab.store(chain.back(), stack);
    const std::uint64_t start = now_ns();
    for (std::uint32_t i = 0; i < depth; ++i) chain.push_back(lab.fork(chain.back()));
    for (; chain.size() > 1; chain.pop_back()) {
      lab.exit(chain.back());
      lab.wait(chain[chain.size() - 2]);
    }
    ns = since(start, depth);  // the second round's: the host knows the tables then
    lab.exit(chain.front());
  }
  return ns;
}

// Children of a root, each with width - 1 children of its own, all alive at one time; then they
// end.
void grow_and_fell_tree(Lab& lab, std::uint32_t width) {
  const VirtAddr stack{kStackEnd.value - 64};
  const ProcSlot root = lab.spawn();
  lab.store(root, stack);
  std::vector<std::vector<ProcSlot>> tree(width);
  for (auto& family : tree) {
    for (std::uint32_t i = 0; i < width; ++i) {
      family.push_back(lab.fork(i == 0 ? root : family.front()));
      lab.store(family.back(), stack);
    }
  }
  for (auto& family : tree) {
    for (; family.size() > 1; family.pop_back()) lab.exit(family.back());
    for (std::uint32_t i = 1; i < width; ++i) lab.wait(family.front());
    lab.exit(family.front());
    lab.wait(root);
  }
  lab.exit(root);
}

ParseResult parse_text(Sources& sources, std::string text) {
  NoFiles files;
  ParseResult result = parse(sources, sources.add("bench", std::move(text)), "bench", files);
  if (!result.errors.empty()) throw std::runtime_error("the script is wrong");
  return result;
}

}  // namespace

double fork(const Sizes& sizes) { return fork_and_exit(sizes).fork; }
double exit_of_child(const Sizes& sizes) { return fork_and_exit(sizes).exit; }

double copied(const Sizes& sizes) {
  Lab lab(room_for_two(sizes.fault_pages), data_of(sizes.fault_pages));
  lab.use_all_frames();
  const ProcSlot parent = lab.spawn();
  lab.store_all(parent);
  const ProcSlot child = lab.fork(parent);
  const std::uint64_t start = now_ns();
  lab.store_all(child);
  return since(start, sizes.fault_pages);
}

double kept(const Sizes& sizes) {
  Lab lab(room_for_two(sizes.fault_pages), data_of(sizes.fault_pages));
  lab.use_all_frames();
  const ProcSlot parent = lab.spawn();
  lab.store_all(parent);
  lab.exit(lab.fork(parent));
  lab.wait(parent);
  const std::uint64_t start = now_ns();
  lab.store_all(parent);
  return since(start, sizes.fault_pages);
}

double demand_zero(const Sizes& sizes) {
  Lab lab(room_for_two(sizes.fault_pages), data_of(sizes.fault_pages));
  lab.use_all_frames();
  const ProcSlot process = lab.spawn();
  const std::uint64_t start = now_ns();
  lab.store_all(process);
  return since(start, sizes.fault_pages);
}

double last_user(const Sizes& sizes) {
  Lab lab(room_for_two(sizes.fault_pages), data_of(sizes.fault_pages));
  lab.use_all_frames();
  const ProcSlot process = lab.spawn();
  lab.store_all(process);
  const std::uint64_t start = now_ns();
  lab.exit(process);
  return since(start, sizes.fault_pages);
}

double fork_small(const Sizes& sizes) {
  Lab lab(machine(1024), {.name = "small", .text = 16, .data = 64, .stack = 2});
  const ProcSlot parent = lab.spawn();
  lab.store_all(parent);
  return children_one_by_one(lab, parent, sizes.calls);
}

double vfork_any(const Sizes& sizes) {
  Lab lab(machine(sizes.pages + 16), data_of(sizes.pages));
  const ProcSlot parent = lab.spawn();
  lab.store_all(parent);
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < sizes.calls; ++i) {
    lab.exit(lab.vfork(parent));
    lab.wait(parent);
  }
  return since(start, sizes.calls);
}

double tlb_hit(const Sizes& sizes) {
  Lab lab(machine(16), data_of(kHitPages));
  const ProcSlot process = lab.spawn();
  lab.store_all(process);
  const auto offsets = hit_offsets();
  const std::uint64_t base = lab.data(0).value;
  Hart& hart = KernelTestPeer::vm(lab.kernel()).hart;
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < sizes.accesses; i += 2) {
    const VirtAddr from{base + offsets[i % offsets.size()]};
    const VirtAddr to{base + offsets[i % offsets.size() + 1]};
    const std::byte* read = hart.hit(from, Access::Load);
    if (read == nullptr) break;
    std::byte* written = hart.hit(to, Access::Store);
    if (written == nullptr) break;
    *written = *read;
  }
  return since(start, sizes.accesses);
}

double random_loads(const Sizes& sizes) {
  Lab lab(machine(sizes.pages + 16), data_of(sizes.pages));
  const ProcSlot process = lab.spawn();
  lab.store_all(process);
  const std::uint64_t base = lab.data(0).value;
  const std::uint64_t mask = sizes.pages * kPageSize - 1;
  Hart& hart = KernelTestPeer::vm(lab.kernel()).hart;
  Numbers numbers;
  std::uint64_t sum = 0;
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < sizes.walks; ++i) {
    const VirtAddr va{base + (numbers.next() & mask)};
    const auto byte = hart.access(va, Access::Load);
    if (!byte) break;
    sum += std::to_integer<std::uint64_t>(**byte);
  }
  benchmark::DoNotOptimize(sum);
  return since(start, sizes.walks);
}

double one_by_one(const Sizes& sizes) {
  Lab lab(machine(64), {.name = "smallest", .text = 1, .data = 1});
  return children_one_by_one(lab, lab.spawn(), sizes.calls);
}

double tree(const Sizes& sizes) {
  Lab lab(machine(sizes.width * sizes.width + 64), {.name = "smallest", .text = 1, .data = 1});
  grow_and_fell_tree(lab, sizes.width);
  const std::uint64_t start = now_ns();
  grow_and_fell_tree(lab, sizes.width);
  return since(start, sizes.width * sizes.width);
}

double chain(const Sizes& sizes) { return chain_of(sizes.depth); }
double chain_short(const Sizes& sizes) { return chain_of(sizes.depth / 10); }

double steal_and_return(const Sizes& sizes) {
  const std::uint32_t pages = sizes.fault_pages;
  Config config = machine(pages + 16);
  config.swap = {2 * std::uint64_t{pages}};
  config.max_age = 1;
  Lab lab(config, data_of(pages));
  const ProcSlot process = lab.spawn();
  const ProcSlot other = lab.spawn();
  const auto once = [&] {
    lab.store_all(process);
    const std::uint64_t start = now_ns();
    lab.kernel().steal(pages);
    const double out = since(start, pages);
    const ProcSlot user = lab.fork(other);
    lab.store_all(user);  // so that no page is found on the free list
    lab.exit(user);
    lab.wait(other);
    const std::uint64_t back = now_ns();
    lab.load_all(process);
    return out + since(back, pages);
  };
  once();
  return once();
}

double statement(const Sizes& sizes) {
  Sources sources;
  const std::string text = "machine frames=64\nprogram demo text=1 data=16\nspawn demo as P\nfor i in 1.." +
                           std::to_string(sizes.statements) + " {\n  P: write data[i % 16] = i\n}\n";
  const ParseResult parsed = parse_text(sources, text);
  const auto config = configure(parsed.script, {});
  if (!config) throw std::runtime_error("no such machine");
  Listener listener;
  Run run(*config, parsed.script, listener);
  const std::uint64_t start = now_ns();
  if (run.run()) throw std::runtime_error("the script stopped");
  return since(start, sizes.statements);
}

// Runs `event_loop.cc` as it is built in one of its two ways: for long, as 2 % is to be told from noise.
double event_loop(std::string_view program, const Sizes& sizes) {
  const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe").parent_path() / program;
  FILE* const output = popen(fmt::format("'{}' {}", path.string(), 5 * sizes.calls).c_str(), "r");
  if (output == nullptr) throw std::runtime_error("no pipe");
  double ns = 0;
  const bool read = std::fscanf(output, "%lf", &ns) == 1;
  if (pclose(output) != 0 || !read) throw std::runtime_error(fmt::format("{} failed", program));
  return ns;
}
double with_events(const Sizes& sizes) { return event_loop("with_events", sizes); }
double without_events(const Sizes& sizes) { return event_loop("without_events", sizes); }

double parse_line(const Sizes& sizes) {
  std::string text = "program demo text=1 data=16\nspawn demo as P\n";
  for (std::uint32_t i = 0; i < sizes.lines; ++i) text += "P: write data[7 % 16] = 1234\n";
  Sources sources;
  const std::uint64_t start = now_ns();
  benchmark::DoNotOptimize(parse_text(sources, std::move(text)));
  return since(start, sizes.lines);
}

}  // namespace bachsim::bench::ours
