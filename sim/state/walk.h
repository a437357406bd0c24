// The walk of one virtual address, entry by entry, as the hart would do it, without touching anything.
//
// `show walk`, drawings and prompts are made from this, so that they cannot disagree.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/machine/pte.h"
#include "sim/machine/types.h"
#include "sim/state/column.h"

namespace bachsim {

// One entry that the walk reads.
struct WalkRow {
  unsigned level = 0;  // of its table; that of 4096-byte pages is 0
  unsigned index = 0;  // in the table: nine bits of the address
  Address table;       // physical
  Address at;          // of the entry itself; physical
  Address pte;         // its bits
  Address ppn;         // that it names
  std::string flags;   // `cdauxwrv`, a `-` for each that is not set
  [[nodiscard]] auto key() const { return -static_cast<int>(level); }
  friend bool operator==(const WalkRow&, const WalkRow&) = default;
};

inline constexpr std::array kWalkColumns{
    column<&WalkRow::level>("level", kInJson, "LEVEL"),
    column<&WalkRow::index>("index", kInJson, "INDEX"),
    column<&WalkRow::at>("at", kInJson, "PTE AT"),
    column<&WalkRow::pte>("pte", kInJson, "PTE"),
    column<&WalkRow::ppn>("ppn", kInJson, "PPN"),
    Column<WalkRow>{{"flags", "FLAGS", Kind::Text, kInJson}, [](const WalkRow& row) { return field(row.flags); }},
};

// Where an access of one kind comes out: at a physical address, or in a trap.
struct WalkEnd {
  Access access = Access::Load;
  std::optional<Address> physical{};
  std::optional<std::uint64_t> scause{};  // of the trap
  std::uint64_t stval = 0;
  friend bool operator==(const WalkEnd&, const WalkEnd&) = default;
};

struct Walk {
  std::string process;
  Address address;                 // the real one
  std::optional<Address> label{};  // that stands for it, where the process's tables have labels
  Satp satp;
  std::vector<WalkRow> rows{};      // from the root down
  std::array<WalkEnd, 3> ends{};    // [Access]
  std::optional<unsigned> depth{};  // index into rows of a leaf; empty if the walk ends before one

  // Bits of the address that are the offset in the page.
  [[nodiscard]] std::uint64_t offset() const { return address.value & (kPageSize - 1); }
};

// `cdauxwrv`, a `-` for each bit that is not set
[[nodiscard]] std::string flags_of(Pte pte);
// `load page fault`
[[nodiscard]] std::string_view cause_name(std::uint64_t scause);
// `Sv39`
[[nodiscard]] std::string_view mode_name(PagingMode mode);

}  // namespace bachsim
