// Two ways to notice that the simulator itself is wrong.
//
// KASSERT states a condition of the code around it, in every build. A failure throws KernelPanic, which only main
// catches (exit status 3). Violations are the findings of an audit, which reports and goes on.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace bachsim {

class KernelPanic : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn, gnu::cold, gnu::noinline]] inline void kernel_panic(const char* condition, const char* file, int line) {
  throw KernelPanic(std::string(file) + ":" + std::to_string(line) + ": " + condition + " does not hold");
}

#define KASSERT(condition) ((condition) ? void(0) : ::bachsim::kernel_panic(#condition, __FILE__, __LINE__))

// A finding of an audit, with the identity that does not hold (docs/model.md, "Identities").
struct Violation {
  int identity;
  std::string what;

  friend bool operator==(const Violation&, const Violation&) = default;
};

using Violations = std::vector<Violation>;

}  // namespace bachsim
