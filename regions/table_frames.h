// Page-table frames: the pages behind the pageable frames, for tables of every level. Beside each is a table of disk
// block descriptors, which leaf tables use. A free one is all zeros, and so are its dbds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "regions/dbd.h"
#include "sim/machine/check.h"
#include "sim/machine/host_block.h"
#include "sim/machine/phys_mem.h"
#include "sim/machine/pte.h"

namespace bachsim {

class TableFrames {
 public:
  // The simulator can address 64 GiB of tables.
  static constexpr std::uint64_t kCapacity = std::uint64_t{1} << 24;

  // At most `limit` are handed out at a time. `memory` and `budget` must outlive it.
  TableFrames(PhysMem& memory, std::uint64_t limit, HostShare& budget);

  // How many more can be handed out, or promised.
  [[nodiscard]] std::uint64_t available() const { return limit_ - std::min(limit_, used_ + promised_); }

  // An empty table. Throws HostLimit if there is no memory for it.   REQUIRES: it was promised, or available() > 0
  [[nodiscard]] Ppn alloc();

  // REQUIRES: every PTE and dbd of the table is zero
  void free(Ppn table) {
    KASSERT(contains(table));
    free_.push_back(table);
    --used_;
  }

  // Sets so many frames aside; alloc() draws from them first.
  void promise(std::uint64_t frames) { promised_ = frames; }

  // Entry `entry` of a table leads to another table, or nowhere any more.   REQUIRES: `table` came from alloc()
  void link(Ppn table, std::uint64_t entry, Ppn next) { ptes(table)[entry] = Pte::make(next, Pte::kV); }
  void unlink(Ppn table, std::uint64_t entry) { ptes(table)[entry] = Pte{}; }

  // A guess (host_cache.h): every fork takes as many as this one.
  void expect_forks_of(std::uint64_t tables) { tables_of_a_fork_ = tables; }
  // The frame that will stand in the next fork where the one just handed out stands in this one, if it is known.
  [[nodiscard]] std::optional<Ppn> upcoming() const {
    const std::uint64_t nth = tables_of_a_fork_;
    return nth != 0 && nth <= free_.size() ? std::optional(free_[free_.size() - nth]) : std::nullopt;
  }

  // The dbds beside the table's PTEs, kTableEntries of them.   REQUIRES: `table` came from alloc()
  [[nodiscard]] const Dbd* dbds(Ppn table) const { return reinterpret_cast<const Dbd*>(dbds_[index(table)]); }

  [[nodiscard]] bool contains(Ppn ppn) const { return ppn.value - first_.value < taken_; }
  [[nodiscard]] std::uint64_t used() const { return used_; }
  [[nodiscard]] std::uint64_t peak() const { return peak_; }

  // Finds free frames that are not empty.
  void audit(Violations& out) const;

 private:
  friend class Page;  // writes the leaf tables
  friend struct TableFramesTestPeer;

  [[nodiscard]] Pte* ptes(Ppn table) { return reinterpret_cast<Pte*>(memory_->page(table)); }
  [[nodiscard]] Dbd* dbds(Ppn table) { return reinterpret_cast<Dbd*>(dbds_[index(table)]); }
  void back_next();
  [[nodiscard]] std::uint64_t index(Ppn table) const { return table.value - first_.value; }

  PhysMem* memory_;
  HostShare* budget_;
  Ppn first_;
  std::uint64_t limit_;
  std::uint64_t taken_ = 0;  // frames from `first_` on that were handed out at least once
  std::uint64_t used_ = 0;
  std::uint64_t peak_ = 0;
  std::uint64_t promised_ = 0;
  std::uint64_t tables_of_a_fork_ = 0;
  std::vector<Ppn> free_;  // the last one freed goes out first: its lines are still in the cache
  LazyPages dbds_;         // beside each table
};

}  // namespace bachsim
