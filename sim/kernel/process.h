// The process table's entry (Bach 6.1).
#pragma once

#include <array>
#include <string_view>

#include "regions/channel.h"
#include "regions/space.h"

namespace bachsim {

using Pid = Id<struct PidTag, std::uint32_t>;
using ProcSlot = Id<struct ProcSlotTag, std::uint32_t>;  // index into the process table; slots are reused

inline constexpr ProcSlot kNoProcess{~std::uint32_t{0}};
inline constexpr ProcSlot kInit{0};
inline constexpr Pid kInitPid{1};
inline constexpr int kPlainNice = 20;  // in the middle of the nice values

// Figure 6.1. Between two operations no process runs: one that could run is Ready.
enum class ProcessState : std::uint8_t {
  UserRunning,
  KernelRunning,
  Ready,
  Asleep,
  ReadySwapped,
  AsleepSwapped,
  Preempted,
  Created,
  Zombie,
};

template <>
inline constexpr std::array<std::string_view, 9> kWords<ProcessState>{
    "user_running",   "kernel_running", "ready",   "asleep", "ready_swapped",
    "asleep_swapped", "preempted",      "created", "zombie"};

constexpr bool is_swapped(ProcessState state) {
  return state == ProcessState::ReadySwapped || state == ProcessState::AsleepSwapped;
}

// From Transfer on inside the kernel, in the middle of an operation (regions/channel.h).
enum class WaitingFor : std::uint8_t { Nothing, Vfork, Wait, Transfer, Lock, Contents, FreeFrame, Text };

template <>
inline constexpr std::array<std::string_view, 8> kWords<WaitingFor>{"null", "vfork",    "wait",  "transfer",
                                                                    "lock", "contents", "frame", "text"};

// The word for what somebody inside the kernel sleeps for.
constexpr WaitingFor waiting_for(Channel::Kind kind) {
  constexpr std::array kEvents{WaitingFor::Transfer, WaitingFor::Lock, WaitingFor::Contents, WaitingFor::FreeFrame,
                               WaitingFor::Text};
  return kEvents[static_cast<std::size_t>(kind)];
}

struct Zombie {
  Pid pid;
  ProcSlot slot;
  friend constexpr auto operator<=>(Zombie, Zombie) = default;
};

struct Process {
  Pid pid;
  ProcessState state = ProcessState::Created;
  WaitingFor waiting_for = WaitingFor::Nothing;
  std::uint8_t status = 0;  // of a zombie
  ProgramId program;
  int nice = kPlainNice;
  std::uint64_t stay_seconds = 0;  // how long it has been in memory, or out of it
  std::uint64_t last_ran = 0;      // the second after which it had the CPU; 0: never
  std::uint64_t tag = 0;           // the caller's name for it; means nothing to the kernel

  // Its own space, and the process on whose space it runs: itself, or the lender of a vfork child.
  AddressSpace space;
  ProcSlot lender = kNoProcess;

  ProcSlot preempts = kNoProcess;  // the parent that may not run before this process gives up the processor

  ProcSlot parent = kNoProcess;
  ProcSlot first_child = kNoProcess;  // children alive, in no order that matters
  ProcSlot next_sibling = kNoProcess;
  ProcSlot prev_sibling = kNoProcess;
  boost::container::small_vector<Zombie, 1> zombies;  // children that ended: a heap, lowest pid on top
};

// The event for which the process slept has come.
inline void wake(Process& process) {
  process.waiting_for = WaitingFor::Nothing;
  process.state = process.state == ProcessState::AsleepSwapped ? ProcessState::ReadySwapped : ProcessState::Ready;
}

}  // namespace bachsim
