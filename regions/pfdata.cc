#include "regions/pfdata.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace bachsim {

PfdataTable::PfdataTable(std::uint64_t frames, std::uint64_t reserved, HostShare& budget)
    : total_(static_cast<std::uint32_t>(frames)),
      reserved_(static_cast<std::uint32_t>(reserved)),
      fresh_(static_cast<std::uint32_t>(reserved)),
      budget_(&budget),
      refs_(frames, backing_for(frames), budget.spare()),
      links_(frames, backing_for(frames), budget.spare()),
      entries_(frames, backing_for(frames), budget.spare()),
      queues_(std::bit_floor(frames), Backing::Small, budget.spare()),
      queue_mask_(queues_.size() - 1),
      queue_bytes_(queues_.size() * sizeof(std::uint32_t)) {
  KASSERT(frames <= kMaxFrames);
  KASSERT(reserved < frames);
}

PfdataTable::~PfdataTable() {
  refs_.written(fresh_);
  links_.written(fresh_);
  entries_.written(fresh_);
  queues_.written(queues_.size());
}

std::optional<PfdataTable::Grant> PfdataTable::alloc() {
  if (fresh_ < total_ && fresh_after_ == kNil) {
    return hand_out({.frame = commit_next(), .zeroed = true});
  }
  if (head_ == kNil) return std::nullopt;
  return take(Frame{head_ - 1});
}

// The next fresh frame, with its entry and the page of hash queues that its identity may be the first to touch.
Frame PfdataTable::commit_next() {
  const std::uint64_t queue_bytes = std::min(queue_bytes_, kPageSize);
  budget_->commit(kPageSize + sizeof(std::uint32_t) + sizeof(Links) + sizeof(Pfdata) + queue_bytes);
  queue_bytes_ -= queue_bytes;
  return Frame{fresh_++};
}

PfdataTable::Grant PfdataTable::take(Frame frame) {
  reach(frame);
  KASSERT(is_free(frame));
  unlink(frame);
  drop_identity(frame);
  return hand_out({.frame = frame, .zeroed = false});
}

PfdataTable::Grant PfdataTable::hand_out(Grant grant) {
  refs_[grant.frame.value] = 1;
  ++used_;
  peak_ = std::max(peak_, used_);
  ++counters_.allocated;
  return grant;
}

// The frame goes behind the tail, as insert_after(tail_, frame) does, but without asking what comes behind.
void PfdataTable::release(Frame frame) {
  const std::uint32_t link = frame.value + 1;
  links_[frame.value] = {.next = kNil, .prev = tail_};
  (tail_ == kNil ? head_ : links_[tail_ - 1].next) = link;
  tail_ = link;
  --used_;
  ++counters_.freed;
}

void PfdataTable::rescue(Frame frame) {
  KASSERT(!identity(frame).none());
  if (refs_[frame.value] == 0) {
    unlink(frame);
    ++used_;
    peak_ = std::max(peak_, used_);
  }
  ref(frame);
}

void PfdataTable::put_first(Frame frame) {
  reach(frame);
  KASSERT(is_free(frame));
  unlink(frame);
  insert_after(kNil, frame);
  if (fresh_after_ == kNil) fresh_after_ = frame.value + 1;
}

void PfdataTable::reach(Frame frame) {
  KASSERT(frame.value < total_);
  while (fresh_ <= frame.value) {
    const Frame next = commit_next();
    insert_after(fresh_after_, next);
    fresh_after_ = next.value + 1;
  }
}

// `before` is a link; kNil: to the head.
void PfdataTable::insert_after(std::uint32_t before, Frame frame) {
  const std::uint32_t link = frame.value + 1;
  const std::uint32_t after = before == kNil ? head_ : links_[before - 1].next;
  links_[frame.value] = {.next = after, .prev = before};
  (before == kNil ? head_ : links_[before - 1].next) = link;
  (after == kNil ? tail_ : links_[after - 1].prev) = link;
}

void PfdataTable::unlink(Frame frame) {
  const Links& entry = links_[frame.value];
  if (fresh_after_ == frame.value + 1) fresh_after_ = entry.prev;
  (entry.prev == kNil ? head_ : links_[entry.prev - 1].next) = entry.next;
  (entry.next == kNil ? tail_ : links_[entry.next - 1].prev) = entry.prev;
}

std::optional<Frame> PfdataTable::find(DiskBlock block) const {
  std::uint32_t link = queues_[queue(block)];
  while (link != kNil && entries_[link - 1].identity != block) link = entries_[link - 1].hash_next;
  if (link == kNil) return std::nullopt;
  return Frame{link - 1};
}

void PfdataTable::set_identity(Frame frame, DiskBlock block) {
  KASSERT(!block.none());
  KASSERT(identity(frame).none());
  std::uint32_t& head = queues_[queue(block)];
  entries_[frame.value].identity = block;
  entries_[frame.value].hash_next = head;
  head = frame.value + 1;
  ++hashed_;
}

void PfdataTable::drop_identity(Frame frame) {
  Pfdata& entry = entries_[frame.value];
  if (entry.identity.none()) return;
  std::uint32_t* link = &queues_[queue(entry.identity)];
  while (*link != frame.value + 1) {
    KASSERT(*link != kNil);
    link = &entries_[*link - 1].hash_next;
  }
  *link = entry.hash_next;
  entry.identity = {};
  --hashed_;
}

void PfdataTable::audit(Violations& out) const {
  audit_free_list(out);
  audit_queues(out);
}

void PfdataTable::audit_free_list(Violations& out) const {
  std::vector<bool> listed(fresh_, false);
  std::uint32_t length = 0;
  for (std::uint32_t link = head_; link != kNil; link = links_[link - 1].next) {
    const std::uint32_t f = link - 1;
    const bool may_be = f >= reserved_ && f < fresh_;
    if (!may_be || listed[f]) {
      out.push_back(
          {4, fmt::format("frame {}: {}", f,
                          may_be ? "twice on the free list" : "on the free list, which it must never enter")});
      break;
    }
    listed[f] = true;
    ++length;
  }
  if (fresh_ < total_ && fresh_after_ != kNil && (fresh_after_ > fresh_ || !listed[fresh_after_ - 1]))
    out.push_back(
        {4, fmt::format("the fresh frames stand behind frame {}, which is not on the free list", fresh_after_ - 1)});
  std::uint32_t shared = 0;
  for (std::uint32_t f = reserved_; f < fresh_; ++f) {
    shared += refs_[f] > 1 ? 1u : 0u;
    if (listed[f] && refs_[f] != 0)
      out.push_back({4, fmt::format("frame {}: count {}, on the free list", f, refs_[f])});
    if (!listed[f] && refs_[f] == 0) out.push_back({4, fmt::format("frame {}: count 0, not on the free list", f)});
  }
  if (shared != shared_) out.push_back({1, fmt::format("{} frames have a count above 1, counted {}", shared, shared_)});
  if (length + (total_ - fresh_) != free())
    out.push_back({4, fmt::format("free list: {} frames, counted {}", length + (total_ - fresh_), free())});
}

// A large machine has more queues than can be looked at, so each is walked from its head, if the head has an identity.
// The count tells of frames that are on others.
void PfdataTable::audit_queues(Violations& out) const {
  std::uint32_t hashed = 0;
  std::uint32_t identities = 0;
  for (std::uint32_t f = 0; f < fresh_; ++f) {
    if (entries_[f].identity.none()) continue;
    ++identities;
    const std::uint64_t q = queue(entries_[f].identity);
    if (queues_[q] != f + 1) continue;
    for (std::uint32_t link = f + 1; link != kNil; link = entries_[link - 1].hash_next) {
      const Frame frame{link - 1};
      if (++hashed > total_) {
        out.push_back({5, fmt::format("hash queue {}: runs in a circle", q)});
        return;
      }
      if (identity(frame).none())
        out.push_back({5, fmt::format("frame {}: on hash queue {} without an identity", frame.value, q)});
      else if (find(identity(frame)) != frame)
        out.push_back({5, fmt::format("frame {}: another frame has its identity, or its queue is wrong", frame.value)});
    }
  }
  if (identities != hashed)
    out.push_back({5, fmt::format("hash queues hold {} frames, {} frames have an identity", hashed, identities)});
  if (identities != hashed_)
    out.push_back({5, fmt::format("{} frames have an identity, counted {}", identities, hashed_)});
}

}  // namespace bachsim
