// bachsim COMMAND ...: tells what went wrong, as text and as status. It is no part of the layer of commands, which
// programs of tests link too.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "sim/cli/command.h"
#include "sim/machine/check.h"

namespace bachsim {
namespace {

// A standard descriptor that is closed would be given to the first file that is opened, and our output with it. One
// that is open the wrong way round fails as a closed one does.
void hold_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) < 0) open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

// Whatever our caller does with these: that nobody reads on is no reason to speak, programs that have ended wait until
// we ask for their status, and a limit on files is an error of the write that meets it.
void hold_signals() {
  std::signal(SIGPIPE, SIG_DFL);
  std::signal(SIGCHLD, SIG_DFL);
  std::signal(SIGXFSZ, SIG_IGN);
  sigset_t heard;
  sigemptyset(&heard);
  sigaddset(&heard, SIGPIPE);
  sigprocmask(SIG_UNBLOCK, &heard, nullptr);
}

constexpr rlim_t kLeastStack = rlim_t{256} * 1024;  // the deepest script that is allowed fits it

// Sees to a stack that does. False, with a complaint, where the limit cannot be raised.
bool hold_stack() {
  rlimit stack{};
  if (getrlimit(RLIMIT_STACK, &stack) != 0 || stack.rlim_cur >= kLeastStack) return true;
  stack.rlim_cur = std::min(kLeastStack, stack.rlim_max);
  if (stack.rlim_cur == kLeastStack && setrlimit(RLIMIT_STACK, &stack) == 0) return true;
  complain(
      fmt::format("the limit of the stack is {} KiB, and bachsim takes {}", stack.rlim_max / 1024, kLeastStack / 1024));
  return false;
}

}  // namespace
}  // namespace bachsim

int main(int argc, char** argv) {
  using namespace bachsim;
  hold_standard_descriptors();
  hold_signals();
  if (!hold_stack()) return kUserError;
  try {
    const int status = command_line({argv + 1, argv + argc});
    if (std::fflush(stdout) != 0) return complain("standard output cannot be written");
    return status;
  } catch (const KernelPanic& panic) {
    std::fflush(stdout);
    complain(fmt::format("a bug of the simulator: {}", panic.what()));
    return kBug;
  } catch (const std::bad_alloc&) {
    tell("bachsim: this host has no memory left\n");  // complain() would take some
    return kUserError;
  } catch (const std::exception& failure) {
    return complain(failure.what());
  }
}
