// All counters of the kernel in their groups, and the gauges (model.md, "Counters and gauges"). Reports, JSON and
// `expect` know them by "group.name" from these lists alone.
#pragma once

#include "regions/counters.h"
#include "regions/pfdata.h"
#include "sim/machine/tlb.h"
#include "swap/swap.h"

namespace bachsim {

#define BACHSIM_SYSCALL_COUNTERS(X) \
  X(fork) X(vfork) X(exec) X(exit) X(wait) X(brk) X(shmget) X(shmat) X(shmdt) X(shmctl) X(plock) X(failed)
BACHSIM_COUNTER_GROUP(SyscallCounters, BACHSIM_SYSCALL_COUNTERS)

#define BACHSIM_TRAP_COUNTERS(X) X(ecall) X(fetch_fault) X(load_fault) X(store_fault) X(timer)
BACHSIM_COUNTER_GROUP(TrapCounters, BACHSIM_TRAP_COUNTERS)

#define BACHSIM_SWAPPER_COUNTERS(X) X(out) X(in)
BACHSIM_COUNTER_GROUP(SwapperCounters, BACHSIM_SWAPPER_COUNTERS)

#define BACHSIM_PROCESS_COUNTERS(X) X(created) X(exited) X(killed)
BACHSIM_COUNTER_GROUP(ProcessCounters, BACHSIM_PROCESS_COUNTERS)

// The groups, in the order of the model's list.
// clang-format off
#define BACHSIM_COUNTER_GROUPS(X) \
  X(Syscall, syscall) X(Trap, trap) X(Fork, fork) X(Vfault, vfault) X(Pfault, pfault) X(Frame, frame) \
  X(Swap, swap) X(Stealer, stealer) X(Swapper, swapper) X(Tlb, tlb) X(Process, process) X(File, file)
// clang-format on

// A copy of every counter at one moment.
struct Counters {
#define X(Type, member) Type##Counters member;
  BACHSIM_COUNTER_GROUPS(X)
#undef X
  friend bool operator==(const Counters&, const Counters&) = default;

  // Calls visit(group, name, value) for each.
  template <class Visit>
  void for_each(Visit&& visit) const {
#define X(Type, member) \
  member.for_each([&](std::string_view name, std::uint64_t value) { visit(std::string_view(#member), name, value); });
    BACHSIM_COUNTER_GROUPS(X)
#undef X
  }
};

// Sizes at one moment, with their names.
// clang-format off
#define BACHSIM_GAUGES(X) \
  X(frames_total, "frames.total") X(frames_reserved, "frames.reserved") X(frames_free, "frames.free") \
  X(frames_used, "frames.used") X(frames_shared, "frames.shared") X(frames_peak, "frames.peak") \
  X(tables_used, "tables.used") X(tables_peak, "tables.peak") X(swap_total, "swap.total") \
  X(swap_free, "swap.free") X(swap_used, "swap.used") X(processes, "processes") X(regions, "regions")
// clang-format on

struct Gauges {
#define X(member, name) std::uint64_t member = 0;
  BACHSIM_GAUGES(X)
#undef X

  // Calls visit(name, value) for each.
  template <class Visit>
  void for_each(Visit&& visit) const {
#define X(member, name) visit(std::string_view(name), member);
    BACHSIM_GAUGES(X)
#undef X
  }
};

}  // namespace bachsim
