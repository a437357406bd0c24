#include "swap/disk_block.h"

#include <catch2/catch.hpp>

namespace bachsim {
namespace {

TEST_CASE("a disk block that was not made is none") {
  constexpr DiskBlock kNone;
  CHECK(kNone.none());
  CHECK_FALSE(kNone.on_swap());
  CHECK_FALSE(kNone.in_file());
}

TEST_CASE("a swap block is its device and its block") {
  const struct {
    unsigned device;
    std::uint64_t block;
  } cases[] = {{1, 1}, {2, 1}, {DiskBlock::kMaxDevice, DiskBlock::kMaxBlock}};
  for (const auto& [device, block] : cases) {
    CAPTURE(device, block);
    const DiskBlock swap = DiskBlock::swap(device, block);
    CHECK(swap.on_swap());
    CHECK_FALSE(swap.in_file());
    CHECK_FALSE(swap.none());
    CHECK(swap.device() == device);
    CHECK(swap.block() == block);
  }
}

TEST_CASE("a block of a file is its program and its logical block, on device 0") {
  const struct {
    std::uint32_t program;
    std::uint64_t logical;
  } cases[] = {{0, 0}, {0, 5}, {7, 0}, {DiskBlock::kMaxProgram, DiskBlock::kMaxLogical}};
  for (const auto& [program, logical] : cases) {
    CAPTURE(program, logical);
    const DiskBlock file = DiskBlock::file(ProgramId{program}, logical);
    CHECK(file.in_file());
    CHECK_FALSE(file.on_swap());
    CHECK_FALSE(file.none());
    CHECK(file.device() == 0);
    CHECK(file.program() == ProgramId{program});
    CHECK(file.logical() == logical);
  }
}

TEST_CASE("no two places on disk are the same block") {
  const DiskBlock places[] = {{},
                              DiskBlock::file(ProgramId{0}, 0),
                              DiskBlock::file(ProgramId{0}, 1),
                              DiskBlock::file(ProgramId{1}, 0),
                              DiskBlock::swap(1, 1),
                              DiskBlock::swap(1, 2),
                              DiskBlock::swap(2, 1)};
  for (const DiskBlock& one : places) {
    for (const DiskBlock& other : places) CHECK((one == other) == (&one == &other));
  }
}

}  // namespace
}  // namespace bachsim
