// stealer=clock: a hand goes round the frames, and passes over each that was referenced since it came by last. Those
// lose their referenced bit: a second chance.
#include "regions/residents.h"

namespace bachsim {
namespace {

class Clock : public Replacement {
 public:
  // In two rounds the hand has come back to every frame whose bit it has cleared.
  std::optional<Frame> choose(Residents& frames) override {
    const std::uint64_t count = frames.end().value - frames.first().value;
    for (std::uint64_t i = 0; i < 2 * count; ++i) {
      if (hand_ < frames.first() || hand_ >= frames.end()) hand_ = frames.first();
      const Frame frame = hand_;
      hand_ = Frame{frame.value + 1};
      if (!frames.can_leave(frame)) continue;
      if (!frames.referenced(frame)) return frame;
      frames.unreference(frame);
    }
    return std::nullopt;
  }

 private:
  Frame hand_;  // the frame to be looked at next
};

}  // namespace

std::unique_ptr<Replacement> replace_by_clock() { return std::make_unique<Clock>(); }

}  // namespace bachsim
