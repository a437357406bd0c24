#include "tests/riscv/hart_side.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <expected>
#include <map>
#include <stdexcept>
#include <vector>

#include "sim/machine/hart.h"
#include "sim/machine/phys_mem.h"

namespace bachsim {
namespace {

class HartSide {
 public:
  HartSide(const ProbedMemory& probed, AdUpdate ad)
      : pages_(probed.memory.size() / kPageSize),
        fences_(probed.fences),
        memory_(std::min(probed.frames, pages_), pages_),
        hart_(memory_, kTlbEntries, ad) {
    while (memory_.pages() < pages_) memory_.add_table();
    for (std::uint64_t page = 0; page < pages_; ++page) {
      const Ppn ppn{PhysMem::first().value + page};
      std::memcpy(memory_.page(ppn), probed.memory.data() + page * kPageSize, kPageSize);
      by_place_[memory_.page(ppn)] = ppn;
    }
  }

  void answer(Record& record) {
    record.cause = Record::kNoTrap;
    record.tval = 0;
    record.value = 0;
    if (record.kind == ProbeKind::SetSatp) return set_satp(record);
    if (fences_) hart_.sfence_vma();
    const VirtAddr va{record.va};
    // The prober puts an instruction there for the fetch: that must not be into the PTEs that lead there.
    if (record.kind == ProbeKind::Fetch && leads_to_itself(va)) record.kind = ProbeKind::Load1;
    const auto place = access(va, access_of(record.kind));
    if (!place) {
      record.cause = static_cast<std::uint64_t>(place.error().cause);
      record.tval = place.error().stval;
    } else if (record.kind == ProbeKind::Fetch) {
      record.cause = Record::kBreakpoint;
      record.operand = physical(*place);
    } else if (is_store(record.kind)) {
      std::memcpy(*place, &record.operand, width(record.kind));
    } else {
      std::memcpy(&record.value, *place, width(record.kind));
    }
    if (record.kind == ProbeKind::Fetch) record.value = record.va;
  }

  void copy_memory(MemoryImage& image) const {
    for (std::uint64_t page = 0; page < pages_; ++page)
      std::memcpy(image.data() + page * kPageSize, memory_.page(Ppn{PhysMem::first().value + page}), kPageSize);
  }

 private:
  static constexpr std::uint32_t kTlbEntries = 24;
  using Outcome = std::expected<std::byte*, Trap>;

  void set_satp(Record& record) {
    const Satp satp{.mode = static_cast<PagingMode>(record.operand >> 60),
                    .asid = static_cast<std::uint16_t>(record.operand >> 44 & 0xffff),
                    .root = Ppn{record.operand & Pte::kPpnMask}};
    hart_.write_satp(satp);
    const auto [known, is_new] = by_asid_.try_emplace(satp.asid, record.operand);
    if (known->second != record.operand) {
      hart_.sfence_vma(satp.asid);
      known->second = record.operand;
    }
    record.value = hart_.satp().raw();
  }

  Outcome access(VirtAddr va, Access access) {
    const std::vector<std::uint64_t*> way = way_to(va);
    if (way.empty() || is_pointer(*way.back())) return hart_.access(va, access);
    std::uint64_t& leaf = *way.back();
    const std::uint64_t old = leaf;
    const std::uint64_t used = old | Pte::kA | (access == Access::Store ? Pte::kD : 0);
    Outcome got = hart_.access(va, access);
    if (hart_.ad() == AdUpdate::Software && leaf != old)
      throw std::runtime_error(fmt::format("A or D for {:#x} is not left to the kernel", va.value));
    if (!got && got.error().cause == page_fault(access) && hart_.ad() == AdUpdate::Software) {
      leaf = used;
      got = hart_.access(va, access);
      if (!got && got.error().cause == page_fault(access)) leaf = old;
    } else if (!got && got.error().cause == access_fault(access)) {
      leaf = used;
    }
    return got;
  }

  static bool is_pointer(std::uint64_t pte) { return (pte & (Pte::kV | Pte::kR | Pte::kW | Pte::kX)) == Pte::kV; }

  // The PTEs on the way to an address, as far as memory has them. Found without the hart, which is what is tested.
  std::vector<std::uint64_t*> way_to(VirtAddr va) {
    std::vector<std::uint64_t*> way;
    if (hart_.satp().mode == PagingMode::Bare) return way;
    Ppn table = hart_.satp().root;
    for (int level = levels(hart_.satp().mode) - 1; level >= 0 && memory_.contains(table); --level) {
      const std::uint64_t index = va.value >> (12 + 9 * level) & 511;
      way.push_back(reinterpret_cast<std::uint64_t*>(memory_.page(table)) + index);
      if (!is_pointer(*way.back())) break;
      table = Ppn{*way.back() >> 10 & 0xfff'ffff'ffff};
    }
    return way;
  }

  bool leads_to_itself(VirtAddr va) {
    const std::vector<std::uint64_t*> way = way_to(va);
    if (way.empty()) return false;
    const auto level = static_cast<unsigned>(levels(hart_.satp().mode)) - static_cast<unsigned>(way.size());
    const std::uint64_t offset_mask = (std::uint64_t{4096} << 9 * level) - 1;
    const std::uint64_t target = ((*way.back() >> 10 & 0xfff'ffff'ffff) << 12) + (va.value & offset_mask);
    return std::ranges::any_of(
        way, [&](std::uint64_t* pte) { return physical(reinterpret_cast<std::byte*>(pte)) / 8 == target / 8; });
  }

  // The physical address of a byte that the host keeps there.
  std::uint64_t physical(const std::byte* place) const {
    const auto page = std::prev(by_place_.upper_bound(place));
    return (page->second.value << kPageShift) + static_cast<std::uint64_t>(place - page->first);
  }

  std::uint64_t pages_;
  bool fences_;
  PhysMem memory_;
  Hart hart_;
  std::map<const std::byte*, Ppn> by_place_;        // first byte of each page
  std::map<std::uint16_t, std::uint64_t> by_asid_;  // satp when the ASID was used last
};

}  // namespace

void answer_by_hart(ProbedMemory& probed, AdUpdate ad) {
  HartSide side(probed, ad);
  for (Record& record : probed.records) side.answer(record);
  side.copy_memory(probed.memory);
}

}  // namespace bachsim
