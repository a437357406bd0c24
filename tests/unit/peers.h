// The friends that tables declare for their tests: doors to what a test breaks on purpose to see an
// audit notice.
#pragma once

#include <cstdint>
#include <variant>

#include "regions/page.h"
#include "regions/pfdata.h"
#include "sim/kernel/kernel.h"
#include "sim/machine/hart.h"
#include "swap/extent_map.h"
#include "swap/swap.h"
#include "swap/swap_bit_map.h"

namespace bachsim {

struct SwapMapTestPeer {
  // The map has these free extents: first block, blocks.
  static void plant(ExtentMap& map, const std::vector<std::pair<std::uint64_t, std::uint64_t>>& extents) {
    map.extents_.clear();
    for (const auto& [first, blocks] : extents) map.extents_.insert({first, blocks});
  }
  static std::uint64_t& free(SwapMap& map) { return map.free_; }
  static void forget_hint(ExtentMap& map) { map.no_fit_ = {}; }
};

struct SwapBitMapTestPeer {
  static std::uint64_t& word(SwapBitMap& map, std::uint64_t index) { return map.words_[index]; }
  static std::uint64_t& free(SwapBitMap& map) { return map.free_; }
};

struct SwapTestPeer {
  // `device` counts from 1.
  static ExtentMap& map(Swap& swap, unsigned device) {
    return dynamic_cast<ExtentMap&>(*swap.devices_[device - 1].map);
  }
  // As if the device's last block had been allocated once.
  static void use_up(Swap& swap, unsigned device) { swap.devices_[device - 1].use.reach(swap.map(device).blocks()); }
};

struct PfdataTestPeer {
  static std::uint32_t& refs(PfdataTable& table, Frame frame) { return table.refs_[frame.value]; }
  static DiskBlock& identity(PfdataTable& table, Frame frame) { return table.entries_[frame.value].identity; }
  static void ref(PfdataTable& table, Frame frame) { table.ref(frame); }
  static void unref(PfdataTable& table, Frame frame) { table.unref(frame); }
  static void rescue(PfdataTable& table, Frame frame) { table.rescue(frame); }
  // A link is a frame number + 1.
  static std::uint32_t& next(PfdataTable& table, Frame frame) { return table.links_[frame.value].next; }
  static std::uint32_t& hash_next(PfdataTable& table, Frame frame) { return table.entries_[frame.value].hash_next; }
  static std::uint32_t& head(PfdataTable& table) { return table.head_; }
  static std::uint32_t& used(PfdataTable& table) { return table.used_; }
  static std::uint32_t& fresh_after(PfdataTable& table) { return table.fresh_after_; }
  static std::uint32_t& queue(PfdataTable& table, DiskBlock block) { return table.queues_[table.queue(block)]; }
};

// What only Page may change.
struct PageTestPeer {
  static Pte& pte(const Page& page) { return *page.pte_; }
  static Dbd& dbd(const Page& page) { return *page.dbd_; }
};

struct RegionTestPeer {
  static std::uint32_t& refs(Region& region) { return region.refs_; }
  static std::uint32_t& valid(Region& region) { return region.valid_; }
};

struct TableFramesTestPeer {
  static Dbd* dbds(TableFrames& tables, Ppn table) { return tables.dbds(table); }
};

struct KernelTestPeer {
  static Vm& vm(Kernel& kernel) { return kernel.vm_; }
  static Process& process(Kernel& kernel, ProcSlot slot) { return kernel.at(slot); }
};

struct ProcessTableTestPeer {
  static Pid& next_pid(ProcessTable& table) { return table.next_pid_; }
};

struct HartTestPeer {
  static Tlb& tlb(Hart& hart) { return hart.tlb_; }
  static WalkCache& walks(Hart& hart) { return hart.walks_; }
};

}  // namespace bachsim
