// Presets: a page, a frame or the free list put into the state that a figure of the book starts from.
//
// A preset changes where a page is, not what it holds: its bytes go along to the frame or the swap block named. Only
// where the place has bytes already, in a file, in a swap block in use, or as demand zero, does the page take those.
//
// Presets count nothing. Each keeps the tables sound but for one thing that a later one may bring: a free frame may
// hold a swap block that no page names yet. That an audit finds (identity 7), and the caller is to run one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>

#include "regions/dbd.h"
#include "regions/pfdata.h"
#include "regions/vm.h"

namespace bachsim {

enum class Residence : std::uint8_t { Invalid, Valid };

// What a preset says of a page. What it leaves out stays as it is, or follows from the rest.
struct PagePreset {
  std::optional<Frame> frame;          // of a page that becomes invalid: a stale number, kept in its PTE
  std::optional<Residence> residence;  // left out: valid if there is a frame, else as it is
  std::optional<Dbd> disk;             // kind and block
  std::optional<unsigned> age;
  bool cow = false;
  bool writable = false;
  bool referenced = false;
  bool modified = false;
};

// Why a preset cannot be, and which of its parts is at fault.
struct PresetError {
  enum class Part : std::uint8_t { FrameNumber, Residence, Disk, Age, Cow, Writable, Referenced, Modified };
  Part part;
  std::string what;
  std::optional<PageId> page{};  // the page that is in the way
  std::size_t index = 0;         // of several frames, the one at fault
};

// A result of an error has changed nothing.
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
