// A hart in user mode: satp, a TLB and a page-walk cache in front of the walk, and one door to memory.
//
// It has never heard of UNIX. A program accesses virtual addresses through access(), and a kernel takes the traps that
// come back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>

#include "sim/machine/phys_mem.h"
#include "sim/machine/pte.h"
#include "sim/machine/tlb.h"
#include "sim/machine/trap.h"
#include "sim/machine/walk.h"
#include "sim/machine/walk_cache.h"

namespace bachsim {

class Hart {
 public:
  // `memory` must outlive the hart.   REQUIRES: tlb_entries > 0
  Hart(PhysMem& memory, std::uint32_t tlb_entries, AdUpdate ad) : memory_(memory), tlb_(tlb_entries), ad_(ad) {}

  // The byte at `va`, which may be used up to the end of its page: read, or written if this is a store. Or the trap.
  [[nodiscard]] std::expected<std::byte*, Trap> access(VirtAddr va, Access access) {
    if (std::byte* byte = hit(va, access)) return byte;
    if (std::byte* byte = miss(va, access)) [[likely]]
      return byte;
    return std::unexpected(trap_);
  }

  // The same if the TLB grants it; else nullptr, and nothing has changed.
  [[nodiscard]] std::byte* hit(VirtAddr va, Access access) {
    std::byte* byte = tlb_.find(va, satp_.asid, access);
    if (byte != nullptr) [[likely]]
      ++counters_.hits;
    return byte;
  }

  // Switches the address space; the TLB stays as it is, as the ASID tells spaces apart.
  void write_satp(Satp satp) {
    satp_ = satp;
    walks_.flush();
  }
  [[nodiscard]] Satp satp() const { return satp_; }

  // sfence.vma with neither, one and both of its operands.
  void sfence_vma() {
    tlb_.flush();
    walks_.flush();
    ++counters_.flushes;
  }
  void sfence_vma(std::uint16_t asid) {
    tlb_.flush(asid);
    walks_.flush();
    ++counters_.flushes;
  }
  void sfence_vma(VirtAddr va, std::uint16_t asid) {
    tlb_.flush(va, asid);
    ++counters_.flushes;
  }

  [[nodiscard]] AdUpdate ad() const { return ad_; }
  [[nodiscard]] const Tlb& tlb() const { return tlb_; }
  [[nodiscard]] const WalkCache& walks() const { return walks_; }
  [[nodiscard]] const TlbCounters& counters() const { return counters_; }
  void set_counters(const TlbCounters& counters) { counters_ = counters; }

 private:
  friend struct HartTestPeer;  // plants stale entries to see the audit notice

  // The byte for an access that the TLB does not grant. If it is nullptr, trap_ says why.
  std::byte* miss(VirtAddr va, Access access) {
    ++counters_.misses;
    if (const auto table = walks_.find(va)) [[likely]] {
      const Pte pte = (*table)[va.value >> kPageShift & (kTableEntries - 1)];
      // The reserved bits above the PPN stay in it: if one is set, no frame has this number.
      const Ppn ppn{pte.raw >> Pte::kPpnShift};
      if (pte.has(kNeeded.data()[static_cast<unsigned>(access)]) && memory_.is_frame(ppn)) [[likely]]
        return fill(va, pte, ppn, memory_.frame(ppn));
    }
    return walk_from_satp(va, access);
  }
  std::byte* walk_from_satp(VirtAddr va, Access access);

  // Puts the page into the TLB.   REQUIRES: `page` is where the host keeps it
  std::byte* fill(VirtAddr va, Pte pte, Ppn ppn, std::byte* page) {
    tlb_.fill({.vpn = va.value >> kPageShift,
               .page = page,
               .ppn = ppn,
               .asid = satp_.asid,
               .granted = kGrants.data()[pte.raw & 0xff]});
    return page + va.value % kPageSize;
  }

  // [Low byte of a PTE]: the accesses that it grants.
  static constexpr auto kGrants = [] {
    std::array<std::uint8_t, 256> grants{};
    for (unsigned bits = 0; bits != grants.size(); ++bits) {
      const auto granted = [bits](std::uint64_t needed, Access access) {
        return (bits & needed) == needed ? 1u << static_cast<unsigned>(access) : 0u;
      };
      grants[bits] = static_cast<std::uint8_t>(granted(Pte::kX, Access::Fetch) | granted(Pte::kR, Access::Load) |
                                               granted(Pte::kW | Pte::kD, Access::Store));
    }
    return grants;
  }();

  // [Access]: the bits of a PTE of level 0 with which the access needs no further check.
  static constexpr std::uint64_t kPlain = Pte::kV | Pte::kR | Pte::kU | Pte::kA;
  static constexpr std::array<std::uint64_t, 3> kNeeded{kPlain | Pte::kX, kPlain, kPlain | Pte::kW | Pte::kD};

  PhysMem& memory_;
  Tlb tlb_;
  WalkCache walks_;
  AdUpdate ad_;
  Satp satp_;
  Trap trap_{};  // Why the last access failed. Kept here so that access() returns in one register.
  TlbCounters counters_;
};

}  // namespace bachsim
