#include "swap/program.h"

#include <cstring>

namespace bachsim {

std::uint64_t Program::disk_block(std::uint64_t logical) const {
  if (file_blocks.empty())
    return logical;
  if (logical < file_blocks.size())
    return file_blocks[logical];
  return file_blocks.back() + (logical - (file_blocks.size() - 1));
}

void read_file_block(std::uint64_t logical, std::byte* page) {
  for (std::uint64_t cell = 0; cell < kPageSize; cell += 8) {
    const std::uint64_t offset = logical * kPageSize + cell;
    std::memcpy(page + cell, &offset, sizeof offset);
  }
}

}  // namespace bachsim
