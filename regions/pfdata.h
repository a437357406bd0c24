// The page frame data table: one entry for every pageable frame of physical memory (Bach 9.2.1).
//
// Rules (docs/model.md, "Identities"; checked by audit()):
//   4  a frame is on the free list exactly when its count is 0 and it is not reserved
//   5  a frame is on a hash queue exactly when it has an identity; no two frames have the same one
// Rule 1, that a count is the number of valid PTEs that map the frame, needs the regions: see audit.h.
//
// At boot the free list holds every frame, ascending. Those from fresh_ on were never used: they have no links yet, and
// cost the host nothing. They are the head of the list, or follow fresh_after_ once a preset has put frames first.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/machine/check.h"
#include "sim/machine/counters.h"
#include "sim/machine/host_block.h"
#include "sim/machine/phys_mem.h"
#include "swap/disk_block.h"

namespace bachsim {

using Frame = Id<struct FrameTag, std::uint32_t>;  // index into the table; frame 0 is the first page of memory

constexpr Ppn ppn_of(Frame frame) { return Ppn{PhysMem::first().value + frame.value}; }
constexpr Frame frame_of(Ppn ppn) { return Frame{static_cast<std::uint32_t>(ppn.value - PhysMem::first().value)}; }

#define BACHSIM_FRAME_COUNTERS(X) X(allocated) X(freed)
BACHSIM_COUNTER_GROUP(FrameCounters, BACHSIM_FRAME_COUNTERS)

// The book's entry has a count and links of the free list too. These are in arrays of their own: a fork touches counts
// alone, and an exit counts and links.
struct Pfdata {
  DiskBlock identity;       // the block whose bytes the frame holds
  std::uint32_t hash_next;  // hash queue, while there is an identity
  std::uint32_t out_list_position;
};

class PfdataTable {
 public:
  static constexpr std::uint64_t kMaxFrames = std::uint64_t{1} << 30;

  // The first `reserved` frames are the kernel's. `budget` must outlive the table.
  // REQUIRES: reserved < frames <= kMaxFrames
  PfdataTable(std::uint64_t frames, std::uint64_t reserved, HostShare& budget);
  PfdataTable(const PfdataTable&) = delete;
  PfdataTable& operator=(const PfdataTable&) = delete;
  ~PfdataTable();

  struct Grant {
    Frame frame;
    bool zeroed;  // never handed out before: all its bytes are 0
  };

  // Hands out the head of the free list: its count becomes 1, and it loses its identity. Empty if no frame is free.
  [[nodiscard]] std::optional<Grant> alloc();

  // Takes back a frame that no page has mapped yet.
  void give_back(Frame frame) { unref(frame); }

  // Hands out a frame of the caller's choice, wherever it is on the free list.   REQUIRES: is_free(frame)
  Grant take(Frame frame);

  // A free frame goes to the head of the free list.   REQUIRES: is_free(frame)
  void put_first(Frame frame);

  // Gives every frame up to this one its links and entry.   REQUIRES: frame < total()
  void reach(Frame frame);

  // The frame that holds a block, if one does.
  [[nodiscard]] std::optional<Frame> find(DiskBlock block) const;

  // REQUIRES: the frame has no identity and is below fresh(); find(block) is empty; block is not none
  void set_identity(Frame frame, DiskBlock block);
  // Does nothing to a frame without one. The free list stays as it is.
  void drop_identity(Frame frame);
  [[nodiscard]] DiskBlock identity(Frame frame) const { return entries_[frame.value].identity; }

  // Its position on an out-list of the page stealer, from 1 on; 0: none.
  [[nodiscard]] std::uint32_t out_list_position(Frame frame) const { return entries_[frame.value].out_list_position; }
  void set_out_list_position(Frame frame, std::uint32_t position) {
    entries_[frame.value].out_list_position = position;
  }

  [[nodiscard]] std::uint32_t refs(Frame frame) const { return refs_[frame.value]; }
  [[nodiscard]] bool is_free(Frame frame) const { return frame.value >= reserved_ && refs(frame) == 0; }

  [[nodiscard]] std::uint32_t total() const { return total_; }
  [[nodiscard]] std::uint32_t reserved() const { return reserved_; }
  [[nodiscard]] std::uint32_t used() const { return used_; }
  [[nodiscard]] std::uint32_t free() const { return total_ - reserved_ - used_; }
  [[nodiscard]] std::uint32_t peak() const { return peak_; }

  // Frames with a count above 1.
  [[nodiscard]] std::uint32_t shared() const { return shared_; }

  // No frame from here on was ever handed out or given an identity.
  [[nodiscard]] Frame fresh() const { return Frame{fresh_}; }

  // The head of the free list.
  [[nodiscard]] std::optional<Frame> first_free() const {
    if (fresh_ < total_ && fresh_after_ == kNil) return fresh();
    return head_ == kNil ? std::nullopt : std::optional(Frame{head_ - 1});
  }

  // Calls visit(first, last) for the free list from its head. Frames that were never handed out are one call.
  template <class Visit>
  void for_each_free(Visit&& visit) const {
    const auto visit_fresh = [&] {
      if (fresh_ < total_) visit(Frame{fresh_}, Frame{total_ - 1});
    };
    if (fresh_after_ == kNil) visit_fresh();
    for (std::uint32_t link = head_; link != kNil; link = links_[link - 1].next) {
      visit(Frame{link - 1}, Frame{link - 1});
      if (link == fresh_after_) visit_fresh();
    }
  }

  [[nodiscard]] const FrameCounters& counters() const { return counters_; }
  void set_counters(const FrameCounters& counters) { counters_ = counters; }

  void audit(Violations& out) const;

 private:
  friend struct PfdataTestPeer;  // tests break a rule on purpose to see audit() notice
  friend class Page;             // changes counts with the PTEs that they count

  // One more valid PTE maps the frame.   REQUIRES: refs(frame) > 0
  void ref(Frame frame) {
    shared_ += refs_[frame.value] == 1 ? 1u : 0u;
    ++refs_[frame.value];
  }

  // One valid PTE fewer. The last one puts the frame at the tail of the free list.   REQUIRES: refs(frame) > 0
  void unref(Frame frame) {
    KASSERT(refs_[frame.value] > 0);
    const std::uint32_t left = --refs_[frame.value];
    shared_ -= left == 1 ? 1u : 0u;
    if (left == 0) release(frame);
  }

  // The same for a frame with an identity, which may be free.
  void rescue(Frame frame);

  // Links are frame number + 1, so that memory never touched reads as "no link".
  static constexpr std::uint32_t kNil = 0;

  struct Links {
    std::uint32_t next;
    std::uint32_t prev;
  };

  Frame commit_next();
  void release(Frame frame);
  Grant hand_out(Grant grant);
  void insert_after(std::uint32_t before, Frame frame);
  void unlink(Frame frame);
  void audit_free_list(Violations& out) const;
  void audit_queues(Violations& out) const;
  // Fibonacci hashing: neighbouring blocks go to queues far apart.
  [[nodiscard]] std::uint64_t queue(DiskBlock block) const {
    return (block.raw() * 0x9e37'79b9'7f4a'7c15u >> 32) & queue_mask_;
  }

  std::uint32_t total_;
  std::uint32_t reserved_;
  std::uint32_t fresh_;
  std::uint32_t used_ = 0;
  std::uint32_t peak_ = 0;
  std::uint32_t shared_ = 0;
  std::uint32_t hashed_ = 0;  // frames with an identity
  std::uint32_t head_ = kNil;
  std::uint32_t tail_ = kNil;
  std::uint32_t fresh_after_ = kNil;  // the link behind which the fresh frames stand; kNil: they are the head
  HostShare* budget_;
  LazyArray<std::uint32_t> refs_;
  LazyArray<Links> links_;  // of the free list, while the count is 0
  LazyArray<Pfdata> entries_;
  LazyArray<std::uint32_t> queues_;  // heads of the hash queues
  std::uint64_t queue_mask_;
  std::uint64_t queue_bytes_;  // of the hash queues, not committed yet
  FrameCounters counters_;
};

}  // namespace bachsim
