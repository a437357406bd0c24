// The view `pages`, as lecture notes on copy-on-write draw it: processes on both sides of physical memory, whose pages
// have letters; after a write a copy, which says whose it is.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "sim/draw/copy_history.h"
#include "sim/draw/table_columns.h"

namespace bachsim {
namespace {

// `A` to `Z`, `AA` and so on.
std::string letters(std::size_t number) {
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
  std::size_t page = 0;
  std::uint32_t copies = 0;
  friend bool operator==(const Name&, const Name&) = default;
};

// Frames one behind the other, used by pages one behind the other.
struct Held {
  std::uint32_t frame = 0;
  std::uint32_t count = 1;
  std::uint32_t refs = 0;
  std::vector<Use> uses;  // of the first
  Name name{};            // of the first
};

// `page A`, `copy of pages K-U`
std::string name_text(const Held& held) {
  std::string text;
  for (std::uint32_t i = 0; i < held.name.copies; ++i) text += "copy of ";
  text += held.count == 1 ? "page " : "pages ";
  text += letters(held.name.page);
  return held.count == 1 ? text : text + "-" + letters(held.name.page + held.count - 1);
}

// What is in memory of some processes at one moment.
struct Contents {
  std::vector<ProcessRow> processes;
  std::vector<Held> held;  // in the order in which the processes have them

  Contents(const Subject& subject, const Moment& moment) {
    const Scene scene{.now = moment};
    const DrawnSpaces spaces(subject, scene);
    std::map<std::uint32_t, std::size_t> index;
    for (const ProcessRow& process : spaces.processes()) {
      processes.push_back(process);
      for (const PregionRow& pregion : spaces.pregions(moment, process.pid)) {
        for (const PageRow& page : spaces.pages(moment, pregion.region)) {
          if (!page.frame) continue;
          const auto [at, is_new] = index.try_emplace(*page.frame, held.size());
          if (is_new) held.push_back({.frame = *page.frame, .refs = page.refs, .uses = {}});
          held[at->second].uses.push_back(
              {.pid = process.pid, .region = pregion.name, .region_id = pregion.region, .page = page.page});
        }
      }
    }
  }

  // Makes one of those that follow one another, with their names.
  void merge() {
    std::vector<Held> merged;
    for (Held& each : held) {
      if (!merged.empty() && follows(merged.back(), each))
        ++merged.back().count;
      else
        merged.push_back(std::move(each));
    }
    held = std::move(merged);
  }

 private:
  // Whether b's frame and pages are those behind the last ones of a.
  static bool follows(const Held& a, const Held& b) {
    const Name next_name{.page = a.name.page + a.count, .copies = a.name.copies};
    if (b.frame != a.frame + a.count || b.refs != a.refs || b.name != next_name || b.uses.size() != a.uses.size())
      return false;
    for (std::size_t i = 0; i < a.uses.size(); ++i) {
      Use next = a.uses[i];
      next.page += a.count;
      if (next != b.uses[i]) return false;
    }
    return true;
  }
};

// Gives each frame its name; a frame keeps it as long as it is in use. A page that has gone from one frame to another
// has been copied.
class CopyNames {
 public:
  // REQUIRES: not merged
  void give(Contents& contents, const Copies& copies) {
    // A frame that nobody has any more may come back with other contents.
    std::erase_if(named_, [&](const auto& entry) {
      return std::ranges::find(contents.held, entry.first, &Held::frame) == contents.held.end();
    });
    // The copies come last, as a process may have one before another process has what it was copied from.
    std::vector<std::pair<std::uint32_t, std::uint32_t>> copied;
    for (const Held& each : contents.held) {
      if (named_.contains(each.frame)) continue;
      if (const auto from = origin(each, copies);
          from && std::ranges::find(contents.held, *from, &Held::frame) != contents.held.end())
        copied.emplace_back(each.frame, *from);
      else
        named_[each.frame] = {.page = given_++};
    }
    while (!copied.empty()) {
      const auto named =
          std::ranges::partition(copied, [this](const auto& pair) { return !named_.contains(pair.second); });
      if (named.empty()) break;
      for (const auto& [frame, from] : named) named_[frame] = {named_[from].page, named_[from].copies + 1};
      copied.erase(named.begin(), named.end());
    }
    for (const auto& pair : copied) named_[pair.first] = {.page = given_++};
    for (Held& each : contents.held) {
      each.name = named_.at(each.frame);
      for (const Use& use : each.uses) frames_[{use.region_id, use.page}] = each.frame;
    }
  }

 private:
  [[nodiscard]] std::optional<std::uint32_t> origin(const Held& held, const Copies& copies) const {
    for (const Use& use : held.uses) {
      const auto was = frames_.find({use.region_id, use.page});
      if (was != frames_.end() && was->second != held.frame) return was->second;
    }
    const auto copy = copies.find(held.frame);
    return copy == copies.end() ? std::nullopt : std::optional(copy->second);
  }

  std::map<std::uint32_t, Name> named_;                                      // [frame]
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> frames_;  // [region, page]
  std::size_t given_ = 0;
};

std::string page_text(const Use& use, std::uint32_t count) {
  return count == 1 ? fmt::format("{}[{}]", use.region, use.page)
                    : fmt::format("{}[{}..{}]", use.region, use.page, use.page + count - 1);
}

// One moment. Returns its first and last node.
std::pair<std::string, std::string> draw(Dot& dot, const Contents& contents, const Contents* before,
                                         const std::string& prefix, std::string_view heading) {
  DrawnTable memory{.node = prefix + "memory", .title = "physical memory", .headings = {"page", "frame", "count"}};
  memory.left = {true, false, false};
  // A copy stands below what was there.
  std::vector<const Held*> order;
  for (const Held& each : contents.held) order.push_back(&each);
  std::ranges::stable_partition(order, [](const Held* each) { return each->name.copies == 0; });
  for (const Held* each : order) {
    Mark mark = Mark::None;
    if (before != nullptr) {
      const auto old = std::ranges::find_if(before->held, [each](const Held& was) {
        return was.frame <= each->frame && each->frame < was.frame + was.count;
      });
      mark = old == before->held.end() ? Mark::New : old->refs != each->refs ? Mark::Changed : Mark::None;
    }
    const std::string frames = each->count == 1 ? fmt::format("{}", each->frame)
                                                : fmt::format("{}-{}", each->frame, each->frame + each->count - 1);
    memory.rows.push_back({.port = fmt::format("f{}", each->frame),
                           .cells = {name_text(*each), frames, fmt::format("{}", each->refs)},
                           .mark = mark});
  }
  dot.table(memory);
  std::array<std::vector<std::string>, 2> sides;
  for (std::size_t i = 0; i < contents.processes.size(); ++i) {
    const ProcessRow& process = contents.processes[i];
    const bool left = i % 2 == 0;
    const std::string node = fmt::format("{}p{}", prefix, process.pid);
    DrawnTable table{.node = node, .title = "process " + process.name, .left = {true}};
    for (const Held& each : contents.held) {
      for (const Use& use : each.uses) {
        if (use.pid == process.pid)
          table.rows.push_back(
              {.port = fmt::format("u{}_{}", use.region_id, use.page), .cells = {page_text(use, each.count)}});
      }
    }
    dot.table(table);
    sides.at(left ? 0 : 1).push_back(node);
    for (const Held& each : contents.held) {
      for (const Use& use : each.uses) {
        if (use.pid != process.pid) continue;
        const std::string page = fmt::format("{}:u{}_{}_", node, use.region_id, use.page);
        if (left)
          dot.arrow(page + ":e", fmt::format("{}:f{}:w", memory.node, each.frame), Line::ToFrame);
        else
          dot.arrow(fmt::format("{}:f{}_:e", memory.node, each.frame), page + ":w", Line::ToFrame, "dir=back");
      }
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

void CopyHistory::done(const Statement&, const Run&) {
  for (const Event& event : events) {
    const auto forget = [this](const auto& of) { std::erase_if(copies_, of); };
    switch (event.kind) {
      case EventKind::PfaultCopied:
      case EventKind::VfaultZero:
      case EventKind::VfaultFill:
      case EventKind::VfaultFile:
      case EventKind::VfaultSwap:
      case EventKind::Prepaged:
        // The frame has other contents from now on.
        forget([&](const auto& entry) { return entry.second.from == event.frame.value; });
        if (event.kind == EventKind::PfaultCopied)
          copies_[{event.region, event.page}] = {.frame = event.frame.value, .from = event.from.value};
        break;
      case EventKind::RegionFreed:
        forget([&](const auto& entry) { return entry.first.first == event.region; });
        break;
      case EventKind::RegionCopied:
        copies_.clear();  // frames were given that no event tells
        break;
      default:
        break;
    }
  }
  events.clear();
}

Copies CopyHistory::at(const Moment& moment) const {
  Copies copies;
  for (const PageRow& page : moment.pages) {
    const auto copy = copies_.find({RegionId{page.region}, page.page});
    if (copy != copies_.end() && page.frame == copy->second.frame) copies[copy->second.frame] = copy->second.from;
  }
  return copies;
}

std::string pages_drawing(const Subject& subject, const PagesMoment& now, const PagesMoment* before) {
  Dot dot(subject.title, subject.caption, Dot::Direction::LeftToRight);
  CopyNames names;
  std::optional<Contents> old;
  if (before != nullptr) names.give(old.emplace(subject, before->moment), before->copies);
  Contents contents(subject, now.moment);
  names.give(contents, now.copies);
  if (contents.held.size() > kRowsUnmerged) contents.merge();
  draw(dot, contents, old ? &*old : nullptr, "", "");
  return dot.finish();
}

std::string pages_before_after(const Subject& subject, const PagesMoment& before, const PagesMoment& after,
                               std::string_view statement) {
  Dot dot(subject.title, subject.caption, Dot::Direction::LeftToRight);
  CopyNames names;
  Contents first(subject, before.moment);
  names.give(first, before.copies);
  Contents second(subject, after.moment);
  names.give(second, after.copies);
  const Contents unmerged = first;
  if (std::max(first.held.size(), second.held.size()) > kRowsUnmerged) {
    first.merge();
    second.merge();
  }
  const auto [left, middle] = draw(dot, first, nullptr, "a_", "before");
  const auto [next, right] = draw(dot, second, &unmerged, "b_", fmt::format("after {}", statement));
  dot.behind(middle, next);
  return dot.finish();
}

}  // namespace bachsim
