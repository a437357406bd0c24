// The view `pages`, as lecture notes on copy-on-write draw it: processes on both sides of physical memory, whose pages
// have letters; after a write a copy, which says whose it is.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

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

// Frames one behind the other, used by pages one behind the other.
struct Held {
  std::uint32_t frame = 0;
  std::uint32_t count = 1;
  std::uint32_t refs = 0;
  std::vector<Use> uses;  // of the first
  std::string name{};     // `page A`
};

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
    if (held.size() > kRowsUnmerged) merge();
  }

 private:
  // Whether b's frame and pages are those behind the last ones of a.
  static bool follows(const Held& a, const Held& b) {
    if (b.frame != a.frame + a.count || b.refs != a.refs || b.uses.size() != a.uses.size()) return false;
    for (std::size_t i = 0; i < a.uses.size(); ++i) {
      Use next = a.uses[i];
      next.page += a.count;
      if (next != b.uses[i]) return false;
    }
    return true;
  }
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
};

// Gives each frame its name; a frame keeps it as long as it is in use. A page that has gone from one frame to another
// has been copied.
class Names {
 public:
  void give(Contents& contents) {
    for (Held& each : contents.held) {
      std::string origin;
      for (const Use& use : each.uses) {
        const auto was = frames_.find({use.region_id, use.page});
        if (was != frames_.end() && was->second != each.frame) origin = named_[was->second];
      }
      auto [at, is_new] = named_.try_emplace(each.frame);
      if (is_new) at->second = origin.empty() ? "page " + letters(given_++) : "copy of " + origin;
      each.name = each.count == 1 ? at->second : fmt::format("{} and {} more", at->second, each.count - 1);
      for (std::uint32_t i = 0; i < each.count; ++i) named_.try_emplace(each.frame + i, at->second);
    }
    for (const Held& each : contents.held) {
      for (const Use& use : each.uses) {
        for (std::uint32_t i = 0; i < each.count; ++i) frames_[{use.region_id, use.page + i}] = each.frame + i;
      }
    }
    // A frame that nobody has any more may come back with other contents.
    std::erase_if(named_, [&](const auto& entry) {
      return std::ranges::none_of(contents.held, [&](const Held& each) {
        return entry.first >= each.frame && entry.first < each.frame + each.count;
      });
    });
  }

 private:
  std::map<std::uint32_t, std::string> named_;                               // [frame]
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
  std::ranges::stable_partition(order, [](const Held* each) { return !each->name.starts_with("copy"); });
  for (const Held* each : order) {
    const auto was = before == nullptr ? order.end() : order.begin();
    Mark mark = Mark::None;
    if (was != order.end()) {
      const auto old = std::ranges::find(before->held, each->frame, &Held::frame);
      mark = old == before->held.end() ? Mark::New : old->refs != each->refs ? Mark::Changed : Mark::None;
    }
    const std::string frames = each->count == 1 ? fmt::format("{}", each->frame)
                                                : fmt::format("{}-{}", each->frame, each->frame + each->count - 1);
    memory.rows.push_back({.port = fmt::format("f{}", each->frame),
                           .cells = {each->name, frames, fmt::format("{}", each->refs)},
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

std::string pages_drawing(const Subject& subject, const Scene& scene) {
  Dot dot(subject.title, subject.caption, Dot::Direction::LeftToRight);
  Names names;
  std::optional<Contents> before;
  if (scene.before != nullptr) names.give(before.emplace(subject, *scene.before));
  Contents now(subject, scene.now);
  names.give(now);
  draw(dot, now, before ? &*before : nullptr, "", "");
  return dot.finish();
}

std::string pages_before_after(const Subject& subject, const Moment& before, const Moment& after,
                               std::string_view statement) {
  Dot dot(subject.title, subject.caption, Dot::Direction::LeftToRight);
  Names names;
  Contents first(subject, before);
  names.give(first);
  Contents second(subject, after);
  names.give(second);
  const auto [left, middle] = draw(dot, first, nullptr, "a_", "before");
  const auto [next, right] = draw(dot, second, &first, "b_", fmt::format("after {}", statement));
  dot.behind(middle, next);
  return dot.finish();
}

}  // namespace bachsim
