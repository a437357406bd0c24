// One real process: what the driver orders it does with Linux's own calls, on its own memory.
//
// Nothing here allocates: the break is the workload's, and its stack from some way below this code's on.
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "tests/linux/control.h"

namespace bachsim::real {
namespace {

constexpr unsigned kMostSeconds = 60;  // between two orders: whoever waits longer has lost its driver

// A process's own memory: fork copies it, exec makes it anew.
struct Own {
  Control* control = nullptr;
  int control_file = -1;
  int program_file = -1;
  unsigned slot = 0;
  char* text = nullptr;
  char* data = nullptr;
  char* stack = nullptr;  // behind its page 0
  std::array<char*, kKeys> shm{};
};
Own own;

Slot& slot() { return own.control->slots[own.slot]; }

[[noreturn]] void give_up(int status) { _exit(status); }

volatile std::uint64_t* at(const Cell& cell) {
  char* byte = nullptr;
  switch (cell.section) {
    case Section::Text:
      byte = own.text + cell.offset;
      break;
    case Section::Data:
      byte = own.data + cell.offset;
      break;
    case Section::Stack:
      byte = own.stack - (cell.offset / kPage + 1) * kPage + cell.offset % kPage;
      break;
    case Section::Shm:
      byte = own.shm[cell.key] + cell.offset;
      break;
  }
  return reinterpret_cast<volatile std::uint64_t*>(byte);
}

void become(unsigned slot_number) {
  own.slot = slot_number;
  slot().pid = getpid();
  alarm(kMostSeconds);
}

char* digits(char* buffer, unsigned number) {
  *std::to_chars(buffer, buffer + 15, number).ptr = '\0';
  return buffer;
}

// exec of this program itself, as another of the workload's programs.
void exec_as(unsigned slot_number, unsigned program) {
  char words[4][16];
  char self[] = "/proc/self/exe";
  char live_word[] = "--live";
  char* const arguments[] = {self,
                             live_word,
                             digits(words[0], static_cast<unsigned>(own.control_file)),
                             digits(words[1], static_cast<unsigned>(own.program_file)),
                             digits(words[2], slot_number),
                             digits(words[3], program),
                             nullptr};
  execv(self, arguments);
}

void note(std::int64_t result) {
  slot().result = result;
  slot().error = result == -1 ? errno : 0;
}

void do_fork(const Order& order) {
  const pid_t child = fork();
  if (child == 0) {
    become(order.child);
    note(0);
  } else {
    note(child);
  }
}

// As the manual demands: the child does nothing but exec or _exit.
void do_vfork(const Order& order) {
  const pid_t child = vfork();
  if (child == 0) {
    if (order.action == Action::VforkExec) exec_as(order.child, order.program);
    _exit(static_cast<int>(order.number));
  }
  if (order.action == Action::VforkExit) own.control->slots[order.child].pid = child;
  note(child);
}

void do_wait(const Order& order) {
  int status = 0;
  const pid_t whom = order.zombies > 1 ? static_cast<pid_t>(own.control->slots[order.child].pid) : -1;
  const pid_t reaped = waitpid(whom, &status, 0);
  note(reaped);
  slot().status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int key_of(const Order& order) { return own.control->first_key + static_cast<int>(order.key); }

void do_sbrk(const Order& order) {
  const auto was = reinterpret_cast<char*>(sbrk(order.number));
  if (was == reinterpret_cast<char*>(-1))
    note(-1);
  else
    note(was - own.data);
}

void do_shm(const Order& order) {
  const int id = shmget(key_of(order), 0, 0);
  if (id == -1) return note(-1);
  if (order.action == Action::Shmrm) return note(shmctl(id, IPC_RMID, nullptr));
  void* const start = shmat(id, nullptr, 0);
  if (start == reinterpret_cast<void*>(-1)) return note(-1);
  own.shm[order.key] = static_cast<char*>(start);
  note(0);
}

void perform(const Order& order) {
  note(0);
  switch (order.action) {
    case Action::Fork:
      return do_fork(order);
    case Action::VforkExec:
    case Action::VforkExit:
      return do_vfork(order);
    case Action::Exec:
      exec_as(own.slot, order.program);
      return note(-1);
    case Action::Exit:
      give_turn(slot(), Turn::Done);
      _exit(static_cast<int>(order.number));
    case Action::Wait:
      return do_wait(order);
    case Action::Sbrk:
      return do_sbrk(order);
    case Action::Shmget: {
      const std::uint64_t bytes = static_cast<std::uint64_t>(order.number) * kPage;
      return note(shmget(key_of(order), bytes, IPC_CREAT | 0600) == -1 ? -1 : 0);
    }
    case Action::Shmat:
    case Action::Shmrm:
      return do_shm(order);
    case Action::Shmdt:
      note(shmdt(own.shm[order.key]));
      own.shm[order.key] = nullptr;
      return;
    case Action::Read:
      for (unsigned i = 0; i < order.count; ++i) slot().values[i] = *at(order.cells[i]);
      return;
    case Action::Write:
      for (unsigned i = 0; i < order.count; ++i) *at(order.cells[i]) = static_cast<std::uint64_t>(order.number);
      return;
  }
}

// Says so, and lets the access end the process on its second try.
void on_fault(int signal) {
  slot().signal = signal;
  give_turn(slot(), Turn::Done);
}

void make_sections(const RealProgram& program) {
  own.text = static_cast<char*>(mmap(nullptr, program.text * kPage, PROT_READ, MAP_PRIVATE, own.program_file, 0));
  if (own.text == MAP_FAILED) give_up(3);
  const auto end = reinterpret_cast<std::uint64_t>(sbrk(0));
  sbrk(static_cast<std::intptr_t>((kPage - end % kPage) % kPage));
  const std::uint64_t bytes = (program.data + program.bss) * kPage;
  own.data = static_cast<char*>(sbrk(static_cast<std::intptr_t>(bytes)));
  if (own.data == reinterpret_cast<char*>(-1)) give_up(3);
  const auto file = static_cast<off_t>(program.text * kPage);
  if (pread(own.program_file, own.data, program.data * kPage, file) != static_cast<ssize_t>(program.data * kPage))
    give_up(3);
  // Below all that this code uses of the stack; the kernel makes it grow there at the first access.
  constexpr std::uint64_t kBelow = 32 * kPage;
  const auto here = reinterpret_cast<std::uint64_t>(__builtin_frame_address(0));
  own.stack = reinterpret_cast<char*>(here / kPage * kPage - kBelow);
}

}  // namespace

bool await_turn(Slot& slot, Turn turn, int seconds) {
  const std::time_t end = std::time(nullptr) + seconds;
  for (;;) {
    const std::uint32_t now = slot.turn.load(std::memory_order_acquire);
    if (now == static_cast<std::uint32_t>(turn)) return true;
    if (std::time(nullptr) > end) return false;
    const timespec second{.tv_sec = 1, .tv_nsec = 0};
    syscall(SYS_futex, &slot.turn, FUTEX_WAIT, now, &second, nullptr, 0);
  }
}

void give_turn(Slot& slot, Turn turn) {
  slot.turn.store(static_cast<std::uint32_t>(turn), std::memory_order_release);
  syscall(SYS_futex, &slot.turn, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

void live(int control, int file, unsigned slot_number, unsigned program) {
  void* const shared = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, control, 0);
  if (shared == MAP_FAILED) give_up(3);
  own.control = static_cast<Control*>(shared);
  own.control_file = control;
  own.program_file = file;
  struct sigaction fault {};
  fault.sa_handler = on_fault;
  fault.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGSEGV, &fault, nullptr);
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &none);
  const rlimit little{.rlim_cur = 256 << 20, .rlim_max = 256 << 20};
  setrlimit(RLIMIT_AS, &little);
  become(slot_number);
  make_sections(own.control->programs[program]);
  for (;;) {
    give_turn(slot(), Turn::Driver);
    if (!await_turn(slot(), Turn::Process, kMostSeconds)) give_up(4);
    alarm(kMostSeconds);
    perform(slot().order);
  }
}

}  // namespace bachsim::real
