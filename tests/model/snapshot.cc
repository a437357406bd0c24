#include "tests/model/snapshot.h"

#include <array>
#include <cstddef>
#include <functional>
#include <string_view>

#include "regions/fault.h"
#include "regions/vm.h"

namespace bachsim {
namespace {

class Fingerprint {
 public:
  Fingerprint& operator<<(std::uint64_t word) {
    value_ = (value_ ^ word) * 0x9e37'79b9'7f4a'7c15;
    value_ ^= value_ >> 32;
    return *this;
  }
  // By the library's hash, which is compiled to be fast where this file is not.
  void page(const std::byte* bytes) {
    *this << std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes), kPageSize});
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

std::uint64_t processes_of(const Kernel& kernel) {
  Fingerprint print;
  for (const ProcSlot slot : kernel.processes()) {
    const Process& process = kernel.process(slot);
    print << process.pid.value << static_cast<std::uint64_t>(process.state)
          << static_cast<std::uint64_t>(process.waiting_for) << process.status << process.program.value
          << process.parent.value << process.lender.value << process.preempts.value << process.zombies.size();
    if (process.state == ProcessState::Zombie) continue;
    const AddressSpace& space = kernel.space(slot);
    print << space.brk << space.root.value << space.middles.size();
    for (const Pregion& pregion : space.pregions)
      print << pregion.region.value << pregion.anchor.value << pregion.key << (pregion.locked ? 1u : 0u);
  }
  return print.value();
}

std::uint64_t regions_of(const Vm& vm) {
  Fingerprint print;
  vm.regions.for_each([&](RegionId id, const Region& region) {
    print << id.value << static_cast<std::uint64_t>(region.type) << region.refs() << region.pages << region.valid()
          << region.locks;
    for (const Ppn leaf : region.leaves) print << leaf.value;
  });
  return (print << vm.hand.region.value << vm.hand.page << vm.tables.used()).value();
}

std::uint64_t pages_of(const Vm& vm) {
  Fingerprint print;
  vm.regions.for_each([&](RegionId, const Region& region) {
    for (std::uint32_t number = 0; number < region.pages; ++number) {
      const PageWords page = vm.page(region, number);
      print << page.pte.raw << static_cast<std::uint64_t>(page.dbd.kind()) << page.dbd.device() << page.dbd.block()
            << page.dbd.age();
    }
  });
  return print.value();
}

void frames(const Vm& vm, Snapshot& snapshot) {
  Fingerprint counts;
  Fingerprint bytes;
  for (std::uint32_t i = 0; i < vm.pfdata.total(); ++i) {
    const Frame frame{i};
    counts << vm.pfdata.refs(frame) << vm.pfdata.identity(frame).raw() << (vm.pfdata.is_free(frame) ? 1u : 0u);
    if (vm.pfdata.refs(frame) > 0 || !vm.pfdata.identity(frame).none()) bytes.page(vm.memory.page(ppn_of(frame)));
  }
  Fingerprint list;
  vm.pfdata.for_each_free([&](Frame first, Frame last) {
    for (std::uint32_t frame = first.value; frame <= last.value; ++frame) list << frame;
  });
  snapshot["pfdata"] = counts.value();
  snapshot["frames"] = bytes.value();
  snapshot["free list"] = list.value();
}

void swap(const Vm& vm, Snapshot& snapshot) {
  Fingerprint uses;
  Fingerprint bytes;
  Fingerprint map;
  std::array<std::byte, kPageSize> page;
  for (unsigned device = 1; device <= vm.swap.devices(); ++device) {
    for (std::uint64_t i = 1; i <= vm.swap.map(device).blocks(); ++i) {
      const DiskBlock block = DiskBlock::swap(device, i);
      uses << vm.swap.uses(block);
      if (vm.swap.uses(block) == 0) continue;
      vm.swap.peek(block, page.data());
      bytes.page(page.data());
    }
    vm.swap.map(device).for_each_extent(
        [&](std::uint64_t address, std::uint64_t units) { map << device << address << units; });
  }
  snapshot["swap use"] = uses.value();
  snapshot["swap"] = bytes.value();
  snapshot["swap map"] = map.value();
}

void add_region(Fingerprint& print, const Vm& vm, RegionId id) {
  const Region& region = vm.regions[id];
  print << static_cast<std::uint64_t>(region.type) << region.pages;
  std::array<std::byte, kPageSize> bytes;
  for (std::uint32_t number = 0; number < region.pages; ++number) {
    peek_page(vm, region, number, bytes.data());
    print.page(bytes.data());
  }
}

}  // namespace

Snapshot snapshot_of(const Kernel& kernel) {
  const Vm& vm = kernel.vm();
  Snapshot snapshot;
  snapshot["processes"] = processes_of(kernel);
  snapshot["regions"] = regions_of(vm);
  snapshot["pages"] = pages_of(vm);
  frames(vm, snapshot);
  swap(vm, snapshot);
  Fingerprint shm;
  for (const auto& [key, region] : kernel.shm_regions()) shm << key << region.value;
  snapshot["shared memory"] = shm.value();
  Fingerprint gauges;
  kernel.gauges().for_each([&](std::string_view, std::uint64_t value) { gauges << value; });
  snapshot["gauges"] = gauges.value();
  return snapshot;
}

std::map<std::string, std::uint64_t> contents_of(const Kernel& kernel) {
  std::map<std::string, std::uint64_t> contents;
  for (const ProcSlot slot : kernel.processes()) {
    const Process& process = kernel.process(slot);
    const bool zombie = process.state == ProcessState::Zombie;
    Fingerprint print;
    print << kernel.process(process.parent).pid.value << (zombie ? 1u : 0u) << process.status << process.program.value
          << static_cast<std::uint64_t>(process.waiting_for);
    if (!zombie) {
      for (const Pregion& pregion : kernel.space(slot).pregions) {
        print << pregion.anchor.value << pregion.key;
        add_region(print, kernel.vm(), pregion.region);
      }
    }
    contents["pid " + std::to_string(process.pid.value)] = print.value();
  }
  Fingerprint shm;
  for (const auto& [key, region] : kernel.shm_regions()) {
    shm << key;
    add_region(shm, kernel.vm(), region);
  }
  contents["shared memory"] = shm.value();
  return contents;
}

std::string_view first_change(const Snapshot& before, const Snapshot& after) {
  for (const auto& [table, print] : before) {
    if (after.at(table) != print) return table;
  }
  return {};
}

}  // namespace bachsim
