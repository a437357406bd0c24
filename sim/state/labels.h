// The addresses that a script and its tables speak of (docs/workload-language.md, "Textbook addresses").
//
// A process whose program has `starts` is shown pages of Config::page bytes from those on; a stack's count upwards,
// as the book draws them. They are labels: each stands for a page of the machine at its own address. Any other
// process is shown the real addresses.
#pragma once

#include <cstdint>
#include <string>

#include "regions/pregion.h"
#include "sim/kernel/kernel.h"
#include "sim/state/column.h"

namespace bachsim {

class Labels {
 public:
  // Those of the image that the process runs now. `kernel` must outlive it.
  Labels(const Kernel& kernel, ProcSlot slot);

  [[nodiscard]] bool real() const { return !starts_.has_value(); }

  // The lowest address of a region, and the one where a page of it begins, which need not exist.
  [[nodiscard]] std::uint64_t start(const Pregion& pregion) const;
  [[nodiscard]] std::uint64_t page(const Pregion& pregion, std::uint64_t page) const;

  // The real address that one of a script means: a byte of the region with the highest start not above it. Behind the
  // end of that region it is an address where nothing lies.
  [[nodiscard]] VirtAddr locate(std::uint64_t address) const;

  // The real address of a byte of a region.
  [[nodiscard]] VirtAddr locate(const Pregion& pregion, std::uint64_t offset) const;

  // An address of the script's as reports show it. Shared memory keeps its real addresses.
  [[nodiscard]] Address shown(std::uint64_t address) const;

 private:
  const Vm& vm_;
  const AddressSpace& space_;
  const std::optional<SectionStarts>& starts_;
};

}  // namespace bachsim
