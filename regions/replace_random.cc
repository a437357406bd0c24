// stealer=random: any frame, each as likely as the others, drawn by the run's --seed.
#include "regions/random.h"
#include "regions/residents.h"

namespace bachsim {
namespace {

class ByChance : public Replacement {
 public:
  explicit ByChance(std::uint64_t seed) : random_(seed, "stealer") {}

  void begin(Residents& /*frames*/) override { gathered_ = false; }

  // Where most frames can leave, a few draws find one. Else those that can are gathered first.
  std::optional<Frame> choose(Residents& frames) override {
    constexpr int kDraws = 16;
    const std::uint32_t first = frames.first().value;
    const std::uint32_t count = frames.end().value - first;
    for (int i = 0; i < kDraws && !gathered_ && count > 0; ++i) {
      const Frame frame{first + static_cast<std::uint32_t>(random_.below(count))};
      if (frames.can_leave(frame)) return frame;
    }
    if (!gathered_) gather(frames);
    while (!left_.empty()) {
      std::swap(left_[random_.below(left_.size())], left_.back());
      const Frame frame = left_.back();
      left_.pop_back();
      if (frames.can_leave(frame)) return frame;
    }
    return std::nullopt;
  }

 private:
  void gather(Residents& frames) {
    gathered_ = true;
    left_.clear();
    for (Frame frame = frames.first(); frame < frames.end(); frame = Frame{frame.value + 1}) {
      if (frames.can_leave(frame)) left_.push_back(frame);
    }
  }

  Random random_;
  bool gathered_ = false;
  std::vector<Frame> left_;
};

}  // namespace

std::unique_ptr<Replacement> replace_by_random(std::uint64_t seed) { return std::make_unique<ByChance>(seed); }

}  // namespace bachsim
