// The view `memory`: all frames of the machine, by owner and count.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/draw/ranges.h"
#include "sim/draw/table_columns.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kInGrid = 64;  // frames, of a machine whose every frame is drawn as a box
constexpr std::uint64_t kPerLine = 8;
constexpr std::size_t kRangesOfFrames = 6;
constexpr std::size_t kNamesOfOwners = 6;

// Frames one behind the other of which the same can be said.
struct FrameRun {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::string owner{};                 // `data of P, C`, `kernel`, `free`
  std::vector<std::uint32_t> pages{};  // of that
  std::uint32_t count = 0;
  Disk disk{};  // that the first holds a copy of
  Disk last_disk{};
  std::string_view color = "#FFFFFF";
  ChangeMark mark = ChangeMark::None;
};

std::uint64_t gauge(const Moment& moment, std::string_view name) {
  const auto found = std::ranges::find(moment.gauges, name, &NumberRow::name);
  return found == moment.gauges.end() ? 0 : found->value;
}

// What each frame in use holds.
class Owners {
 public:
  Owners(const Subject& subject, const Moment& moment) {
    const Scene scene{.now = moment};
    const DrawnSpaces spaces(subject, scene);
    for (const PageRow& page : moment.pages) {
      if (page.frame) pages_[*page.frame].push_back(&page);
    }
    for (const RegionRow& region : moment.regions) {
      std::vector<std::size_t> holders = spaces.holders(moment, region.id);
      const auto again = std::ranges::unique(holders);
      holders.erase(again.begin(), again.end());
      for (const std::size_t process : holders) holders_[region.id].push_back(spaces.processes()[process].name);
      types_[region.id] = name(region.type);
    }
  }

  // Frames that are free and hold nothing are known by nobody: `row` is nullptr.
  [[nodiscard]] FrameRun run(std::uint32_t frame, const FrameRow* row, bool reserved) const {
    FrameRun run{.first = frame, .last = frame, .owner = "free"};
    if (reserved) {
      run.owner = "kernel";
      run.color = "#D9D9D9";
    }
    if (row == nullptr) return run;
    run.disk = row->disk;
    run.disk.in_figure = true;
    run.last_disk = run.disk;
    run.count = row->refs;
    if (row->refs == 0) {
      run.color = "#F2F2F2";
      return run;
    }
    run.color = row->refs > 1 ? "#F7D9B8" : "#CFE3F1";
    if (row->being_read) run.owner = "being read";  // and so no page has it yet
    const auto pages = pages_.find(frame);
    if (pages == pages_.end()) return run;
    std::vector<std::uint32_t> regions;
    for (const PageRow* page : pages->second) {
      regions.push_back(page->region);
      run.pages.push_back(page->page);
    }
    const auto [known, is_new] = owners_.try_emplace(regions);
    if (is_new) known->second = owner_of(regions);
    run.owner = known->second;
    return run;
  }

 private:
  // Names in the order in which they came, each once.
  struct Names {
    std::vector<std::string> first{};  // no more than are told
    std::set<std::string> all{};
  };

  // `data of P, C; text of P, C, … 40 in all`
  [[nodiscard]] std::string owner_of(const std::vector<std::uint32_t>& regions) const {
    std::map<std::string, Names> owners;  // [type of region]
    for (const std::uint32_t region : regions) {
      Names& names = owners[types_.at(region)];
      const auto holders = holders_.find(region);
      if (holders == holders_.end()) continue;
      for (const std::string& name : holders->second) {
        if (names.all.insert(name).second && names.first.size() < kNamesOfOwners) names.first.push_back(name);
      }
    }
    std::string text;
    for (const auto& [type, names] : owners) {
      text += fmt::format("{}{}", text.empty() ? "" : "; ", type);
      if (names.all.empty()) continue;
      text += fmt::format(" of {}", fmt::join(names.first, ", "));
      if (names.all.size() > names.first.size()) text += fmt::format(", … {} in all", names.all.size());
    }
    return text;
  }

  std::map<std::uint32_t, std::vector<const PageRow*>> pages_;
  std::map<std::uint32_t, std::vector<std::string>> holders_;
  std::map<std::uint32_t, std::string> types_;
  mutable std::map<std::vector<std::uint32_t>, std::string> owners_;  // of the pages of these regions, as found so far
};

bool alike(const FrameRun& a, const FrameRun& b) {
  const bool disks =
      a.last_disk.kind == DbdKind::None ? b.disk.kind == DbdKind::None : counts_on(Field(a.last_disk), Field(b.disk));
  return disks && a.owner == b.owner && a.count == b.count && a.mark == b.mark;
}

// All frames in runs; with `each`, every frame a run of its own.
std::vector<FrameRun> runs_of(const Subject& subject, const Scene& scene, bool each) {
  const Owners owners(subject, scene.now);
  const auto total = gauge(scene.now, "frames.total");
  const auto reserved = gauge(scene.now, "frames.reserved");
  std::map<std::uint32_t, ChangeMark> marks;
  if (scene.before != nullptr) {
    HostShare share(scene.now.budget());
    for (const auto& change : difference(scene.before->frames, scene.now.frames, share))
      marks[change.after ? change.after->frame : change.before->frame] = !change.before ? ChangeMark::New
                                                                         : change.after ? ChangeMark::Changed
                                                                                        : ChangeMark::Gone;
  }
  std::vector<FrameRun> runs;
  const auto add = [&](FrameRun run, std::uint64_t count) {
    if (const auto mark = marks.find(run.first); mark != marks.end()) run.mark = mark->second;
    run.last = static_cast<std::uint32_t>(run.first + count - 1);
    if (!each && !runs.empty() && alike(runs.back(), run)) {
      runs.back().last = run.last;
      runs.back().pages.insert(runs.back().pages.end(), run.pages.begin(), run.pages.end());
      runs.back().last_disk = run.last_disk;
    } else {
      runs.push_back(std::move(run));
    }
  };
  auto row = scene.now.frames.begin();
  for (std::uint64_t frame = 0; frame < total;) {
    while (row != scene.now.frames.end() && row->frame < frame) ++row;
    const bool known = row != scene.now.frames.end() && row->frame == frame;
    std::uint64_t next = frame + 1;
    if (!known && !each) {
      next = row == scene.now.frames.end() ? total : row->frame;
      if (frame < reserved) next = std::min(next, reserved);
      if (const auto mark = marks.upper_bound(static_cast<std::uint32_t>(frame)); mark != marks.end())
        next = std::min<std::uint64_t>(next, mark->first);
      if (marks.contains(static_cast<std::uint32_t>(frame))) next = frame + 1;
    }
    add(owners.run(static_cast<std::uint32_t>(frame), known ? &*row : nullptr, frame < reserved), next - frame);
    frame = next;
  }
  return runs;
}

std::string disk_text(const FrameRun& run) {
  return run.disk.kind == DbdKind::None ? "" : text(Field(run.disk), Field(run.last_disk));
}

// Runs that stand in one row of a table: frames in several places.
using FrameGroup = std::vector<FrameRun>;

// Each run alone; or, if these are too many, together all of which the same can be said but for the block.
std::vector<FrameGroup> groups_of(std::vector<FrameRun> runs) {
  const bool each = runs.size() <= kRowsUnmerged;
  std::vector<FrameGroup> groups;
  std::map<std::string, std::size_t> known;
  for (FrameRun& run : runs) {
    const std::string words =
        fmt::format("{}\n{}\n{}\n{}", run.owner, run.count, name(run.disk.kind), mark_word(run.mark));
    const auto [at, is_new] = known.try_emplace(words, groups.size());
    if (each || is_new) groups.emplace_back();
    groups[each ? groups.size() - 1 : at->second].push_back(std::move(run));
  }
  return groups;
}

DrawnRow row_of_group(const FrameGroup& group) {
  const FrameRun& first = group.front();
  std::string frames;
  std::vector<std::uint32_t> pages;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < group.size(); ++i) {
    const FrameRun& run = group[i];
    number += run.last - run.first + std::uint64_t{1};
    pages.insert(pages.end(), run.pages.begin(), run.pages.end());
    if (i > kRangesOfFrames) continue;
    if (i > 0) frames += ',';
    if (i == kRangesOfFrames)
      frames += "…";
    else
      frames += text(field(run.first), field(run.last));
  }
  return {.port = fmt::format("f{}", first.first),
          .cells = {fmt::format("{}", number), frames, first.owner, ranges_text(std::move(pages), kRangesOfFrames),
                    first.count == 0 ? "" : fmt::format("{}", first.count),
                    disk_text(first) + (group.size() > 1 && first.disk.has_block() ? ", …" : "")},
          .mark = first.mark,
          .dim = first.owner == "free" || first.owner == "kernel"};
}

std::string box(const FrameRun& run) {
  std::string text = bold_label(fmt::format("{}", run.first));
  const auto line = [&text](const std::string& what) {
    if (!what.empty()) text += "<BR/>" + small_label(what, "#222222");
  };
  line(run.owner);
  line(run.pages.empty() ? "" : "page " + ranges_text(run.pages, kRangesOfFrames));
  line(run.count == 0 ? "" : fmt::format("count {}", run.count));
  line(disk_text(run));
  if (run.mark != ChangeMark::None) text += "<BR/>" + bold_label(mark_word(run.mark));
  const std::string_view color = run.mark == ChangeMark::None ? run.color : mark_color(run.mark);
  return fmt::format("<TD WIDTH=\"78\" HEIGHT=\"56\" BGCOLOR=\"{}\"{}>{}</TD>", color,
                     run.count > 1 ? " BORDER=\"2\"" : "", text);
}

}  // namespace

std::string memory_drawing(const Subject& subject, const Scene& scene) {
  const auto number = [&scene](std::string_view name) { return gauge(scene.now, name); };
  std::vector<std::string> caption = subject.caption;
  caption.push_back(fmt::format("{}: {} of the kernel, {} free, {} used, {} of these shared; and {} of page tables",
                                count_text(number("frames.total"), "frame"), number("frames.reserved"),
                                number("frames.free"), number("frames.used"), number("frames.shared"),
                                count_text(number("tables.used"), "frame")));
  Dot dot(subject.title, caption, Dot::Direction::LeftToRight);
  if (number("frames.total") <= kInGrid) {
    std::string grid = "<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" CELLPADDING=\"3\" COLOR=\"#555555\">\n";
    const auto runs = runs_of(subject, scene, true);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (i % kPerLine == 0) grid += "    <TR>";
      grid += box(runs[i]);
      if (i % kPerLine == kPerLine - 1 || i + 1 == runs.size()) grid += "</TR>\n";
    }
    dot.node("memory", grid + "  </TABLE>");
    dot.explain_marks(scene.before != nullptr);
    return dot.finish();
  }
  DrawnTable table{.node = "memory",
                   .title = "physical memory",
                   .headings = {"number", "frames", "what", "pages", "count", "disk block"},
                   .left = {false, true, true, true, false, true}};
  for (const FrameGroup& group : groups_of(runs_of(subject, scene, false))) table.rows.push_back(row_of_group(group));
  dot.table(table);
  return dot.finish();
}

}  // namespace bachsim
