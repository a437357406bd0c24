// The region table (Bach 6.2 and 9.2): regions with their type, count, size and page table.
//
// A region's page table is its leaf tables. Processes that share the region link the same ones into their upper levels,
// so regions start on the 2 MiB boundaries of leaf tables.
#pragma once

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "regions/dbd.h"
#include "sim/machine/check.h"
#include "sim/machine/pte.h"

namespace bachsim {

using RegionId = Id<struct RegionTag, std::uint32_t>;  // from 1

enum class RegionType : std::uint8_t { Text, Data, Stack, Shm };
template <>
inline constexpr std::array<std::string_view, 4> kWords<RegionType>{"text", "data", "stack", "shm"};

// A private region belongs to one process at a time; fork duplicates it. A shared one is attached again.
constexpr bool is_private(RegionType type) { return type == RegionType::Data || type == RegionType::Stack; }
constexpr bool is_writable(RegionType type) { return type != RegionType::Text; }

struct Region {
  RegionType type = RegionType::Text;
  bool active = false;
  std::uint32_t locks = 0;  // pregions that hold a plock on it
  std::uint32_t pages = 0;
  std::optional<ProgramId> program;               // text and data: what it was loaded from
  boost::container::small_vector<Ppn, 1> leaves;  // leaf tables, one for each 512 pages

  // A stack's page 0 is its highest, so its tables fill from their ends.
  [[nodiscard]] unsigned slot(std::uint32_t page) const {
    const unsigned index = page % kTableEntries;
    return type == RegionType::Stack ? kTableEntries - 1 - index : index;
  }

  // Its count: its pregions, and one each for sticky text and a shared memory identifier.
  [[nodiscard]] std::uint32_t refs() const { return refs_; }
  // Pages whose PTE is valid.
  [[nodiscard]] std::uint32_t valid() const { return valid_; }

 private:
  friend class RegionTable;  // changes the count
  friend class Page;         // changes the number of valid pages
  friend struct RegionTestPeer;

  std::uint32_t refs_ = 0;
  std::uint32_t valid_ = 0;
};

// A page by its region and its number there.
struct PageId {
  RegionId region;
  std::uint32_t page = 0;

  friend auto operator<=>(PageId, PageId) = default;
};

class RegionTable {
 public:
  static constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};

  explicit RegionTable(std::uint64_t limit = kNoLimit) : limit_(limit) {}

  // How many more can be allocated, or promised.
  [[nodiscard]] std::uint64_t available() const { return limit_ - std::min(limit_, active_ + promised_); }
  // Sets so many entries aside; alloc() draws from them first.
  void promise(std::uint64_t entries) { promised_ = entries; }

  // An entry with the lowest free id, of 0 pages and count 0.   REQUIRES: it was promised, or available() > 0
  [[nodiscard]] RegionId alloc(RegionType type, std::optional<ProgramId> program) {
    KASSERT(active_ < limit_);
    KASSERT(promised_ > 0 || available() > 0);
    promised_ -= promised_ > 0 ? 1 : 0;
    RegionId id{last().value + 1};
    if (holes_.empty()) {
      table_.emplace_back();
    } else {
      std::ranges::pop_heap(holes_, std::greater{});
      id = RegionId{holes_.back()};
      holes_.pop_back();
    }
    Region& region = (*this)[id];
    KASSERT(!region.active);
    region.type = type;
    region.active = true;
    region.program = program;
    ++active_;
    return id;
  }

  // REQUIRES: no pages, count 0
  void free(RegionId id) {
    Region& region = (*this)[id];
    KASSERT(region.active);
    KASSERT(region.refs_ == 0);
    KASSERT(region.locks == 0);
    KASSERT(region.pages == 0);
    KASSERT(region.valid_ == 0);
    region.active = false;
    --active_;
    holes_.push_back(id.value);
    std::ranges::push_heap(holes_, std::greater{});
  }

  // References stay good while other entries come and go.   REQUIRES: id came from alloc() some time
  [[nodiscard]] Region& operator[](RegionId id) { return table_[id.value - 1]; }
  [[nodiscard]] const Region& operator[](RegionId id) const { return table_[id.value - 1]; }

  // One more holds the region, or one fewer: drop() is true if that was the last (see release(), regops.h).
  void hold(RegionId id) { ++(*this)[id].refs_; }
  [[nodiscard]] bool drop(RegionId id) {
    KASSERT((*this)[id].refs_ > 0);
    return --(*this)[id].refs_ == 0;
  }

  [[nodiscard]] std::uint64_t active() const { return active_; }

  // No region has a higher id.
  [[nodiscard]] RegionId last() const { return RegionId{static_cast<std::uint32_t>(table_.size())}; }

  // Calls visit(RegionId, const Region&) for each active region, ids ascending.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::uint32_t id = 1; id <= table_.size(); ++id) {
      if (table_[id - 1].active) visit(RegionId{id}, table_[id - 1]);
    }
  }

 private:
  std::uint64_t limit_;
  std::uint64_t active_ = 0;
  std::uint64_t promised_ = 0;
  std::deque<Region> table_;          // [id - 1]
  std::vector<std::uint32_t> holes_;  // free ids up to last(): a heap, lowest on top
};

}  // namespace bachsim
