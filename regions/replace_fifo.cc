// stealer=fifo: the frame whose pages have been in memory longest, used or not.
#include "regions/frame_queue.h"

namespace bachsim {
namespace {

class Fifo : public Replacement {
 public:
  explicit Fifo(HostShare& budget) : queue_(budget) {}

  void loaded(Frame frame) override { queue_.to_end(frame); }
  void begin(Residents& /*frames*/) override { queue_.begin(); }
  std::optional<Frame> choose(Residents& frames) override { return queue_.first(frames); }

 private:
  FrameQueue queue_;
};

}  // namespace

std::unique_ptr<Replacement> replace_by_fifo(HostShare& budget) { return std::make_unique<Fifo>(budget); }

}  // namespace bachsim
