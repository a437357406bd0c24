#include "regions/kernel_stack.h"

#include <catch2/catch.hpp>
#include <memory>
#include <stdexcept>
#include <string>

namespace bachsim {
namespace {

// Says when it is left, and whether the stack was being unwound then.
struct Leaving {
  std::string& told;
  const KernelStack& stack;
  ~Leaving() { told += stack.unwinding() ? " unwound" : " left"; }
};

struct Stacks {
  HostBudget budget{std::uint64_t{64} << 20};
  HostShare share{&budget};
  KernelStackMemory memory{share};
  std::string told;
  std::unique_ptr<KernelStack> stack;

  // Suspends itself once between its two halves.
  void begin() {
    stack = std::make_unique<KernelStack>(
        [this] {
          KernelStack& self = *stack;
          const Leaving leaving{told, self};
          told += "begun";
          self.suspend();
          told += " resumed";
        },
        memory);
  }
};

TEST_CASE_METHOD(Stacks, "a body goes on where it was suspended, and ends") {
  begin();
  CHECK(told.empty());
  stack->resume();
  CHECK(told == "begun");
  CHECK_FALSE(stack->ended());
  stack->resume();
  CHECK(told == "begun resumed left");
  CHECK(stack->ended());
}

TEST_CASE_METHOD(Stacks, "a stack that goes away in the middle of its body runs the destructors of what is on it") {
  begin();
  stack->resume();
  stack.reset();
  CHECK(told == "begun unwound");
}

TEST_CASE_METHOD(Stacks, "a stack that was never resumed goes away, and its body does not run") {
  begin();
  stack.reset();
  CHECK(told.empty());
}

TEST_CASE_METHOD(Stacks, "an exception of the body comes out of resume, once") {
  stack = std::make_unique<KernelStack>([] { throw std::runtime_error("from the body"); }, memory);
  CHECK_THROWS_WITH(stack->resume(), "from the body");
  CHECK(stack->ended());
}

TEST_CASE_METHOD(Stacks, "the memory of a stack that has gone is the next one's") {
  begin();
  const std::uint64_t left = budget.left();
  for (int i = 0; i < 100; ++i) {
    stack.reset();
    begin();
  }
  CHECK(budget.left() == left);
}

}  // namespace
}  // namespace bachsim
