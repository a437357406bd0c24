#include "tests/model/lockstep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "regions/vhand.h"
#include "regions/vm.h"

namespace bachsim {
namespace {

bool begets(StepKind kind) { return kind == StepKind::Spawn || kind == StepKind::Fork || kind == StepKind::Vfork; }

bool is_access(StepKind kind) { return kind >= StepKind::Read && kind <= StepKind::WritePid; }

bool has_actor(StepKind kind) {
  return (kind > StepKind::Spawn && kind < StepKind::Age) || kind >= StepKind::ExpectState;
}

bool is_move(StepKind kind) { return kind == StepKind::Swapout || kind == StepKind::Swapin; }

// What the script calls a call, in its lines about failures.
std::string_view call_word(StepKind kind) {
  switch (kind) {
    case StepKind::Spawn:
      return "spawn";
    case StepKind::Fork:
      return "fork";
    case StepKind::Vfork:
      return "vfork";
    case StepKind::Exec:
      return "exec";
    case StepKind::Wait:
      return "wait";
    case StepKind::Sbrk:
      return "sbrk";
    case StepKind::Shmget:
      return "shmget";
    case StepKind::Shmat:
      return "shmat";
    case StepKind::Shmdt:
      return "shmdt";
    case StepKind::Shmrm:
      return "shmrm";
    case StepKind::Swapout:
      return "swapout";
    case StepKind::Swapin:
      return "swapin";
    default:
      return "";
  }
}

SysResult<void> without_value(const SysResult<ProcSlot>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

}  // namespace

Lockstep::Lockstep(const Config& config, const std::vector<Program>& programs)
    : config_(config), kernel_(config), model_(config, programs) {
  for (const Program& program : programs) kernel_.add_program(program);
  before_ = kernel_.counters();
}

bool Lockstep::possible(const Step& step) const {
  if (begets(step.kind) && cast_.pid(step.child) != Cast::kNobody) return false;
  if (!has_actor(step.kind)) return true;
  const Pid actor{cast_.pid(step.process)};
  const ProcSlot slot = slot_of(actor);
  if (slot == kNoProcess) return false;
  const bool away = is_swapped(kernel_.process(slot).state);
  if (is_move(step.kind)) return kernel_.swapper().can_move(slot) && away == (step.kind == StepKind::Swapin);
  if (!model_.ready(actor) || (away && (config_.paging == PagingPolicy::Off || step.kind == StepKind::ExpectState)))
    return false;
  const bool places = is_access(step.kind) || step.kind == StepKind::ExpectCell;
  if (!places || step.place.kind == PlaceKind::Address) return true;
  const ModelRegion* region = model_.region(actor, step.place.region, step.place.key);
  return region != nullptr && (step.kind != StepKind::ExpectCell || step.place.first < region->pages);
}

// kNoProcess if nobody has the pid.
ProcSlot Lockstep::slot_of(Pid pid) const {
  const auto slots = kernel_.processes();
  const auto slot = std::ranges::find(slots, pid, [this](ProcSlot at) { return kernel_.process(at).pid; });
  return slot == slots.end() ? kNoProcess : *slot;
}

// What the first cell of the step's page holds.
std::uint64_t Lockstep::expected_value(const Step& step) const {
  const ModelRegion& region = *model_.region(actor_, step.place.region, step.place.key);
  const auto page = region.contents.find(step.place.first);
  return page == region.contents.end() ? 0 : page->second[0];
}

void Lockstep::perform(const Step& step) {
  actor_ = Pid{has_actor(step.kind) ? cast_.pid(step.process) : Cast::kNobody};
  slot_ = slot_of(actor_);
  locked_ = false;
  kernel_.vm().regions.for_each([this](RegionId, const Region& region) { locked_ |= region.locks > 0; });

  script_ += text(step, step.kind == StepKind::ExpectCell ? expected_value(step) : 0) + "\n";
  const bool acts = has_actor(step.kind) && step.kind < StepKind::ExpectState && !is_move(step.kind);
  if (acts && kernel_.begin_operation(slot_) != Kernel::Turn::Now) mismatch("the process cannot act");
  dispatch(step);
  if (acts) kernel_.end_operation();
  static_cast<void>(kernel_.take_reaped());
  compare();
}

void Lockstep::dispatch(const Step& step) {
  switch (step.kind) {
    case StepKind::Age:
      return kernel_.age();
    case StepKind::Steal:
      return kernel_.steal(std::nullopt);
    case StepKind::StealSome:
      return kernel_.steal(step.number);
    case StepKind::Tick:
      kernel_.tick(step.number);
      if (step.number > 0) model_.end_slices();
      return;
    case StepKind::Run:
      for (std::uint64_t i = 0; i < step.number; ++i) kernel_.run_second();
      return model_.end_slices();
    case StepKind::Swapout:
    case StepKind::Swapin:
      return move(step);
    case StepKind::Plock:
    case StepKind::Punlock:
      return kernel_.plock(slot_, step.place.region, step.kind == StepKind::Plock);
    case StepKind::Exit:
      kernel_.exit(slot_, static_cast<std::uint8_t>(step.number));
      return model_.exit(actor_, static_cast<std::uint8_t>(step.number));
    case StepKind::ExpectState:
    case StepKind::ExpectCell:
      return;  // only the interpreter has something to do here
    default:
      break;
  }
  if (is_access(step.kind))
    access(step);
  else
    system_call(step);
}

// The kernel first: where it may fail for want of something that the model knows nothing of, the
// model is spared.
void Lockstep::system_call(const Step& step) {
  const Gauges before = kernel_.gauges();
  const Snapshot tables = snapshot_of(kernel_);
  SysResult<void> real;
  switch (step.kind) {
    case StepKind::Spawn:
      real = without_value(kernel_.spawn(step.program, 0));
      break;
    case StepKind::Fork:
      real = without_value(kernel_.fork(slot_, 0));
      break;
    case StepKind::Vfork:
      real = without_value(kernel_.vfork(slot_, 0));
      break;
    case StepKind::Exec:
      real = kernel_.exec(slot_, step.program);
      break;
    case StepKind::Wait:
      real = kernel_.wait(slot_);
      break;
    case StepKind::Sbrk:
      real = kernel_.brk(slot_, step.bytes);
      break;
    case StepKind::Shmget:
      real = kernel_.shmget(slot_, step.key, step.pages);
      break;
    case StepKind::Shmat:
      real = kernel_.shmat(slot_, step.key);
      break;
    case StepKind::Shmdt:
      real = kernel_.shmdt(slot_, step.key);
      break;
    default:
      real = kernel_.shmctl_remove(slot_, step.key);
      break;
  }
  if (!real) {
    const unsigned who = step.kind == StepKind::Spawn ? step.child : step.process;
    lines_.push_back(
        fmt::format("p{}: {}: {} ({})", who, call_word(step.kind), name(real.error().code), real.error().why));
    check_refused(step, tables, real.error());
    if (within_rights(step, real.error().code, before)) return;
  }
  agree(step, real, model_call(step));
  if (begets(step.kind) && real) cast_.enter(step.child, model_.newest().value);
}

// A call that failed has changed nothing, unless it has set the stealer or the swapper to work.
void Lockstep::check_refused(const Step& step, const Snapshot& before, const SysError& error) const {
  const Counters now = kernel_.counters();
  if (now.stealer != before_.stealer || now.swapper != before_.swapper) return;
  const auto changed = first_change(before, snapshot_of(kernel_));
  if (!changed.empty())
    mismatch(fmt::format("{} failed ({}) and has changed this table: {}", call_word(step.kind), error.why, changed));
}

// The swapper by hand, of which the model knows nothing.
void Lockstep::move(const Step& step) {
  const Snapshot before = snapshot_of(kernel_);
  const bool out = step.kind == StepKind::Swapout;
  const auto moved = out ? kernel_.swap_out(slot_) : kernel_.swap_in(slot_);
  if (moved) return;
  lines_.push_back(
      fmt::format("p{}: {}: {} ({})", step.process, call_word(step.kind), name(moved.error().code), moved.error().why));
  check_refused(step, before, moved.error());
}

Errno Lockstep::model_call(const Step& step) {
  switch (step.kind) {
    case StepKind::Spawn:
      return model_.spawn(step.program);
    case StepKind::Fork:
      return model_.fork(actor_);
    case StepKind::Vfork:
      return model_.vfork(actor_);
    case StepKind::Exec:
      return model_.exec(actor_, step.program);
    case StepKind::Wait:
      return model_.wait(actor_);
    case StepKind::Sbrk:
      return model_.brk(actor_, step.bytes);
    case StepKind::Shmget:
      return model_.shmget(step.key, step.pages);
    case StepKind::Shmat:
      return model_.shmat(actor_, step.key);
    case StepKind::Shmdt:
      return model_.shmdt(actor_, step.key);
    default:
      return model_.shmctl_remove(step.key);
  }
}

void Lockstep::agree(const Step& step, const SysResult<void>& real, Errno model) {
  const Errno code = real ? Errno::None : real.error().code;
  if (code != model)
    mismatch(fmt::format("{}: the kernel says {}, the model {}", call_word(step.kind), name(code), name(model)));
}

// Whether the kernel may fail like this because a table is full, or memory. A limit that there is
// not is no excuse, and neither is a region table that has room.
bool Lockstep::within_rights(const Step& step, Errno error, const Gauges& before) const {
  const auto no_region = [&](std::uint64_t wanted) {
    return config_.nregion && before.regions + wanted > *config_.nregion;
  };
  const bool no_table = config_.tables.has_value();
  // Without paging a call needs frames for all that it adds, or an extent of swap.
  const auto no_room = [&](std::uint64_t pages) {
    return config_.paging == PagingPolicy::Off && before.frames_free < pages;
  };
  switch (step.kind) {
    case StepKind::Spawn:
      return error == Errno::ENOMEM_ && (no_region(3) || no_table || no_room(model_.pages_of(step.program)));
    case StepKind::Fork:
    case StepKind::Vfork:
      if (step.kind == StepKind::Fork ? model_.fork_shares() : model_.vfork_shares()) return false;
      if (error == Errno::EAGAIN_) return no_region(2);
      return error == Errno::ENOMEM_ &&
             (no_table || no_room(model_.space(actor_).data.pages + model_.space(actor_).stack.pages) ||
              (config_.fork == ForkMode::Copy && frames_may_run_out(model_.touched_pages())));
    case StepKind::Exec:
      return error == Errno::ENOMEM_ && (no_region(3) || no_table || no_room(model_.pages_of(step.program)));
    case StepKind::Shmget:
      return (error == Errno::ENOSPC_ && no_region(1)) || (error == Errno::ENOMEM_ && no_table);
    case StepKind::Sbrk: {
      constexpr std::int64_t kPage = kPageSize;
      const std::int64_t needs = (model_.space(actor_).brk + step.bytes + kPage - 1) / kPage;
      const auto has = static_cast<std::int64_t>(model_.space(actor_).data.pages);
      return error == Errno::ENOMEM_ && (no_table || (needs > has && no_room(static_cast<std::uint64_t>(needs - has))));
    }
    case StepKind::Shmat: {
      const auto segment = model_.shm().find(step.key);
      return error == Errno::ENOMEM_ &&
             (no_table || (segment != model_.shm().end() && no_room(segment->second->pages)));
    }
    default:
      return false;
  }
}

// The stealer can always free a frame while no region is locked and swap has a block for every page
// that needs one.
bool Lockstep::frames_may_run_out(std::uint64_t more_pages) const {
  std::uint64_t blocks = 0;
  for (const std::uint64_t device : config_.swap) blocks += device;
  return config_.paging == PagingPolicy::Off || locked_ || config_.frames - config_.reserve < 2 ||
         blocks < model_.touched_pages() + more_pages;
}

std::vector<VirtAddr> Lockstep::cells_of(const Step& step) const {
  const CellPlace& place = step.place;
  if (place.kind == PlaceKind::Address) return {VirtAddr{place.address}};
  const auto page_start = [&](std::uint64_t page) { return model_.address(actor_, place.region, place.key, page); };
  std::vector<VirtAddr> cells;
  std::uint64_t first = place.first;
  std::uint64_t end = first + 1;
  if (place.kind == PlaceKind::Cell) return {VirtAddr{page_start(first).value + 8 * place.cell}};
  if (place.kind == PlaceKind::Pages) end = place.last + 1;
  if (place.kind == PlaceKind::All) {
    first = 0;
    end = model_.region(actor_, place.region, place.key)->pages;
  }
  for (std::uint64_t page = first; page < end; ++page) cells.push_back(page_start(page));
  return cells;
}

void Lockstep::access(const Step& step) {
  const bool stores = step.kind == StepKind::Write || step.kind == StepKind::WritePid;
  const Access kind = step.kind == StepKind::Fetch ? Access::Fetch : stores ? Access::Store : Access::Load;
  const std::uint64_t value = step.kind == StepKind::Write ? step.number : actor_.value;
  std::string line = fmt::format("p{}: {} =", step.process, step.place.text());
  for (const VirtAddr va : cells_of(step)) {
    const auto byte = kernel_.access(slot_, va, kind);
    if (!byte) {
      if (byte.error() == Stop::SwappedOut) {
        lines_.push_back(fmt::format("p{}: swapped out: its stack has no room to grow", step.process));
        static_cast<void>(model_.access(actor_, va));
        return;
      }
      const bool segv = byte.error() == Stop::Sigsegv;
      lines_.push_back(fmt::format("p{}: killed: {}", step.process, segv ? "SIGSEGV" : "out of memory"));
      return killed(byte.error(), va, kind);
    }
    if (!model_.allows(actor_, va, kind))
      mismatch(fmt::format("address {:#x}: the kernel allows what the model has as SIGSEGV", va.value));
    std::uint64_t& cell = model_.access(actor_, va);
    if (stores) {
      cell = value;
      std::memcpy(*byte, &value, sizeof value);
      continue;
    }
    std::uint64_t found = 0;
    std::memcpy(&found, *byte, sizeof found);
    if (found != cell)
      mismatch(fmt::format("address {:#x}: a load brings {:#x}, should be {:#x}", va.value, found, cell));
    line += fmt::format(" {}", static_cast<std::int64_t>(found));
  }
  if (step.kind == StepKind::Print) lines_.push_back(line);
}

void Lockstep::killed(Stop death, VirtAddr va, Access kind) {
  const bool allowed = model_.allows(actor_, va, kind);
  if (death == Stop::Sigsegv) {
    if (allowed) mismatch(fmt::format("address {:#x}: SIGSEGV for an access that is allowed", va.value));
    return model_.exit(actor_, kSigsegvStatus);
  }
  if (!allowed) mismatch(fmt::format("address {:#x}: out of memory instead of SIGSEGV", va.value));
  const bool new_page_table = model_.grows_stack(actor_, va) && config_.tables;
  if (!new_page_table && !frames_may_run_out(1)) mismatch("killed as out of memory, with memory to be had");
  // A stack that grew for nothing stays so, if somebody is left who sees it.
  if (const auto& process = model_.processes().at(actor_); process.borrows && model_.grows_stack(actor_, va)) {
    if (kernel_stack_pages(process.parent) != model_.space(actor_).stack.pages)
      static_cast<void>(model_.access(actor_, va));
  }
  model_.exit(actor_, kOutOfMemoryStatus);
}

// Of a process that could run.
std::uint64_t Lockstep::kernel_stack_pages(Pid pid) const {
  for (const ProcSlot slot : kernel_.processes()) {
    if (kernel_.process(slot).pid == pid) return kernel_.vm().regions[kernel_.space(slot).pregions[2].region].pages;
  }
  return 0;
}

void Lockstep::wind_down(bool remove_shm) {
  for (;;) {
    const auto& processes = model_.processes();
    const auto ready = std::ranges::find_if(processes, [this](const auto& entry) {
      return possible({.kind = StepKind::Exit, .process = cast_.name(entry.first.value)});
    });
    if (ready == processes.end()) {
      if (!processes.empty() && bring_one_in()) continue;
      break;
    }
    const unsigned process = cast_.name(ready->first.value);
    while (remove_shm && !model_.shm().empty())
      perform({.kind = StepKind::Shmrm, .process = process, .key = model_.shm().begin()->first});
    perform({.kind = StepKind::Exit, .process = process});
  }
  if (config_.paging != PagingPolicy::Off || model_.processes().empty()) check_leftovers();
}

// Without paging, all who could end are on swap: those in memory leave until one has room there.
bool Lockstep::bring_one_in() {
  for (const auto& [pid, process] : model_.processes()) {
    const Step in{.kind = StepKind::Swapin, .process = cast_.name(pid.value)};
    if (process.state != ModelState::Ready || !possible(in)) continue;
    perform(in);
    if (!is_swapped(kernel_.process(slot_of(pid)).state)) return true;
  }
  for (const auto& [pid, process] : model_.processes()) {
    const Step out{.kind = StepKind::Swapout, .process = cast_.name(pid.value)};
    if (!possible(out)) continue;
    perform(out);
    if (is_swapped(kernel_.process(slot_of(pid)).state)) return bring_one_in();
  }
  return false;
}

}  // namespace bachsim
