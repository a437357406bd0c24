// What the prober (prober.S) is asked, and what it answers: six words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/machine/types.h"

namespace bachsim {

// Numbered as in prober.S.
enum class ProbeKind : std::uint64_t { SetSatp, Fetch, Load1, Load2, Load4, Load8, Store1, Store2, Store4, Store8 };

constexpr bool is_store(ProbeKind kind) { return kind >= ProbeKind::Store1; }
constexpr Access access_of(ProbeKind kind) {
  return kind == ProbeKind::Fetch ? Access::Fetch : is_store(kind) ? Access::Store : Access::Load;
}
// Bytes of the access. A fetch is one of a compressed instruction.   REQUIRES: it is an access
constexpr std::uint64_t width(ProbeKind kind) {
  if (kind == ProbeKind::Fetch) return 2;
  return std::uint64_t{1} << ((static_cast<unsigned>(kind) - static_cast<unsigned>(ProbeKind::Load1)) % 4);
}

struct Record {
  static constexpr std::uint64_t kNoTrap = ~std::uint64_t{0};
  static constexpr std::uint64_t kBreakpoint = 3;  // the cause after a fetch, which finds a c.ebreak

  ProbeKind kind = ProbeKind::SetSatp;
  std::uint64_t va = 0;
  std::uint64_t operand = 0;  // SetSatp: satp; a store: the value; Fetch: the physical address, or 0 if it is to trap
  std::uint64_t cause = kNoTrap;
  std::uint64_t tval = 0;
  std::uint64_t value = 0;  // SetSatp: satp; a load: the value; Fetch: mepc

  friend bool operator==(const Record&, const Record&) = default;
};
static_assert(sizeof(Record) == 48);

// As a line of a report.
[[nodiscard]] std::string text(const Record& record);

// Physical memory from its first address on.
using MemoryImage = std::vector<std::byte>;
inline constexpr std::uint64_t kMemoryStart = 0x8000'0000;

// Memory, and what is tried in it.
struct ProbedMemory {
  std::string name;
  MemoryImage memory;
  std::uint64_t frames = 0;  // how many of its pages the hart takes for frames; the rest are its pages for tables
  // Whether an access may change tables: then a fence goes before each.
  bool fences = false;
  std::vector<Record> records;
};

}  // namespace bachsim
