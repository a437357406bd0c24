#include "tests/riscv/record.h"

#include <fmt/format.h>

namespace bachsim {

std::string text(const Record& record) {
  if (record.kind == ProbeKind::SetSatp) return fmt::format("satp = {:#x}: {:#x}", record.operand, record.value);
  std::string line =
      fmt::format("{} of {} bytes at {:#x}", name(access_of(record.kind)), width(record.kind), record.va);
  if (is_store(record.kind)) line += fmt::format(" ({:#x})", record.operand);
  if (record.cause == Record::kNoTrap) {
    line += is_store(record.kind) ? ": done" : fmt::format(": {:#x}", record.value);
  } else if (record.kind == ProbeKind::Fetch && record.cause == Record::kBreakpoint) {
    line += fmt::format(": an instruction, physical address {:#x}", record.operand);
  } else {
    line += fmt::format(": cause {}, trap value {:#x}", record.cause, record.tval);
  }
  return line;
}

}  // namespace bachsim
