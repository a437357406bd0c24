#include "sim/state/moment.h"

#include <algorithm>

namespace bachsim {
namespace {

template <class Row>
void sort(std::vector<Row>& rows) {
  const auto by_key = [](const Row& a, const Row& b) { return a.key() < b.key(); };
  if (!std::ranges::is_sorted(rows, by_key)) std::ranges::sort(rows, by_key);
}

// Bytes of a row that lie outside of it, or may.
std::size_t outside(const ProcessRow& row) { return row.name.size(); }
std::size_t outside(const PregionRow& row) { return row.name.size(); }
std::size_t outside(const RegionRow& row) { return row.locked_by.size(); }
template <class Row>
std::size_t outside(const Row&) {
  return 0;
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

template <class Row>
void Moment::add(std::vector<Row>& rows, const Row& row) {
  share_.grow(rows);
  share_.commit(outside(row));
  rows.push_back(row);
}

Moment::Moment(const State& state) : counters(state.counters()), gauges(state.gauges()), share_(state.budget()) {
  Keep names;
  for (const ProcSlot slot : state.processes()) {
    add(processes, state.process(slot));
    if (processes.back().state == ProcessState::Zombie) continue;
    state.pregions(slot, [this](const PregionRow& row) { add(pregions, row); });
  }
  std::uint64_t pages_of_all = 0;
  state.regions([&](const RegionRow& row) {
    add(regions, row);
    pages_of_all += row.pages;
  });
  share_.commit(pages_of_all * sizeof(PageRow));
  pages.reserve(pages_of_all);
  for (const RegionRow& region : regions) state.pages(region.id, [this](const PageRow& row) { pages.push_back(row); });
  state.frames([this](const FrameRow& row) { add(frames, row); });
  state.free_list([this](const FreeRow& row) { add(free_list, row); });
  state.swap_blocks([this](const SwapBlockRow& row) { add(swap_use, row); });
  for (unsigned device = 1; device <= state.devices(); ++device)
    state.extents(device, [this](const ExtentRow& row) { add(swap_map, row); });
  state.tlb([this](const TlbRow& row) { add(tlb, row); });
  for (ProcessRow& row : processes) names.keep(row.program);
  for (PregionRow& row : pregions) names.keep(row.program);
  for (RegionRow& row : regions) names.keep(row.program);
  for (PageRow& row : pages) names.keep(row.disk.program);
  for (FrameRow& row : frames) names.keep(row.disk.program);
  words_ = names.words();
  for_each_table(*this, [](auto, auto&, auto& rows) { sort(rows); });
}

Changes::Changes(const Moment& before, const Moment& after) : Changes(before, after, HostShare(after.budget())) {}

Changes::Changes(const Moment& before, const Moment& after, HostShare share)
    : processes(difference(before.processes, after.processes, share)),
      pregions(difference(before.pregions, after.pregions, share)),
      regions(difference(before.regions, after.regions, share)),
      pages(difference(before.pages, after.pages, share)),
      frames(difference(before.frames, after.frames, share)),
      free_list(difference(before.free_list, after.free_list, share)),
      swap_use(difference(before.swap_use, after.swap_use, share)),
      swap_map(difference(before.swap_map, after.swap_map, share)),
      tlb(difference(before.tlb, after.tlb, share)),
      counters(difference(before.counters, after.counters, share)),
      gauges(difference(before.gauges, after.gauges, share)),
      share_(std::move(share)) {}

}  // namespace bachsim
