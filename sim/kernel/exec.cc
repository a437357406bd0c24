// spawn and exec (Bach 7.5 and 9.2.1.2): a space from a program. Nothing is read and no frame is taken: the tables only
// say where each page will come from.
#include <algorithm>
#include <array>

#include "regions/layout.h"
#include "regions/promise.h"
#include "regions/regops.h"
#include "sim/kernel/kernel.h"

namespace bachsim {
namespace {

// A space for a program, whose text may be there already.
void promise_space(Promise& promise, const Vm& vm, ProgramId id) {
  const Program& program = vm.programs[id.value];
  const std::uint64_t data = program.data + program.bss;
  if (vm.texts[id.value] == RegionId{}) promise.region(program.text);
  promise.region(data);
  promise.region(program.stack);
  promise.tables(1);  // the root
  promise.link({}, std::array{
                       leaf_range(RegionType::Text, kTextStart, 0, leaf_tables(program.text)),
                       leaf_range(RegionType::Data, data_start(program.text), 0, leaf_tables(data)),
                       leaf_range(RegionType::Stack, kStackEnd, 0, leaf_tables(program.stack)),
                   });
}

}  // namespace

void Kernel::build_space(AddressSpace& space, ProgramId id) {
  const Program& program = vm_.programs[id.value];
  open_space(vm_, space);
  attachreg(vm_, space, xalloc(vm_, id), kTextStart);

  const RegionId data = allocreg(vm_, RegionType::Data, id);
  add_pages(vm_, data, program.data + program.bss);
  loadreg(vm_, data, program.data, program.text);
  attachreg(vm_, space, data, data_start(program.text));
  space.brk = (program.data + program.bss) * vm_.config.page;

  const RegionId stack = allocreg(vm_, RegionType::Stack);
  add_pages(vm_, stack, program.stack);
  attachreg(vm_, space, stack, kStackEnd);
}

SysResult<ProcSlot> Kernel::spawn(ProgramId program, std::uint64_t tag) {
  const auto result = spawn_process(program, tag);
  return_to_user();
  return result;
}

SysResult<ProcSlot> Kernel::spawn_process(ProgramId program, std::uint64_t tag) {
  if (!processes_.available()) return fail(Errno::EAGAIN_, kNoProcesses);
  Promise promise(vm_);
  promise_space(promise, vm_, program);
  if (const auto taken = take(promise, Errno::ENOMEM_); !taken) return std::unexpected(taken.error());
  if (!image_fits(program, nullptr, 0)) return fail(Errno::ENOMEM_, kNoRoom);
  const ProcSlot slot = new_process(kInit, program, tag);
  vm_.actor = tag;
  tell(EventKind::Spawned, slot);
  build_space(at(slot).space, program);
  KASSERT(swapper_.expansion_swap(slot));
  return slot;
}

// Without paging, a process needs frames for all its pages, or an extent of swap to wait in. `released` is the space
// that will be gone by then, and `released_frames` the frames that it gives back.
bool Kernel::image_fits(ProgramId id, const AddressSpace* released, std::uint64_t released_frames) const {
  if (vm_.config.paging != PagingPolicy::Off) return true;
  const Program& program = vm_.programs[id.value];
  const RegionId text = vm_.texts[id.value];
  const auto released_refs = [&](RegionId region) {
    return released == nullptr ? 0 : std::ranges::count(released->pregions, region, &Pregion::region);
  };
  // Text belongs to its image if nobody else holds it then, and it is not sticky.
  const bool shares = program.sticky || (text != RegionId{} && vm_.regions[text].refs() > released_refs(text));
  const std::uint64_t own = program.data + program.bss + program.stack + (shares ? 0 : program.text);
  std::uint64_t missing = program.data + program.bss + program.stack + program.text;
  if (missing > vm_.pfdata.total() - vm_.pfdata.reserved()) return false;
  if (text != RegionId{}) missing -= vm_.regions[text].valid();
  return missing <= vm_.pfdata.free() + released_frames || own <= vm_.swap.longest_extent();
}

SysResult<void> Kernel::exec(ProcSlot slot, ProgramId program) {
  return system_call(syscall_.exec, [&]() -> SysResult<void> {
    Process& process = at(slot);
    const bool borrowed = process.lender != slot;
    const RegionId held = vm_.texts[program.value];
    Promise promise(vm_);
    promise_space(promise, vm_, program);
    if (!borrowed) promise.release(process.space, held);
    if (const auto taken = take(promise, Errno::ENOMEM_); !taken) return std::unexpected(taken.error());
    if (!image_fits(program, borrowed ? nullptr : &process.space, promise.released_frames()))
      return fail(Errno::ENOMEM_, kNoRoom);

    tell(EventKind::Execed, slot, Event::kNobody, program.value);
    // Held, so that the release of the old space cannot free the text that the new one will share.
    if (held != RegionId{}) vm_.regions.hold(held);
    if (borrowed) {
      wake_vfork_parent(slot);
      process.lender = slot;
    } else {
      release_space(vm_, process.space);
    }
    running_ = kNoProcess;
    process.program = program;
    build_space(process.space, program);
    if (held != RegionId{}) release(vm_, held);
    KASSERT(swapper_.expansion_swap(slot));
    give_up_processor(slot);
    return {};
  });
}

void Kernel::wake_vfork_parent(ProcSlot child) {
  Process& parent = at(at(child).parent);
  KASSERT(parent.waiting_for == WaitingFor::Vfork);
  wake(parent);
  tell(EventKind::Wakes, at(child).parent);
}

}  // namespace bachsim
