// Processes that come, act and go: accesses through the hart, and system calls.
#include <fmt/format.h>

#include <cstring>

#include "regions/pregion.h"
#include "sim/kernel/audit.h"
#include "workloads/language/performer.h"
#include "workloads/language/settings.h"

namespace bachsim {
namespace {

std::uint64_t load(const std::byte* cell) {
  std::uint64_t value = 0;
  std::memcpy(&value, cell, sizeof value);
  return value;
}

void store(std::byte* cell, std::uint64_t value) { std::memcpy(cell, &value, sizeof value); }

}  // namespace

Performer::Performer(const Config& config, const Host& host, const Script& script, const ParamValues& params,
                     const Surroundings& surroundings, Listener& listener)
    : script_(script),
      listener_(listener),
      kernel_(config, host),
      evaluate_(kernel_, script, names_, params, surroundings) {
  kernel_.commit(script.host_bytes + (script.uses_zipf ? Zipf::kMaxBytes : 0));
  for (const Program& program : programs_of(script, config, params)) kernel_.add_program(program);
}

// A process that is to act must be able to: anything else is the script's mistake.
Kernel::Turn Performer::operation(const OperationStatement& operation) {
  place_ = operation.process.place;
  actor_ = evaluate_.tag(operation.process);
  if (actor_ == Names::kNobody || !names_[actor_].bound || names_[actor_].reaped) [[unlikely]]
    cannot_act(operation.process);
  slot_ = names_[actor_].slot;
  if (sleeps_ && !std::holds_alternative<NiceOp>(*operation.body)) [[unlikely]]
    check_not_inside();
  // The operator swaps a process or sets its nice value. The process itself may be asleep or on swap.
  const bool passive =
      std::holds_alternative<SwapOp>(*operation.body) || std::holds_alternative<NiceOp>(*operation.body);
  const Kernel::Turn turn = passive ? kernel_.may_be_moved(slot_) : kernel_.begin_operation(slot_);
  if (turn == Kernel::Turn::Later) [[unlikely]]
    return turn;
  if (turn == Kernel::Turn::Never) [[unlikely]]
    cannot_act(operation.process);
  if (sleeps_ && !std::holds_alternative<NiceOp>(*operation.body)) [[unlikely]] {
    const auto body = [this, &operation] { std::visit([this](const auto& each) { perform(each); }, *operation.body); };
    kernel_.enter(slot_, body, passive ? Kernel::Acts::No : Kernel::Acts::Yes);
    return turn;
  }
  if (operation.begin) fail(place_, "nobody sleeps on this machine: `begin` is for one with io=sleep");
  std::visit([this](const auto& body) { perform(body); }, *operation.body);
  if (!passive) kernel_.end_operation();
  return turn;
}

// Others have acted since.
void Performer::go_on(const OperationStatement* operation, std::uint64_t tag) {
  if (operation != nullptr) {
    place_ = operation->process.place;
    actor_ = tag;
    slot_ = names_[tag].slot;
  }
  kernel_.go_on(tag);
  note_reaped();  // those who go on next may name it
}

void Performer::check_not_inside() const {
  if (kernel_.is_inside(actor_))
    fail(place_, "`{0}` has begun something that has not ended: `{0}: finish` ends it", names_.process(actor_));
}

bool Performer::preempted(std::uint64_t tag) const {
  const NamedProcess& process = names_[tag];
  return !process.reaped && kernel_.process(process.slot).state == ProcessState::Preempted;
}

void Performer::cannot_act(const ProcessRef& ref) const {
  const Process& process = kernel_.process(evaluate_.slot(ref));
  const std::string who = names_.process(process.tag);
  if (process.state == ProcessState::Zombie) fail(ref.place, "`{}` is a zombie", who);
  if (process.state == ProcessState::ReadySwapped)
    fail(ref.place, "`{}` is on swap: `swapin` or `run` brings it back", who);
  fail(ref.place, "`{}` is asleep: it waits for {}", who,
       process.waiting_for == WaitingFor::Vfork ? "its vfork child to exec or exit" : "a child to end");
}

// The name that a new process is to have.
std::uint64_t Performer::new_name(const ProcessRef& ref) {
  const std::size_t known = names_.size();
  const std::uint64_t tag = names_.make(evaluate_.name_of(ref));
  if (names_.size() != known) kernel_.commit(Names::kBytesPerName);
  if (names_[tag].bound && !names_[tag].reaped)
    fail(ref.place, "`{}` names a process that has not been reaped", names_.process(tag));
  if (names_[tag].promised) fail(ref.place, "`{}` is the name that a fork under way gives", names_.process(tag));
  return tag;
}

// The name stands for the new process, or for nobody.
void Performer::made(std::uint64_t tag, const SysResult<ProcSlot>& child, std::uint64_t who, std::string_view call) {
  NamedProcess& process = names_[tag];
  process.promised = false;
  process.bound = child.has_value();
  if (!child) return failed(names_.process(who), call, child.error());
  process.reaped = false;
  process.error = Errno::None;
  process.result = who == tag ? Returned() : Returned(0);  // of a child: 0, by which it knows that it is one
  process.slot = *child;
  process.pid = kernel_.process(*child).pid;
}

void Performer::spawn(const SpawnStatement& spawn) {
  const std::uint64_t tag = new_name(spawn.name);
  made(tag, kernel_.spawn(spawn.program, tag), tag, "spawn");
}

void Performer::take_reaped() {
  for (const ProcessTable::Reaped& reaped : kernel_.take_reaped()) {
    names_[reaped.tag].reaped = true;
    names_[reaped.tag].status = reaped.status;
    if (reaped.waiter) names_[*reaped.waiter].result = reaped.pid.value;
  }
}

void Performer::steal(const StealStatement& statement, Place place) {
  std::optional<std::uint64_t> frames;
  if (statement.frames != nullptr) frames = evaluate_.count(statement.frames, "the number of frames");
  if (!sleeps_) {
    if (statement.begin) fail(place, "nobody sleeps on this machine: `begin` is for one with io=sleep");
    return kernel_.steal(frames);
  }
  if (kernel_.is_inside(Context::kVhand))
    fail(place, "the page stealer has begun something that has not ended: `vhand: finish` ends it");
  kernel_.enter_vhand([this, frames] { kernel_.steal(frames); });
}

void Performer::check_identities() {
  const Violations found = audit(kernel_);
  if (!found.empty()) throw IdentityBroken(fmt::format("identity {}: {}", found.front().identity, found.front().what));
}

void Performer::failed(std::string_view who, std::string_view call, const SysError& error) {
  listener_.line(fmt::format("{}: {}: {} ({})", who, call, name(error.code), error.why));
}

void Performer::finish_call(std::string_view call, const SysResult<void>& result, Returned returned) {
  names_[actor_].error = result ? Errno::None : result.error().code;
  names_[actor_].result = result ? returned : Returned(-1);
  if (!result) failed(names_.process(actor_), call, result.error());
}

// One access of the actor: the cell, or nullptr if that killed it.
std::byte* Performer::access(VirtAddr va, Access kind) {
  if (std::byte* cell = kernel_.hit(slot_, va, kind)) [[likely]]
    return cell;
  const auto cell = kernel_.access(slot_, va, kind);
  if (cell) return *cell;
  listener_.line(fmt::format("{}: {}", names_.process(actor_), name(cell.error())));
  return nullptr;
}

// Visits the cells of a location in order, until one access kills the actor.
template <class Visit>
Performer::Life Performer::for_each_cell(const Location& where, Access kind, Visit&& visit) {
  if (where.kind != LocationKind::Pages && where.kind != LocationKind::AllPages) {
    std::byte* cell = access(evaluate_.cell_address(slot_, where), kind);
    if (cell == nullptr) return Life::Dead;
    visit(cell);
    return Life::Alive;
  }
  const Pregion region = evaluate_.pregion(kernel_.space(slot_), where.region);
  std::uint64_t first = 0;
  std::uint64_t end = evaluate_.state().region(region.region.value)->pages;
  if (where.kind == LocationKind::Pages) {
    if (evaluate_.number(where.first) > evaluate_.number(where.last)) return Life::Alive;
    first = evaluate_.count(where.first, "the first page");
    end = evaluate_.count(where.last, "the last page") + 1;
    if (end > Evaluator::kMaxPages) fail(where.last->place, "the page is beyond every address");
  }
  for (std::uint64_t page = first; page < end; ++page) {
    std::byte* cell = access(address_of(region, page), kind);
    if (cell == nullptr) return Life::Dead;
    visit(cell);
  }
  return Life::Alive;
}

void Performer::perform(const AccessOp& op) {
  for_each_cell(op.where, op.access, [](std::byte*) {});
}

void Performer::perform(const WriteOp& op) {
  const std::uint64_t value =
      op.value == nullptr ? kernel_.process(slot_).pid.value : static_cast<std::uint64_t>(evaluate_.number(op.value));
  for_each_cell(op.where, Access::Store, [value](std::byte* cell) { store(cell, value); });
}

constexpr std::size_t kShortLine = 4096;  // bytes of one that is not worth counting

void Performer::perform(const PrintOp& op) {
  std::string line = names_.process(actor_) + ":";
  HostShare share(evaluate_.state().budget());  // of a long one: its process may sleep in the middle of it
  std::size_t room = kShortLine;
  const auto check = [&] {
    check_line(line);
    if (line.capacity() <= room) return;
    share.commit(line.capacity() - room);
    room = line.capacity();
  };
  for (const PrintItem& item : op.items) {
    line += fmt::format("{} {} =", &item == op.items.data() ? "" : ",", item.text);
    if (!item.where) {
      line += fmt::format(" {}", text(evaluate_.value(item.value)));
      check();
      continue;
    }
    const Life life = for_each_cell(*item.where, Access::Load, [&](const std::byte* cell) {
      line += fmt::format(" {}", static_cast<std::int64_t>(load(cell)));
      check();
    });
    if (life == Life::Dead) return;
  }
  listener_.line(line);
}

void Performer::perform(const ForkOp& op) {
  const std::uint64_t tag = new_name(op.child);
  names_[tag].promised = true;
  const auto child = op.vfork ? kernel_.vfork(slot_, tag) : kernel_.fork(slot_, tag);
  names_[actor_].error = child ? Errno::None : child.error().code;
  names_[actor_].result = child ? std::int64_t{kernel_.process(*child).pid.value} : -1;
  made(tag, child, actor_, op.vfork ? "vfork" : "fork");
}

// The program that called is gone.
void Performer::perform(const ExecOp& op) { finish_call("exec", kernel_.exec(slot_, op.program), {}); }

void Performer::perform(const ExitOp& op) {
  const std::int64_t status = op.status == nullptr ? 0 : evaluate_.number(op.status);
  finish_call("exit", {}, {});
  kernel_.exit(slot_, static_cast<std::uint8_t>(status));
}

// It returns when a child is reaped, be it at once: see take_reaped().
void Performer::perform(const WaitOp&) { finish_call("wait", kernel_.wait(slot_), {}); }

void Performer::perform(const SbrkOp& op) {
  const auto before = static_cast<std::int64_t>(kernel_.space(slot_).brk);
  finish_call("sbrk", kernel_.brk(slot_, evaluate_.bytes(op.pages)), before);
}

// Where the region begins that the actor has attached last, as its address is shown.
std::int64_t Performer::start_of_last_region() const {
  const auto last = static_cast<std::uint32_t>(kernel_.space(slot_).pregions.size() - 1);
  return static_cast<std::int64_t>(evaluate_.state().pregion(slot_, last).start.value);
}

void Performer::perform(const ShmOp& op) {
  switch (op.call) {
    case Word::Shmget: {
      const auto result = kernel_.shmget(slot_, op.key, evaluate_.pages(op.pages));
      return finish_call("shmget", result, kernel_.shm_region(op.key).value);
    }
    case Word::Shmat: {
      const auto result = kernel_.shmat(slot_, op.key);
      return finish_call("shmat", result, result ? start_of_last_region() : 0);
    }
    case Word::Shmdt:
      return finish_call("shmdt", kernel_.shmdt(slot_, op.key));
    default:
      return finish_call("shmrm", kernel_.shmctl_remove(slot_, op.key));
  }
}

void Performer::perform(const PlockOp& op) {
  kernel_.plock(slot_, op.region, op.lock);
  finish_call(op.lock ? "plock" : "punlock", {});
}

void Performer::perform(const NiceOp& op) {
  constexpr std::int64_t kMost = 39;
  const std::int64_t value = evaluate_.number(op.value);
  if (value < 0 || value > kMost) fail(op.value->place, "a nice value is from 0 to {}, not {}", kMost, value);
  kernel_.nice(slot_, static_cast<int>(value));
}

// Not a system call: it leaves errno alone.
void Performer::perform(const SwapOp& op) {
  const auto result = op.out ? kernel_.swap_out(slot_) : kernel_.swap_in(slot_);
  if (result) return;
  const std::string who = names_.process(actor_);
  if (result.error().code == Errno::EINVAL_) fail(place_, "`{}` {}", who, result.error().why);
  failed(who, op.out ? "swapout" : "swapin", result.error());
}

}  // namespace bachsim
