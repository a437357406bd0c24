// stealer=nru, not recently used: a frame of the lowest class that there is. Within a class, the first one behind the
// frame chosen last.
//
//   0  neither referenced nor modified        2  referenced, not modified
//   1  modified, not referenced               3  referenced and modified
//
// Referenced is what was referenced since the last tick of the clock, or `age`.
#include <array>

#include "regions/residents.h"

namespace bachsim {
namespace {

class Nru : public Replacement {
 public:
  void tick(Residents& frames) override { frames.unreference_all(); }

  void begin(Residents& /*frames*/) override { classed_ = false; }

  std::optional<Frame> choose(Residents& frames) override {
    if (!classed_) class_all(frames);
    for (std::vector<Frame>& each : classes_) {
      while (!each.empty()) {
        const Frame frame = each.back();
        each.pop_back();
        // Others may have changed it while the stealer slept.
        if (!frames.can_leave(frame)) continue;
        next_ = Frame{frame.value + 1};
        return frame;
      }
    }
    return std::nullopt;
  }

 private:
  // From `next_` on; in each class the first one is to be at the end.
  void class_all(Residents& frames) {
    classed_ = true;
    for (std::vector<Frame>& each : classes_) each.clear();
    const std::uint32_t first = frames.first().value;
    const std::uint32_t count = frames.end().value - first;
    const std::uint32_t start = next_ < frames.first() || next_ >= frames.end() ? 0 : next_.value - first;
    for (std::uint32_t i = count; i-- > 0;) {
      const Frame frame{first + (start + i) % count};
      if (!frames.can_leave(frame)) continue;
      const unsigned number = (frames.referenced(frame) ? 2u : 0u) + (frames.modified(frame) ? 1u : 0u);
      classes_.at(number).push_back(frame);
    }
  }

  std::array<std::vector<Frame>, 4> classes_;
  bool classed_ = false;
  Frame next_;  // behind the one chosen last
};

}  // namespace

std::unique_ptr<Replacement> replace_by_nru() { return std::make_unique<Nru>(); }

}  // namespace bachsim
