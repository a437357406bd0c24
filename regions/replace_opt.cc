// stealer=opt: the frame whose pages are referenced again latest (Belady, 1966). No machine can know; the simulator has
// run the script once before. Of those that are never referenced again, the one with the lowest number.
#include <fmt/format.h>

#include <algorithm>

#include "regions/residents.h"

namespace bachsim {
namespace {

constexpr std::uint32_t kNoMore = PageUses::kNever;

class Opt : public Replacement {
 public:
  Opt(std::shared_ptr<const PageUses> uses, HostShare& budget)
      : uses_(std::move(uses)), budget_(budget), done_(uses_->pages()) {
    budget_.commit(done_.size() * sizeof(std::uint32_t));
  }

  [[nodiscard]] bool sees_references() const override { return true; }

  void used(PageId page, Frame frame) override {
    const auto number = uses_->find(page);
    if (!number || next_use(*number) != now_)
      throw Unforeseen(fmt::format(
          "stealer=opt looks ahead to what the script did with stealer=fifo, and now it does something else: "
          "reference {} is to region {} page {}",
          now_ + std::uint64_t{1}, page.region.value, page.page));
    ++done_[*number];
    ++now_;
    if (frame.value >= known_.size()) {
      budget_.commit(2 * sizeof(Known) * (frame.value + 1 - known_.size()));  // the list grows by doubling
      known_.resize(frame.value + 1);
    }
    known_[frame.value] = {.page = page, .next = next_use(*number)};
  }

  void begin(Residents& /*frames*/) override { gathered_ = false; }

  std::optional<Frame> choose(Residents& frames) override {
    if (!gathered_) gather(frames);
    while (!waiting_.empty()) {
      std::ranges::pop_heap(waiting_);
      const Frame frame = waiting_.back().frame();
      waiting_.pop_back();
      if (frames.can_leave(frame)) return frame;
    }
    return std::nullopt;
  }

 private:
  // The next use of the page that used a frame last.
  struct Known {
    PageId page{};
    std::uint32_t next = 0;
  };
  // The greatest is the frame to choose.
  struct Waiting {
    std::uint32_t next;
    std::uint32_t last;  // the greater, the lower the frame's number

    [[nodiscard]] Frame frame() const { return Frame{~last}; }
    friend auto operator<=>(const Waiting&, const Waiting&) = default;
  };

  [[nodiscard]] std::uint32_t next_use(std::uint32_t number) const {
    const auto uses = uses_->of(number);
    return done_[number] < uses.size() ? uses[done_[number]] : kNoMore;
  }

  // Of the page in a frame that is referenced first.
  std::uint32_t next_use(Residents& frames, Frame frame) const {
    const Residents::Pages pages = frames.pages(frame);
    if (pages.size() == 1 && frame.value < known_.size()) {
      const Known& known = known_[frame.value];
      if (known.page == pages.front() && known.next >= now_) return known.next;
    }
    std::uint32_t next = kNoMore;
    for (const PageId page : pages) {
      if (const auto number = uses_->find(page)) next = std::min(next, next_use(*number));
    }
    return next;
  }

  void gather(Residents& frames) {
    gathered_ = true;
    waiting_.clear();
    for (Frame frame = frames.first(); frame < frames.end(); frame = Frame{frame.value + 1}) {
      if (frames.can_leave(frame)) waiting_.push_back({.next = next_use(frames, frame), .last = ~frame.value});
    }
    std::ranges::make_heap(waiting_);
  }

  std::shared_ptr<const PageUses> uses_;
  HostShare& budget_;
  std::vector<std::uint32_t> done_;  // [number of a page]: its references so far
  std::uint32_t now_ = 0;            // number of the next reference
  std::vector<Known> known_;         // [Frame]
  bool gathered_ = false;
  std::vector<Waiting> waiting_;
};

}  // namespace

std::unique_ptr<Replacement> replace_by_opt(std::shared_ptr<const PageUses> uses, HostShare& budget) {
  return std::make_unique<Opt>(std::move(uses), budget);
}

}  // namespace bachsim
