// spawn and exec (Bach 7.5 and 9.2.1.2): a space from a program. Nothing is read and no frame is taken: the
// tables only say where each page will come from.
#include <algorithm>
#include <array>

#include "regions/layout.h"
#include "regions/pregion.h"
#include "regions/regops.h"
#include "sim/kernel/kernel.h"

namespace bachsim {
namespace {

constexpr std::string_view kNoRoom = "neither frames nor an extent of swap";

// What a space for a program takes from the tables, or gives back; frames count where it gives back.
struct Need {
  std::uint64_t regions;
  std::uint64_t tables;
  std::uint64_t frames = 0;
};

Need need_of(const Vm& vm, ProgramId id) {
  const Program& program = vm.programs[id.value];
  const bool text_exists = vm.texts[id.value] != RegionId{};
  const std::uint64_t text = leaf_tables(program.text);
  const std::uint64_t data = leaf_tables(program.data + program.bss);
  const std::uint64_t stack = leaf_tables(program.stack);
  const std::array ranges{
      leaf_range(RegionType::Text, kTextStart, 0, text),
      leaf_range(RegionType::Data, data_start(program.text), 0, data),
      leaf_range(RegionType::Stack, kStackEnd, 0, stack),
  };
  const std::uint64_t upper = 1 + missing_tables(vm.config.mode, {}, ranges);
  return {.regions = text_exists ? 2u : 3u, .tables = upper + (text_exists ? 0 : text) + data + stack};
}

// What releasing a space would give back, while somebody holds the region `held`.
Need gain_of(const Vm& vm, const AddressSpace& space, RegionId held) {
  Need gain{.regions = 0, .tables = upper_tables(vm.config.mode, space)};
  for (std::size_t i = 0; i < space.pregions.size(); ++i) {
    const RegionId id = space.pregions[i].region;
    const auto same = [id](const Pregion& pregion) { return pregion.region == id; };
    const auto here = space.pregions.begin() + static_cast<std::ptrdiff_t>(i);
    const Region& region = vm.regions[id];
    // A region that is attached twice counts once: at its first pregion.
    if (id != held && region.refs() == std::count_if(here, space.pregions.end(), same)) {
      ++gain.regions;
      gain.tables += region.leaves.size();
      gain.frames += region.valid();
    }
  }
  return gain;
}

}  // namespace

void Kernel::build_space(AddressSpace& space, ProgramId id) {
  const Program& program = vm_.programs[id.value];
  const auto text_pages = static_cast<std::uint32_t>(program.text);
  const auto data_pages = static_cast<std::uint32_t>(program.data);
  const auto bss_pages = static_cast<std::uint32_t>(program.bss);
  open_space(vm_, space);

  RegionId text = vm_.texts[id.value];
  if (text == RegionId{}) {
    text = allocreg(vm_, RegionType::Text, id);
    add_pages(vm_, text, text_pages);
    loadreg(vm_, text, text_pages, 0);
  }
  attachreg(vm_, space, text, kTextStart);

  const RegionId data = allocreg(vm_, RegionType::Data, id);
  add_pages(vm_, data, data_pages + bss_pages);
  loadreg(vm_, data, data_pages, text_pages);
  attachreg(vm_, space, data, data_start(program.text));
  space.brk = (program.data + program.bss) * vm_.config.page;

  const RegionId stack = allocreg(vm_, RegionType::Stack);
  add_pages(vm_, stack, static_cast<std::uint32_t>(program.stack));
  attachreg(vm_, space, stack, kStackEnd);
}

SysResult<ProcSlot> Kernel::spawn(ProgramId program, std::uint64_t tag) {
  const Need need = need_of(vm_, program);
  if (!processes_.available())
    return std::unexpected(SysError{Errno::EAGAIN_, "the process table is full"});
  if (need.regions > vm_.regions.available())
    return std::unexpected(SysError{Errno::ENOMEM_, "the region table is full"});
  if (need.tables > vm_.tables.available())
    return std::unexpected(SysError{Errno::ENOMEM_, "no page-table frames"});
  if (!image_fits(program, nullptr, 0))
    return std::unexpected(SysError{Errno::ENOMEM_, kNoRoom});
  const ProcSlot slot = new_process(kInit, program, tag);
  build_space(at(slot).space, program);
  const bool settled = swapper_.settle(slot);
  KASSERT(settled);
  return slot;
}

// Without paging, a process needs frames for all its pages, or an extent of swap to wait in. `released` is the space
// that will be gone by then, and `gained` the frames that it gives back.
bool Kernel::image_fits(ProgramId id, const AddressSpace* released, std::uint64_t gained) const {
  if (vm_.config.paging != PagingPolicy::Off)
    return true;
  const Program& program = vm_.programs[id.value];
  const RegionId text = vm_.texts[id.value];
  const auto released_refs = [&](RegionId region) {
    return released == nullptr ? 0 : std::ranges::count(released->pregions, region, &Pregion::region);
  };
  // Text belongs to its image if nobody else holds it then, and it is not sticky.
  const bool shares = program.sticky || (text != RegionId{} && vm_.regions[text].refs() > released_refs(text));
  const std::uint64_t own = program.data + program.bss + program.stack + (shares ? 0 : program.text);
  std::uint64_t missing = program.data + program.bss + program.stack + program.text;
  if (missing > vm_.pfdata.total() - vm_.pfdata.reserved())
    return false;
  if (text != RegionId{})
    missing -= vm_.regions[text].valid();
  return missing <= vm_.pfdata.free() + gained || own <= vm_.swap.longest_extent();
}

SysResult<void> Kernel::exec(ProcSlot slot, ProgramId program) {
  enter(syscall_.exec);
  Process& process = at(slot);
  const bool borrowed = process.lender != slot;
  const RegionId held = vm_.texts[program.value];
  const Need need = need_of(vm_, program);
  const Need gain = borrowed ? Need{} : gain_of(vm_, process.space, held);
  if (need.regions > vm_.regions.available() + gain.regions)
    return fail(Errno::ENOMEM_, "the region table is full");
  if (need.tables > vm_.tables.available() + gain.tables)
    return fail(Errno::ENOMEM_, "no page-table frames");
  if (!image_fits(program, borrowed ? nullptr : &process.space, gain.frames))
    return fail(Errno::ENOMEM_, kNoRoom);

  // Held, so that the release of the old space cannot free the text that the new one will share.
  if (held != RegionId{})
    vm_.regions.hold(held);
  if (borrowed) {
    wake_vfork_parent(slot);
    process.lender = slot;
  } else {
    release_space(vm_, process.space);
  }
  running_ = kNoProcess;
  process.program = program;
  build_space(process.space, program);
  if (held != RegionId{})
    release(vm_, held);
  const bool settled = swapper_.settle(slot);
  KASSERT(settled);
  give_up_processor(slot);
  return {};
}

void Kernel::wake_vfork_parent(ProcSlot child) {
  Process& parent = at(at(child).parent);
  KASSERT(parent.waiting_for == WaitingFor::Vfork);
  wake(parent);
}

}  // namespace bachsim
