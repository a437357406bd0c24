// brk: the size of a process's data (Bach 7.7).
#include "regions/layout.h"
#include "regions/vm.h"
#include "sim/kernel/kernel.h"

namespace bachsim {

SysResult<void> Kernel::brk(ProcSlot process, std::int64_t bytes) {
  return system_call(syscall_.brk, [&]() -> SysResult<void> {
    AddressSpace& space = space_of(process);
    const Pregion& data = *find_pregion(space, RegionType::Data);
    const std::uint64_t page = vm_.config.page;
    const std::uint64_t most = (kDataEnd.value - data.anchor.value) / kPageSize * page;
    const std::uint64_t moved = space.brk + static_cast<std::uint64_t>(bytes);  // wraps below 0
    if (bytes < 0 && moved > space.brk) return fail(Errno::EINVAL_, "the data region would end below its start");
    if (bytes > 0 && moved > most) return fail(Errno::ENOMEM_, "no address space");
    const std::int64_t had = vm_.regions[data.region].pages;
    const std::int64_t growth = static_cast<std::int64_t>(round_up(moved, page) / page) - had;
    if (!growreg(vm_, space, data, growth)) return fail(Errno::ENOMEM_, kNoTables);
    if (growth > 0 && !swapper_.expansion_swap(process)) {
      KASSERT(growreg(vm_, space, data, -growth));
      return fail(Errno::ENOMEM_, kNoRoom);
    }
    space.brk = moved;
    return {};
  });
}

}  // namespace bachsim
