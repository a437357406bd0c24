// The executable files that exec loads from: their sections, and what their blocks hold.
//
// A file has its text blocks first, then its data blocks, one page each. Every 8-byte cell of a file holds its own
// byte offset in it, so that a page tells where it came from.
#pragma once

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "swap/disk_block.h"

namespace bachsim {

// The addresses at which sections begin in reports, where they are shown instead of the real ones.
struct SectionStarts {
  std::uint64_t text = 0;
  std::uint64_t data = 0;
  std::uint64_t stack = 0;
};

struct Program {
  std::string name{};
  std::uint64_t text = 0;  // sections in pages
  std::uint64_t data = 0;
  std::uint64_t bss = 0;
  std::uint64_t stack = 1;
  bool unaligned = false;                      // its blocks are not pages: read through the faulting page (demand fill)
  bool sticky = false;                         // its text region survives its last user
  std::optional<ProgramId> file{};             // the program whose file it runs, where that is not its own
  std::optional<std::uint32_t> working_set{};  // of its processes, in place of the machine's
  std::vector<std::uint64_t> file_blocks{};    // `file=`: see disk_block()
  std::optional<SectionStarts> starts{};       // `text=32K@0`: of interest to scripts and reports only

  // Blocks of the file.
  [[nodiscard]] std::uint64_t blocks() const { return text + data; }

  // The disk block of a logical block, as shown to people. `file=` lists the first ones; consecutive ones follow.
  // Without `file=` they start at block 0.
  [[nodiscard]] std::uint64_t disk_block(std::uint64_t logical) const {
    if (logical < file_blocks.size()) return file_blocks[logical];
    return file_blocks.empty() ? logical : file_blocks.back() + (logical - (file_blocks.size() - 1));
  }
};

// Fills a page with what every program's file has at a logical block.
inline void read_file_block(std::uint64_t logical, std::byte* page) {
  for (std::uint64_t cell = 0; cell < kPageSize; cell += 8) {
    const std::uint64_t offset = logical * kPageSize + cell;
    std::memcpy(page + cell, &offset, sizeof offset);
  }
}

}  // namespace bachsim
