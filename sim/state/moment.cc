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

// Takes over the words that rows borrow from the kernel. Many rows one behind the other have the same.
class Moment::Keep {
 public:
  void keep(std::string_view& word) {
    if (word.data() != last_.data() || word.size() != last_.size()) {
      last_ = word;
      kept_ = *words_->emplace(word).first;
    }
    word = kept_;
  }
  void keep(std::optional<std::string_view>& word) {
    if (word) keep(*word);
  }
  [[nodiscard]] auto words() { return std::move(words_); }

 private:
  std::shared_ptr<std::set<std::string, std::less<>>> words_ = std::make_shared<std::set<std::string, std::less<>>>();
  std::string_view last_;
  std::string_view kept_;
};

Moment::Moment(const State& state) : counters(state.counters()), gauges(state.gauges()) {
  Keep names;
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
  for (ProcessRow& row : processes) names.keep(row.program);
  for (PregionRow& row : pregions) names.keep(row.program);
  for (RegionRow& row : regions) names.keep(row.program);
  for (PageRow& row : pages) names.keep(row.disk.program);
  for (FrameRow& row : frames) names.keep(row.disk.program);
  words_ = names.words();
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
