// Which pages a write has copied in a run, and from which frames; which frames have got other contents, and
// which pages of regions are gone.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "regions/event.h"
#include "sim/draw/drawings.h"
#include "workloads/language/listener.h"

namespace bachsim {

// Listens to a traced run, whose kernel tells its events to `events`.
class CopyHistory : public Listener {
 public:
  void done(const Statement& statement, const Run& run) override;
  void replayed(std::uint64_t references) override;
  // What the run has told behind its last statement: with the end of a script ends what was inside the kernel.
  void end(const Run& run);

  // The copies that the run still has.
  [[nodiscard]] const Copies& copies() const { return copies_; }

  [[nodiscard]] const Fills& fills() const { return fills_; }
  [[nodiscard]] const Freed& freed() const { return freed_; }

  Events events;  // of the statement at hand

 private:
  void take_events();
  void forget_free(const Run& run);
  void free_from(RegionId region, std::uint32_t page);
  void refill(std::uint32_t frame);
  void forget(std::uint32_t frame);
  void forget_copy(Copies::iterator copy);

  Copies copies_;
  Fills fills_;
  Freed freed_;
  std::uint64_t times_freed_ = 0;
  std::set<std::uint32_t> copied_regions_;  // that forks of the statement at hand have made with fork=copy
  std::map<std::uint32_t, std::set<std::uint32_t>> copied_to_;  // the same by what they are copies of
};

}  // namespace bachsim
