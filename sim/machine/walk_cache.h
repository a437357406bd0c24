// A page-walk cache: the last table of walks that were made, so that another walk through the same 2 MiB is one step.
//
// It keeps no leaf PTE. So an sfence.vma for one address, which is about leaf PTEs alone, leaves it as it is
// ("Supervisor Memory-Management Fence Instruction"); any other, and a write to satp, empties it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/machine/pte.h"
#include "sim/machine/types.h"

namespace bachsim {

class WalkCache {
 public:
  static constexpr std::size_t kEntries = 512;  // one GiB

  struct Entry {
    VirtAddr va;  // the first that is translated there
    const Pte* table = nullptr;
  };

  // The table of level 0 that translates `va` in the space of satp, if it is known.
  [[nodiscard]] std::optional<const Pte*> find(VirtAddr va) const {
    const Line& line = lines_.data()[slot(va)];
    return line.tag == tag(va) ? std::optional(line.table) : std::nullopt;
  }

  // REQUIRES: the walk of `va` from satp comes to this table
  void fill(VirtAddr va, const Pte* table) { lines_.data()[slot(va)] = {.tag = tag(va), .table = table}; }

  void flush() {
    now_ += kOneFlush;
    if (now_ == 0) [[unlikely]] {
      lines_ = {};
      now_ = kOneFlush;
    }
  }

  // Those that find() finds.
  [[nodiscard]] std::vector<Entry> entries() const {
    std::vector<Entry> all;
    for (const Line& line : lines_) {
      const VirtAddr va{(line.tag - now_) << kSpanBits};  // if the line was filled since the last flush
      if (find(va) == line.table) all.push_back({.va = va, .table = line.table});
    }
    return all;
  }

 private:
  static constexpr unsigned kSpanBits = kPageShift + kTableBits;
  static constexpr std::uint64_t kOneFlush = std::uint64_t{1} << (64 - kSpanBits);

  struct Line {
    std::uint64_t tag = 0;
    const Pte* table = nullptr;
  };

  // The address without what the table translates, and above it the number of flushes: to forget all is one addition.
  [[nodiscard]] std::uint64_t tag(VirtAddr va) const { return now_ + (va.value >> kSpanBits); }
  static std::size_t slot(VirtAddr va) { return va.value >> kSpanBits & (kEntries - 1); }

  std::uint64_t now_ = kOneFlush;
  std::array<Line, kEntries> lines_{};
};

}  // namespace bachsim
