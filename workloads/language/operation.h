// One type for each operation of a process, and for each form of preset.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "regions/dbd.h"
#include "regions/preset.h"
#include "regions/region.h"
#include "sim/machine/types.h"
#include "swap/program.h"
#include "workloads/language/expr.h"
#include "workloads/language/references.h"
#include "workloads/language/words.h"

namespace bachsim {

struct AccessOp {
  Access access = Access::Load;  // or Fetch
  Location where;
};
struct WriteOp {
  Location where;
  const Expr* value = nullptr;  // nullptr: the process's pid
};
struct PrintItem {
  std::optional<Location> where;  // else:
  const Expr* value = nullptr;
  std::string_view text{};  // as the script has it, blanks run together
};
struct PrintOp {
  std::span<const PrintItem> items;
};
struct ForkOp {
  bool vfork;
  ProcessRef child;
};
struct ExecOp {
  ProgramId program;
};
struct ExitOp {
  const Expr* status;  // nullptr: 0
};
struct WaitOp {};
struct SbrkOp {
  const Expr* pages;
};
struct ShmOp {
  Word call;  // Shmget, Shmat, Shmdt, Shmrm
  std::uint64_t key;
  const Expr* pages;  // of Shmget
};
struct PlockOp {
  RegionType region;
  bool lock;
};
struct NiceOp {
  const Expr* value;
};
struct SwapOp {
  bool out;
};

// References of a file. There are few, so what one says does not make every operation larger.
struct Replayed {
  const ReferenceFile* file = nullptr;  // the script has it
  std::string_view name{};              // as the script calls it, to be shown
  Place place;                          // of the name
  ReferenceFormat format = ReferenceFormat::Pages;
  bool packed = false;                // pages get numbers in the order in which they are first referenced
  std::optional<RegionRef> region{};  // else fetches go to text, loads and stores to data
};
struct ReplayOp {
  const Replayed* what;
};

using OperationBody = std::variant<AccessOp, WriteOp, PrintOp, ForkOp, ExecOp, ExitOp, WaitOp, SbrkOp, ShmOp, PlockOp,
                                   NiceOp, SwapOp, ReplayOp>;

// The forms of a preset statement: of a page, of a frame, and of the free list.
struct DiskForm {
  DbdKind kind = DbdKind::None;
  std::optional<ProgramId> program{};  // of a frame's file block
  const Expr* device = nullptr;        // of a swap block
  const Expr* block = nullptr;         // nullptr, of demand fill: the one that is the page's own
  Place place;
};
struct PageForm {
  using Part = PresetError::Part;

  ProcessRef process;
  Location where;
  std::array<std::optional<Place>, 8> places{};  // [Part]: where the script says it
  std::optional<bool> valid{};                   // or `invalid`
  std::optional<DiskForm> disk{};
  const Expr* frame = nullptr;
  const Expr* age = nullptr;

  // Empty for a part that the script does not say.
  std::optional<Place>& place_of(Part part) { return places[static_cast<std::size_t>(part)]; }
  [[nodiscard]] const std::optional<Place>& place_of(Part part) const { return places[static_cast<std::size_t>(part)]; }
};
struct PfdataForm {
  const Expr* frame;
  DiskForm disk;
};
struct FreelistForm {
  std::span<const Expr* const> frames;
};
using PresetBody = std::variant<PageForm, PfdataForm, FreelistForm>;

}  // namespace bachsim
