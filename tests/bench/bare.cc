// What the operations cannot avoid: the words of the same tables read and written, the same pages
// copied and cleared, frames in order. No checks, no kinds of pages, no counters.
#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <string>

#include "sim/machine/host_block.h"
#include "tests/bench/measure.h"
#include "tests/bench/rows.h"

namespace bachsim::bench::bare {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kValid = 1;
constexpr std::uint64_t kWrite = 4;
constexpr std::uint64_t kCow = 256;
constexpr unsigned kFrameShift = 10;

struct Links {
  std::uint32_t next;
  std::uint32_t prev;
};

// A process's tables: words for PTEs and dbds.
struct Tables {
  explicit Tables(std::uint32_t pages) : ptes(pages), dbds(pages) {}

  LazyArray<std::uint64_t> ptes;
  LazyArray<std::uint64_t> dbds;
};

// Two processes' tables, counts and links of frames, and their bytes where pages are copied: each
// touched once.
struct Arrays {
  Arrays(std::uint32_t pages_, std::uint32_t frames, bool with_bytes)
      : pages(pages_),
        parent(pages),
        child(pages),
        refs(frames),
        links(frames),
        bytes(with_bytes ? frames * kPage : 0) {
    for (std::uint32_t i = 0; i < pages; ++i) {
      parent.ptes[i] = std::uint64_t{i} << kFrameShift | kWrite | kValid;
      parent.dbds[i] = 2;
      child.ptes[i] = 0;
      child.dbds[i] = 0;
    }
    for (std::uint32_t i = 0; i < frames; ++i) {
      refs[i] = i < pages ? 1 : 0;
      links[i] = {i + 1, i};
    }
    if (with_bytes) std::memset(bytes.data(), 1, frames * kPage);
  }

  std::byte* page(std::uint64_t pte) { return bytes.data() + (pte >> kFrameShift) * kPage; }

  std::uint32_t pages;
  Tables parent;
  Tables child;
  LazyArray<std::uint32_t> refs;
  LazyArray<Links> links;
  LazyArray<std::byte> bytes;
};

void duplicate(Arrays& a) {
  for (std::uint32_t i = 0; i < a.pages; ++i) {
    std::uint64_t pte = a.parent.ptes[i];
    if ((pte & kValid) != 0) ++a.refs[pte >> kFrameShift];
    pte = (pte & ~kWrite) | kCow;
    a.parent.ptes[i] = pte;
    a.child.ptes[i] = pte;
    a.child.dbds[i] = a.parent.dbds[i];
  }
  benchmark::ClobberMemory();
}

void empty(Arrays& a) {
  for (std::uint32_t i = 0; i < a.pages; ++i) {
    const std::uint64_t pte = a.child.ptes[i];
    if ((pte & kValid) != 0) --a.refs[pte >> kFrameShift];
    a.child.ptes[i] = 0;
    a.child.dbds[i] = 0;
  }
  benchmark::ClobberMemory();
}

struct ForkTimes {
  double fork;
  double exit;
};

ForkTimes fork_and_exit(const Sizes& sizes) {
  Arrays a(sizes.pages, sizes.pages, false);
  constexpr unsigned kCycles = 8;
  ForkTimes sum{};
  for (unsigned cycle = 0; cycle < kCycles; ++cycle) {
    const std::uint64_t start = now_ns();
    duplicate(a);
    const std::uint64_t forked = now_ns();
    empty(a);
    sum.fork += static_cast<double>(forked - start);
    sum.exit += static_cast<double>(now_ns() - forked);
  }
  const double units = static_cast<double>(sizes.pages) * kCycles;
  return {sum.fork / units, sum.exit / units};
}

// The frame at the head of the free list.
std::uint32_t take(Arrays& a, std::uint32_t& head) {
  const std::uint32_t frame = head;
  head = a.links[frame].next;
  a.refs[frame] = 1;
  return frame;
}

}  // namespace

double fork(const Sizes& sizes) { return fork_and_exit(sizes).fork; }
double exit_of_child(const Sizes& sizes) { return fork_and_exit(sizes).exit; }

double copied(const Sizes& sizes) {
  Arrays a(sizes.fault_pages, 2 * sizes.fault_pages + 1, true);
  duplicate(a);
  std::uint32_t head = sizes.fault_pages;
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < a.pages; ++i) {
    const std::uint64_t old = a.child.ptes[i];
    const std::uint32_t frame = take(a, head);
    const std::uint64_t pte = std::uint64_t{frame} << kFrameShift | kWrite | kValid;
    std::memcpy(a.page(pte), a.page(old), kPage);
    --a.refs[old >> kFrameShift];
    a.child.ptes[i] = pte;
    a.child.dbds[i] = 0;
    a.page(pte)[0] = std::byte{2};
    benchmark::ClobberMemory();
  }
  return since(start, sizes.fault_pages);
}

double kept(const Sizes& sizes) {
  Arrays a(sizes.fault_pages, sizes.fault_pages + 1, true);
  duplicate(a);
  empty(a);
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < a.pages; ++i) {
    std::uint64_t& pte = a.parent.ptes[i];
    if (a.refs[pte >> kFrameShift] == 1) pte = (pte & ~kCow) | kWrite;
    a.parent.dbds[i] = 0;
    a.page(pte)[0] = std::byte{2};
    benchmark::ClobberMemory();
  }
  return since(start, sizes.fault_pages);
}

double demand_zero(const Sizes& sizes) {
  Arrays a(sizes.fault_pages, 2 * sizes.fault_pages + 1, true);
  std::uint32_t head = sizes.fault_pages;
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < a.pages; ++i) {
    const std::uint32_t frame = take(a, head);
    const std::uint64_t pte = std::uint64_t{frame} << kFrameShift | kWrite | kValid;
    std::memset(a.page(pte), 0, kPage);
    a.child.ptes[i] = pte;
    a.child.dbds[i] = 0;
    a.page(pte)[0] = std::byte{2};
    benchmark::ClobberMemory();
  }
  return since(start, sizes.fault_pages);
}

double last_user(const Sizes& sizes) {
  Arrays a(sizes.fault_pages, 2 * sizes.fault_pages + 1, false);
  std::uint32_t tail = 2 * sizes.fault_pages;
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < a.pages; ++i) {
    const auto frame = static_cast<std::uint32_t>(a.parent.ptes[i] >> kFrameShift);
    if (--a.refs[frame] == 0) {
      a.links[tail].next = frame;
      a.links[frame] = {0, tail};
      tail = frame;
    }
    a.parent.ptes[i] = 0;
    a.parent.dbds[i] = 0;
  }
  benchmark::ClobberMemory();
  return since(start, sizes.fault_pages);
}

// A TLB as an emulator has it: an array of tags for loads and one for stores, and pages.
struct SmallTlb {
  static constexpr std::uint64_t kSlots = 64;
  struct Entry {
    std::uint64_t load = ~std::uint64_t{0};
    std::uint64_t store = ~std::uint64_t{0};
    std::byte* page = nullptr;
  };
  std::array<Entry, kSlots> entries;

  Entry& slot(std::uint64_t vpn) { return entries[vpn % kSlots]; }
};

double tlb_hit(const Sizes& sizes) {
  LazyArray<std::byte> bytes(kHitPages * kPage);
  std::memset(bytes.data(), 1, kHitPages * kPage);
  SmallTlb tlb;
  for (std::uint64_t page = 0; page < kHitPages; ++page) tlb.slot(page) = {page, page, bytes.data() + page * kPage};
  const auto offsets = hit_offsets();
  benchmark::DoNotOptimize(tlb.entries.data());
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < sizes.accesses; i += 2) {
    const std::uint64_t from = offsets[i % offsets.size()];
    const SmallTlb::Entry& load = tlb.slot(from / kPage);
    if (load.load != from / kPage) break;
    const std::byte read = load.page[from % kPage];
    const std::uint64_t to = offsets[i % offsets.size() + 1];
    const SmallTlb::Entry& store = tlb.slot(to / kPage);
    if (store.store != to / kPage) break;
    store.page[to % kPage] = read;
    benchmark::ClobberMemory();
  }
  return since(start, sizes.accesses);
}

double random_loads(const Sizes& sizes) {
  constexpr unsigned kBits = 9;
  constexpr std::uint64_t kEntries = 1u << kBits;
  const std::uint64_t leaf_tables = (sizes.pages + kEntries - 1) / kEntries;
  LazyArray<std::byte> bytes(sizes.pages * kPage);
  std::memset(bytes.data(), 1, sizes.pages * kPage);
  LazyArray<std::uint64_t> root(kEntries);
  LazyArray<std::uint64_t> middle(kEntries);
  LazyArray<std::uint64_t> leaves(leaf_tables * kEntries);
  root[0] = 0;
  for (std::uint64_t i = 0; i < leaf_tables; ++i) middle[i] = i * kEntries;
  for (std::uint64_t i = 0; i < sizes.pages; ++i) leaves[i] = i << kFrameShift | kValid;
  SmallTlb tlb;
  const std::uint64_t mask = sizes.pages * kPage - 1;
  Numbers numbers;
  std::uint64_t sum = 0;
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < sizes.walks; ++i) {
    const std::uint64_t va = numbers.next() & mask;
    const std::uint64_t vpn = va / kPage;
    SmallTlb::Entry& entry = tlb.slot(vpn);
    if (entry.load != vpn) {
      const std::uint64_t below_root = root[vpn >> 2 * kBits];
      const std::uint64_t table = middle[below_root + (vpn >> kBits & (kEntries - 1))];
      const std::uint64_t pte = leaves[table + (vpn & (kEntries - 1))];
      entry = {vpn, vpn, bytes.data() + (pte >> kFrameShift) * kPage};
    }
    sum += std::to_integer<std::uint64_t>(entry.page[va % kPage]);
  }
  benchmark::DoNotOptimize(sum);
  return since(start, sizes.walks);
}

double steal_and_return(const Sizes& sizes) {
  Arrays a(sizes.fault_pages, sizes.fault_pages + 1, true);
  LazyArray<std::byte> swap(sizes.fault_pages * kPage);
  std::memset(swap.data(), 1, sizes.fault_pages * kPage);
  const std::uint64_t start = now_ns();
  for (std::uint32_t i = 0; i < a.pages; ++i) {
    std::uint64_t& pte = a.parent.ptes[i];
    std::memcpy(swap.data() + i * kPage, a.page(pte), kPage);
    --a.refs[pte >> kFrameShift];
    pte &= ~kValid;
    a.parent.dbds[i] = i;
    benchmark::ClobberMemory();
  }
  for (std::uint32_t i = 0; i < a.pages; ++i) {
    std::uint64_t& pte = a.parent.ptes[i];
    std::memcpy(a.page(pte), swap.data() + a.parent.dbds[i] * kPage, kPage);
    ++a.refs[pte >> kFrameShift];
    pte |= kValid;
    benchmark::ClobberMemory();
  }
  return since(start, sizes.fault_pages);
}

// Each byte of a text read once.
double scan_line(const Sizes& sizes) {
  std::string text;
  for (std::uint32_t i = 0; i < sizes.lines; ++i) text += "P: write data[7 % 16] = 1234\n";
  std::uint64_t words = 0;
  const std::uint64_t start = now_ns();
  bool inside = false;
  for (const char c : text) {
    const bool letter = c > ' ';
    words += letter && !inside ? 1u : 0u;
    inside = letter;
  }
  benchmark::DoNotOptimize(words);
  return since(start, sizes.lines);
}

}  // namespace bachsim::bench::bare
