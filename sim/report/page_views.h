// Views that go down to PTEs: the pages of a region, the tree behind a satp, the TLB.
#pragma once

#include <span>
#include <string>

#include "sim/kernel/process.h"
#include "workloads/language/run.h"

namespace bachsim {

// A region's page table with its dbds, like pages merged.
[[nodiscard]] std::string region_pages(const Run& run, RegionId id);

// The tables that each process's satp leads to, level by level. A vfork child's are its parent's.
[[nodiscard]] std::string tree_view(const Run& run, std::span<const ProcSlot> processes);

[[nodiscard]] std::string tlb_view(const Run& run);

}  // namespace bachsim
