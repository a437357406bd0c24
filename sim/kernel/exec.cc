// spawn and exec (Bach 7.5 and 9.2.1.2): a space from a program. Nothing is read and no frame is taken: the tables only
// say where each page will come from.
#include <array>

#include "regions/layout.h"
#include "regions/promise.h"
#include "regions/region_lock.h"
#include "regions/regops.h"
#include "sim/kernel/kernel.h"

namespace bachsim {
namespace {

// A space for a program, whose text may be there already. `released` is the space that will be gone by then, if any.
void promise_space(Promise& promise, const Vm& vm, ProgramId id, const AddressSpace* released) {
  const Program& program = vm.programs[id.value];
  const RegionId text = vm.texts[vm.file_of(id).value];
  const bool has_text = text != RegionId{};
  const std::uint64_t data = program.data + program.bss;
  const bool sticky = vm.programs[vm.file_of(id).value].sticky;
  if (!has_text) promise.region(program.text);
  promise.region(data);
  promise.region(program.stack);
  promise.tables(1);  // the root
  promise.link({}, std::array{
                       leaf_range(RegionType::Text, kTextStart, 0, leaf_tables(program.text)),
                       leaf_range(RegionType::Data, data_start(program.text), 0, leaf_tables(data)),
                       leaf_range(RegionType::Stack, kStackEnd, 0, leaf_tables(program.stack)),
                   });

  std::uint32_t holders = has_text ? vm.regions[text].refs() : sticky ? 1u : 0u;
  if (released != nullptr) {
    promise.release(*released, text);
    holders -= released->pregions.front().region == text ? 1u : 0u;
  }
  const std::uint64_t pages = program.text + data + program.stack;
  promise.image({.pages = pages,
                 .missing = pages - (has_text ? vm.regions[text].valid() : 0),
                 .own = pages - (holders > 0 ? program.text : 0)});
}

}  // namespace

void Kernel::build_space(AddressSpace& space, ProgramId id) {
  const Program& program = vm_.programs[id.value];
  open_space(vm_, space);
  attachreg(vm_, space, xalloc(vm_, id), kTextStart);

  const RegionId data = allocreg(vm_, RegionType::Data, vm_.file_of(id));
  add_pages(vm_, data, program.data + program.bss);
  loadreg(vm_, data, program.data, program.text);
  attachreg(vm_, space, data, data_start(program.text));
  space.brk = (program.data + program.bss) * vm_.config.page;
  space.working_set = program.working_set.value_or(static_cast<std::uint32_t>(vm_.config.working_set));

  const RegionId stack = allocreg(vm_, RegionType::Stack);
  add_pages(vm_, stack, program.stack);
  attachreg(vm_, space, stack, kStackEnd);
}

SysResult<ProcSlot> Kernel::spawn_process(ProgramId program, std::uint64_t tag) {
  if (!processes_.available()) return fail(Errno::EAGAIN_, kNoProcesses);
  Promise promise(vm_);
  promise_space(promise, vm_, program, nullptr);
  if (const auto taken = take(promise, Errno::ENOMEM_); !taken) return std::unexpected(taken.error());
  const ProcSlot slot = new_process(kInit, program, tag);
  vm_.actor = tag;
  tell(EventKind::Spawned, slot);
  build_space(at(slot).space, program);
  swapper_.expansion_swap(slot);
  return slot;
}

// The first exec of a program loads its text: it reads the blocks' numbers from the file's inode (Bach 9.2.1.2). Others
// who exec the program sleep until then.
SysResult<void> Kernel::exec(ProcSlot slot, ProgramId program) {
  bool loads = false;
  const auto result = system_call(syscall_.exec, [&]() -> SysResult<void> {
    Process& process = at(slot);
    const bool borrowed = process.lender != slot;
    Promise promise(vm_);
    promise_space(promise, vm_, program, borrowed ? nullptr : &process.space);
    if (auto taken = take(promise, Errno::ENOMEM_); !taken) return taken;
    const RegionId text = vm_.texts[vm_.file_of(program).value];
    if (!may_change(slot) || !may_change(text, Channel::Kind::Text)) return begin_anew();

    tell(EventKind::Execed, slot, Event::kNobody, program.value);
    loads = text == RegionId{};
    // Held, so that the release of the old space cannot free the text that the new one will share.
    if (!loads) vm_.regions.hold(text);
    if (borrowed) {
      wake_vfork_parent(slot);
      process.lender = slot;
    } else {
      release_space(vm_, process.space);
    }
    running_ = kNoProcess;
    process.program = program;
    build_space(process.space, program);
    working_sets_.begin(slot);
    if (!loads) release(vm_, text);
    swapper_.expansion_swap(slot);
    give_up_processor(slot);
    return {};
  });
  if (loads && contexts_.running() != nullptr) {
    const RegionLock lock(vm_, vm_.texts[vm_.file_of(program).value]);
    await_transfer(vm_);
  }
  return result;
}

void Kernel::wake_vfork_parent(ProcSlot child) {
  Process& parent = at(at(child).parent);
  KASSERT(parent.waiting_for == WaitingFor::Vfork);
  wake(parent);
  tell(EventKind::Wakes, at(child).parent);
}

}  // namespace bachsim
