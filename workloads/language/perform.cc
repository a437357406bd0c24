// What processes do: accesses through the hart, and system calls.
#include <fmt/format.h>

#include <cstring>

#include "regions/pregion.h"
#include "workloads/language/interpreter.h"

namespace bachsim {
namespace {

std::uint64_t load(const std::byte* cell) {
  std::uint64_t value = 0;
  std::memcpy(&value, cell, sizeof value);
  return value;
}

void store(std::byte* cell, std::uint64_t value) {
  std::memcpy(cell, &value, sizeof value);
}

}  // namespace

// A process that is to act must be able to: anything else is the script's mistake.
void Interpreter::make_able(std::uint64_t tag, const OperationStatement& operation) {
  const Binding& binding = names_[tag];
  if (!binding.bound || binding.reaped)
    cannot_act(operation.process, tag);
  const ProcessState state = kernel_.process(binding.slot).state;
  if (state == ProcessState::Ready) [[likely]]
    return;
  // What is done to a process is not its own doing, so it may be asleep or away.
  const bool passive =
      std::holds_alternative<SwapOp>(*operation.body) || std::holds_alternative<NiceOp>(*operation.body);
  if (passive && state != ProcessState::Zombie)
    return;
  // 9.3: a process that was thrown out whole needs nothing to be ready again but to be told.
  if (state == ProcessState::ReadySwapped && kernel_.vm().config.paging == PagingPolicy::Hybrid) {
    const auto back = kernel_.swap_in(binding.slot);
    KASSERT(back.has_value());
    return;
  }
  cannot_act(operation.process, tag);
}

void Interpreter::cannot_act(const ProcessRef& ref, std::uint64_t tag) const {
  const Binding& binding = names_[tag];
  const std::string who = names_.text(tag);
  if (!binding.bound)
    fail(ref.place, fmt::format("nobody is called `{}`", who));
  if (binding.reaped)
    fail(ref.place, fmt::format("`{}` has ended and been reaped", who));
  const Process& process = kernel_.process(binding.slot);
  if (process.state == ProcessState::Zombie)
    fail(ref.place, fmt::format("`{}` is a zombie", who));
  if (process.state == ProcessState::ReadySwapped)
    fail(ref.place, fmt::format("`{}` is on swap: `swapin` or `run` brings it back", who));
  fail(ref.place,
       fmt::format("`{}` is asleep: it waits for {}", who,
                   process.waiting_for == WaitingFor::Vfork ? "its vfork child to exec or exit" : "a child to end"));
}

// The name that a new process is to have.
std::uint64_t Interpreter::new_name(const ProcessRef& ref) {
  const std::uint64_t tag = resolve(ref);
  if (names_[tag].bound && !names_[tag].reaped)
    fail(ref.place, fmt::format("`{}` names a process that has not been reaped", names_.text(tag)));
  return tag;
}

void Interpreter::bind(std::uint64_t tag, ProcSlot slot) {
  Binding& binding = names_[tag];
  binding.bound = true;
  binding.reaped = false;
  binding.error = Errno::None;
  binding.slot = slot;
  binding.pid = kernel_.process(slot).pid;
}

void Interpreter::failed(std::string_view who, std::string_view call, const SysError& error) {
  listener_.line(fmt::format("{}: {}: {} ({})", who, call, name(error.code), error.why));
}

void Interpreter::finish_call(std::string_view call, const SysResult<void>& result) {
  names_[actor_].error = result ? Errno::None : result.error().code;
  if (!result)
    failed(names_.text(actor_), call, result.error());
}

// One access of the actor: the cell, or nullptr if that killed it.
std::byte* Interpreter::access(VirtAddr va, Access kind) {
  if (std::byte* cell = kernel_.hit(slot_, va, kind)) [[likely]]
    return cell;
  const auto cell = kernel_.access(slot_, va, kind);
  if (cell)
    return *cell;
  const std::string who = names_.text(actor_);
  switch (cell.error()) {
    case Stop::Sigsegv:
      listener_.line(fmt::format("{}: killed: SIGSEGV", who));
      break;
    case Stop::OutOfMemory:
      listener_.line(fmt::format("{}: killed: out of memory", who));
      break;
    case Stop::SwappedOut:
      listener_.line(fmt::format("{}: swapped out: its stack has no room to grow", who));
      break;
  }
  return nullptr;
}

// Visits the cells of a location in order, until one access kills the actor.
template <class Visit>
Interpreter::Life Interpreter::for_each_cell(const Location& where, Access kind, Visit&& visit) {
  if (where.kind != LocationKind::Pages && where.kind != LocationKind::AllPages) {
    std::byte* cell = access(cell_address(slot_, where), kind);
    if (cell == nullptr)
      return Life::Dead;
    visit(cell);
    return Life::Alive;
  }
  const Pregion region = pregion(kernel_.space(slot_), where.region);
  std::uint64_t first = 0;
  std::uint64_t end = kernel_.vm().regions[region.region].pages;
  if (where.kind == LocationKind::Pages) {
    if (number(where.first) > number(where.last))
      return Life::Alive;
    first = count(where.first, "the first page");
    end = count(where.last, "the last page") + 1;
    if (end > kMaxPages)
      fail(where.last->place, "the page is beyond every address");
  }
  for (std::uint64_t page = first; page < end; ++page) {
    std::byte* cell = access(address_of(region, page), kind);
    if (cell == nullptr)
      return Life::Dead;
    visit(cell);
  }
  return Life::Alive;
}

void Interpreter::perform(const AccessOp& op) {
  for_each_cell(op.where, op.access, [](std::byte*) {});
}

void Interpreter::perform(const WriteOp& op) {
  const std::uint64_t value =
      op.value == nullptr ? kernel_.process(slot_).pid.value : static_cast<std::uint64_t>(number(op.value));
  for_each_cell(op.where, Access::Store, [value](std::byte* cell) { store(cell, value); });
}

void Interpreter::perform(const PrintOp& op) {
  std::string line = names_.text(actor_) + ":";
  for (const PrintItem& item : op.items) {
    line += fmt::format("{} {} =", &item == op.items.data() ? "" : ",", item.text);
    if (!item.where) {
      line += fmt::format(" {}", value(item.value).text());
      continue;
    }
    const Life life = for_each_cell(*item.where, Access::Load, [&line](const std::byte* cell) {
      line += fmt::format(" {}", static_cast<std::int64_t>(load(cell)));
    });
    if (life == Life::Dead)
      return;
  }
  listener_.line(line);
}

void Interpreter::perform(const ForkOp& op) {
  const std::uint64_t tag = new_name(op.child);
  const auto child = op.vfork ? kernel_.vfork(slot_, tag) : kernel_.fork(slot_, tag);
  names_[actor_].error = child ? Errno::None : child.error().code;
  if (child) {
    bind(tag, *child);
    return;
  }
  names_[tag].bound = false;
  failed(names_.text(actor_), op.vfork ? "vfork" : "fork", child.error());
}

void Interpreter::perform(const ExecOp& op) {
  finish_call("exec", kernel_.exec(slot_, op.program));
}

void Interpreter::perform(const ExitOp& op) {
  const std::int64_t status = op.status == nullptr ? 0 : number(op.status);
  names_[actor_].error = Errno::None;
  kernel_.exit(slot_, static_cast<std::uint8_t>(status));
}

void Interpreter::perform(const WaitOp&) {
  finish_call("wait", kernel_.wait(slot_));
}

// A number of pages; one that is written in K, M or G is of bytes, and rounded away from 0.
std::int64_t Interpreter::pages(const Expr* expr) const {
  const std::int64_t value = number(expr);
  const Expr* operand = expr->kind == ExprKind::Negate ? expr->left : expr;
  if (operand->kind != ExprKind::Number || !operand->suffixed)
    return value;
  const auto page = static_cast<std::int64_t>(kernel_.vm().config.page);
  return value / page + (value % page > 0 ? 1 : value % page < 0 ? -1 : 0);
}

void Interpreter::perform(const SbrkOp& op) {
  finish_call("sbrk", kernel_.brk(slot_, pages(op.pages)));
}

void Interpreter::perform(const ShmOp& op) {
  switch (op.call) {
    case Word::Shmget:
      return finish_call("shmget", kernel_.shmget(slot_, op.key, pages(op.pages)));
    case Word::Shmat:
      return finish_call("shmat", kernel_.shmat(slot_, op.key));
    case Word::Shmdt:
      return finish_call("shmdt", kernel_.shmdt(slot_, op.key));
    default:
      return finish_call("shmrm", kernel_.shmctl_remove(slot_, op.key));
  }
}

void Interpreter::perform(const PlockOp& op) {
  kernel_.plock(slot_, op.region, op.lock);
  names_[actor_].error = Errno::None;
}

void Interpreter::perform(const NiceOp& op) {
  constexpr std::int64_t kMost = 39;
  const std::int64_t value = number(op.value);
  if (value < 0 || value > kMost)
    fail(op.value->place, fmt::format("a nice value is from 0 to {}, not {}", kMost, value));
  kernel_.nice(slot_, static_cast<int>(value));
}

// Not a system call: it leaves errno alone.
void Interpreter::perform(const SwapOp& op) {
  const std::string who = names_.text(actor_);
  if (!kernel_.swapper().can_move(slot_))
    fail(statement_->place, fmt::format("`{}` cannot be moved: its space is lent, borrowed or locked", who));
  if (is_swapped(kernel_.process(slot_).state) == op.out)
    fail(statement_->place, fmt::format("`{}` is {} already", who, op.out ? "on swap" : "in memory"));
  const auto result = op.out ? kernel_.swap_out(slot_) : kernel_.swap_in(slot_);
  if (!result)
    failed(who, op.out ? "swapout" : "swapin", result.error());
}

}  // namespace bachsim
