// Figure 9.14: one page, and every table that knows of it.
#include <fmt/format.h>

#include <algorithm>

#include "sim/draw/table_columns.h"

namespace bachsim {
namespace {

// A box of one table with a heading line, a line of column headings, and a line of values.
std::string box(std::string_view title, const std::vector<HeadingGroup>& groups,
                const std::vector<std::pair<std::string, std::string>>& cells) {
  std::string label = "<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" CELLPADDING=\"4\" COLOR=\"#555555\">\n";
  label += fmt::format("    <TR><TD COLSPAN=\"{}\" BGCOLOR=\"#DCE6EE\" PORT=\"head\">{}</TD></TR>\n", cells.size(),
                       bold_label(title));
  const auto line = [&label](const std::string& inside) { label += fmt::format("    <TR>{}</TR>\n", inside); };
  std::string row;
  for (const HeadingGroup& group : groups)
    row += fmt::format("<TD COLSPAN=\"{}\">{}</TD>", group.columns, small_label(group.heading, "#222222"));
  if (!row.empty()) line(row);
  row.clear();
  for (const auto& cell : cells) row += fmt::format("<TD>{}</TD>", small_label(cell.first, "#222222"));
  line(row);
  row.clear();
  for (std::size_t i = 0; i < cells.size(); ++i)
    row += fmt::format("<TD PORT=\"c{}\">{}</TD>", i, label_text(cells[i].second));
  line(row);
  return label + "  </TABLE>";
}

}  // namespace

std::optional<std::string> one_page_drawing(const Subject& subject, const Moment& moment) {
  const Scene scene{.now = moment};
  const DrawnSpaces spaces(subject, scene);
  if (spaces.processes().size() != 1 || moment.frames.size() != 1) return std::nullopt;
  std::optional<PageRow> page;
  RegionRow home;
  for (const RegionRow& region : spaces.regions(moment)) {
    for (const PageRow& row : spaces.pages(moment, region.id)) {
      if (!row.valid && row.disk.kind != DbdKind::Swap) continue;
      if (page || !row.valid) return std::nullopt;
      page = row;
      home = region;
    }
  }
  if (!page || !page->address) return std::nullopt;
  const FrameRow& frame = moment.frames.front();
  const auto block = std::ranges::find_if(moment.swap_use, [&](const SwapBlockRow& row) {
    return page->disk.kind == DbdKind::Swap && row.device == page->disk.device && row.block == page->disk.block;
  });

  Dot dot(subject.title, subject.caption, Dot::Direction::TopToBottom);
  std::vector<std::pair<std::string, std::string>> cells;
  const auto columns = drawn_page_columns(true, false);
  for (std::size_t i = 1; i < columns.size(); ++i)
    cells.emplace_back(std::string(columns[i].heading), text(columns[i].get(*page)));
  dot.node("page", box(fmt::format("process {}, {}: virtual address {}", spaces.processes().front().name,
                                   name(home.type), text(*page->address)),
                       {{"page table entry", 7}, {"disk block descriptor", 1}}, cells));
  const auto frame_columns = drawn_frame_columns(false);
  cells.clear();
  for (const auto& column : frame_columns) cells.emplace_back(std::string(column.heading), text(column.get(frame)));
  dot.node("pfdata", box("page frame data table", {}, cells));
  dot.node("memory", box("physical memory", {}, {{"page", fmt::format("{}", frame.frame)}}));
  dot.rank({"page"});
  dot.arrow("page:c0:s", "pfdata:head:n", Line::ToFrame);
  dot.arrow("pfdata:c0:s", "memory:head:n", Line::ToFrame);
  if (block != moment.swap_use.end()) {
    dot.node("use", box("swap use", {}, {{"count", fmt::format("{}", block->refs)}}));
    dot.node("device",
             box(fmt::format("swap device {}", block->device), {}, {{"block", fmt::format("{}", block->block)}}));
    dot.same_rank("page", "use");
    dot.same_rank("pfdata", "device");
    // Between nodes of one rank, Graphviz draws no head on an arrow that has ports.
    dot.arrow("page", "use", Line::ToSwap);
    if (frame.disk.kind == DbdKind::Swap) dot.arrow("pfdata", "device", Line::ToSwap);
    dot.arrow("use:c0:s", "device:head:n", Line::ToSwap);
  }
  return dot.finish();
}

}  // namespace bachsim
