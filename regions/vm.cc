#include "regions/vm.h"

#include <algorithm>

namespace bachsim {

Vm::Vm(const Config& machine, const Host& host)
    : config(machine),
      budget(host.budget),
      memory(machine.frames, std::min(machine.tables.value_or(~0ull), TableFrames::kCapacity)),
      hart(memory, static_cast<std::uint32_t>(machine.tlb), machine.ad),
      swap(machine.swap, budget, host.swap_pages, machine.swap_map),
      pfdata(machine.frames, machine.reserve, budget),
      tables(memory, machine.tables.value_or(~0ull), budget),
      regions(machine.nregion.value_or(RegionTable::kNoLimit)) {
  // What the machine itself takes; and the huge pages of its first tables, and those at which large tables end.
  constexpr std::uint64_t kMachine = std::uint64_t{256} << 10;
  constexpr std::uint64_t kLargeTables = std::uint64_t{12} << 20;
  budget.commit(kMachine + machine.tlb * Tlb::kBytesPerEntry +
                (backing_for(machine.frames) == Backing::Huge ? kLargeTables : 0));
}

void Vm::record(Event event) {
  if (event.process == Event::kNobody) event.process = actor;
  append(*events, event);
}

}  // namespace bachsim
