// A stack of the kernel's, whose run can be suspended and resumed.
//
// Each process that is inside the kernel has one, as in a real kernel, so that code that sleeps is written as plain
// functions. The host runs one stack at a time, on one thread: resume() goes there, suspend() and the end of the body
// come back.
#pragma once

#if __has_include(<ucontext.h>)
#include <ucontext.h>
#define BACHSIM_HAS_UCONTEXT 1
#else
#define BACHSIM_HAS_UCONTEXT 0
#endif

#include <exception>
#include <functional>
#include <utility>
#include <vector>

#include "sim/machine/host_block.h"

namespace bachsim {

// The memory of a machine's stacks. That of one that has ended is kept for the next.
class KernelStackMemory {
 public:
  // `budget` must outlive it.
  explicit KernelStackMemory(HostShare& budget) : budget_(budget) {}

  // Throws HostLimit if there is no memory.
  [[nodiscard]] HostBlock take();
  void give_back(HostBlock stack);

  // A stack that was taken holds so many bytes, and not `before` as it did. Throws HostLimit if there are no more.
  void count(std::uint64_t bytes, std::uint64_t before);

  // Enough for a body that evaluates expressions as deep as the language lets them nest.
  static constexpr std::uint64_t kBytes = std::uint64_t{4} << 20;
  // Of a stack that is not deep.
  static constexpr std::uint64_t kTouched = std::uint64_t{64} << 10;

 private:
  HostShare& budget_;
  std::size_t made_ = 0;
  std::vector<HostBlock> free_;  // has room for all that were made
};

class KernelStack {
 public:
  // `body` runs on the stack, from the first resume() on. `memory` must outlive the stack. Throws HostLimit beyond the
  // budget, and where the host has no ucontext.h, as in WebAssembly.
  KernelStack(std::function<void()> body, KernelStackMemory& memory);
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
  void count_held();
#if BACHSIM_HAS_UCONTEXT
  using Registers = ucontext_t;
#else
  struct Registers {};
#endif
  static void change(Registers& from, Registers& to);
  void leave_to(Registers& from, Registers& to, bool for_good);

  static constexpr std::uint64_t kBytes = KernelStackMemory::kBytes;

  std::function<void()> body_;
  KernelStackMemory& memory_;
  HostBlock bytes_;
  std::uint64_t held_ = KernelStackMemory::kTouched;  // bytes that are counted
  Registers here_{};
  Registers caller_{};
  std::exception_ptr thrown_;
  bool begun_ = false;
  bool ended_ = false;
  bool unwinding_ = false;
  // The caller's stack, for a sanitizer that follows the changes of stacks.
  const void* caller_stack_ = nullptr;
  std::size_t caller_stack_bytes_ = 0;
};

}  // namespace bachsim
