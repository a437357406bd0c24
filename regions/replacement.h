// Page replacement by another rule than age (`stealer=`; model.md, "Replacement"): which frame gives up its pages.
//
// Age is a matter of pages, and the page stealer's own (vhand.cc). The rules here are of frames, as in textbooks. Each
// is a file, replace_*.cc, behind this interface. A machine with stealer=age has none of it.
#pragma once

#include <memory>
#include <optional>

#include "regions/config.h"
#include "regions/page_uses.h"
#include "regions/pfdata.h"

namespace bachsim {

class Residents;

class Replacement {
 public:
  Replacement() = default;
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;
  virtual ~Replacement() = default;

  // Whether it must hear of each reference. If so, the TLB grants none.
  [[nodiscard]] virtual bool sees_references() const { return false; }
  // A page was referenced, and is in this frame.
  virtual void used(PageId /*page*/, Frame /*frame*/) {}
  // A page came into a frame that no other page is in.
  virtual void loaded(Frame /*frame*/) {}
  // The clock ticks, or the stealer is told to age pages.
  virtual void tick(Residents& /*frames*/) {}
  // The stealer begins to work.
  virtual void begin(Residents& /*frames*/) {}
  // The frame that is to give up its pages next: frames.can_leave() it. Empty if there is none.
  [[nodiscard]] virtual std::optional<Frame> choose(Residents& frames) = 0;
};

// One for each rule. What they keep for a frame is committed to `budget`, which must outlive them.
[[nodiscard]] std::unique_ptr<Replacement> replace_by_clock();
[[nodiscard]] std::unique_ptr<Replacement> replace_by_fifo(HostShare& budget);
[[nodiscard]] std::unique_ptr<Replacement> replace_by_lru(HostShare& budget);
[[nodiscard]] std::unique_ptr<Replacement> replace_by_nru();
[[nodiscard]] std::unique_ptr<Replacement> replace_by_random(std::uint64_t seed);
// It knows what is to come. Its used() throws Unforeseen if something else comes.
[[nodiscard]] std::unique_ptr<Replacement> replace_by_opt(std::shared_ptr<const PageUses> uses, HostShare& budget);

}  // namespace bachsim
