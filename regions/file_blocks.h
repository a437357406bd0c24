// Files whose disk blocks are not as large as pages (block=; exercise 9.11).
//
//   smaller   a page is several blocks, and a transfer takes those that stand one behind the other on the disk
//   larger    a block has several pages, and whoever reads one of them reads all
//
// A file that is `unaligned` begins its pages in the middle of blocks.
#pragma once

#include "regions/vm.h"

namespace bachsim {

// Counts what the read of a page from its file takes.   REQUIRES: block= is set; dbd.in_file()
void count_file_read(Vm& vm, const Program& program, Dbd dbd);

// A page of a `file` dbd was read. Where its block is larger the other pages of the block come in too, if they are
// pages of the region that are in no frame: at most `room` of them, and as long as frames are free. REQUIRES: block= is
// set
void read_rest_of_block(Vm& vm, PageId read, std::uint64_t logical, std::uint64_t room);

}  // namespace bachsim
