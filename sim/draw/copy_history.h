// Which pages a write has copied in a run, and from which frames.
#pragma once

#include <cstdint>

#include "regions/event.h"
#include "sim/draw/drawings.h"
#include "workloads/language/listener.h"

namespace bachsim {

// Listens to a traced run, whose kernel tells its events to `events`.
class CopyHistory : public Listener {
 public:
  void done(const Statement& statement, const Run& run) override;

  // The copies that the run still has.
  [[nodiscard]] const Copies& copies() const { return copies_; }

  Events events;  // of the statement at hand

 private:
  void forget(std::uint32_t frame);

  Copies copies_;
};

}  // namespace bachsim
