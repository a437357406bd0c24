// Page-table frames: the pages behind the pageable frames that page tables of every level are made of, each with
// a parallel table of disk block descriptors, which only leaf tables use.
//
// A table frame that is free is all zeros, and so are its dbds: it is emptied before it is freed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "regions/dbd.h"
#include "sim/machine/check.h"
#include "sim/machine/host.h"
#include "sim/machine/phys_mem.h"
#include "sim/machine/pte.h"

namespace bachsim {

class TableFrames {
 public:
  // What the simulator can address: 64 GiB of tables.
  static constexpr std::uint64_t kCapacity = std::uint64_t{1} << 24;

  // The pages that `memory` has for tables; at most `limit` are handed out at a time. `memory` and `budget` must
  // outlive it.
  TableFrames(PhysMem& memory, std::uint64_t limit, HostShare& budget);

  // How many more can be handed out, or promised.
  [[nodiscard]] std::uint64_t available() const { return limit_ - std::min(limit_, used_ + promised_); }

  // An empty table.   REQUIRES: it was promised, or available() > 0. Throws HostLimit if the host has no memory, or
  // memory no room.
  [[nodiscard]] Ppn alloc();

  // REQUIRES: every PTE and dbd of the table is zero
  void free(Ppn table) {
    KASSERT(contains(table));
    free_.push_back(table);
    --used_;
  }

  // Sets so many frames aside; alloc() draws from them first.
  void promise(std::uint64_t frames) { promised_ = frames; }

  // The frame that alloc() hands out as the nth from now, if it was handed out before.
  [[nodiscard]] std::optional<Ppn> upcoming(std::uint64_t nth) const {
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
  friend class Page;  // writes the dbds
  friend struct TableFramesTestPeer;

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
  std::vector<Ppn> free_;  // the last one freed goes out first: its lines are still in the cache
  LazyBlocks dbds_;        // beside each table
};

}  // namespace bachsim
