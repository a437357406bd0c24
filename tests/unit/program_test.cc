#include "swap/program.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>

#include "sim/machine/types.h"

namespace bachsim {
namespace {

std::uint64_t cell(const std::array<std::byte, kPageSize>& page, std::size_t index) {
  std::uint64_t value = 0;
  std::memcpy(&value, page.data() + 8 * index, sizeof value);
  return value;
}

TEST_CASE("every cell of a file holds its own byte offset") {
  const std::uint64_t blocks[] = {0, 1, 7, DiskBlock::kMaxLogical};
  for (const std::uint64_t logical : blocks) {
    CAPTURE(logical);
    std::array<std::byte, kPageSize> page{};
    read_file_block(logical, page.data());
    CHECK(cell(page, 0) == logical * kPageSize);
    CHECK(cell(page, 1) == logical * kPageSize + 8);
    CHECK(cell(page, 511) == logical * kPageSize + 4088);
  }
}

TEST_CASE("logical blocks are shown as the disk blocks that a program lists") {
  const struct {
    std::vector<std::uint64_t> listed;
    std::uint64_t logical;
    std::uint64_t block;
  } cases[] = {
      {{}, 0, 0},
      {{}, 5, 5},
      {{40, 17}, 0, 40},
      {{40, 17}, 1, 17},
      // Behind the listed ones: on from the last.
      {{40, 17}, 2, 18},
      {{40, 17}, 10, 26},
      {{100}, 3, 103},
  };
  for (const auto& [listed, logical, block] : cases) {
    CAPTURE(listed, logical);
    Program program;
    program.file_blocks = listed;
    CHECK(program.disk_block(logical) == block);
  }
}

}  // namespace
}  // namespace bachsim
