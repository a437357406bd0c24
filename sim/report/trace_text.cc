#include "sim/report/trace_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>

#include "sim/report/table.h"
#include "sim/report/views.h"
#include "sim/state/difference.h"
#include "workloads/language/diagnostic.h"

namespace bachsim {
namespace {

constexpr std::string_view kAll = "all";
constexpr std::string_view kCount = "count";
constexpr std::string_view kCounter = "counter";

// Before the index of one of a family.
std::string_view family(std::string_view name) { return name.substr(0, name.find('[')); }

// A line is there three times: in its list, and in the text of all, which grows by doubling.
void add_line(std::vector<std::string>& lines, std::string line, HostShare& share) {
  share.grow(lines);
  share.commit(3 * line.capacity());
  lines.push_back(std::move(line));
}

// Changes of a count in a row, of entries that lie one behind the other, as one line.
class CountLines {
 public:
  CountLines(Traced& traced, std::string_view one, std::string_view several, std::string_view what)
      : traced_(traced), one_(one), several_(several), what_(what) {}

  // `group` and `number` say which entry.
  void add(unsigned group, std::uint64_t number, std::uint64_t was, std::uint64_t is) {
    if (was == is) return;
    if (count_ > 0 && group == group_ && number == first_ + count_ && was == was_ && is == is_) {
      ++count_;
      return;
    }
    finish();
    group_ = group;
    first_ = number;
    was_ = was;
    is_ = is;
    count_ = 1;
  }
  void finish() {
    if (count_ == 0) return;
    const std::string device = group_ == 0 ? "" : fmt::format("{}:", group_);
    const std::string last = count_ == 1 ? "" : fmt::format("-{}", first_ + count_ - 1);
    add_line(
        traced_.counts,
        fmt::format("{} {}{}{}: {} {} -> {}", count_ == 1 ? one_ : several_, device, first_, last, what_, was_, is_),
        traced_.share);
    count_ = 0;
  }

 private:
  Traced& traced_;
  std::string_view one_;
  std::string_view several_;
  std::string_view what_;
  unsigned group_ = 0;
  std::uint64_t first_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t was_ = 0;
  std::uint64_t is_ = 0;
};

template <class Row>
std::uint64_t refs_of(const std::optional<Row>& row) {
  return row ? row->refs : 0;
}

}  // namespace

bool TraceChoice::tells(const Event& event, const State& state) const {
  bool chosen = groups == ~0u;
  for (std::size_t group = 0; group < event_group_words().size() && !chosen; ++group)
    chosen = (groups >> group & 1) != 0 && in_group(event.kind, static_cast<EventGroup>(group));
  return chosen && names(event, state);
}

bool TraceChoice::names(const Event& event, const State& state) const {
  if (processes.empty()) return true;
  return std::ranges::any_of(std::array{event.process, event.child}, [&](std::uint64_t tag) {
    if (tag == Event::kNobody) return false;
    const std::string who = state.name_of_tag(tag);
    return std::ranges::any_of(processes, [&](const std::string& name) { return name == who || name == family(who); });
  });
}

std::expected<TraceChoice, std::string> trace_choice(std::string_view words, std::span<const std::string> processes) {
  TraceChoice choice{.whole = false, .groups = 0, .counts = false, .counters = false};
  bool kinds = false;
  bool all = false;
  const std::string_view list = words.empty() ? "," : words;  // an empty word is a mistake
  for (const auto part : list | std::views::split(',')) {
    const std::string_view word(part.begin(), part.end());
    if (word == kAll) {
      all = true;
      continue;
    }
    const auto group = std::ranges::find(event_group_words(), word);
    if (group != event_group_words().end()) {
      choice.groups |= 1u << (group - event_group_words().begin());
      kinds = true;
    } else if (word == kCount || word == kCounter) {
      (word == kCount ? choice.counts : choice.counters) = true;
      kinds = true;
    } else if (std::ranges::find(processes, family(word)) != processes.end()) {
      choice.processes.emplace_back(word);
    } else {
      std::vector<std::string_view> known(event_group_words().begin(), event_group_words().end());
      known.insert(known.end(), {kCount, kCounter, kAll});
      std::vector<std::string_view> near = known;
      near.insert(near.end(), processes.begin(), processes.end());
      return std::unexpected(fmt::format("`{}` is no kind of event and no process of the script (kinds are {}){}", word,
                                         fmt::join(known, ", "), did_you_mean(word, near)));
    }
  }
  if (all && choice.processes.empty()) return TraceChoice{};
  if (all || !kinds) {
    choice.groups = ~0u;
    choice.counts = choice.counters = true;
  }
  return choice;
}

std::string text(const Traced& traced, std::size_t width) {
  std::string lines;
  for (const std::string& line : traced.events) lines += fmt::format("    {}\n", line);
  for (const std::string& line : traced.counts) lines += fmt::format("    {}\n", line);
  std::vector<std::string> sums;
  for (const NumberRow& counter : traced.counters) sums.push_back(fmt::format("{} +{}", counter.name, counter.value));
  return lines + wrapped(sums, 4, width);
}

Tracer::Counts::Counts(const State& state) : share(state.budget()) {
  const auto add = [this](auto& rows, const auto& row) {
    share.grow(rows);
    rows.push_back(row);
  };
  state.regions([&](const RegionRow& row) { add(regions, row); });
  state.frames([&](const FrameRow& row) { add(frames, row); });
  state.swap_blocks([&](const SwapBlockRow& row) { add(blocks, row); });
}

void Tracer::tell_changes(const Counts& before, const Counts& after, Traced& traced) {
  HostShare share(after.share.budget());
  CountLines regions(traced, "region", "regions", "count");
  for (const auto& change : difference(before.regions, after.regions, share))
    regions.add(0, (change.after ? change.after : change.before)->id, refs_of(change.before), refs_of(change.after));
  regions.finish();
  CountLines frames(traced, "frame", "frames", "count");
  for (const auto& change : difference(before.frames, after.frames, share))
    frames.add(0, (change.after ? change.after : change.before)->frame, refs_of(change.before), refs_of(change.after));
  frames.finish();
  CountLines blocks(traced, "swap", "swap", "use");
  for (const auto& change : difference(before.blocks, after.blocks, share)) {
    const SwapBlockRow& row = change.after ? *change.after : *change.before;
    blocks.add(row.device, row.block, refs_of(change.before), refs_of(change.after));
  }
  blocks.finish();
}

void Tracer::begin(const State& state) {
  if (choice_.counts && !counts_) counts_.emplace(state);
  if (choice_.counters) counters_ = state.counters();
}

Traced Tracer::done(const Events& events, const State& state, bool silent) {
  Traced traced{.share = HostShare(state.budget())};
  for (const Event& event : events) {
    if (choice_.whole || choice_.tells(event, state)) add_line(traced.events, event_text(event, state), traced.share);
  }
  if (choice_.counts && (silent || !events.empty())) {
    Counts counts(state);
    tell_changes(*counts_, counts, traced);
    counts_ = std::move(counts);
  }
  if (choice_.counters) traced.counters = moved(counters_, state.counters());
  // Counts and counters are nobody's: they are told with an event that is.
  const auto concerns = [&](const Event& event) {
    return choice_.groups == 0 ? choice_.names(event, state) : choice_.tells(event, state);
  };
  if (!choice_.processes.empty() && std::ranges::none_of(events, concerns)) return {};
  return traced;
}

}  // namespace bachsim
