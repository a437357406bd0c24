#include "regions/table_frames.h"

#include <fmt/format.h>

#include <algorithm>

namespace bachsim {

TableFrames::TableFrames(PhysMem& memory, std::uint64_t limit, HostShare& budget)
    : memory_(&memory),
      budget_(&budget),
      first_(memory.first_table()),
      limit_(limit),
      dbds_(backing_for(memory.first_table().value - PhysMem::first().value), budget.spare()) {
  static_assert(kTableEntries * sizeof(Dbd) == LazyPages::kPage);
}

// A table counts by itself in the first chunk, and with its chunk later.
void TableFrames::back_next() {
  if (taken_ == memory_->most_tables()) throw HostLimit(fmt::format("more than {} page-table frames", taken_));
  if (taken_ < LazyPages::kChunk)
    budget_->commit(2 * LazyPages::kPage);
  else if (taken_ % LazyPages::kChunk == 0)
    budget_->commit(2 * LazyPages::kPage * LazyPages::kChunk);
  if (dbds_.size() == taken_) dbds_.add();  // it is there already if the host had no memory for the table then
  memory_->add_table();
}

Ppn TableFrames::alloc() {
  KASSERT(used_ < limit_);
  KASSERT(promised_ > 0 || available() > 0);
  promised_ -= promised_ > 0 ? 1 : 0;
  Ppn table;
  if (!free_.empty()) {
    table = free_.back();
    free_.pop_back();
  } else {
    back_next();
    table = Ppn{first_.value + taken_++};
  }
  ++used_;
  peak_ = std::max(peak_, used_);
  return table;
}

void TableFrames::audit(Violations& out) const {
  for (const Ppn table : free_) {
    const Pte* ptes = memory_->table(table);
    const Dbd* dbds = this->dbds(table);
    for (unsigned i = 0; i < kTableEntries; ++i) {
      if (ptes[i] != Pte{} || dbds[i] != Dbd{}) {
        out.push_back({8, fmt::format("page-table frame {:#x}: free, but entry {} is in use", table.value, i)});
        break;
      }
    }
  }
}

}  // namespace bachsim
