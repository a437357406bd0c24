#include "sim/draw/dot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "workloads/language/characters.h"

namespace bachsim {
namespace {

constexpr std::string_view kFont = "DejaVu Sans,Verdana,sans-serif";

struct LineStyle {
  std::string_view color;
  std::string_view attributes;
  std::string_view look;
  std::string_view meaning;
};

constexpr std::array kLines{
    LineStyle{kGreen, "arrowhead=normal", "solid green", "attached region"},
    LineStyle{kGray, "arrowhead=vee, penwidth=0.8", "thin gray", "the region's page table"},
    LineStyle{kBlue, "penwidth=1.5, arrowhead=normal", "bold blue", "page table entry to its frame"},
    LineStyle{kVermilion, "style=dashed, arrowhead=normal", "dashed orange", "block on swap"},
    LineStyle{kPurple, "style=dotted, penwidth=1.6, arrowhead=onormal", "dotted purple",
              "a frame that holds the block, found by its number"},
    LineStyle{"#000000", "arrowhead=normal", "black", "the table or page that an entry names"},
    LineStyle{kBlue, "style=dashed, arrowhead=vee", "dashed blue", "a field of the address"},
    LineStyle{kGreen, "arrowhead=normal", "green", "fork"},
    LineStyle{kGreen, "style=dashed, arrowhead=normal", "dashed green", "vfork"},
};

}  // namespace

std::string label_text(std::string_view text) {
  std::string escaped;
  for (const char letter : printable(text)) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

// Entities stand for what would end the ID, or be read as an entity.
std::string dot_string(std::string_view text) {
  std::string result = "\"";
  for (const char letter : label_text(text)) result += letter == '\\' ? "&#92;" : std::string(1, letter);
  return result + '"';
}

std::string bold_label(std::string_view text) { return text.empty() ? "" : fmt::format("<B>{}</B>", label_text(text)); }

std::string small_label(std::string_view text, std::string_view color) {
  if (text.empty()) return "";
  return fmt::format("<FONT POINT-SIZE=\"8\" COLOR=\"{}\">{}</FONT>", color, label_text(text));
}

std::string_view mark_word(ChangeMark mark) {
  constexpr std::array<std::string_view, 4> kWords{"", "new", "changed", "gone"};
  return kWords.at(static_cast<std::size_t>(mark));
}

std::string_view mark_color(ChangeMark mark) {
  constexpr std::array<std::string_view, 4> kColors{"#FFFFFF", "#CDEBDD", "#FBF3A0", "#E4E4E4"};
  return kColors.at(static_cast<std::size_t>(mark));
}

Dot::Dot(std::string_view title, const std::vector<std::string>& caption, Direction direction)
    : caption_(caption), title_(title), lines_(kLines.size()) {
  const bool across = direction == Direction::LeftToRight;
  text_ = fmt::format(
      "digraph {} {{\n"
      "  graph [rankdir={}, fontname=\"{}\", fontsize=12, labelloc=t, labeljust=l, nodesep={}, ranksep={},\n"
      "    pad=0.2, bgcolor=white]\n"
      "  node [shape=plain, fontname=\"{}\", fontsize=10]\n"
      "  edge [fontname=\"{}\", fontsize=9, arrowsize=0.7]\n",
      dot_string(title.empty() ? "bachsim" : title), across ? "LR" : "TB", kFont, across ? "0.22" : "0.6",
      across ? "0.75" : "0.5", kFont, kFont);
}

void Dot::node(std::string_view name, std::string_view label) {
  text_ += fmt::format("  {} [label=<{}>]\n", name, label);
}

void Dot::table(const DrawnTable& table) {
  const bool marked = std::ranges::any_of(table.rows, [](const DrawnRow& row) { return row.mark != ChangeMark::None; });
  marks_ = marks_ || marked;
  const std::size_t width = std::max<std::size_t>(1, table.headings.size() + (marked ? 1 : 0));
  std::string label = "<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" CELLPADDING=\"3\" COLOR=\"#555555\">\n";
  label += fmt::format("    <TR><TD COLSPAN=\"{}\" PORT=\"head\" BGCOLOR=\"#DCE6EE\">{}</TD></TR>\n", width,
                       bold_label(table.title));
  if (!table.groups.empty()) {
    label += marked ? "    <TR><TD></TD>" : "    <TR>";
    for (const HeadingGroup& group : table.groups)
      label += fmt::format("<TD COLSPAN=\"{}\">{}</TD>", group.columns, small_label(group.heading, "#222222"));
    label += "</TR>\n";
  }
  if (!table.headings.empty()) {
    label += marked ? "    <TR><TD></TD>" : "    <TR>";
    for (const std::string& heading : table.headings)
      label += fmt::format("<TD>{}</TD>", small_label(heading, "#222222"));
    label += "</TR>\n";
  }
  for (const DrawnRow& row : table.rows) {
    label += "    <TR>";
    const std::string color = row.mark == ChangeMark::None ? "" : fmt::format(" BGCOLOR=\"{}\"", mark_color(row.mark));
    const auto port = [&](std::string_view behind) {
      return row.port.empty() ? "" : fmt::format(" PORT=\"{}{}\"", row.port, behind);
    };
    if (marked) label += fmt::format("<TD{}{}>{}</TD>", port(""), color, bold_label(mark_word(row.mark)));
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const std::string cell = i + 1 == row.cells.size() ? port("_") : i == 0 && !marked ? port("") : "";
      std::string text = label_text(row.cells[i]);
      if (row.dim && row.mark == ChangeMark::None && !text.empty())
        text = fmt::format("<FONT COLOR=\"{}\">{}</FONT>", kGray, text);
      if (!row.changed.empty() && row.changed[i] && !text.empty()) text = fmt::format("<B>{}</B>", text);
      if (row.mark == ChangeMark::Gone && !text.empty()) text = fmt::format("<S>{}</S>", text);
      const bool left = i < table.left.size() && table.left[i];
      label += fmt::format("<TD{}{}{}>{}</TD>", cell, color, left ? " ALIGN=\"LEFT\"" : " ALIGN=\"RIGHT\"", text);
    }
    label += "</TR>\n";
  }
  node(table.node, label + "  </TABLE>");
}

void Dot::rank(const std::vector<std::string>& nodes) {
  if (nodes.empty()) return;
  text_ += fmt::format("  {{ rank=same; {} }}\n", fmt::join(nodes, "; "));
  for (std::size_t i = 1; i < nodes.size(); ++i)
    text_ += fmt::format("  {} -> {} [style=invis]\n", nodes[i - 1], nodes[i]);
}

void Dot::column(const std::vector<std::string>& nodes) {
  if (!nodes.empty()) text_ += fmt::format("  {{ rank=same; {} }}\n", fmt::join(nodes, "; "));
}

void Dot::same_rank(std::string_view a, std::string_view b) {
  text_ += fmt::format("  {{ rank=same; {}; {} }}\n", a, b);
}

void Dot::arrow(std::string_view from, std::string_view to, Line line, std::string_view attributes) {
  const auto& style = kLines.at(static_cast<std::size_t>(line));
  lines_[static_cast<std::size_t>(line)] = true;
  text_ += fmt::format("  {} -> {} [color=\"{}\", {}{}{}]\n", from, to, style.color, style.attributes,
                       attributes.empty() ? "" : ", ", attributes);
}

void Dot::behind(std::string_view from, std::string_view to) {
  text_ += fmt::format("  {} -> {} [style=invis]\n", from, to);
}

void Dot::heading(std::string_view name, std::string_view text) {
  node(name, fmt::format("<FONT POINT-SIZE=\"12\">{}</FONT>", bold_label(text)));
}

std::string Dot::finish() {
  std::string label;
  const auto add = [&label](const std::string& line) {
    label += fmt::format("    <TR><TD ALIGN=\"LEFT\">{}</TD></TR>\n", line);
  };
  if (!title_.empty()) add(fmt::format("<FONT POINT-SIZE=\"14\">{}</FONT>", bold_label(title_)));
  for (const std::string& line : caption_) add(label_text(line));
  std::string legend;
  for (std::size_t i = 0; i < kLines.size(); ++i) {
    if (!lines_[i]) continue;
    if (!legend.empty()) legend += " · ";
    legend +=
        fmt::format("<FONT COLOR=\"{}\"><B>{}</B></FONT>: {}", kLines[i].color, kLines[i].look, kLines[i].meaning);
  }
  if (marks_) legend += legend.empty() ? "" : " · ";
  if (marks_) legend += "<B>new</B>, <B>changed</B>, <B>gone</B>: by the last statement";
  if (!legend.empty()) add(fmt::format("<FONT POINT-SIZE=\"9\" COLOR=\"#333333\">{}</FONT>", legend));
  if (!label.empty())
    text_ += fmt::format("  label=<<TABLE BORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"2\">\n{}  </TABLE>>\n", label);
  return text_ + "}\n";
}

}  // namespace bachsim
