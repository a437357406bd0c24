#include "regions/frame_queue.h"

namespace bachsim {

void FrameQueue::to_end(Frame frame) {
  if (frame.value >= links_.size()) {
    budget_.commit(2 * sizeof(Links) * (frame.value + 1 - links_.size()));  // the list grows by doubling
    links_.resize(frame.value + 1);
  }
  const std::uint32_t link = frame.value + 1;
  if (links_[frame.value].linked) unlink(link);
  links_[frame.value] = {.before = tail_, .after = 0, .linked = true};
  (tail_ == 0 ? head_ : links_[tail_ - 1].after) = link;
  tail_ = link;
}

void FrameQueue::unlink(std::uint32_t link) {
  const Links here = links_[link - 1];
  if (at_ == link) at_ = here.before;
  (here.before == 0 ? head_ : links_[here.before - 1].after) = here.after;
  (here.after == 0 ? tail_ : links_[here.after - 1].before) = here.before;
  links_[link - 1].linked = false;
}

std::optional<Frame> FrameQueue::first(Residents& frames) {
  for (std::uint32_t link = after(at_); link != 0;) {
    const Frame frame{link - 1};
    const std::uint32_t next = after(link);
    if (frames.is_free(frame)) {
      unlink(link);
    } else if (frames.can_leave(frame)) {
      at_ = link;
      return frame;
    }
    link = next;
  }
  return std::nullopt;
}

}  // namespace bachsim
