// Counters of the memory system (docs/model.md, "Counters"): fork, the two faults, the page stealer.
#pragma once

#include "sim/machine/counters.h"

namespace bachsim {

#define BACHSIM_FORK_COUNTERS(X) \
  X(regions_shared) X(regions_duplicated) X(ptes_copied) X(frame_refs) X(swap_refs) X(pages_copied) X(tables_allocated)
BACHSIM_COUNTER_GROUP(ForkCounters, BACHSIM_FORK_COUNTERS)

#define BACHSIM_VFAULT_COUNTERS(X) X(cache) X(zero) X(fill) X(file) X(swap) X(stack_growth) X(segv)
BACHSIM_COUNTER_GROUP(VfaultKinds, BACHSIM_VFAULT_COUNTERS)

#define BACHSIM_PFAULT_COUNTERS(X) X(copied) X(kept) X(segv)
BACHSIM_COUNTER_GROUP(PfaultKinds, BACHSIM_PFAULT_COUNTERS)

// Each with its total. The growth of a stack is no fault of its own.
template <class Kinds>
struct WithTotal : Kinds {
  [[nodiscard]] std::uint64_t total() const {
    std::uint64_t sum = 0;
    Kinds::for_each([&](std::string_view kind, std::uint64_t value) { sum += kind == "stack_growth" ? 0 : value; });
    return sum;
  }
  friend bool operator==(const WithTotal&, const WithTotal&) = default;
  template <class Visit>
  void for_each(Visit&& visit) const {
    visit(std::string_view("total"), total());
    Kinds::for_each(visit);
  }
};
using VfaultCounters = WithTotal<VfaultKinds>;
using PfaultCounters = WithTotal<PfaultKinds>;

#define BACHSIM_STEALER_COUNTERS(X) X(wakeups) X(examined) X(referenced) X(stolen) X(written)
BACHSIM_COUNTER_GROUP(StealerCounters, BACHSIM_STEALER_COUNTERS)

// Of program files, where block= is set.
#define BACHSIM_FILE_COUNTERS(X) X(blocks) X(transfers)
BACHSIM_COUNTER_GROUP(FileCounters, BACHSIM_FILE_COUNTERS)

}  // namespace bachsim
