// Which pages are in a frame, for rules of replacement that choose among frames (replacement.h).
//
// Bach's tables lead from a page to its frame, and not back. Here a frame has one page that came into it. That is
// enough where no other page shares the frame. Else all pages are looked through, which links each to its frame; again
// where pages have come to a frame since, but once at most each time the stealer works.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "regions/replacement.h"

namespace bachsim {

struct Vm;

class Residents {
 public:
  using Pages = boost::container::small_vector<PageId, 4>;

  // `vm` and `budget` must outlive it. With stealer=opt it records the references of a first run, in which frames go by
  // fifo, until foresee() makes it the second.   REQUIRES: the machine's stealer does not go by age
  Residents(Vm& vm, HostBudget* budget);

  // The run will make these references.   REQUIRES: stealer=opt, and nothing has been referenced
  void foresee(std::shared_ptr<const PageUses> uses);
  // Those that the first run has made, or that foresee() got; empty without stealer=opt.
  [[nodiscard]] std::shared_ptr<const PageUses> uses() const { return uses_; }
  // Whether what comes now is of the run that was foreseen. Else stealer=opt takes no note of it.
  void set_foreseen(bool foreseen) { foreseen_ = foreseen; }

  [[nodiscard]] bool sees_references() const { return records() || rule_->sees_references(); }
  // REQUIRES: the page is valid
  void used(PageId page);
  // A page came into a frame, which counts it.
  void entered(PageId page, Frame frame);
  void tick() { rule_->tick(*this); }

  // The stealer begins to work, and spares `served`.
  void begin(PageId served);
  // The frame that is to give up its pages; each once at most until the next begin(). Empty if there is none left.
  [[nodiscard]] std::optional<Frame> choose();
  // The pages in the frame, by region, then page. None if others than valid pages count it, too.
  [[nodiscard]] Pages pages(Frame frame);
  // The page is in the frame, and the stealer may take it.
  [[nodiscard]] bool can_leave(PageId page, Frame frame) const;

  // For the rules.

  // Frames that may have pages are those from first() to before end().
  [[nodiscard]] Frame first() const;
  [[nodiscard]] Frame end() const { return Frame{static_cast<std::uint32_t>(entries_.size())}; }
  [[nodiscard]] bool is_free(Frame frame) const;
  // It has pages, the stealer may take all of them, and it was not chosen before.
  [[nodiscard]] bool can_leave(Frame frame);
  // Whether a page in it was referenced since its bit was cleared: one examination.
  [[nodiscard]] bool referenced(Frame frame);
  // Whether a page in it was stored to since it has had this frame, or was written.
  [[nodiscard]] bool modified(Frame frame);
  // Clears the referenced bits of a frame that was found referenced; or those of all pages there are. The stealer
  // flushes the TLB when it has chosen; unreference_all() does.
  void unreference(Frame frame);
  void unreference_all();

 private:
  // A page, and where in `links_` the next one of its frame is; 0: none, else its place + 1.
  struct Link {
    PageId page;
    std::uint32_t next;
  };
  struct Entry {
    PageId page{};             // came into the frame
    std::uint64_t chosen = 0;  // work of the stealer in which the frame was chosen
    std::uint64_t linked = 0;  // the look at all pages in which `links` was true
    std::uint32_t links = 0;   // its first place in `links_` + 1; 0: none
  };

  [[nodiscard]] bool records() const { return recorded_ != nullptr; }
  [[nodiscard]] bool is_in(PageId page, Frame frame) const;
  void look_through();
  [[nodiscard]] Pages linked(Frame frame) const;

  Vm& vm_;
  std::unique_ptr<Replacement> rule_;
  std::shared_ptr<PageUses> recorded_;  // until foresee()
  std::shared_ptr<const PageUses> uses_;
  bool foreseen_ = true;
  std::vector<Entry> entries_;  // [Frame]
  std::vector<Link> links_;
  std::uint64_t work_ = 0;   // how often the stealer has begun
  std::uint64_t looks_ = 0;  // how often it has looked at all pages, and in which work of the stealer last
  std::uint64_t looked_through_ = 0;
  PageId served_;
};

}  // namespace bachsim
