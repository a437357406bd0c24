// Which pages a write has copied in a run, and from which frames.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "regions/event.h"
#include "sim/draw/drawings.h"
#include "workloads/language/listener.h"

namespace bachsim {

// Listens to a traced run, whose kernel tells its events to `events`.
class CopyHistory : public Listener {
 public:
  void done(const Statement& statement, const Run& run) override;

  // The copies that a moment of the run still has.
  [[nodiscard]] Copies at(const Moment& moment) const;

  Events events;  // of the statement at hand

 private:
  struct Copy {
    std::uint32_t frame = 0;
    std::uint32_t from = 0;
  };
  std::map<std::pair<RegionId, std::uint32_t>, Copy> copies_;  // [region, page]
};

}  // namespace bachsim
