#include "regions/vm.h"

#include <algorithm>

#include "regions/residents.h"

namespace bachsim {

Vm::Vm(const Config& machine, const Host& host)
    : config(machine),
      budget(host.budget, host.spare),
      memory(machine.frames, std::min(machine.tables.value_or(~0ull), TableFrames::kCapacity), host.spare),
      hart(memory, static_cast<std::uint32_t>(machine.tlb), machine.ad),
      swap(machine.swap, budget, host.swap_pages, machine.swap_map),
      pfdata(machine.frames, machine.reserve, budget),
      tables(memory, machine.tables.value_or(~0ull), budget),
      regions(machine.nregion.value_or(RegionTable::kNoLimit)) {
  // The machine itself, its first tables in huge pages, and the huge pages at which large tables end.
  constexpr std::uint64_t kMachine = std::uint64_t{256} << 10;
  constexpr std::uint64_t kLargeTables = std::uint64_t{12} << 20;
  budget.commit(kMachine + machine.tlb * Tlb::kBytesPerEntry +
                (backing_for(machine.frames) == Backing::Huge ? kLargeTables : 0));
  if (machine.stealer != StealBy::Age) residents = std::make_unique<Residents>(*this, host.budget);
}

// Whoever is inside the kernel unwinds while all else is there.
Vm::~Vm() {
  contexts.end();
  memory.written(pfdata.fresh().value);
}

void Vm::record(Event event) {
  if (event.process == Event::kNobody) event.process = actor;
  if ((event.kind == EventKind::VhandReferenced || event.kind == EventKind::VhandAged) && !events->empty()) {
    Event& last = events->back();
    Event next = last;
    next.page = last.page + last.pages;
    next.pages = 1;
    if (event == next) {
      ++last.pages;
      return;
    }
  }
  budget.grow(*events);
  events->push_back(event);
}

// A list that is cleared keeps its room, and so it stays committed.
void Vm::watch(Events* list) {
  if (list != nullptr) budget.commit(list->capacity() * sizeof(Event));
  if (events != nullptr) budget.give_back(events->capacity() * sizeof(Event));
  events = list;
}

}  // namespace bachsim
