// Shared memory: shmget, shmat, shmdt and shmctl (Bach 11.2.2), on shared regions of demand-zero pages.
#include <array>

#include "regions/layout.h"
#include "regions/promise.h"
#include "regions/regops.h"
#include "sim/kernel/kernel.h"

namespace bachsim {
namespace {

// The first gap among the shared memory of a space that has room for so many leaf tables.
std::optional<VirtAddr> find_gap(const Vm& vm, const AddressSpace& space, std::uint64_t leaves) {
  std::uint64_t start = kShmStart.value / kLeafSpan;
  for (const LeafRange& taken : space.shm) {
    if (taken.first - start >= leaves) break;
    start = taken.first + taken.count;
  }
  if ((start + leaves) * kLeafSpan > shm_end(vm.config.stack_limit).value) return std::nullopt;
  return VirtAddr{start * kLeafSpan};
}

}  // namespace

SysResult<void> Kernel::shmget(ProcSlot process, std::uint64_t key, std::int64_t pages) {
  return system_call(syscall_.shmget, [&]() -> SysResult<void> {
    if (pages < 1) return fail(Errno::EINVAL_, "fewer than 1 page");
    const auto size = static_cast<std::uint64_t>(pages);
    if (const RegionId existing = shm_region(key); existing != RegionId{}) {
      if (size > vm_.regions[existing].pages) return fail(Errno::EINVAL_, "the segment is smaller");
      if (!may_change(process)) return begin_anew();
      vm_.tell([&] { return Event{.kind = EventKind::KeyFound, .region = existing}; });
      return {};
    }
    if (size > (shm_end(vm_.config.stack_limit).value - kShmStart.value) / kPageSize)
      return fail(Errno::EINVAL_, "more pages than there are addresses");
    Promise promise(vm_);
    promise.region(size);
    if (auto taken = take(promise, Errno::ENOSPC_); !taken) return taken;
    if (!may_change(process)) return begin_anew();
    const RegionId region = allocreg(vm_, RegionType::Shm);
    add_pages(vm_, region, size);
    vm_.regions.hold(region);  // for the identifier
    shm_.emplace(key, region);
    return {};
  });
}

SysResult<void> Kernel::shmat(ProcSlot process, std::uint64_t key) {
  return system_call(syscall_.shmat, [&]() -> SysResult<void> {
    const RegionId region = shm_region(key);
    if (region == RegionId{}) return fail(Errno::EINVAL_, "no such key");
    AddressSpace& space = space_of(process);
    const std::uint64_t leaves = vm_.regions[region].leaves.size();
    const auto start = find_gap(vm_, space, leaves);
    if (!start) return fail(Errno::ENOMEM_, "no address space");
    Promise promise(vm_);
    promise.link({space.middles.data(), space.middles.size()},
                 std::array{leaf_range(RegionType::Shm, *start, 0, leaves)});
    // Without paging the first attach assigns memory, as the region's growth does (Bach 11.2.2).
    promise.frames(vm_.regions[region].pages - vm_.regions[region].valid());
    if (auto taken = take(promise, Errno::ENOMEM_); !taken) return taken;
    if (!may_change(process) || !may_change(region)) return begin_anew();
    attachreg(vm_, space, region, *start, key);
    if (vm_.config.paging == PagingPolicy::Off) swapin(vm_, space);
    return {};
  });
}

SysResult<void> Kernel::shmdt(ProcSlot process, std::uint64_t key) {
  return system_call(syscall_.shmdt, [&]() -> SysResult<void> {
    AddressSpace& space = space_of(process);
    const Pregion* pregion = find_pregion(space, RegionType::Shm, key);
    if (pregion == nullptr) return fail(Errno::EINVAL_, "not attached");
    if (!may_change(process)) return begin_anew();
    detachreg(vm_, space, static_cast<std::size_t>(pregion - space.pregions.data()));
    return {};
  });
}

SysResult<void> Kernel::shmctl_remove(ProcSlot process, std::uint64_t key) {
  return system_call(syscall_.shmctl, [&]() -> SysResult<void> {
    const RegionId region = shm_region(key);
    if (region == RegionId{}) return fail(Errno::EINVAL_, "no such key");
    if (!may_change(process) || !may_change(region)) return begin_anew();
    shm_.erase(key);
    vm_.tell([&] {
      const std::uint64_t count = vm_.regions[region].refs();
      return Event{.kind = EventKind::KeyRemoved, .region = region, .was = count, .is = count - 1};
    });
    release(vm_, region);
    return {};
  });
}

}  // namespace bachsim
