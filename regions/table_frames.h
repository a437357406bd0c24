// Page-table frames: the pages behind the pageable frames that page tables of every level are made of, each with
// a parallel table of disk block descriptors, which only leaf tables use.
//
// A table frame that is free is all zeros, and so are its dbds: whoever frees one has emptied it.
#pragma once

#include <cstdint>
#include <vector>

#include "regions/dbd.h"
#include "sim/machine/check.h"
#include "sim/machine/host_memory.h"
#include "sim/machine/phys_mem.h"
#include "sim/machine/pte.h"

namespace bachsim {

// What a table is for: one that points to tables, or one that points to pages and needs dbds.
enum class TableUse : std::uint8_t { Upper, Leaf };

class TableFrames {
 public:
  // What the simulator can address: 64 GiB of tables.
  static constexpr std::uint64_t kCapacity = std::uint64_t{1} << 24;

  // The frames from `first` on; at most `limit` are handed out at a time. `memory` and `budget` must outlive it.
  // REQUIRES: memory reaches min(limit, kCapacity) frames behind `first`
  TableFrames(PhysMem& memory, Ppn first, std::uint64_t limit, HostBudget& budget);

  // How many more alloc() can hand out: callers reserve by looking here first.
  [[nodiscard]] std::uint64_t available() const { return limit_ - used_; }

  // An empty table.   REQUIRES: available() > 0. Throws HostLimit beyond kCapacity.
  [[nodiscard]] Ppn alloc();

  // REQUIRES: every PTE and dbd of the table is zero
  void free(Ppn table);

  // A fork is about to take so many tables. The next one is likely to take as many, and to use the same entries of
  // them: for each table, alloc() is followed by prefetch_next() of those, so that the host brings them in meanwhile.
  void begin_fork(std::uint64_t tables) { fork_ = tables; }

  // Asks the host for an entry of the table that alloc() hands out one fork after the last one.
  void prefetch_next(unsigned entry, TableUse use) const {
    if (fork_ == 0 || free_.size() < fork_)
      return;
    const Ppn table = free_[free_.size() - fork_];
    prefetch(memory_->table(table) + entry);
    if (use == TableUse::Leaf)
      prefetch(dbds(table) + entry);
  }

  // The dbds beside the table's PTEs, kTableEntries of them.   REQUIRES: `table` came from alloc()
  [[nodiscard]] Dbd* dbds(Ppn table) { return dbds_.data() + index(table) * kTableEntries; }
  [[nodiscard]] const Dbd* dbds(Ppn table) const { return dbds_.data() + index(table) * kTableEntries; }

  [[nodiscard]] bool contains(Ppn ppn) const { return ppn.value - first_.value < taken_; }
  [[nodiscard]] std::uint64_t used() const { return used_; }
  [[nodiscard]] std::uint64_t peak() const { return peak_; }

  // Finds free frames that are not empty.
  void audit(Violations& out) const;

 private:
  [[nodiscard]] std::uint64_t index(Ppn table) const { return table.value - first_.value; }

  PhysMem* memory_;
  HostBudget* budget_;
  Ppn first_;
  std::uint64_t limit_;
  std::uint64_t capacity_;
  std::uint64_t taken_ = 0;  // frames from `first_` on that were handed out at least once
  std::uint64_t used_ = 0;
  std::uint64_t peak_ = 0;
  std::uint64_t fork_ = 0;  // tables that a fork takes
  std::vector<Ppn> free_;   // the last one freed goes out first: its lines are still in the cache
  LazyArray<Dbd> dbds_;
};

}  // namespace bachsim
