// Frames in an order that changes at one end: the order of fifo and of lru.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "regions/residents.h"

namespace bachsim {

class FrameQueue {
 public:
  // `budget` must outlive it.
  explicit FrameQueue(HostShare& budget) : budget_(budget) {}

  // The frame is the last one from now on.
  void to_end(Frame frame);

  // The stealer begins to work: first() looks from the beginning.
  void begin() { at_ = 0; }
  // The first frame that can leave behind those that it has named before. Free ones drop out of the queue on the way.
  [[nodiscard]] std::optional<Frame> first(Residents& frames);

 private:
  // Frame number + 1; 0: none.
  struct Links {
    std::uint32_t before = 0;
    std::uint32_t after = 0;
    bool linked = false;
  };

  void unlink(std::uint32_t link);
  [[nodiscard]] std::uint32_t after(std::uint32_t link) const { return link == 0 ? head_ : links_[link - 1].after; }

  HostShare& budget_;
  std::vector<Links> links_;  // [Frame]
  std::uint32_t head_ = 0;
  std::uint32_t tail_ = 0;
  std::uint32_t at_ = 0;  // the frame that first() has named last, or the one before it
};

}  // namespace bachsim
