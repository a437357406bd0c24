// The view `walk`: the address as a strip of fields, the tables that its indexes select entries of, and what comes out.
#include <fmt/format.h>

#include "sim/draw/dot.h"
#include "sim/draw/drawings.h"

namespace bachsim {
namespace {

constexpr unsigned kOffsetBits = 12;
constexpr unsigned kIndexBits = 9;

std::string cell(std::string_view port, std::string_view above, std::string_view value, bool changed = false) {
  return fmt::format("<TD PORT=\"{}\"{}>{}<BR/>{}</TD>", port,
                     changed ? fmt::format(" BGCOLOR=\"{}\"", mark_color(ChangeMark::Changed)) : "",
                     small_label(above, "#222222"), label_text(value));
}

std::string strip(std::string_view title, std::size_t columns, std::string_view cells) {
  return fmt::format(
      "<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" CELLPADDING=\"5\" COLOR=\"#555555\">\n"
      "    <TR><TD COLSPAN=\"{}\" BGCOLOR=\"#DCE6EE\" PORT=\"head\">{}</TD></TR>\n    <TR>{}</TR>\n  </TABLE>",
      columns, bold_label(title), cells);
}

std::string address_strip(const Walk& walk) {
  const auto top = static_cast<unsigned>(levels(walk.satp.mode)) - 1;
  const unsigned used = kOffsetBits + kIndexBits * (top + 1);
  std::string cells =
      cell("ext", fmt::format("EXT: bits 63-{}", used), fmt::format("{:#x}", walk.address.value >> used));
  for (unsigned level = top + 1; level-- > 0;) {
    const unsigned low = kOffsetBits + kIndexBits * level;
    cells += cell(fmt::format("i{}", level), fmt::format("L{}: bits {}-{}", level, low + kIndexBits - 1, low),
                  fmt::format("{}", walk.address.value >> low & ((1u << kIndexBits) - 1)));
  }
  cells += cell("offset", "offset: bits 11-0", fmt::format("{:#x}", walk.offset()));
  const std::string label = walk.label ? text(*walk.label) + " = " : "";
  return strip(fmt::format("{}: virtual address {}{}", walk.process, label, text(walk.address)), top + 3, cells);
}

// A table of 512 entries, of which the walk reads one.
void level_table(Dot& dot, const WalkRow& row, const WalkRow* was) {
  DrawnTable table{.node = fmt::format("level{}", row.level),
                   .title = fmt::format("level {} table at {}", row.level, text(row.table)),
                   .headings = {"index", "PTE at", "PTE", "PPN", "flags"},
                   .left = {false, false, false, false, true}};
  const auto gap = [](unsigned first, unsigned end) {
    return std::vector<std::string>{end - first == 1 ? fmt::format("{}", first) : fmt::format("{}-{}", first, end - 1),
                                    "…", "", "", ""};
  };
  const auto cells = [](const WalkRow& of) {
    return std::vector<std::string>{fmt::format("{}", of.index), text(of.at), text(of.pte), text(of.ppn), of.flags};
  };
  DrawnRow drawn{.port = "entry", .cells = cells(row)};
  if (was != nullptr) {
    const auto old = cells(*was);
    drawn.changed.assign(old.size(), false);
    for (std::size_t i = 0; i < old.size(); ++i) {
      if (old[i] == drawn.cells[i]) continue;
      drawn.cells[i] = old[i] + " → " + drawn.cells[i];
      drawn.changed[i] = true;
      drawn.mark = ChangeMark::Changed;
    }
  }
  if (row.index > 0) table.rows.push_back({.port = "above", .cells = gap(0, row.index), .dim = true});
  table.rows.push_back(std::move(drawn));
  if (row.index + 1 < kTableEntries)
    table.rows.push_back({.port = "below", .cells = gap(row.index + 1, kTableEntries), .dim = true});
  dot.table(table);
}

// The physical address, field by field, and for each kind of access whether it gets there.
std::string end_label(const Walk& walk) {
  std::string lines;
  std::string fields;
  for (const Access access : {Access::Load, Access::Store, Access::Fetch}) {
    const WalkEnd& end = walk.ends.at(static_cast<unsigned>(access));
    if (end.physical && fields.empty())
      fields =
          fmt::format("<TR>{}{}</TR>", cell("ppn", "PPN", fmt::format("{:#x}", end.physical->value >> kOffsetBits)),
                      cell("offset", "offset", fmt::format("{:#x}", walk.offset())));
    const std::string out =
        end.physical ? "physical address " + text(*end.physical)
                     : fmt::format("{}: scause {}, stval {:#x}", cause_name(*end.scause), *end.scause, end.stval);
    lines += fmt::format("    <TR><TD ALIGN=\"LEFT\">{}</TD><TD ALIGN=\"LEFT\">{}</TD></TR>\n",
                         bold_label(name(access)), label_text(out));
  }
  // The fields come first, so that no arrow to them crosses the heading.
  return fmt::format(
      "<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" CELLPADDING=\"5\" COLOR=\"#555555\">\n"
      "    {}\n    <TR><TD COLSPAN=\"2\" BGCOLOR=\"#DCE6EE\" PORT=\"head\">{}</TD></TR>\n{}  </TABLE>",
      fields, bold_label(fields.empty() ? "trap" : "physical address"), lines);
}

}  // namespace

std::string walk_drawing(const Subject& subject, const Walk& walk, const Walk* before) {
  std::vector<std::string> caption = subject.caption;
  caption.push_back("flags: c copy on write, d dirty, a accessed, u user, x w r rights, v valid");
  Dot dot(subject.title, caption, Dot::Direction::TopToBottom);
  dot.node("satp", strip("satp", 2,
                         cell("mode", "mode", mode_name(walk.satp.mode)) +
                             cell("ppn", "PPN of the root", fmt::format("{:#x}", walk.satp.root.value))));
  dot.node("address", address_strip(walk));
  std::string from = "satp:ppn:s";
  for (std::size_t i = 0; i < walk.rows.size(); ++i) {
    const WalkRow& row = walk.rows[i];
    const bool known = before != nullptr && i < before->rows.size() && before->rows[i].level == row.level;
    level_table(dot, row, known ? &before->rows[i] : nullptr);
    dot.arrow(from, fmt::format("level{}:head:w", row.level), Line::Step);
    dot.arrow(fmt::format("address:i{}:s", row.level), fmt::format("level{}:head:n", row.level), Line::Index);
    from = fmt::format("level{}:entry_:e", row.level);
  }
  dot.node("end", end_label(walk));
  bool arrives = false;
  for (const WalkEnd& end : walk.ends) arrives = arrives || end.physical;
  dot.arrow(from, arrives ? "end:ppn:n" : "end:head:n", Line::Step);
  if (arrives) dot.arrow("address:offset:s", "end:offset:n", Line::Index);
  return dot.finish();
}

}  // namespace bachsim
