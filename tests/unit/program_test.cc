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
  const auto logical = GENERATE(as<std::uint64_t>{}, 0, 1, 7, DiskBlock::kMaxLogical);
  std::array<std::byte, kPageSize> page{};
  read_file_block(logical, page.data());
  CHECK(cell(page, 0) == logical * kPageSize);
  CHECK(cell(page, 1) == logical * kPageSize + 8);
  CHECK(cell(page, 511) == logical * kPageSize + 4088);
}

TEST_CASE("logical blocks are shown as the disk blocks that a program lists") {
  using Blocks = std::vector<std::uint64_t>;
  auto [listed, logical, block] = GENERATE(table<Blocks, std::uint64_t, std::uint64_t>({
      {{}, 0, 0},
      {{}, 5, 5},
      {{40, 17}, 0, 40},
      {{40, 17}, 1, 17},
      {{40, 17}, 2, 18},  // behind the listed ones: on from the last
      {{40, 17}, 10, 26},
      {{100}, 3, 103},
  }));
  Program program;
  program.file_blocks = listed;
  CHECK(program.disk_block(logical) == block);
}

}  // namespace
}  // namespace bachsim
