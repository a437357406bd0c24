// Rows of the tables that belong to no process: frames, swap, the TLB, counters (see rows.h).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "sim/state/column.h"

namespace bachsim {

// A frame that is in use, holds a disk block or is being read.
struct FrameRow {
  std::uint32_t frame = 0;
  std::uint32_t refs = 0;
  Disk disk;  // its identity
  bool free = false;
  bool being_read = false;         // its contents are not valid yet (io=sleep)
  std::optional<Actor> read_by{};  // whose transfer is to fill it
  std::uint32_t sleepers = 0;      // that wait until they are valid
  [[nodiscard]] auto key() const { return frame; }
  friend bool operator==(const FrameRow&, const FrameRow&) = default;
};

inline constexpr std::array kFrameColumns{
    column<&FrameRow::frame>("frame", kInJson | kCountsOn, "FRAME"),
    column<&FrameRow::refs>("refs", kInPath | kInJson, "REFS"),
    Column<FrameRow>{{"disk", "DISK", Kind::Identity, kInPath | kInJson | kCountsOn},
                     [](const FrameRow& row) { return field(row.disk); }},
    column<&FrameRow::free>("free", kInPath | kInJson, "FREE"),
    column<&FrameRow::being_read>("being read", 0),
    column<&FrameRow::read_by>("read_by", kInPath | kInJson | kIfAny | kNotOnPages),
    column<&FrameRow::sleepers>("sleepers", kInPath | kInJson | kIfAny | kNotOnPages),
};

// Frames that stand on the free list one behind the other.
struct FreeRow {
  std::uint64_t position = 0;  // of the first, from the head, which is 0
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  [[nodiscard]] auto key() const { return position; }
  friend bool operator==(const FreeRow&, const FreeRow&) = default;
};

inline constexpr std::array kFreeColumns{
    column<&FreeRow::position>("position", kInJson),
    column<&FreeRow::first>("first", kInJson),
    column<&FreeRow::last>("last", kInJson),
};

// A block in use.
struct SwapBlockRow {
  unsigned device = 0;
  std::uint64_t block = 0;
  std::uint32_t refs = 0;
  [[nodiscard]] auto key() const { return std::tuple(device, block); }
  friend bool operator==(const SwapBlockRow&, const SwapBlockRow&) = default;
};

inline constexpr std::array kSwapBlockColumns{
    column<&SwapBlockRow::device>("device", kInJson, "DEVICE"),
    column<&SwapBlockRow::block>("block", kInJson | kCountsOn, "BLOCK"),
    column<&SwapBlockRow::refs>("refs", kInPath | kInJson, "REFS"),
};

// A free extent of a device's map.
struct ExtentRow {
  unsigned device = 0;
  std::uint64_t address = 0;
  std::uint64_t units = 0;
  [[nodiscard]] auto key() const { return std::tuple(device, address); }
  friend bool operator==(const ExtentRow&, const ExtentRow&) = default;
};

inline constexpr std::array kExtentColumns{
    column<&ExtentRow::device>("device", kInJson),
    column<&ExtentRow::address>("address", kInPath | kInJson, "ADDRESS"),
    column<&ExtentRow::units>("units", kInPath | kInJson, "UNITS"),
};

// A swap device, with what its map holds and what its scans have looked at (exercise 9.15).
struct DeviceRow {
  unsigned device = 0;
  std::uint64_t blocks = 0;
  std::uint64_t free = 0;
  std::uint64_t held = 0;
  std::uint64_t most = 0;
  std::uint64_t mallocs = 0;
  std::uint64_t looked_at = 0;  // by malloc
  std::uint64_t mfrees = 0;
  std::uint64_t mfree_looked_at = 0;
  [[nodiscard]] auto key() const { return device; }
  friend bool operator==(const DeviceRow&, const DeviceRow&) = default;
};

inline constexpr std::array kDeviceColumns{
    column<&DeviceRow::device>("device", kInJson, "DEVICE"),
    column<&DeviceRow::held>("held", kInPath, "HELD"),
    column<&DeviceRow::most>("most", 0, "MOST"),
    column<&DeviceRow::mallocs>("mallocs", 0, "MALLOCS"),
    column<&DeviceRow::looked_at>("looked_at", kInPath, "LOOKED AT"),
    column<&DeviceRow::mfrees>("mfrees", 0, "MFREES"),
    column<&DeviceRow::mfree_looked_at>("mfree_looked_at", 0, "LOOKED AT"),
};

struct TlbRow {
  std::uint32_t slot = 0;
  std::uint32_t asid = 0;
  Address address;
  Address ppn;         // a number that people know in hexadecimal
  std::string grants;  // `rw-`
  [[nodiscard]] auto key() const { return slot; }
  friend bool operator==(const TlbRow&, const TlbRow&) = default;
};

inline constexpr std::array kTlbColumns{
    column<&TlbRow::slot>("slot", kInJson, "SLOT"),
    column<&TlbRow::asid>("asid", kInJson, "ASID"),
    column<&TlbRow::address>("address", kInJson, "ADDRESS"),
    column<&TlbRow::ppn>("ppn", kInJson, "PPN"),
    Column<TlbRow>{{"grants", "GRANTS", Kind::Text, kInJson}, [](const TlbRow& row) { return field(row.grants); }},
};

// Entries [first, last] of a page table, which name a table, or pages one behind the other.
struct TreeRow {
  unsigned depth = 0;  // the root's entries: 0
  unsigned first = 0;
  unsigned last = 0;
  bool table = false;
  std::uint64_t ppn = 0;      // of the table, or of the first page
  std::uint64_t address = 0;  // the first that the entry stands for
  std::string flags{};        // of pages: `dauxwrc`
};

// A counter by its full name, or a gauge.
struct NumberRow {
  std::string_view name;
  std::uint64_t value = 0;
  [[nodiscard]] auto key() const { return name; }
  friend bool operator==(const NumberRow&, const NumberRow&) = default;
};

inline constexpr std::array kNumberColumns{
    Column<NumberRow>{{"name", "NAME", Kind::Text, kInJson}, [](const NumberRow& row) { return field(row.name); }},
    column<&NumberRow::value>("value", kInJson, "VALUE"),
};

// The state of things after a tick statement, for `sar`.
struct Sample {
  std::uint64_t ticks = 0;  // since boot
  std::uint64_t validity_faults = 0;
  std::uint64_t protection_faults = 0;
  std::uint64_t file_fills = 0;
  std::uint64_t reclaimed = 0;
  std::uint64_t swap_ins = 0;  // transfers
  std::uint64_t pages_in = 0;
  std::uint64_t swap_outs = 0;
  std::uint64_t pages_out = 0;
  std::uint64_t free_frames = 0;
  std::uint64_t free_blocks = 0;
};

}  // namespace bachsim
