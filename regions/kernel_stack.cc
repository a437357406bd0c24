#include "regions/kernel_stack.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "sim/machine/check.h"

#if defined(__SANITIZE_ADDRESS__)
#define BACHSIM_TELLS_SANITIZER 1
#elif defined(__has_feature)
#define BACHSIM_TELLS_SANITIZER __has_feature(address_sanitizer)
#else
#define BACHSIM_TELLS_SANITIZER 0
#endif
#if BACHSIM_TELLS_SANITIZER
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace bachsim {
namespace {

// The address sanitizer is told before and after each change of stacks.
void tell_leaving([[maybe_unused]] void** keep, [[maybe_unused]] const void* stack,
                  [[maybe_unused]] std::size_t bytes) {
#if BACHSIM_TELLS_SANITIZER
  __sanitizer_start_switch_fiber(keep, stack, bytes);
#endif
}
void tell_arrived([[maybe_unused]] void* kept, [[maybe_unused]] const void** stack,
                  [[maybe_unused]] std::size_t* bytes) {
#if BACHSIM_TELLS_SANITIZER
  __sanitizer_finish_switch_fiber(kept, stack, bytes);
#endif
}

// Whether a stack has been deep since it was new, or since it was last unbacked there. A deep one has written below
// what others touch: each level of what makes it deep, an expression, takes less than this looks at.
bool has_been_deep([[maybe_unused]] const std::byte* stack) {
#if BACHSIM_TELLS_SANITIZER
  return true;  // it lets nobody read where frames have been
#else
  std::array<std::uint64_t, 128> below;
  std::memcpy(below.data(), stack + KernelStackMemory::kBytes - KernelStackMemory::kTouched - sizeof below,
              sizeof below);
  return std::ranges::any_of(below, [](std::uint64_t word) { return word != 0; });
#endif
}

}  // namespace

HostBlock KernelStackMemory::take() {
  if (!free_.empty()) {
    HostBlock stack = std::move(free_.back());
    free_.pop_back();
    return stack;
  }
  budget_.commit(kTouched);
  free_.reserve(made_ + 1);  // give_back() must not fail
  HostBlock stack = reserve(kBytes, Backing::Stack, budget_.spare());
  stack.get_deleter().written = kTouched;
  ++made_;
  return stack;
}

void KernelStackMemory::give_back(HostBlock stack) {
  if (has_been_deep(stack.get())) unback(stack.get(), kBytes - kTouched);
  free_.push_back(std::move(stack));
}

void KernelStackMemory::count(std::uint64_t bytes, std::uint64_t before) {
  if (bytes > before)
    budget_.commit(bytes - before);
  else
    budget_.give_back(before - bytes);
}

KernelStack::KernelStack(std::function<void()> body, KernelStackMemory& memory)
    : body_(std::move(body)), memory_(memory), bytes_(memory.take()) {
#if BACHSIM_HAS_UCONTEXT
  getcontext(&here_);
  here_.uc_stack.ss_sp = bytes_.get();
  here_.uc_stack.ss_size = kBytes;
  here_.uc_link = nullptr;
  // makecontext() passes numbers of 32 bits.
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  makecontext(&here_, reinterpret_cast<void (*)()>(&KernelStack::enter), 2, static_cast<unsigned>(self >> 32),
              static_cast<unsigned>(self));
#else
  memory_.give_back(std::move(bytes_));
  throw HostLimit("this host cannot suspend a stack, as io=sleep has to");
#endif
}

KernelStack::~KernelStack() {
  if (begun_ && !ended_) {
    unwinding_ = true;
    resume();
  }
#if BACHSIM_TELLS_SANITIZER
  __asan_unpoison_memory_region(bytes_.get(), kBytes);  // the frames that never return are still marked
#endif
  memory_.count(KernelStackMemory::kTouched, held_);
  memory_.give_back(std::move(bytes_));
}

void KernelStack::resume() {
  KASSERT(!ended_);
  begun_ = true;
  void* kept = nullptr;
  tell_leaving(&kept, bytes_.get(), kBytes);
  change(caller_, here_);
  tell_arrived(kept, nullptr, nullptr);
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void KernelStack::suspend() {
  KASSERT(!unwinding_);
  count_held();
  leave_to(here_, caller_, false);
  if (unwinding_) throw Unwind{};
}

// A stack may stay suspended for long. What it had below where it stands now, it holds no longer; and a deep one holds
// more than was counted when it was made.
[[gnu::noinline]] void KernelStack::count_held() {
  constexpr std::uint64_t kBelow = std::uint64_t{16} << 10;  // for what is still called until it stands still
  const auto* const here = static_cast<const std::byte*>(__builtin_frame_address(0));
  const auto depth = static_cast<std::uint64_t>(bytes_.get() + kBytes - here) + kBelow;
  const std::uint64_t holds = std::min(
      kBytes, (depth + KernelStackMemory::kTouched - 1) / KernelStackMemory::kTouched * KernelStackMemory::kTouched);
  memory_.count(holds, held_);
  held_ = holds;
  if (has_been_deep(bytes_.get())) unback(bytes_.get(), kBytes - holds);
}

// swapcontext() by its halves: the sanitizers warn of the whole.
[[gnu::noinline]] void KernelStack::change([[maybe_unused]] Registers& from, [[maybe_unused]] Registers& to) {
#if BACHSIM_HAS_UCONTEXT
  volatile bool back = false;
  getcontext(&from);
  if (back) return;
  back = true;
  setcontext(&to);
#endif
}

void KernelStack::leave_to(Registers& from, Registers& to, bool for_good) {
  void* kept = nullptr;
  tell_leaving(for_good ? nullptr : &kept, caller_stack_, caller_stack_bytes_);
  change(from, to);
  tell_arrived(kept, &caller_stack_, &caller_stack_bytes_);
}

void KernelStack::enter(unsigned high, unsigned low) {
  const auto self = static_cast<std::uintptr_t>(std::uint64_t{high} << 32 | low);
  reinterpret_cast<KernelStack*>(self)->run();
}

void KernelStack::run() {
  tell_arrived(nullptr, &caller_stack_, &caller_stack_bytes_);
  try {
    body_();
  } catch (const Unwind&) {
    // nobody is left who wants to know
  } catch (...) {
    thrown_ = std::current_exception();
  }
  ended_ = true;
  leave_to(here_, caller_, true);
}

}  // namespace bachsim
