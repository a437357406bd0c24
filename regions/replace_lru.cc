// stealer=lru: the frame whose pages were referenced longest ago, exactly. No machine of the time could tell: it would
// have to note the time of each reference, as the simulator does here.
#include "regions/frame_queue.h"

namespace bachsim {
namespace {

class Lru : public Replacement {
 public:
  explicit Lru(HostShare& budget) : queue_(budget) {}

  [[nodiscard]] bool sees_references() const override { return true; }
  void used(PageId /*page*/, Frame frame) override { queue_.to_end(frame); }
  void loaded(Frame frame) override { queue_.to_end(frame); }
  void begin(Residents& /*frames*/) override { queue_.begin(); }
  std::optional<Frame> choose(Residents& frames) override { return queue_.first(frames); }

 private:
  FrameQueue queue_;
};

}  // namespace

std::unique_ptr<Replacement> replace_by_lru(HostShare& budget) { return std::make_unique<Lru>(budget); }

}  // namespace bachsim
