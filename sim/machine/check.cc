#include "sim/machine/check.h"

#include <fmt/format.h>

namespace bachsim {

void kernel_panic(const char* condition, const char* file, int line) {
  throw KernelPanic(fmt::format("{}:{}: {} does not hold", file, line, condition));
}

}  // namespace bachsim
