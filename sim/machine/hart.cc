#include "sim/machine/hart.h"

namespace bachsim {
namespace {

constexpr unsigned bit(Access access) {
  return 1u << static_cast<unsigned>(access);
}

std::uint8_t grants(Pte pte) {
  return static_cast<std::uint8_t>((pte.has(Pte::kX) ? bit(Access::Fetch) : 0) |
                                   (pte.has(Pte::kR) ? bit(Access::Load) : 0) |
                                   (pte.has(Pte::kW | Pte::kD) ? bit(Access::Store) : 0));
}

}  // namespace

std::expected<std::byte*, Trap> Hart::miss(VirtAddr va, Access access) {
  ++counters_.misses;
  const std::uint64_t offset = va.value % kPageSize;
  if (satp_.mode == PagingMode::Bare) {
    const Ppn ppn{va.value >> kPageShift};
    if (!memory_.contains(ppn))
      return std::unexpected(Trap{access_fault(access), va.value});
    return memory_.page(ppn) + offset;
  }
  const auto found = walk(memory_, satp_, va, access, ad_);
  if (!found)
    return std::unexpected(found.error());
  std::byte* page = memory_.page(found->ppn);
  // A superpage is not kept: its pieces would outlive a fence that names one address of it.
  if (found->level == 0) {
    tlb_.fill({.vpn = va.value >> kPageShift,
               .page = page,
               .ppn = found->ppn,
               .asid = satp_.asid,
               .granted = grants(*found->pte)});
  }
  return page + offset;
}

void Hart::sfence_vma() {
  ++counters_.flushes;
  tlb_.flush();
}

void Hart::sfence_vma(std::uint16_t asid) {
  ++counters_.flushes;
  tlb_.flush(asid);
}

void Hart::sfence_vma(VirtAddr va, std::uint16_t asid) {
  ++counters_.flushes;
  tlb_.flush(va, asid);
}

}  // namespace bachsim
