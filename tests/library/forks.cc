// A program that runs a machine without the workload language: it does what forks.bach beside it does, and prints the
// counters.
#include <iostream>

#include "sim/kernel/kernel.h"

using namespace bachsim;

int main() {
  Config config;
  config.frames = 10;
  config.swap = {16};
  config.low = 3;
  config.high = 5;
  config.max_age = 1;
  Kernel kernel(config);

  Program sections;
  sections.name = "prog";
  sections.text = 2;
  sections.data = 2;
  sections.bss = 4;
  const ProgramId program = kernel.add_program(sections);

  const ProcSlot parent = kernel.spawn(program).value();
  const VirtAddr data = kernel.space(parent).pregions[1].anchor;
  const auto page = [data](std::uint64_t number) { return VirtAddr{data.value + number * kPageSize}; };
  for (std::uint64_t number = 0; number < 6; ++number) kernel.store(parent, page(number), 7).value();

  const ProcSlot child = kernel.fork(parent).value();
  if (kernel.begin_operation(child) == Kernel::Turn::Now) {  // several stores, one return to user mode
    for (std::uint64_t number = 0; number < 3; ++number) kernel.store(child, page(number), 8).value();
    kernel.end_operation();
  }
  kernel.exit(child, 0);
  kernel.wait(parent).value();
  if (kernel.load(parent, page(0)).value() != 7) return 1;

  kernel.counters().for_each([](std::string_view group, std::string_view name, std::uint64_t value) {
    if (group == "file") return;  // reports have it of machines with block= alone
    std::cout << group << '.' << name << ' ' << value << '\n';
  });
}
