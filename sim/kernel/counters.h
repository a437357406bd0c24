// All counters of the kernel in their groups, and the gauges (model.md, "Counters and gauges"). Reports, JSON and
// `expect` know them by "group.name" from these lists alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "regions/counters.h"
#include "regions/pfdata.h"
#include "sim/machine/counters.h"
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

// A copy of every counter at one moment.
struct Counters {
  SyscallCounters syscall;
  TrapCounters trap;
  ForkCounters fork;
  VfaultCounters vfault;
  PfaultCounters pfault;
  FrameCounters frame;
  SwapCounters swap;
  StealerCounters stealer;
  SwapperCounters swapper;
  TlbCounters tlb;
  ProcessCounters process;

  friend bool operator==(const Counters&, const Counters&) = default;

  // Calls visit(group, name, value) for each, in the order of the model's list.
  template <class Visit>
  void for_each(Visit&& visit) const {
    const auto group = [&](std::string_view group_name, const auto& counters) {
      counters.for_each([&](std::string_view name, std::uint64_t value) { visit(group_name, name, value); });
    };
    group("syscall", syscall);
    group("trap", trap);
    group("fork", fork);
    group("vfault", vfault);
    group("pfault", pfault);
    group("frame", frame);
    group("swap", swap);
    group("stealer", stealer);
    group("swapper", swapper);
    group("tlb", tlb);
    group("process", process);
  }
};

// Sizes at one moment.
struct Gauges {
  std::uint64_t frames_total = 0;
  std::uint64_t frames_reserved = 0;
  std::uint64_t frames_free = 0;
  std::uint64_t frames_used = 0;
  std::uint64_t frames_shared = 0;
  std::uint64_t frames_peak = 0;
  std::uint64_t tables_used = 0;
  std::uint64_t tables_peak = 0;
  std::uint64_t swap_total = 0;
  std::uint64_t swap_free = 0;
  std::uint64_t swap_used = 0;
  std::uint64_t processes = 0;
  std::uint64_t regions = 0;

  // Calls visit(name, value) for each.
  template <class Visit>
  void for_each(Visit&& visit) const {
    visit(std::string_view("frames.total"), frames_total);
    visit(std::string_view("frames.reserved"), frames_reserved);
    visit(std::string_view("frames.free"), frames_free);
    visit(std::string_view("frames.used"), frames_used);
    visit(std::string_view("frames.shared"), frames_shared);
    visit(std::string_view("frames.peak"), frames_peak);
    visit(std::string_view("tables.used"), tables_used);
    visit(std::string_view("tables.peak"), tables_peak);
    visit(std::string_view("swap.total"), swap_total);
    visit(std::string_view("swap.free"), swap_free);
    visit(std::string_view("swap.used"), swap_used);
    visit(std::string_view("processes"), processes);
    visit(std::string_view("regions"), regions);
  }
};

}  // namespace bachsim
