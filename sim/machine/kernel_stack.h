// A stack of the kernel's: what runs on it can be left in the middle and gone on with later.
//
// Each process that is inside the kernel has one, as in a real kernel, so that what sleeps keeps its one straight text.
// The host runs one stack at a time, on one thread: resume() goes there, suspend() and the end of the body come back.
#pragma once

#include <ucontext.h>

#include <exception>
#include <functional>

#include "sim/machine/host.h"

namespace bachsim {

class KernelStack {
 public:
  // `body` runs on the stack, from the first resume() on. `budget` must outlive the stack.
  KernelStack(std::function<void()> body, HostShare& budget);
  KernelStack(const KernelStack&) = delete;
  KernelStack& operator=(const KernelStack&) = delete;
  // The body unwinds: its destructors run, and nothing else.
  ~KernelStack();

  // Goes on until the body suspends or ends. Throws what the body threw.
  // REQUIRES: not on this stack; the body has not ended
  void resume();
  // Back to whoever resumed it.   REQUIRES: on this stack
  void suspend();
  [[nodiscard]] bool ended() const { return ended_; }
  // The body is being left for good: nothing may wait for anybody any more.
  [[nodiscard]] bool unwinding() const { return unwinding_; }

 private:
  struct Unwind {};

  static void enter(unsigned high, unsigned low);
  void run();
  void leave_to(ucontext_t& from, ucontext_t& to, bool for_good);

  // The deepest are expressions, which nest up to a limit of the language's.
  static constexpr std::uint64_t kBytes = std::uint64_t{4} << 20;

  std::function<void()> body_;
  HostShare& budget_;
  HostBlock bytes_;
  ucontext_t here_{};
  ucontext_t caller_{};
  std::exception_ptr thrown_;
  bool begun_ = false;
  bool ended_ = false;
  bool unwinding_ = false;
  // The caller's stack, for a sanitizer that follows the changes of stacks.
  const void* caller_stack_ = nullptr;
  std::size_t caller_stack_bytes_ = 0;
};

}  // namespace bachsim
