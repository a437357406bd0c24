// Page replacement by other rules than age (`stealer=`), against the simplest programs for the same rules that there
// are.
#include <algorithm>
#include <map>
#include <vector>

#include "regions/frame_queue.h"
#include "regions/random.h"
#include "regions/residents.h"
#include "sim/kernel/audit.h"
#include "tests/unit/fixture.h"

namespace bachsim {
namespace {

using String = std::vector<std::uint32_t>;  // pages, in the order of the references

const String kBelady{1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5};
const String kSilberschatz{7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1};
constexpr std::array kRules{StealBy::Clock, StealBy::Fifo, StealBy::Lru, StealBy::Nru, StealBy::Random, StealBy::Opt};

// One process that references pages of its data.
struct OneProcess {
  explicit OneProcess(const Config& config) : kernel(config) {
    process = kernel.spawn(kernel.add_program({.name = "demo", .data = 16, .bss = 16, .stack = 0})).value();
  }
  VirtAddr address(std::uint32_t page) const {
    return VirtAddr{kernel.space(process).pregions[1].anchor.value + page * kPageSize};
  }
  void reference(const String& string) {
    for (const std::uint32_t page : string) REQUIRE(kernel.load(process, address(page)).has_value());
  }
  std::uint64_t faults() const { return kernel.vm().vfault.total(); }

  Kernel kernel;
  ProcSlot process;
};

Config machine(StealBy rule, std::uint64_t frames) {
  return {.frames = frames, .swap = {64}, .tlb = 4, .stealer = rule, .seed = 7};
}

// What the run refers to, for stealer=opt.
std::shared_ptr<const PageUses> uses_of(const Config& config, const String& string) {
  OneProcess first(config);
  first.reference(string);
  return first.kernel.uses();
}

std::uint64_t faults(StealBy rule, std::uint64_t frames, const String& string) {
  OneProcess it(machine(rule, frames));
  if (rule == StealBy::Opt) it.kernel.foresee(uses_of(machine(rule, frames), string));
  it.reference(string);
  CHECK(findings(audit(it.kernel)).empty());
  return it.faults();
}

// The textbook's own programs. `victim` has the resident pages, in the order in which they came, and the place in the
// string; it returns the index of one of them.
template <class Victim>
std::uint64_t demand(const String& string, std::size_t frames, Victim&& victim) {
  String resident;
  std::uint64_t faults = 0;
  for (std::size_t now = 0; now < string.size(); ++now) {
    if (std::ranges::find(resident, string[now]) != resident.end()) continue;
    ++faults;
    if (resident.size() == frames)
      resident.erase(resident.begin() + static_cast<std::ptrdiff_t>(victim(resident, now)));
    resident.push_back(string[now]);
  }
  return faults;
}

std::uint64_t demand_fifo(const String& string, std::size_t frames) {
  return demand(string, frames, [](const String&, std::size_t) { return 0; });
}

std::uint64_t demand_lru(const String& string, std::size_t frames) {
  return demand(string, frames, [&](const String& resident, std::size_t now) {
    const auto last = [&](std::uint32_t page) {
      std::size_t at = now;
      while (string[--at] != page) {
      }
      return at;
    };
    return std::ranges::min_element(resident, {}, last) - resident.begin();
  });
}

std::uint64_t demand_opt(const String& string, std::size_t frames) {
  return demand(string, frames, [&](const String& resident, std::size_t now) {
    const auto next = [&](std::uint32_t page) {
      return std::find(string.begin() + static_cast<std::ptrdiff_t>(now), string.end(), page) - string.begin();
    };
    return std::ranges::max_element(resident, {}, next) - resident.begin();
  });
}

std::uint64_t demand_clock(const String& string, std::size_t frames) {
  struct Slot {
    std::uint32_t page;
    bool referenced;
  };
  std::vector<Slot> slots;
  std::size_t hand = 0;
  std::uint64_t faults = 0;
  for (const std::uint32_t page : string) {
    const auto found = std::ranges::find(slots, page, &Slot::page);
    if (found != slots.end()) {
      found->referenced = true;
      continue;
    }
    ++faults;
    if (slots.size() < frames) {
      slots.push_back({page, true});
      continue;
    }
    for (; slots[hand].referenced; hand = (hand + 1) % frames) slots[hand].referenced = false;
    slots[hand] = {page, true};
    hand = (hand + 1) % frames;
  }
  return faults;
}

TEST_CASE("the strings of the textbooks have the faults of the textbooks") {
  CHECK(faults(StealBy::Fifo, 3, kBelady) == 9);
  CHECK(faults(StealBy::Fifo, 4, kBelady) == 10);  // Belady's anomaly
  CHECK(faults(StealBy::Lru, 3, kBelady) == 10);
  CHECK(faults(StealBy::Lru, 4, kBelady) == 8);
  CHECK(faults(StealBy::Opt, 3, kBelady) == 7);
  CHECK(faults(StealBy::Opt, 4, kBelady) == 6);
  CHECK(faults(StealBy::Fifo, 3, kSilberschatz) == 15);
  CHECK(faults(StealBy::Lru, 3, kSilberschatz) == 12);
  CHECK(faults(StealBy::Opt, 3, kSilberschatz) == 9);
}

TEST_CASE("over random strings each rule does what its textbook's program does, and none beats opt") {
  Random random(1, "strings");
  std::map<StealBy, std::uint64_t> worse;  // strings on which the rule takes more faults than opt
  for (int i = 0; i < 1000; ++i) {
    String string;
    const std::uint64_t pages = 3 + random.below(10);
    for (std::uint64_t n = 20 + random.below(30); n > 0; --n)
      string.push_back(static_cast<std::uint32_t>(random.below(pages)));
    const std::uint64_t frames = 1 + random.below(8);
    CAPTURE(i, frames, string);
    const std::uint64_t least = demand_opt(string, frames);
    CHECK(faults(StealBy::Opt, frames, string) == least);
    CHECK(faults(StealBy::Fifo, frames, string) == demand_fifo(string, frames));
    CHECK(faults(StealBy::Lru, frames, string) == demand_lru(string, frames));
    CHECK(faults(StealBy::Clock, frames, string) == demand_clock(string, frames));
    for (const StealBy rule :
         {StealBy::Clock, StealBy::Fifo, StealBy::Lru, StealBy::Nru, StealBy::Random, StealBy::Age}) {
      const std::uint64_t count = faults(rule, frames, string);
      CAPTURE(name(rule));
      CHECK(count >= least);
      worse[rule] += count > least ? 1 : 0;
    }
  }
  for (const auto& [rule, count] : worse) {
    CAPTURE(name(rule));
    CHECK(count > 300);
  }
}

TEST_CASE("random finds the few frames that can leave among many that cannot") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Config config{.frames = 300, .swap = {300}, .stealer = StealBy::Random, .seed = seed};
    OpenKernel kernel(config);
    const auto begin = [&](std::uint64_t pages) {
      const ProcSlot process = kernel.spawn(kernel.add_program({.name = "demo", .bss = pages, .stack = 0})).value();
      for (std::uint32_t page = 0; page < pages; ++page)
        REQUIRE(kernel.load(process, VirtAddr{kernel.space(process).pregions[1].anchor.value + page * kPageSize}));
      return process;
    };
    kernel.plock(begin(200), RegionType::Data, true);
    const ProcSlot process = begin(3);
    steal(kernel.vm(), 1);
    CHECK(kernel.vm().regions[kernel.space(process).pregions[1].region].valid() == 2);
    steal(kernel.vm(), 50);
    CHECK(kernel.vm().regions[kernel.space(process).pregions[1].region].valid() == 0);
    CHECK(kernel.vm().stealer.stolen == 3);
    CHECK(findings(audit(kernel)).empty());
  }
}

TEST_CASE("random is drawn by the seed") {
  const auto faults_of = [](std::uint64_t seed) {
    Config config = machine(StealBy::Random, 3);
    config.seed = seed;
    OneProcess it(config);
    it.reference(kSilberschatz);
    return it.faults();
  };
  std::map<std::uint64_t, int> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    ++seen[faults_of(seed)];
    CHECK(faults_of(seed) == faults_of(seed));
  }
  CHECK(seen.size() > 2);
}

// Pages of the data that are in memory.
String resident(const OneProcess& it) {
  String pages;
  const RegionId data = it.kernel.space(it.process).pregions[1].region;
  for (std::uint32_t page = 0; page < 32; ++page) {
    if (it.kernel.vm().page(it.kernel.vm().regions[data], page).pte.valid()) pages.push_back(page);
  }
  return pages;
}

TEST_CASE("nru takes the lowest class: what was referenced since the tick stays, and of the others what was modified") {
  OneProcess it(machine(StealBy::Nru, 4));
  for (const std::uint32_t page : String{16, 17, 18, 19}) REQUIRE(it.kernel.store(it.process, it.address(page), 1));
  it.kernel.steal(4);  // so that all have a copy on swap
  it.reference({16, 17, 18, 19});
  REQUIRE(it.kernel.store(it.process, it.address(16), 2));  // class 3, and after the tick 1
  REQUIRE(it.kernel.store(it.process, it.address(18), 2));
  it.kernel.tick(1);
  it.reference({17, 18});  // classes 2 and 3
  it.reference({0});
  CHECK(resident(it) == String{0, 16, 17, 18});  // 19 was of class 0
  it.reference({1});
  CHECK(resident(it) == String{0, 1, 17, 18});  // 16 of class 1
  it.reference({2});                            // 0, 1 and 17 are of class 2: the first one behind 16's frame
  CHECK(resident(it).size() == 4);
  CHECK(std::ranges::count(resident(it), 18u) == 1);
}

TEST_CASE("a rule chooses no more frames than are wanted, however large a cluster is") {
  for (const StealBy rule : kRules) {
    Config config = machine(rule, 6);
    config.cluster = 4;
    const String string{16, 17, 18, 19, 20, 21, 22};
    OneProcess it(config);
    if (rule == StealBy::Opt) {
      OneProcess first(config);
      for (const std::uint32_t page : string) REQUIRE(first.kernel.store(first.process, first.address(page), 1));
      it.kernel.foresee(first.kernel.uses());
    }
    CAPTURE(name(rule));
    for (const std::uint32_t page : string) REQUIRE(it.kernel.store(it.process, it.address(page), 1));
    CHECK(it.kernel.vm().stealer.stolen == 1);
    it.kernel.steal(4);
    CHECK(it.kernel.vm().stealer.stolen == 5);
    CHECK(it.kernel.vm().swap.counters().transfers == 2);
  }
}

TEST_CASE("pages that share a frame leave it together") {
  for (const StealBy rule : kRules) {
    if (rule == StealBy::Opt) continue;  // nothing is referenced after the fork
    OneProcess it(machine(rule, 4));
    CAPTURE(name(rule));
    for (const std::uint32_t page : String{16, 17, 18}) REQUIRE(it.kernel.store(it.process, it.address(page), 1));
    REQUIRE(it.kernel.fork(it.process, 1));
    it.kernel.steal(1);
    CHECK(it.kernel.vm().stealer.stolen == 2);
    CHECK(it.kernel.vm().stealer.written == 1);
    CHECK(it.kernel.gauges().frames_free == 2);
    CHECK(findings(audit(it.kernel)).empty());
  }
}

TEST_CASE("a locked region keeps its frames, and the others go") {
  for (const StealBy rule : kRules) {
    OneProcess it(machine(rule, 8));
    CAPTURE(name(rule));
    it.reference({0, 1, 2});
    const ProcSlot child = it.kernel.fork(it.process, 1).value();
    for (const std::uint32_t page : String{0, 1}) REQUIRE(it.kernel.store(child, it.address(page), 1));
    it.kernel.plock(child, RegionType::Data, true);
    it.kernel.steal(8);
    // Page 2 is in a frame with the child's, which is locked.
    CHECK(resident(it) == String{2});
    CHECK(it.kernel.gauges().frames_used == 3);
    CHECK(findings(audit(it.kernel)).empty());
  }
}

TEST_CASE("what cannot be written stays, and what needs no writing goes") {
  for (const StealBy rule : kRules) {
    Config config = machine(rule, 6);
    config.swap = {1};
    OneProcess it(config);
    CAPTURE(name(rule));
    for (const std::uint32_t page : String{16, 17, 18}) REQUIRE(it.kernel.store(it.process, it.address(page), 1));
    it.reference({0, 1});
    it.kernel.steal(6);
    CHECK(resident(it).size() == 2);
    CHECK(it.kernel.gauges().frames_free == 4);
    CHECK(findings(audit(it.kernel)).empty());
  }
}

TEST_CASE("a store that keeps its frame does not make its page young to fifo") {
  OneProcess it(machine(StealBy::Fifo, 3));
  it.reference({0, 1, 2});
  REQUIRE(it.kernel.store(it.process, it.address(0), 1));
  REQUIRE(it.kernel.vm().pfault.kept == 1);
  it.reference({3});
  CHECK(resident(it) == String{1, 2, 3});
}

TEST_CASE("a text that processes share is one page to all of them") {
  Kernel kernel(machine(StealBy::Lru, 3));
  const ProgramId program = kernel.add_program({.name = "demo", .text = 4, .stack = 0});
  const ProcSlot a = kernel.spawn(program, 0).value();
  const ProcSlot b = kernel.spawn(program, 1).value();
  const auto fetch = [&](ProcSlot who, std::uint32_t page) {
    REQUIRE(kernel.fetch(who, VirtAddr{kernel.space(who).pregions[0].anchor.value + page * kPageSize}));
  };
  fetch(a, 0);
  fetch(a, 1);
  fetch(a, 2);
  fetch(b, 0);  // so that page 1 is the one used longest ago
  fetch(b, 3);
  CHECK_FALSE(kernel.vm().page(kernel.vm().regions[RegionId{1}], 1).pte.valid());
  CHECK(kernel.vm().page(kernel.vm().regions[RegionId{1}], 0).pte.valid());
  CHECK(kernel.vm().vfault.total() == 4);
}

TEST_CASE("opt says where a run leaves what it was to do") {
  const Config config = machine(StealBy::Opt, 3);
  OneProcess it(config);
  it.kernel.foresee(uses_of(config, {1, 2, 3}));
  it.reference({1, 2});
  it.kernel.set_foreseen(false);
  it.reference({9, 1});
  it.kernel.set_foreseen(true);
  it.reference({3});
  CHECK_THROWS_AS(it.kernel.load(it.process, it.address(4)), Unforeseen);
  OneProcess other(config);
  other.kernel.foresee(uses_of(config, {1, 2, 3}));
  other.reference({1});
  CHECK_THROWS_AS(other.kernel.load(other.process, other.address(3)), Unforeseen);
}

TEST_CASE("stealer=opt knows when a page that was read ahead is used, and not what used its frame before") {
  const Config config{.frames = 3, .swap = {64}, .high = 2, .tlb = 4, .prepage = 1, .stealer = StealBy::Opt};
  const String string{15, 2, 0, 4, 1, 2, 15};  // 15 is the last page of the file; 3, 1 and 5 are read ahead
  OneProcess it(config);
  it.kernel.foresee(uses_of(config, string));
  const auto is_here = [&it](std::uint32_t page) {
    const RegionId data = it.kernel.space(it.process).pregions[1].region;
    return it.kernel.vm().page(it.kernel.vm().regions[data], page).pte.valid();
  };
  it.reference({15, 2, 0});
  REQUIRE((is_here(2) && is_here(0) && is_here(1)));
  it.reference({4});
  CHECK(is_here(1));
  CHECK_FALSE(is_here(2));
}

TEST_CASE("what stealer=opt looks ahead to comes out of the host's budget, page by page") {
  HostBudget budget(std::uint64_t{1} << 20);
  PageUses uses(&budget);
  const auto note = [&uses](std::uint32_t first, std::uint32_t end) {
    for (std::uint32_t page = first; page < end; ++page) uses.note({RegionId{1}, page});
  };
  note(0, 1000);
  CHECK(uses.pages() == 1000);
  CHECK_THROWS_AS(note(1000, 20'000), HostLimit);
}

TEST_CASE("what stealer=opt looks ahead to comes out of the host's budget, reference by reference") {
  HostBudget budget(std::uint64_t{1} << 20);
  PageUses uses(&budget);
  const auto note = [&uses](int references) {
    for (int i = 0; i < references; ++i) uses.note({RegionId{1}, 0});
  };
  CHECK_NOTHROW(note(100'000));
  CHECK_THROWS_AS(note(200'000), HostLimit);
}

TEST_CASE("the order of frames comes out of the host's budget, where a frame is new to it") {
  HostBudget budget(std::uint64_t{4} << 20);
  HostShare share(&budget);
  FrameQueue queue(share);
  queue.to_end(Frame{1});
  use_up(share);
  CHECK_NOTHROW(queue.to_end(Frame{0}));
  CHECK_THROWS_AS(queue.to_end(Frame{2}), HostLimit);
}

TEST_CASE("a frame for which swap had no block is the first again when the stealer works next") {
  Machine it({.frames = 16, .swap = {1}, .stealer = StealBy::Fifo});
  const ProgramId program = it.program(0, 0, 2, 0);
  const ProcSlot other = it.spawn(program);
  const ProcSlot process = it.spawn(program);
  it.store(other, kTextStart, 1);
  it.store(process, kTextStart, 1);
  it.store(process, page_at(kTextStart, 1), 1);
  const auto valid = [&](std::uint32_t page) { return Page(it.kernel.vm(), {it.region(process, 1), page}).valid(); };
  it.kernel.steal(1);
  it.kernel.steal(1);
  CHECK(it.kernel.counters().stealer.stolen == 1);
  CHECK((valid(0) && valid(1)));
  it.kernel.exit(other, 0);
  it.kernel.steal(1);
  CHECK_FALSE(valid(0));
  CHECK(valid(1));
}

}  // namespace
}  // namespace bachsim
