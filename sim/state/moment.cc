#include "sim/state/moment.h"

#include <algorithm>

namespace bachsim {
namespace {

template <class Row>
void sort(std::vector<Row>& rows) {
  const auto by_key = [](const Row& a, const Row& b) { return a.key() < b.key(); };
  if (!std::ranges::is_sorted(rows, by_key)) std::ranges::sort(rows, by_key);
}

}  // namespace

Moment::Moment(const State& state) : counters(state.counters()), gauges(state.gauges()) {
  for (const ProcSlot slot : state.processes()) {
    processes.push_back(state.process(slot));
    if (processes.back().state == ProcessState::Zombie) continue;
    state.pregions(slot, [this](const PregionRow& row) { pregions.push_back(row); });
  }
  state.regions([this](const RegionRow& row) { regions.push_back(row); });
  for (const RegionRow& region : regions) state.pages(region.id, [this](const PageRow& row) { pages.push_back(row); });
  state.frames([this](const FrameRow& row) { frames.push_back(row); });
  state.free_list([this](const FreeRow& row) { free_list.push_back(row); });
  state.swap_blocks([this](const SwapBlockRow& row) { swap_use.push_back(row); });
  for (unsigned device = 1; device <= state.devices(); ++device)
    state.extents(device, [this](const ExtentRow& row) { swap_map.push_back(row); });
  state.tlb([this](const TlbRow& row) { tlb.push_back(row); });
  for_each_table(*this, [](auto, auto&, auto& rows) { sort(rows); });
}

Changes::Changes(const Moment& before, const Moment& after)
    : processes(difference(before.processes, after.processes)),
      pregions(difference(before.pregions, after.pregions)),
      regions(difference(before.regions, after.regions)),
      pages(difference(before.pages, after.pages)),
      frames(difference(before.frames, after.frames)),
      free_list(difference(before.free_list, after.free_list)),
      swap_use(difference(before.swap_use, after.swap_use)),
      swap_map(difference(before.swap_map, after.swap_map)),
      tlb(difference(before.tlb, after.tlb)),
      counters(difference(before.counters, after.counters)),
      gauges(difference(before.gauges, after.gauges)) {}

}  // namespace bachsim
