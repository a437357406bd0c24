// A process's address space: its pregions, and the tables above the leaf tables that reach them from satp.
//
// A middle table stands for one GiB, and is there while a leaf table is linked into it. Between the root and the middle
// tables Sv48 has one table more and Sv57 two, while there is a middle table.
#pragma once

#include <array>
#include <span>

#include "regions/layout.h"
#include "regions/pregion.h"

namespace bachsim {

struct Middle {
  std::uint64_t gib;  // which one it stands for
  Ppn table;
  std::uint32_t links;  // leaf tables linked into it
};

// Leaf tables by their addresses: those from first * kLeafSpan on.
struct LeafRange {
  std::uint64_t first;
  std::uint64_t count;
};

// Its lists have room for a small process in the entry itself: a list elsewhere costs one more cache miss.
struct AddressSpace {
  Ppn root;
  boost::container::small_vector<Middle, 2> middles;    // ascending
  std::array<Ppn, 2> extra;                             // between root and middles, from the root downwards
  boost::container::small_vector<Pregion, 3> pregions;  // text, data, stack, then shared memory as attached
  std::vector<LeafRange> shm;                           // the shared memory, ascending
  std::uint64_t brk = 0;                                // the break: bytes from the start of data, in pages of `page=`
  std::uint32_t working_set = 0;                        // pages of data and stack in memory; 0: as many as there are
  std::uint16_t asid = 0;
  std::uint64_t asid_generation = 0;  // of AsidTable; 0: none yet
};

// Addresses of the leaf tables [begin, end) of a region attached at `anchor`.   REQUIRES: begin <= end
[[nodiscard]] LeafRange leaf_range(RegionType type, VirtAddr anchor, std::uint64_t begin, std::uint64_t end);

// Tables between the root and the middle ones.
constexpr unsigned extra_levels(PagingMode mode) { return static_cast<unsigned>(levels(mode)) - 3; }

// How many tables more a space with these middle tables needs, before leaf tables can be linked at these addresses.
// REQUIRES: ranges ascending and disjoint
[[nodiscard]] std::uint64_t missing_tables(PagingMode mode, std::span<const Middle> middles,
                                           std::span<const LeafRange> ranges);

// Tables that the space has above its leaf tables, the root included.
[[nodiscard]] std::uint64_t upper_tables(PagingMode mode, const AddressSpace& space);

// The table whose entries stand for GiBs: the root under Sv39, the last extra one else.
[[nodiscard]] Ppn gib_table(const Vm& vm, const AddressSpace& space);

// Gives an empty space its root.   REQUIRES: the table frame is promised
void open_space(Vm& vm, AddressSpace& space);

// Takes the root back.   REQUIRES: no pregions, and no leaf table is linked
void close_space(Vm& vm, AddressSpace& space);

// Links a region's leaf tables [begin, end) into the space, making the tables above that are missing.
// REQUIRES: the tables are promised; nothing is linked at these addresses
void link(Vm& vm, AddressSpace& space, const Pregion& pregion, std::uint64_t begin, std::uint64_t end);

// Unlinks leaf tables, frees the tables above that this empties, and flushes the space from the TLB.
void unlink(Vm& vm, AddressSpace& space, const Pregion& pregion, std::uint64_t begin, std::uint64_t end);

// satp while a process of this space runs. A space without an ASID of this generation gets one.
[[nodiscard]] Satp satp_of(Vm& vm, AddressSpace& space);

// sfence.vma for the whole space, and for one address of it. Without a current ASID there is nothing to flush.
void flush_space(Vm& vm, const AddressSpace& space);
void flush_page(Vm& vm, const AddressSpace& space, VirtAddr va);

}  // namespace bachsim
