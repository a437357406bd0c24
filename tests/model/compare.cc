// What must be the same in kernel and model after every step, and what the kernel must hold on its
// own.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "regions/pregion.h"
#include "regions/regops.h"
#include "regions/vm.h"
#include "sim/kernel/audit.h"
#include "tests/model/lockstep.h"

namespace bachsim {
namespace {

constexpr Cells kZeros{};

ModelState state_of(const Process& process) {
  if (process.state == ProcessState::Zombie) return ModelState::Zombie;
  if (process.state == ProcessState::Preempted) return ModelState::Preempted;
  if (process.waiting_for == WaitingFor::Nothing) return ModelState::Ready;  // in memory or on swap
  return process.waiting_for == WaitingFor::Vfork ? ModelState::AwaitsVforkChild : ModelState::AwaitsAnyChild;
}

// A page as a debugger would look at it, changing nothing; nullptr for a page of zeros that is
// nowhere. `buffer` is for contents that are on disk.
const std::byte* look(const Vm& vm, PageWords page, std::byte* buffer) {
  if (page.in_frame()) return vm.memory.page(page.pte.ppn());
  switch (page.dbd.kind()) {
    case DbdKind::Zero:
      return nullptr;
    case DbdKind::Fill:
    case DbdKind::File:
      read_file_block(page.dbd.block(), buffer);
      return buffer;
    case DbdKind::Swap:
      vm.swap.peek(page.dbd.swap_block(), buffer);
      return buffer;
    case DbdKind::None:
      break;
  }
  throw Mismatch("a page is neither in memory nor on any disk");
}

}  // namespace

void Lockstep::compare() {
  check_audit();
  compare_processes();
  compare_shm();
  check_counters();
  check_limits();
}

void Lockstep::check_audit() {
  const Violations found = audit(kernel_);
  if (!found.empty()) mismatch(fmt::format("identity {}: {}", found.front().identity, found.front().what));
}

void Lockstep::compare_processes() {
  const auto slots = kernel_.processes();
  if (slots.size() != model_.processes().size())
    mismatch(fmt::format("there are {} processes, should be {}", slots.size(), model_.processes().size()));
  std::size_t i = 0;
  for (const auto& [pid, model] : model_.processes()) {
    const ProcSlot slot = slots[i++];
    const Process& process = kernel_.process(slot);
    const std::string who = fmt::format("p{}", cast_.name(pid.value));
    if (process.pid != pid) mismatch(fmt::format("{} has pid {}, should be {}", who, process.pid.value, pid.value));
    if (kernel_.process(process.parent).pid != model.parent)
      mismatch(fmt::format("{} has another parent than pid {}", who, model.parent.value));
    if (state_of(process) != model.state)
      mismatch(fmt::format("{} is {}, in the model it is not", who, name(process.state)));
    if (model.state == ModelState::Zombie) {
      if (process.status != model.status)
        mismatch(fmt::format("{} has status {}, should be {}", who, process.status, model.status));
      continue;
    }
    if ((process.lender != slot) != model.borrows) mismatch(fmt::format("{} runs on the wrong space", who));
    compare_space(slot, *model.space, who);
  }
}

void Lockstep::compare_space(ProcSlot slot, const ModelSpace& model, const std::string& who) {
  const auto& pregions = kernel_.space(slot).pregions;
  if (pregions.size() != 3 + model.shm.size())
    mismatch(fmt::format("{} has {} pregions, should have {}", who, pregions.size(), 3 + model.shm.size()));
  if (pregions[1].anchor != model.data_start)
    mismatch(
        fmt::format("{}: data start at {:#x}, should be {:#x}", who, pregions[1].anchor.value, model.data_start.value));
  if (kernel_.space(slot).brk != static_cast<std::uint64_t>(model.brk))
    mismatch(fmt::format("{}: the break is {}, should be {}", who, kernel_.space(slot).brk, model.brk));
  compare_region(pregions[0].region, model.text, who + ".text");
  compare_region(pregions[1].region, model.data, who + ".data");
  compare_region(pregions[2].region, model.stack, who + ".stack");
  for (std::size_t i = 0; i < model.shm.size(); ++i) {
    const ModelShm& shm = model.shm[i];
    const Pregion& pregion = pregions[3 + i];
    if (pregion.key != shm.key || pregion.anchor != shm.start)
      mismatch(fmt::format("{}: shm.{} at {:#x} should be shm.{} at {:#x}", who, pregion.key, pregion.anchor.value,
                           shm.key, shm.start.value));
    compare_region(pregion.region, *shm.region, fmt::format("{}.shm.{}", who, shm.key));
  }
}

void Lockstep::compare_region(RegionId id, const ModelRegion& model, const std::string& what) {
  const Vm& vm = kernel_.vm();
  const Region& region = vm.regions[id];
  if (region.pages != model.pages)
    mismatch(fmt::format("{} has {} pages, should have {}", what, region.pages, model.pages));
  std::array<std::byte, kPageSize> buffer;
  for (std::uint32_t number = 0; number < region.pages; ++number) {
    const std::byte* real = look(vm, vm.page(region, number), buffer.data());
    const auto touched = model.contents.find(number);
    const Cells& wanted = touched == model.contents.end() ? kZeros : touched->second;
    if (real == nullptr) real = reinterpret_cast<const std::byte*>(kZeros.data());
    if (std::memcmp(real, wanted.data(), kPageSize) == 0) continue;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      std::uint64_t cell = 0;
      std::memcpy(&cell, real + 8 * i, sizeof cell);
      if (cell != wanted[i])
        mismatch(fmt::format("{} page {} cell {} is {:#x}, should be {:#x}", what, number, i, cell, wanted[i]));
    }
  }
}

void Lockstep::compare_shm() {
  if (kernel_.shm_regions().size() != model_.shm().size())
    mismatch("there are more, or fewer, shared memory keys than there should be");
  for (const auto& [key, region] : model_.shm()) {
    const RegionId id = kernel_.shm_region(key);
    if (id == RegionId{}) mismatch(fmt::format("there is no shm.{}", key));
    compare_region(id, *region, fmt::format("shm.{}", key));
  }
}

void Lockstep::check_counters() {
  const Counters now = kernel_.counters();
  std::vector<std::uint64_t> old;
  before_.for_each([&](std::string_view, std::string_view, std::uint64_t value) { old.push_back(value); });
  std::size_t i = 0;
  now.for_each([&](std::string_view group, std::string_view name, std::uint64_t value) {
    if (value < old[i++]) mismatch(fmt::format("counter.{}.{} fell to {}", group, name, value));
  });
  before_ = now;
}

void Lockstep::check_limits() {
  const Gauges now = kernel_.gauges();
  const Counters counters = kernel_.counters();
  if (now.frames_used + now.frames_free + now.frames_reserved != config_.frames)
    mismatch("frames used, free and reserved are not all frames");
  if (config_.nregion && now.regions > *config_.nregion) mismatch("there are more regions than nregion");
  if (config_.tables && now.tables_used > *config_.tables) mismatch("there are more page-table frames than tables");
  if (counters.swap.blocks_allocated - counters.swap.blocks_freed != now.swap_used)
    mismatch("swap blocks allocated less those freed are not those in use");
  if (counters.process.created - counters.process.exited - counters.process.killed != now.processes)
    mismatch("processes created less those ended are not those alive");
}

// Nobody is left: nothing may be, but sticky text and shared memory that was not removed.
void Lockstep::check_leftovers() {
  const Vm& vm = kernel_.vm();
  if (!kernel_.processes().empty()) mismatch("a process is left");
  std::uint64_t pages = 0;
  std::uint64_t swappable = 0;
  std::uint64_t tables = 0;
  vm.regions.for_each([&](RegionId id, const Region& region) {
    const bool sticky = region.type == RegionType::Text && vm.programs[region.program->value].sticky;
    if (!sticky && region.type != RegionType::Shm) mismatch(fmt::format("region {} is left", id.value));
    pages += region.pages;
    swappable += sticky && !vm.programs[region.program->value].unaligned ? 0 : region.pages;
    tables += leaf_tables(region.pages);
  });
  const Gauges left = kernel_.gauges();
  if (left.frames_used > pages)
    mismatch(fmt::format("{} frames are left in use, by {} pages", left.frames_used, pages));
  if (left.swap_used > swappable)
    mismatch(fmt::format("{} swap blocks are left in use, by {} pages", left.swap_used, swappable));
  if (left.tables_used != tables)
    mismatch(fmt::format("{} page-table frames are left, should be {}", left.tables_used, tables));
}

}  // namespace bachsim
