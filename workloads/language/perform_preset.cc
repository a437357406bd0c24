// Performs `preset`, and has the identities checked when a row of them has ended.
#include <fmt/format.h>

#include "regions/pregion.h"
#include "regions/preset.h"
#include "sim/kernel/audit.h"
#include "sim/state/column.h"
#include "workloads/language/performer.h"

namespace bachsim {
namespace {

// The word of the script that an error is about; the page's where the script does not say it.
Place place_of(const PageForm& preset, PresetError::Part part) {
  std::optional<Place> place = preset.place_of(part);
  if (!place && part == PresetError::Part::Valid) place = preset.place_of(PresetError::Part::FrameNumber);
  return place.value_or(preset.where.place);
}

}  // namespace

void Performer::preset(const PresetStatement& preset) {
  std::visit([this](const auto& body) { perform(body); }, *preset.body);
}

void Performer::end_presets(Place last) {
  const Violations found = audit(kernel_);
  if (!found.empty())
    fail(last, "after this preset identity {} does not hold: {}", found.front().identity, found.front().what);
}

void Performer::perform(const PageForm& preset) {
  using Part = PresetError::Part;
  const ProcSlot slot = evaluate_.slot(preset.process);
  if (kernel_.process(slot).state == ProcessState::Zombie) cannot_act(preset.process);
  const PageId page = preset_target(preset, slot);
  PagePreset wanted;
  if (preset.frame != nullptr) wanted.frame = evaluate_.frame(preset.frame);
  wanted.valid = preset.valid;
  if (preset.disk) wanted.disk = disk_of(*preset.disk, page);
  if (preset.age != nullptr) {
    const std::uint64_t age = evaluate_.count(preset.age, "the age");
    if (age > kernel_.config().max_age)
      fail(preset.age->place, "an age is at most max-age, {}", kernel_.config().max_age);
    wanted.age = static_cast<unsigned>(age);
  }
  wanted.cow = preset.place_of(Part::Cow).has_value();
  wanted.writable = preset.place_of(Part::Writable).has_value();
  wanted.referenced = preset.place_of(Part::Referenced).has_value();
  wanted.modified = preset.place_of(Part::Modified).has_value();
  if (const auto done = kernel_.preset_page(page, wanted); !done)
    fail(place_of(preset, done.error().part), "{}", preset_text(done.error()));
}

void Performer::perform(const PfdataForm& preset) {
  const Frame wanted = evaluate_.frame(preset.frame);
  DiskBlock block;
  if (preset.disk.kind == DbdKind::Swap)
    block = evaluate_.swap_block(preset.disk.device, preset.disk.block);
  else if (preset.disk.kind == DbdKind::File)
    block = DiskBlock::file(kernel_.vm().file_of(*preset.disk.program),
                            file_block(preset.disk.block, *preset.disk.program));
  if (const auto done = kernel_.preset_pfdata(wanted, block); !done)
    fail(done.error().part == PresetError::Part::Disk ? preset.disk.place : preset.frame->place, "{}",
         preset_text(done.error()));
}

void Performer::perform(const FreelistForm& preset) {
  std::vector<Frame> frames;
  for (const Expr* expr : preset.frames) frames.push_back(evaluate_.frame(expr));
  if (const auto done = kernel_.preset_freelist(frames); !done)
    fail(preset.frames[done.error().index]->place, "{}", preset_text(done.error()));
}

// The page that a location of one page means. It must be there.
PageId Performer::preset_target(const PageForm& preset, ProcSlot slot) const {
  const State& state = evaluate_.state();
  const Location& where = preset.where;
  const VirtAddr va = evaluate_.cell_address(slot, where);  // also says what is wrong with the numbers
  if (where.kind == LocationKind::Address) {
    if (const auto found = state.find(slot, va)) return *found;
  } else {
    const RegionId region = evaluate_.pregion(kernel_.space(slot), where.region).region;
    std::uint64_t page = evaluate_.count(where.first, "the page");
    if (where.kind == LocationKind::Offset) page /= state.config().page;
    const std::uint32_t pages = state.region(region.value)->pages;
    if (page < pages) return {region, static_cast<std::uint32_t>(page)};
    fail(where.place, "there is no page {}: the region has {}", page, pages);
  }
  fail(where.place, "there is no page at {}", evaluate_.cell_text(slot, where));
}

std::uint64_t Performer::file_block(const Expr* expr, ProgramId id) const {
  const Program& program = evaluate_.state().program(id);
  const std::uint64_t block = evaluate_.count(expr, "the block");
  if (block >= program.blocks()) fail(expr->place, "the file of `{}` has no block {}", program.name, block);
  return block;
}

Dbd Performer::disk_of(const DiskForm& disk, PageId page) const {
  const State& state = evaluate_.state();
  if (disk.kind == DbdKind::Swap) return Dbd::swap(evaluate_.swap_block(disk.device, disk.block));
  if (disk.kind != DbdKind::File && disk.kind != DbdKind::Fill) return Dbd::make(disk.kind);
  const RegionRow region = *state.region(page.region.value);
  if (!region.program_id) fail(disk.place, "a page of {} is in no file", name(region.type));
  if (disk.block != nullptr) return Dbd::make(disk.kind, file_block(disk.block, *region.program_id));
  // The block that exec gives this page.
  const Program& program = state.program(*region.program_id);
  const std::uint64_t block = page.page + (region.type == RegionType::Data ? program.text : 0);
  if (block >= program.blocks())
    fail(disk.place, "the page is behind the end of the file; `fill:BLOCK` names a block of it");
  return Dbd::make(disk.kind, block);
}

// The message for an error. It names the process whose page is in the way.
std::string Performer::preset_text(const PresetError& error) const {
  if (!error.page) return error.what;
  for (const ProcSlot slot : kernel_.processes()) {
    for (const Pregion& pregion : kernel_.space(slot).pregions) {
      if (pregion.region != error.page->region) continue;
      std::string region(name(pregion.type));
      if (pregion.type == RegionType::Shm) region += "." + key_text(script_, pregion.key);
      return fmt::format("{}: {}[{}] of `{}`", error.what, region, error.page->page,
                         names_.process(kernel_.process(slot).tag));
    }
  }
  return fmt::format("{}: page {} of region {}", error.what, error.page->page, error.page->region.value);
}

}  // namespace bachsim
