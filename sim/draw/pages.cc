// The view `pages`, as lecture notes on copy-on-write draw it: processes on both sides of physical memory, whose pages
// have letters; after a write a copy, which says whose it is.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "sim/draw/copy_history.h"
#include "sim/draw/ranges.h"
#include "sim/draw/table_columns.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

constexpr std::size_t kRangesOfPages = 4;

// `A` to `Z`, `AA` and so on.
std::string letters(std::uint32_t number) {
  std::string name(1, static_cast<char>('A' + number % 26));
  return number < 26 ? name : letters(number / 26 - 1) + name;
}

// A page of a process that is in memory.
struct Use {
  std::uint32_t pid = 0;
  std::string region;  // `data`
  std::uint32_t region_id = 0;
  std::uint32_t page = 0;
  friend auto operator<=>(const Use&, const Use&) = default;
};

// `page C`, or a copy of it, or a copy of that.
struct Name {
  std::uint32_t page = 0;
  std::uint32_t copies = 0;
  friend auto operator<=>(const Name&, const Name&) = default;
};

// A frame, and who has it.
struct Held {
  std::uint32_t frame = 0;
  std::uint32_t refs = 0;
  std::vector<Use> uses{};
  Name name{};
  ChangeMark mark = ChangeMark::None;
};

// Frames that are drawn as one row: the same processes have them, in the same regions.
using MemoryRow = std::vector<Held>;

// `page A`, `copy of pages K-U`, `copy of copy of page A`; `copy of page A, 17 times over`
std::string name_text(const MemoryRow& row) {
  constexpr std::uint32_t kMostInWords = 4;
  const std::uint32_t copies = row.front().name.copies;
  const bool counted = copies > kMostInWords;
  std::string text;
  for (std::uint32_t i = 0; i < (counted ? 1 : copies); ++i) text += "copy of ";
  std::vector<std::uint32_t> pages;
  for (const Held& held : row) pages.push_back(static_cast<std::uint32_t>(held.name.page));
  text += row.size() == 1 ? "page " : "pages ";
  text += ranges_text(std::move(pages), kRangesOfPages, "-", letters);
  return counted ? fmt::format("{}, {} times over", text, copies) : text;
}

// What is in memory of some processes at one moment.
struct Contents {
  std::vector<ProcessRow> processes;
  std::vector<Held> held;  // in the order in which the processes have them

  Contents(const Subject& subject, const Moment& moment) {
    const Scene scene{.now = moment};
    const DrawnSpaces spaces(subject, scene);
    for (const ProcessRow& process : spaces.processes()) {
      processes.push_back(process);
      for (const PregionRow& pregion : spaces.pregions(moment, process.pid)) {
        for (const PageRow& page : spaces.pages(moment, pregion.region)) {
          if (!page.frame) continue;
          const auto [at, is_new] = index_.try_emplace(*page.frame, held.size());
          if (is_new) held.push_back({.frame = *page.frame, .refs = page.refs});
          held[at->second].uses.push_back(
              {.pid = process.pid, .region = pregion.name, .region_id = pregion.region, .page = page.page});
        }
      }
    }
  }

  // nullptr if none of the processes has the frame.
  [[nodiscard]] const Held* find(std::uint32_t frame) const {
    const auto at = index_.find(frame);
    return at == index_.end() ? nullptr : &held[at->second];
  }

  // Says how frames differ from what they were.
  void mark(const Contents& before) {
    for (Held& each : held) {
      const Held* const old = before.find(each.frame);
      each.mark = old == nullptr || old->name != each.name ? ChangeMark::New
                  : old->refs != each.refs                 ? ChangeMark::Changed
                                                           : ChangeMark::None;
    }
  }

  [[nodiscard]] std::vector<MemoryRow> rows(Merge merge) const {
    std::vector<MemoryRow> rows;
    std::map<const Held*, std::size_t, LessButForPages> like;  // [the first of a row]: which
    for (const Held& each : held) {
      auto row = rows.end();
      if (merge == Merge::CountingOn && !rows.empty() && counts_on(rows.back().back(), each)) row = rows.end() - 1;
      if (merge == Merge::Alike) {
        const auto [known, is_new] = like.try_emplace(&each, rows.size());
        if (!is_new) row = rows.begin() + static_cast<std::ptrdiff_t>(known->second);
      }
      if (row == rows.end()) row = rows.insert(row, MemoryRow());
      row->push_back(each);
    }
    return rows;
  }

 private:
  // An order in which those are equal of which the same can be said, whatever their pages and frames are.
  struct LessButForPages {
    bool operator()(const Held* a, const Held* b) const {
      const auto of = [](const Held& held) { return std::tie(held.refs, held.mark, held.name.copies); };
      if (of(*a) != of(*b)) return of(*a) < of(*b);
      return std::ranges::lexicographical_compare(a->uses, b->uses, [](const Use& one, const Use& other) {
        return std::tie(one.pid, one.region, one.region_id) < std::tie(other.pid, other.region, other.region_id);
      });
    }
  };

  // Whether the same can be said of two, and b's frame and pages are the next behind a's.
  static bool counts_on(const Held& a, const Held& b) {
    if (b.refs != a.refs || b.mark != a.mark || b.name.copies != a.name.copies || b.uses.size() != a.uses.size() ||
        b.frame != a.frame + 1 || b.name.page != a.name.page + 1)
      return false;
    for (std::size_t i = 0; i < a.uses.size(); ++i) {
      Use next = a.uses[i];
      ++next.page;
      if (next != b.uses[i]) return false;
    }
    return true;
  }

  std::map<std::uint32_t, std::size_t> index_;  // [frame]
};

// Gives each frame its name, which it keeps as long as it has the same contents. A page that was away, and has come
// back in another frame, brings its name with it.
class CopyNames {
 public:
  void give(Contents& contents, const PagesMoment& at) {
    std::map<std::uint32_t, Name> kept;
    std::set<Name> taken;
    for (const Held& each : contents.held) {
      const auto named = named_.find(each.frame);
      if (named == named_.end() || !has_stayed(each, at)) continue;
      kept.insert(*named);
      taken.insert(named->second);
    }
    named_ = std::move(kept);
    // The copies come last, as a process may have one before another process has what it was copied from.
    Copies copied;
    for (const Held& each : contents.held) {
      if (named_.contains(each.frame)) continue;
      if (const auto copy = at.copies.find(each.frame);
          copy != at.copies.end() && contents.find(copy->second) != nullptr)
        copied.insert(*copy);
      else
        named_[each.frame] = name_of(each, at.freed, taken);
    }
    for (const auto& pair : copied) name_copy(pair.first, copied);
    pages_.clear();
    for (Held& each : contents.held) {
      each.name = named_.at(each.frame);
      for (const Use& use : each.uses) pages_[key(use, at.freed)] = {.frame = each.frame, .name = each.name};
    }
    fills_ = at.fills;
  }

 private:
  // Names a copy, and before it what it was copied from. Where copies lead in a circle, the first one met is no copy.
  void name_copy(std::uint32_t frame, const Copies& from) {
    std::vector<std::uint32_t> chain;
    std::set<std::uint32_t> met;
    while (!named_.contains(frame) && met.insert(frame).second) {
      chain.push_back(frame);
      frame = from.at(frame);
    }
    if (!named_.contains(frame)) named_[frame] = {.page = given_++};
    for (; !chain.empty(); chain.pop_back()) {
      const Name& of = named_.at(frame);
      named_.try_emplace(chain.back(), Name{.page = of.page, .copies = of.copies + 1});
      frame = chain.back();
    }
  }

  // A page for as long as its region has it.
  using Key = std::tuple<std::uint32_t, std::uint64_t, std::uint32_t>;
  static Key key(const Use& use, const Freed& freed) {
    const auto region = freed.find(use.region_id);
    if (region == freed.end()) return {use.region_id, 0, use.page};
    const auto behind = region->second.upper_bound(use.page);
    return {use.region_id, behind == region->second.begin() ? 0 : std::prev(behind)->second, use.page};
  }

  // Whether a page that was in the frame is in it still.
  [[nodiscard]] bool has_stayed(const Held& held, const PagesMoment& now) const {
    const auto times = [&](const Fills& of) {
      const auto at = of.find(held.frame);
      return at == of.end() ? 0 : at->second;
    };
    return times(now.fills) == times(fills_) && std::ranges::any_of(held.uses, [&](const Use& use) {
             const auto was = pages_.find(key(use, now.freed));
             return was != pages_.end() && was->second.frame == held.frame;
           });
  }

  // The name that one of its pages had, or else a new one.
  [[nodiscard]] Name name_of(const Held& held, const Freed& freed, std::set<Name>& taken) {
    for (const Use& use : held.uses) {
      const auto was = pages_.find(key(use, freed));
      if (was == pages_.end()) continue;
      const Name& name = was->second.name;  // several may be copies of one page
      if (taken.insert(name).second || name.copies > 0) return name;
    }
    return {.page = given_++};
  }

  // Where a page was at the moment before.
  struct Place {
    std::uint32_t frame;
    Name name;
  };

  std::map<std::uint32_t, Name> named_;  // [frame]
  std::map<Key, Place> pages_{};
  Fills fills_{};
  std::uint32_t given_ = 0;
};

// `data[2]`, `data[0..3,7]`: the pages that one process has of a row's frames, by one of its uses.
std::string page_text(const MemoryRow& row, std::size_t use) {
  std::vector<std::uint32_t> pages;
  for (const Held& held : row) pages.push_back(held.uses[use].page);
  return fmt::format("{}[{}]", row.front().uses[use].region, ranges_text(std::move(pages), kRangesOfPages, ".."));
}

// The least merged rows that are few enough, of one moment or of two.
std::vector<std::vector<MemoryRow>> rows_of(const std::vector<const Contents*>& moments) {
  std::vector<std::vector<MemoryRow>> rows;
  for (const Merge merge : {Merge::No, Merge::CountingOn, Merge::Alike}) {
    rows.clear();
    for (const Contents* const moment : moments) rows.push_back(moment->rows(merge));
    if (std::ranges::max(rows, {}, &std::vector<MemoryRow>::size).size() <= kRowsUnmerged) break;
  }
  return rows;
}

// One moment. Returns its first and last node.
std::pair<std::string, std::string> draw(Dot& dot, const Contents& contents, const std::vector<MemoryRow>& rows,
                                         const std::string& prefix, std::string_view heading) {
  DrawnTable memory{.node = prefix + "memory", .title = "physical memory", .headings = {"page", "frame", "count"}};
  memory.left = {true, false, false};
  // A copy stands below what was there.
  std::vector<const MemoryRow*> order;
  for (const MemoryRow& each : rows) order.push_back(&each);
  std::ranges::stable_partition(order, [](const MemoryRow* each) { return each->front().name.copies == 0; });
  for (const MemoryRow* each : order) {
    const Held& first = each->front();
    std::vector<std::uint32_t> frames;
    for (const Held& held : *each) frames.push_back(held.frame);
    memory.rows.push_back(
        {.port = fmt::format("f{}", first.frame),
         .cells = {name_text(*each), ranges_text(std::move(frames), kRangesOfPages), fmt::format("{}", first.refs)},
         .mark = first.mark});
  }
  dot.table(memory);
  struct OfRow {
    const MemoryRow* row;
    std::size_t use;
  };
  std::map<std::uint32_t, std::vector<OfRow>> rows_of;  // [pid]
  for (const MemoryRow& each : rows) {
    for (std::size_t use = 0; use < each.front().uses.size(); ++use)
      rows_of[each.front().uses[use].pid].push_back({.row = &each, .use = use});
  }
  std::array<std::vector<std::string>, 2> sides;
  for (std::size_t i = 0; i < contents.processes.size(); ++i) {
    const ProcessRow& process = contents.processes[i];
    const bool left = i % 2 == 0;
    const std::string node = fmt::format("{}p{}", prefix, process.pid);
    DrawnTable table{.node = node, .title = "process " + process.name, .left = {true}};
    std::vector<std::pair<std::string, const Held*>> arrows;  // from a port of the table, to the frame
    for (const OfRow& of : rows_of[process.pid]) {
      const Held& held = of.row->front();
      const Use& first = held.uses[of.use];
      table.rows.push_back(
          {.port = fmt::format("u{}_{}", first.region_id, first.page), .cells = {page_text(*of.row, of.use)}});
      arrows.emplace_back(fmt::format("{}:{}_", node, table.rows.back().port), &held);
    }
    if (table.rows.empty()) {
      table.rows.push_back({.port = "none", .cells = {"no page in memory"}, .dim = true});
      if (left)
        dot.behind(node, memory.node);
      else
        dot.behind(memory.node, node);
    }
    dot.table(table);
    sides.at(left ? 0 : 1).push_back(node);
    for (const auto& [page, held] : arrows) {
      if (left)
        dot.arrow(page + ":e", fmt::format("{}:f{}:w", memory.node, held->frame), Line::ToFrame);
      else
        dot.arrow(fmt::format("{}:f{}_:e", memory.node, held->frame), page + ":w", Line::ToFrame, "dir=back");
    }
  }
  dot.rank(sides[0]);
  dot.rank(sides[1]);
  if (heading.empty()) {
    dot.rank({memory.node});
  } else {
    dot.heading(prefix + "heading", heading);
    dot.rank({prefix + "heading", memory.node});
  }
  return {sides[0].empty() ? memory.node : sides[0].front(), sides[1].empty() ? memory.node : sides[1].front()};
}

}  // namespace

void CopyHistory::done(const Statement& statement, const Run& run) {
  if (!events.empty() || std::holds_alternative<PresetStatement>(statement.body)) end(run);
}

void CopyHistory::end(const Run& run) {
  take_events();
  for (const std::uint32_t region : copied_regions_) {
    if (!run.state().region(region)) continue;
    run.state().pages(region, [this](const PageRow& page) {
      if (page.frame) refill(*page.frame);
    });
  }
  copied_regions_.clear();
  forget_free(run);
}

// A replay has more of them than can be kept.
void CopyHistory::replayed(std::uint64_t /*references*/) { take_events(); }

void CopyHistory::take_events() {
  for (const Event& event : events) {
    switch (event.kind) {
      case EventKind::PfaultCopied:
      case EventKind::VfaultZero:
      case EventKind::VfaultFill:
      case EventKind::VfaultFile:
      case EventKind::VfaultSwap:
      case EventKind::Prepaged:
        refill(event.frame.value);
        if (event.kind != EventKind::PfaultCopied) break;
        copies_[event.frame.value] = event.from.value;
        copied_to_[event.from.value].insert(event.frame.value);
        break;
      case EventKind::RegionFreed:
        free_from(event.region, 0);
        break;
      case EventKind::RegionGrown:
        if (event.is < event.was) free_from(event.region, static_cast<std::uint32_t>(event.is));
        break;
      case EventKind::RegionCopied:
        copied_regions_.insert(event.other.value);  // no event tells of its frames
        break;
      default:
        break;
    }
  }
  events.clear();
}

// A frame that nobody has may come back with other contents, and no event tells of presets.
void CopyHistory::forget_free(const Run& run) {
  std::vector<std::uint32_t> free;
  for (const auto& [frame, from] : copies_) {
    for (const std::uint32_t each : {frame, from}) {
      if (run.state().frame(each).refs == 0) free.push_back(each);
    }
  }
  for (const std::uint32_t frame : free) forget(frame);
}

// Of the times before, those of pages behind this one say nothing any more.
void CopyHistory::free_from(RegionId region, std::uint32_t page) {
  auto& times = freed_[region.value];
  times.erase(times.lower_bound(page), times.end());
  times[page] = ++times_freed_;
}

// The frame has other contents from now on.
void CopyHistory::refill(std::uint32_t frame) {
  forget(frame);
  ++fills_[frame];
}

void CopyHistory::forget(std::uint32_t frame) {
  if (const auto copy = copies_.find(frame); copy != copies_.end()) forget_copy(copy);
  const auto made = copied_to_.extract(frame);
  if (!made) return;
  for (const std::uint32_t copy : made.mapped()) copies_.erase(copy);
}

void CopyHistory::forget_copy(Copies::iterator copy) {
  const auto of = copied_to_.find(copy->second);
  of->second.erase(copy->first);
  if (of->second.empty()) copied_to_.erase(of);
  copies_.erase(copy);
}

// A frame has a list of all pages that name it.
std::uint64_t pages_drawing_bytes(const Moment& moment) {
  std::uint64_t bytes = drawing_bytes(moment);
  for (const PregionRow& pregion : moment.pregions)
    bytes += std::uint64_t{pregion.pages} * 3 * sizeof(decltype(Held::uses)::value_type);
  return bytes;
}

std::string pages_drawing(const Subject& subject, const PagesMoment& now, const PagesMoment* before) {
  Dot dot(subject.title, subject.caption, Dot::Direction::LeftToRight);
  CopyNames names;
  std::optional<Contents> old;
  if (before != nullptr) names.give(old.emplace(subject, before->moment), *before);
  Contents contents(subject, now.moment);
  names.give(contents, now);
  if (old) contents.mark(*old);
  draw(dot, contents, rows_of({&contents}).front(), "", "");
  return dot.finish();
}

std::string pages_before_after(const Subject& subject, const PagesMoment& before, const PagesMoment& after,
                               std::string_view statement) {
  Dot dot(subject.title, subject.caption, Dot::Direction::LeftToRight);
  CopyNames names;
  Contents first(subject, before.moment);
  names.give(first, before);
  Contents second(subject, after.moment);
  names.give(second, after);
  second.mark(first);
  const auto rows = rows_of({&first, &second});
  const auto [left, middle] = draw(dot, first, rows[0], "a_", "before");
  const auto [next, right] = draw(dot, second, rows[1], "b_", fmt::format("after {}", statement));
  dot.behind(middle, next);
  return dot.finish();
}

}  // namespace bachsim
