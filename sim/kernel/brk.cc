// brk: the size of a process's data (Bach 7.7).
#include "regions/layout.h"
#include "regions/promise.h"
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
    const std::uint64_t had = vm_.regions[data.region].pages;
    const std::uint64_t needed = round_up(moved, page) / page;
    Promise promise(vm_);
    if (needed > had) {
      if (auto taken = promise_growth(promise, process, data, needed - had); !taken) return taken;
    }
    if (!may_change(process)) return begin_anew();
    growreg(vm_, space, data, static_cast<std::int64_t>(needed) - static_cast<std::int64_t>(had));
    if (needed > had) swapper_.expansion_swap(process);
    space.brk = moved;
    return {};
  });
}

// A private region of the process is to grow. Without paging, so is the room that the process has, in memory or on
// swap: expansion_swap() follows.
SysResult<void> Kernel::promise_growth(Promise& promise, ProcSlot process, const Pregion& pregion,
                                       std::uint64_t pages) {
  const AddressSpace& space = space_of(process);
  promise.growth(space, pregion, pages);
  if (vm_.config.paging == PagingPolicy::Off) {
    const ImageSize image = image_size(vm_, space);
    if (swapper_.can_move(process))
      promise.image({.pages = image.pages + pages, .missing = image.missing + pages, .own = image.own + pages});
    else
      promise.frames(image.missing + pages);
  }
  return take(promise, Errno::ENOMEM_);
}

}  // namespace bachsim
