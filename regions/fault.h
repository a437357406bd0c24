// The two faults of demand paging, for one page of a region (Bach 9.2.3.1 and 9.2.3.2; model.md, "Faults").
//
// The kernel finds the page of an address, and kills a process that may not go on (sim/kernel/trap.cc).
#pragma once

#include "regions/space.h"
#include "regions/vm.h"

namespace bachsim {

enum class FaultOutcome : std::uint8_t {
  Resolved,   // the access can be tried again
  Violation,  // SIGSEGV
  NoFrame,    // no frame could be had; nothing has changed but what the stealer did
};

// Both lock the region while they work. If they slept for the lock, they look again: the page may not be in the state
// that made the fault any more, and then they do nothing (figures 9.24 and 9.27).

// The page is not in memory. It is found there or brought in. With a page that is read come up to `ahead` of those
// behind it (model.md, "Prepaging"). Data and stack keep within the working set of `space`.   REQUIRES: its PTE is not
// valid
[[nodiscard]] FaultOutcome vfault(Vm& vm, PageId id, Access access, std::uint64_t ahead = 0,
                                  const AddressSpace* space = nullptr);

// The page is in memory, but its PTE does not grant the access. A store to a page that is copy on write ends the
// sharing. `space` is that of the process. REQUIRES: its PTE is valid. The caller flushes the page from the TLB if this
// is resolved.
[[nodiscard]] FaultOutcome pfault(Vm& vm, PageId id, Access access, const AddressSpace* space = nullptr);

// The page is not in memory, and will not grant the access when it is there. Hardware that looks at protection first
// tells the second, so that pfault must do the work of vfault before its own (check=protection-first; exercise 9.17).
// REQUIRES: as for vfault; lacks_right(vm, id, access)
[[nodiscard]] FaultOutcome pfault_of_invalid(Vm& vm, PageId id, Access access, std::uint64_t ahead,
                                             const AddressSpace& space);
// Tells whether a page that is not valid lacks the right for the access.
[[nodiscard]] bool lacks_right(const Vm& vm, PageId id, Access access);

// Reads the contents that a dbd names into a frame that was just granted. If the host fails, the frame is free again. A
// swap block counts as read; the caller counts the transfer.
void read_page(Vm& vm, Dbd dbd, PfdataTable::Grant grant);

// Copies what a load of the page would find into 4096 bytes, wherever that is. Changes and counts nothing.
void peek_page(const Vm& vm, const Region& region, std::uint32_t number, std::byte* bytes);
// The same for a page that is not in memory and has this dbd.
void peek_disk(const Vm& vm, Dbd dbd, std::byte* bytes);

}  // namespace bachsim
