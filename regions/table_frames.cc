#include "regions/table_frames.h"

#include <fmt/format.h>

#include <algorithm>

namespace bachsim {

TableFrames::TableFrames(PhysMem& memory, Ppn first, std::uint64_t limit, HostBudget& budget)
    : memory_(&memory),
      budget_(&budget),
      first_(first),
      limit_(limit),
      capacity_(std::min(limit, kCapacity)),
      dbds_(capacity_ * kTableEntries, Backing::Huge) {}

Ppn TableFrames::alloc() {
  KASSERT(available() > 0);
  Ppn table;
  if (!free_.empty()) {
    table = free_.back();
    free_.pop_back();
  } else {
    if (taken_ == capacity_)
      throw HostLimit(fmt::format("more than {} page-table frames", capacity_));
    budget_->commit(2 * kPageSize);
    table = Ppn{first_.value + taken_++};
  }
  ++used_;
  peak_ = std::max(peak_, used_);
  return table;
}

void TableFrames::free(Ppn table) {
  KASSERT(contains(table));
  KASSERT(used_ > 0);
  free_.push_back(table);
  --used_;
}

void TableFrames::audit(Violations& out) const {
  for (const Ppn table : free_) {
    const Pte* ptes = memory_->table(table);
    const Dbd* dbds = dbds_.data() + index(table) * kTableEntries;
    for (unsigned i = 0; i < kTableEntries; ++i) {
      if (ptes[i] != Pte{} || dbds[i] != Dbd{}) {
        out.push_back({8, fmt::format("page-table frame {:#x}: free, but entry {} is in use", table.value, i)});
        break;
      }
    }
  }
}

}  // namespace bachsim
