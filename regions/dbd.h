// The disk block descriptor (Bach 9.2.1, figure 9.13): one beside every PTE. It tells where the page's contents are on
// disk, and how long ago the page was referenced.
//
//   63:28 block | 27:20 device | 19:4 age | 3 on the out-list | 2:0 kind
//
// Age is here because a PTE has no room for it. A word of zeros is `none`, age 0.
#pragma once

#include <cstdint>

#include "swap/disk_block.h"

namespace bachsim {

enum class DbdKind : std::uint8_t {
  None,  // no copy on any disk
  Zero,  // demand zero: no contents but zeros
  Fill,  // demand fill: read through the page from the program's file, then None
  File,  // logical block of the region's program
  Swap,  // device and block
};
template <>
inline constexpr std::array<std::string_view, 5> kWords<DbdKind>{"none", "zero", "fill", "file", "swap"};

class Dbd {
 public:
  static constexpr unsigned kMaxAge = 0xffff;

  constexpr Dbd() = default;

  // REQUIRES: block is 0, unless the kind is File or Fill
  static constexpr Dbd make(DbdKind kind, std::uint64_t block = 0) {
    return Dbd(static_cast<std::uint64_t>(kind) | block << kBlockShift);
  }
  // A page whose copy is there.   REQUIRES: !block.none()
  static constexpr Dbd at(DiskBlock block) {
    return block.on_swap() ? swap(block) : make(DbdKind::File, block.logical());
  }
  // REQUIRES: block.on_swap()
  static constexpr Dbd swap(DiskBlock block) {
    return Dbd(static_cast<std::uint64_t>(DbdKind::Swap) | std::uint64_t{block.device()} << kDeviceShift |
               block.block() << kBlockShift);
  }

  [[nodiscard]] constexpr DbdKind kind() const { return static_cast<DbdKind>(raw_ & kKindMask); }
  [[nodiscard]] constexpr bool on_swap() const { return kind() == DbdKind::Swap; }
  // Its contents are in its program's file.
  [[nodiscard]] constexpr bool in_file() const { return kind() == DbdKind::File || kind() == DbdKind::Fill; }

  // File, Fill: the logical block.   Swap: the block on its device.
  [[nodiscard]] constexpr std::uint64_t block() const { return raw_ >> kBlockShift; }
  [[nodiscard]] constexpr unsigned device() const { return raw_ >> kDeviceShift & DiskBlock::kMaxDevice; }

  // REQUIRES: on_swap()
  [[nodiscard]] constexpr DiskBlock swap_block() const { return DiskBlock::swap(device(), block()); }
  // The identity that a frame with these contents would have; none unless the kind is File or Swap.
  [[nodiscard]] constexpr DiskBlock identity(ProgramId program) const {
    return on_swap() ? swap_block() : kind() == DbdKind::File ? DiskBlock::file(program, block()) : DiskBlock{};
  }

  // The stealer's examinations since the last reference.
  [[nodiscard]] constexpr unsigned age() const { return raw_ >> kAgeShift & kMaxAge; }
  constexpr void set_age(unsigned age) {
    raw_ = (raw_ & ~(std::uint64_t{kMaxAge} << kAgeShift)) | std::uint64_t{age} << kAgeShift;
  }

  // True from the choice for stealing to the writing.
  [[nodiscard]] constexpr bool on_out_list() const { return (raw_ & kOutList) != 0; }
  constexpr void set_on_out_list(bool on) { raw_ = on ? raw_ | kOutList : raw_ & ~kOutList; }

  // Takes the kind, device and block of another; age and out-list stay.
  constexpr void set_disk(Dbd disk) { raw_ = (raw_ & kKept) | (disk.raw_ & ~kKept); }
  // The same kind, device and block.
  [[nodiscard]] constexpr bool same_disk(Dbd other) const { return ((raw_ ^ other.raw_) & ~kKept) == 0; }

  friend constexpr bool operator==(Dbd, Dbd) = default;

 private:
  static constexpr std::uint64_t kKindMask = 7;
  static constexpr std::uint64_t kOutList = 1u << 3;
  static constexpr unsigned kAgeShift = 4;
  static constexpr unsigned kDeviceShift = 20;
  static constexpr unsigned kBlockShift = 28;
  static constexpr std::uint64_t kKept = std::uint64_t{kMaxAge} << kAgeShift | kOutList;

  constexpr explicit Dbd(std::uint64_t raw) : raw_(raw) {}

  std::uint64_t raw_ = 0;
};
static_assert(sizeof(Dbd) == 8);

// The order of working sets (Bach 9.2, figure 9.12): 0 for a page that was referenced since the stealer's last
// examination, else one more than its age.
[[nodiscard]] constexpr unsigned unreferenced_for(bool referenced, unsigned age) { return referenced ? 0 : 1 + age; }

}  // namespace bachsim
