// Calls that change the size of a space, and plock: sbrk (Bach 7.7) and shared memory (11.2.2).
#include <algorithm>
#include <array>

#include "regions/layout.h"
#include "regions/pregion.h"
#include "regions/regops.h"
#include "regions/swapping.h"
#include "sim/kernel/kernel.h"

namespace bachsim {
namespace {

constexpr std::string_view kNoTables = "no page-table frames";

// The first gap among the shared memory of a space that has room for so many leaf tables.
std::optional<VirtAddr> find_gap(const Vm& vm, const AddressSpace& space, std::uint64_t leaves) {
  std::uint64_t place = kShmStart.value / kLeafSpan;
  for (const LeafRange& taken : space.shm) {
    if (taken.first - place >= leaves)
      break;
    place = taken.first + taken.count;
  }
  if ((place + leaves) * kLeafSpan > shm_end(vm.config.stack_limit).value)
    return std::nullopt;
  return VirtAddr{place * kLeafSpan};
}

}  // namespace

SysResult<void> Kernel::brk(ProcSlot process, std::int64_t bytes) {
  enter(syscall_.brk);
  AddressSpace& space = space_of(process);
  const Pregion& data = *find_pregion(space, RegionType::Data);
  const std::uint64_t page = vm_.config.page;
  const std::uint64_t most = (kDataEnd.value - data.anchor.value) / kPageSize * page;
  const std::uint64_t moved = space.brk + static_cast<std::uint64_t>(bytes);  // wraps where it would be below 0
  if (bytes < 0 && moved > space.brk)
    return fail(Errno::EINVAL_, "the data region would end below its start");
  if (bytes > 0 && moved > most)
    return fail(Errno::ENOMEM_, "no address space");
  const std::int64_t had = vm_.regions[data.region].pages;
  const std::int64_t growth = static_cast<std::int64_t>(round_up(moved, page) / page) - had;
  if (!growreg(vm_, space, data, growth))
    return fail(Errno::ENOMEM_, kNoTables);
  if (growth > 0 && !swapper_.settle(process)) {
    const bool shrunk = growreg(vm_, space, data, -growth);
    KASSERT(shrunk);
    return fail(Errno::ENOMEM_, "neither frames nor an extent of swap");
  }
  space.brk = moved;
  return {};
}

SysResult<void> Kernel::shmget(ProcSlot, std::uint64_t key, std::int64_t pages) {
  enter(syscall_.shmget);
  if (pages < 1)
    return fail(Errno::EINVAL_, "fewer than 1 page");
  const auto size = static_cast<std::uint64_t>(pages);
  if (const RegionId existing = shm_region(key); existing != RegionId{}) {
    if (size > vm_.regions[existing].pages)
      return fail(Errno::EINVAL_, "the segment is smaller");
    return {};
  }
  if (size > (shm_end(vm_.config.stack_limit).value - kShmStart.value) / kPageSize)
    return fail(Errno::EINVAL_, "more pages than there are addresses");
  if (vm_.regions.available() == 0)
    return fail(Errno::ENOSPC_, "the region table is full");
  if (leaf_tables(size) > vm_.tables.available())
    return fail(Errno::ENOMEM_, kNoTables);
  const RegionId region = allocreg(vm_, RegionType::Shm);
  add_pages(vm_, region, static_cast<std::uint32_t>(size));
  vm_.regions.hold(region);  // for the identifier
  shm_.emplace(key, region);
  return {};
}

SysResult<void> Kernel::shmat(ProcSlot process, std::uint64_t key) {
  enter(syscall_.shmat);
  const RegionId region = shm_region(key);
  if (region == RegionId{})
    return fail(Errno::EINVAL_, "no such key");
  AddressSpace& space = space_of(process);
  const std::uint64_t leaves = vm_.regions[region].leaves.size();
  const auto start = find_gap(vm_, space, leaves);
  if (!start)
    return fail(Errno::ENOMEM_, "no address space");
  const std::array range{leaf_range(RegionType::Shm, *start, 0, leaves)};
  if (missing_tables(vm_.config.mode, {space.middles.data(), space.middles.size()}, range) > vm_.tables.available())
    return fail(Errno::ENOMEM_, kNoTables);
  attachreg(vm_, space, region, *start, key);
  // Without paging the first attach assigns memory, as the region's growth does (Bach 11.2.2).
  if (vm_.config.paging == PagingPolicy::Off) {
    if (missing_frames(vm_, space) > vm_.pfdata.free()) {
      detachreg(vm_, space, space.pregions.size() - 1);
      return fail(Errno::ENOMEM_, "no frames");
    }
    swap_in_space(vm_, space);
  }
  return {};
}

SysResult<void> Kernel::shmdt(ProcSlot process, std::uint64_t key) {
  enter(syscall_.shmdt);
  AddressSpace& space = space_of(process);
  const Pregion* pregion = find_pregion(space, RegionType::Shm, key);
  if (pregion == nullptr)
    return fail(Errno::EINVAL_, "not attached");
  detachreg(vm_, space, static_cast<std::size_t>(pregion - space.pregions.data()));
  return {};
}

SysResult<void> Kernel::shmctl_remove(ProcSlot, std::uint64_t key) {
  enter(syscall_.shmctl);
  const RegionId region = shm_region(key);
  if (region == RegionId{})
    return fail(Errno::EINVAL_, "no such key");
  shm_.erase(key);
  release(vm_, region);
  return {};
}

void Kernel::plock(ProcSlot process, RegionType type, bool locked) {
  enter(syscall_.plock);
  KASSERT(type != RegionType::Shm);
  lock_pregion(vm_, *find_pregion(space_of(process), type), locked);
}

}  // namespace bachsim
