#include "sim/kernel/kernel.h"

namespace bachsim {

Kernel::Kernel(const Config& config, const Host& host) : vm_(config, host), processes_(config.nproc, vm_.budget) {}

RegionId Kernel::shm_region(std::uint64_t key) const {
  const auto at = shm_.find(key);
  return at == shm_.end() ? RegionId{} : at->second;
}

Counters Kernel::counters() const {
  return {.syscall = syscall_,
          .trap = trap_,
          .fork = vm_.fork,
          .vfault = vm_.vfault,
          .pfault = vm_.pfault,
          .frame = vm_.pfdata.counters(),
          .swap = vm_.swap.counters(),
          .stealer = vm_.stealer,
          .swapper = swapper_.counters(),
          .tlb = vm_.hart.counters(),
          .process = process_};
}

Gauges Kernel::gauges() const {
  return {.frames_total = vm_.pfdata.total(),
          .frames_reserved = vm_.pfdata.reserved(),
          .frames_free = vm_.pfdata.free(),
          .frames_used = vm_.pfdata.used(),
          .frames_shared = vm_.pfdata.shared(),
          .frames_peak = vm_.pfdata.peak(),
          .tables_used = vm_.tables.used(),
          .tables_peak = vm_.tables.peak(),
          .swap_total = vm_.swap.total_blocks(),
          .swap_free = vm_.swap.free_blocks(),
          .swap_used = vm_.swap.total_blocks() - vm_.swap.free_blocks(),
          .processes = processes_.alive(),
          .regions = vm_.regions.active()};
}

}  // namespace bachsim
