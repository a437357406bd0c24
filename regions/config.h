// The size of a machine and the settings of its kernel: one member for each `machine` key of the workload language.
// docs/workload-language.md explains the keys. Sizes are in pages.
#pragma once

#include <vector>

#include "sim/machine/walk.h"
#include "swap/swap_map.h"

namespace bachsim {

enum class ForkMode : std::uint8_t { Cow, Copy, Vfork };
// If memory is short: On moves pages, Off moves whole processes, Hybrid moves pages until no frame is free.
enum class PagingPolicy : std::uint8_t { On, Off, Hybrid };
enum class VforkMode : std::uint8_t { Share, Fork };
// The process that has the processor after a fork (exercise 9.9).
enum class RunsFirst : std::uint8_t { Parent, Child };
// When a transfer ends: at once, or later, while its process sleeps.
enum class IoMode : std::uint8_t { Atomic, Sleep };

// Policies that the book asks about. The first of each is what its text has.

// Order of the CPU: longest wait first, or lowest nice value first (exercise 9.7).
enum class Dispatch : std::uint8_t { Turns, Nice };
// The hardware's first check (exercise 9.17).
enum class FirstCheck : std::uint8_t { Validity, Protection };
// Keeper of the valid and the reference bit (exercise 9.16; Bach 9.2.4).
enum class ValidBit : std::uint8_t { Hardware, Software };
// Pages of a working set: at most so many, or those of the last so many references (figure 9.12).
enum class Window : std::uint8_t { Limit, References };
// Time at which the page stealer writes a list that is not full: when it stops, or once others fill it (figure 9.20).
enum class OutListEnd : std::uint8_t { Write, Keep };
// The region of a fault that sleeps for a frame: unlocked meanwhile, or locked as in the book (Bach 9.2.3).
enum class FrameWait : std::uint8_t { Unlocked, Locked };
// The page stealer's rule of choice (docs/model.md, "Replacement").
enum class StealBy : std::uint8_t { Age, Clock, Fifo, Lru, Nru, Random, Opt };
template <>
inline constexpr std::array<std::string_view, 7> kWords<StealBy>{"age", "clock", "fifo", "lru", "nru", "random", "opt"};
// Fate of the disk copy of a page that is stored to (exercise 9.12).
enum class DiskCopy : std::uint8_t { Drop, Keep };

struct Config {
  std::uint64_t frames = 1024;
  std::uint64_t reserve = 0;
  std::vector<std::uint64_t> swap{};  // blocks of each device
  PagingMode mode = PagingMode::Sv39;
  ForkMode fork = ForkMode::Cow;
  VforkMode vfork = VforkMode::Share;
  RunsFirst first = RunsFirst::Parent;
  IoMode io = IoMode::Atomic;
  AdUpdate ad = AdUpdate::Hardware;
  PagingPolicy paging = PagingPolicy::On;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::uint64_t max_age = 3;
  std::uint64_t cluster = 1;
  std::uint64_t tlb = 64;
  std::uint64_t working_set = 0;         // 0: no limit
  std::uint64_t stack_limit = 2048;      // 8 MiB
  std::uint64_t page = kPageSize;        // bytes of a page in scripts and reports; the machine's own pages have 4096
  std::optional<std::uint64_t> nproc{};  // empty: no limit
  std::optional<std::uint64_t> nregion{};
  std::optional<std::uint64_t> tables{};
  // Policies that the book leaves to exercises.
  std::uint64_t prepage = 0;
  std::uint64_t block = 0;  // bytes of a disk block of files, where `page` are those of a page; 0: as large
  SwapMapKind swap_map = SwapMapKind::Extents;
  Dispatch dispatch = Dispatch::Turns;
  FirstCheck check = FirstCheck::Validity;
  ValidBit valid = ValidBit::Hardware;
  DiskCopy disk_copy = DiskCopy::Drop;
  Window window = Window::Limit;
  OutListEnd out_list = OutListEnd::Write;
  FrameWait frame_wait = FrameWait::Unlocked;
  StealBy stealer = StealBy::Age;
  std::uint64_t seed = 0;  // of stealer=random and of a script's numbers by chance; no key, but --seed
};

}  // namespace bachsim
