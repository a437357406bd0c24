// A hart in user mode: satp, a TLB in front of the walk, and one door to memory.
//
// It has never heard of UNIX. Whoever runs on it (today a workload's statements) accesses virtual addresses
// through access(), and hands the traps that come back to a kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>

#include "sim/machine/phys_mem.h"
#include "sim/machine/pte.h"
#include "sim/machine/tlb.h"
#include "sim/machine/trap.h"
#include "sim/machine/walk.h"

namespace bachsim {

class Hart {
 public:
  // `memory` must outlive the hart.   REQUIRES: tlb_entries > 0
  Hart(PhysMem& memory, std::uint32_t tlb_entries, AdUpdate ad) : memory_(memory), tlb_(tlb_entries), ad_(ad) {}

  // The byte at `va`, for an access of this kind; it and those behind it up to the end of its page may be
  // read, or written if it was a store. Or the trap that the access raises.
  [[nodiscard]] std::expected<std::byte*, Trap> access(VirtAddr va, Access access) {
    if (std::byte* byte = hit(va, access))
      return byte;
    return miss(va, access);
  }

  // The same if the TLB grants it, else nullptr and nothing has happened: for callers to whom that is the rule.
  [[nodiscard]] std::byte* hit(VirtAddr va, Access access) {
    std::byte* byte = tlb_.find(va, satp_.asid, access);
    if (byte != nullptr) [[likely]]
      ++counters_.hits;
    return byte;
  }

  // Switches the address space; flushes nothing, as the ASID tells spaces apart.
  void write_satp(Satp satp) { satp_ = satp; }
  [[nodiscard]] Satp satp() const { return satp_; }

  // sfence.vma with neither, one and both of its operands.
  void sfence_vma();
  void sfence_vma(std::uint16_t asid);
  void sfence_vma(VirtAddr va, std::uint16_t asid);

  [[nodiscard]] AdUpdate ad() const { return ad_; }
  [[nodiscard]] const Tlb& tlb() const { return tlb_; }
  [[nodiscard]] const TlbCounters& counters() const { return counters_; }
  void set_counters(const TlbCounters& counters) { counters_ = counters; }

 private:
  friend struct HartTestPeer;  // plants stale entries to see the audit notice

  std::expected<std::byte*, Trap> miss(VirtAddr va, Access access);

  PhysMem& memory_;
  Tlb tlb_;
  AdUpdate ad_;
  Satp satp_;
  TlbCounters counters_;
};

}  // namespace bachsim
