#include "tests/linux/driver.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>

namespace bachsim::real {
namespace {

constexpr int kPatience = 40;  // seconds that one operation may take

int file_of(const char* name, std::size_t bytes) {
  const int file = memfd_create(name, 0);  // exec keeps it open
  if (file == -1 || ftruncate(file, static_cast<off_t>(bytes)) != 0) throw DriverError("no file in memory");
  return file;
}

// A program's file: each cell holds its own offset.
int program_file() {
  const int file = file_of("program", kFilePages * kPage);
  for (std::uint64_t offset = 0; offset < kFilePages * kPage; offset += sizeof offset) {
    if (pwrite(file, &offset, sizeof offset, static_cast<off_t>(offset)) != sizeof offset)
      throw DriverError("no file in memory");
  }
  return file;
}

// Keys of shared memory that nobody has.
std::int32_t free_keys() {
  const auto taken = [](std::int32_t first) {
    for (unsigned key = 0; key < kKeys; ++key) {
      if (shmget(first + static_cast<std::int32_t>(key), 0, 0) != -1 || errno != ENOENT) return true;
    }
    return false;
  };
  for (std::int32_t tries = 0; tries < 100; ++tries) {
    const std::int32_t first = 0x6200'0000 + tries * 0x10'0000 + static_cast<std::int32_t>(getpid() % 0x1'0000) * 16;
    if (!taken(first)) return first;
  }
  throw DriverError("no keys of shared memory are free");
}

std::string_view errno_name(std::int64_t error) {
  const char* const name = strerrorname_np(static_cast<int>(error));
  return name != nullptr ? name : "an unknown errno";
}

}  // namespace

Driver::Driver() : control_file_(file_of("control", sizeof(Control))), program_file_(program_file()) {
  void* const shared = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, control_file_, 0);
  if (shared == MAP_FAILED) throw DriverError("no shared memory");
  control_ = new (shared) Control;
  control_->first_key = free_keys();
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) throw DriverError("orphans would be lost");
}

// Whoever has ended has no pid here any more, unless it is a zombie of its parent's: whom a signal does not change.
void Driver::clean() noexcept {
  if (control_ == nullptr) return;
  for (Slot& slot : control_->slots) {
    if (slot.pid > 0 && slot.turn.load() != static_cast<std::uint32_t>(Turn::Done))
      kill(static_cast<pid_t>(slot.pid), SIGKILL);
  }
  for (unsigned key = 0; key < kKeys; ++key) {
    if (const int id = shmget(control_->first_key + static_cast<int>(key), 0, 0); id != -1)
      shmctl(id, IPC_RMID, nullptr);
  }
  while (waitpid(-1, nullptr, 0) > 0) continue;
  munmap(control_, sizeof(Control));
  control_ = nullptr;
  close(control_file_);
  close(program_file_);
}

std::vector<std::string> Driver::perform(const Session& session) {
  control_->programs = session.programs;
  for (const RealStep& step : session.steps) {
    if (step.spawns)
      spawn(step);
    else
      order(step);
  }
  return std::move(lines_);
}

void Driver::await(unsigned process, Turn turn) {
  if (!await_turn(slot(process), turn, kPatience))
    throw DriverError(fmt::format("process p{} does not answer", process));
}

void Driver::spawn(const RealStep& step) {
  slot(step.process).turn = static_cast<std::uint32_t>(Turn::Process);
  std::string words[] = {"/proc/self/exe",
                         "--live",
                         std::to_string(control_file_),
                         std::to_string(program_file_),
                         std::to_string(step.process),
                         std::to_string(step.program)};
  char* arguments[std::size(words) + 1] = {};
  for (std::size_t i = 0; i < std::size(words); ++i) arguments[i] = words[i].data();
  const pid_t driver = getpid();
  const pid_t child = fork();
  if (child == -1) throw DriverError("fork fails");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == driver) execv(arguments[0], arguments);
    _exit(3);
  }
  slot(step.process).pid = child;
  await(step.process, Turn::Driver);
}

void Driver::order(const RealStep& step) {
  const Order& order = step.order;
  slot(step.process).order = order;
  const bool begets = order.action == Action::Fork || order.action == Action::VforkExec;
  if (begets) slot(order.child).turn = static_cast<std::uint32_t>(Turn::Process);
  // A child that only exits takes no turn.
  if (order.action == Action::VforkExit) slot(order.child).turn = static_cast<std::uint32_t>(Turn::Done);
  give_turn(slot(step.process), Turn::Process);
  if (step.sleeps) return;
  await(step.process, step.ends ? Turn::Done : Turn::Driver);
  if (begets) await(order.child, Turn::Driver);
  report(step);
  if (step.woken == RealStep::kNobody) return;
  await(step.woken, Turn::Driver);
  reaps(step.woken, step.reaped);
}

void Driver::reaps(unsigned process, unsigned child) {
  const Slot& parent = slot(process);
  lines_.push_back(
      fmt::format("p{} reaps p{} {} {}", process, child, parent.result == slot(child).pid ? 1 : 0, parent.status));
}

// What bachsim prints.
void Driver::report(const RealStep& step) {
  const Slot& done = slot(step.process);
  const Order& order = step.order;
  if (done.signal == SIGSEGV) lines_.push_back(fmt::format("p{}: killed: SIGSEGV", step.process));
  const bool same = done.result == slot(order.child).pid;
  switch (order.action) {
    case Action::Read: {
      if (step.ends) break;
      std::string line = fmt::format("p{}: ", step.process);
      for (unsigned i = 0; i < order.count; ++i)
        line += fmt::format("{}{} = {}", i == 0 ? "" : ", ", step.places[i], static_cast<std::int64_t>(done.values[i]));
      values_ += order.count;
      lines_.push_back(line);
      break;
    }
    case Action::Fork:
      lines_.push_back(
          fmt::format("p{} has p{} {} {}", step.process, order.child, same ? 1 : 0, slot(order.child).result));
      break;
    case Action::VforkExec:
    case Action::VforkExit:
      lines_.push_back(fmt::format("p{} has p{} {}", step.process, order.child, same ? 1 : 0));
      break;
    case Action::Sbrk:
      lines_.push_back(fmt::format("p{} had {}", step.process, done.result));
      break;
    default:
      break;
  }
  if (step.call != nullptr && done.result == -1)
    lines_.push_back(fmt::format("p{}: {}: {}", step.process, step.call, errno_name(done.error)));
  else if (order.action == Action::Wait)
    reaps(step.process, step.reaped);
}

}  // namespace bachsim::real
