// What a preset statement says of a page, a frame or the free list.
#pragma once

#include <optional>
#include <span>
#include <variant>

#include "regions/dbd.h"
#include "swap/program.h"
#include "workloads/language/expr.h"
#include "workloads/language/source.h"

namespace bachsim {

struct PresetDisk {
  DbdKind kind = DbdKind::None;
  std::optional<ProgramId> program{};  // of a frame's file block
  const Expr* device = nullptr;        // of a swap block
  const Expr* block = nullptr;         // nullptr, of demand fill: the one that is the page's own
  Place place;
};
struct PresetPage {
  ProcessRef process;
  Location where;
  const Expr* frame = nullptr;
  const Expr* age = nullptr;
  std::optional<PresetDisk> disk{};
  // Words that stand alone.
  std::optional<Place> valid{};
  std::optional<Place> invalid{};
  std::optional<Place> cow{};
  std::optional<Place> writable{};
  std::optional<Place> referenced{};
  std::optional<Place> modified{};
};
struct PresetPfdata {
  const Expr* frame;
  PresetDisk disk;
};
struct PresetFreelist {
  std::span<const Expr* const> frames;
};
using PresetBody = std::variant<PresetPage, PresetPfdata, PresetFreelist>;

}  // namespace bachsim
