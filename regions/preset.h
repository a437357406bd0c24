// Presets: a page, a frame or the free list put into the state that a figure of the book starts from.
//
// A page takes its bytes along to the frame or swap block named. But if it goes to a disk block that has bytes already
// (a file, a swap block in use, demand zero), it takes those. Presets count nothing.
//
// A free frame may hold a swap block which no page names, until a later preset names it. An audit, which the caller is
// to run, finds those that stay so (identity 7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>

#include "regions/dbd.h"
#include "regions/pfdata.h"
#include "regions/region.h"

namespace bachsim {

struct Vm;

// The wanted state of a page. A member without a value stays as it is, or follows from the others.
struct PagePreset {
  std::optional<Frame> frame;  // of a page that becomes invalid: a stale number, kept in its PTE
  std::optional<bool> valid;   // empty: valid if there is a frame, else as it is
  std::optional<Dbd> disk;     // kind and block
  std::optional<unsigned> age;
  bool cow = false;
  bool writable = false;
  bool referenced = false;
  bool modified = false;
};

// Why a preset is refused, and for which part of it.
struct PresetError {
  enum class Part : std::uint8_t { FrameNumber, Valid, Disk, Age, Cow, Writable, Referenced, Modified };
  Part part;
  std::string what;
  std::optional<PageId> page{};  // the page that is in the way
  std::size_t index = 0;         // of several frames, the one at fault
};

// If a result is an error, nothing has changed.   REQUIRES, of all of them: nobody is inside the kernel

using PresetResult = std::expected<void, PresetError>;

// REQUIRES: the page exists; frame < pfdata.total(); age <= max-age; the block is on a device, or in the file of the
// region's program
[[nodiscard]] PresetResult preset_page(Vm& vm, PageId id, const PagePreset& preset);

// A free frame holds a block's bytes from now on; none: it holds nobody's.
// REQUIRES: frame < pfdata.total(); the block is on a device, or in a program's file
[[nodiscard]] PresetResult preset_pfdata(Vm& vm, Frame frame, DiskBlock block);

// These free frames, in their order, become the head of the free list.
// REQUIRES: each is below pfdata.total()
[[nodiscard]] PresetResult preset_freelist(Vm& vm, std::span<const Frame> frames);

// The frame number that a PTE which is not valid still has, if a preset left one there.
[[nodiscard]] std::optional<Frame> stale_frame(Pte pte);

}  // namespace bachsim
