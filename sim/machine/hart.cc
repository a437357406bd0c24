#include "sim/machine/hart.h"

namespace bachsim {

std::byte* Hart::walk_from_satp(VirtAddr va, Access access) {
  const std::uint64_t offset = va.value % kPageSize;
  if (satp_.mode == PagingMode::Bare) {
    const Ppn ppn{va.value >> kPageShift};
    if (!memory_.contains(ppn)) {
      trap_ = {access_fault(access), va.value};
      return nullptr;
    }
    return memory_.page(ppn) + offset;
  }
  const auto found = walk(memory_, satp_, va, access, ad_);
  if (!found) {
    trap_ = found.error();
    return nullptr;
  }
  // A superpage is not kept: its pieces would outlive a fence that names one address of it.
  if (found->level != 0) return memory_.page(found->ppn) + offset;
  walks_.fill(va, found->pte - (va.value >> kPageShift & (kTableEntries - 1)));
  return fill(va, *found->pte, found->ppn, memory_.page(found->ppn));
}

}  // namespace bachsim
