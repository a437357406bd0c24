#include "sim/report/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <ranges>

#include "sim/machine/check.h"

namespace bachsim {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastWidth = 8;   // no column is cut below this
constexpr std::size_t kMostLines = 256;  // lines that are kept, so that a short table is made once

constexpr std::size_t kLeastWhole = 20;  // a last column that is not cut has this room
constexpr std::size_t kBelow = 6;        // where it begins below the others

using Widths = std::vector<std::size_t>;
using Indices = std::vector<std::size_t>;  // of columns

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Characters of UTF-8, each of which takes one place on a screen.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

// The first `count` characters of a text, or all.
std::string_view beginning(std::string_view text, std::size_t count) {
  std::size_t end = std::min(count, text.size());
  if (width_of(text.substr(0, end)) == end && (end == text.size() || begins_character(text[end])))
    return text.substr(0, end);
  std::size_t characters = 0;
  for (end = 0; end < text.size(); ++end) {
    if (begins_character(text[end]) && characters++ == count) break;
  }
  return text.substr(0, end);
}

std::size_t total_of(const std::vector<TableColumn>& columns, const Widths& widths) {
  const std::size_t total = std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
  return columns.back().align == Align::Whole ? total - widths.back() : total;
}

// Cuts the widest columns of text until a line fits, or none can be cut: all to the same width, of which the last ones
// have one more where there is room for that.
void fit(const std::vector<TableColumn>& columns, Widths& widths, std::size_t width) {
  const std::size_t total = total_of(columns, widths);
  if (total <= width) return;
  Indices widest;  // of those that may be cut, the widest first
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].align == Align::Left && widths[i] > kLeastWidth) widest.push_back(i);
  }
  std::ranges::sort(widest, std::ranges::greater(), [&widths](std::size_t i) { return widths[i]; });
  std::size_t level = kLeastWidth;
  std::size_t room = 0;  // for one more in so many columns
  std::size_t excess = total - width;
  for (std::size_t count = 1; count <= widest.size(); ++count) {
    const std::size_t here = widths[widest[count - 1]];  // the columns before it have come to this width
    const std::size_t next = count < widest.size() ? widths[widest[count]] : kLeastWidth;
    const std::size_t steps = (excess + count - 1) / count;
    if (steps <= here - next) {
      level = here - steps;
      room = steps * count - excess;
      break;
    }
    excess -= (here - next) * count;
  }
  std::ranges::sort(widest, std::ranges::greater());
  for (const std::size_t i : widest) {
    if (widths[i] <= level) continue;
    widths[i] = level + (room > 0 ? 1 : 0);
    room -= std::min<std::size_t>(room, 1);
  }
}

// Columns that go side by side. Where they do not all have room, the others go below them, behind the first column.
std::vector<Indices> folded(const std::vector<TableColumn>& columns, const Widths& widths, std::size_t width) {
  Indices all(columns.size());
  std::iota(all.begin(), all.end(), 0u);
  if (columns.back().align == Align::Whole || total_of(columns, widths) <= width) return {all};
  std::vector<Indices> parts{{0}};
  std::size_t used = widths[0];
  for (std::size_t i = 1; i < columns.size(); ++i) {
    if (used + kGap + widths[i] > width && parts.back().size() > 1) {
      parts.push_back({0});
      used = widths[0];
    }
    parts.back().push_back(i);
    used += kGap + widths[i];
  }
  return parts;
}

// An expression broken into lines of a width: before `and` or `or` where that is possible, else at a blank.
std::vector<std::string_view> broken(std::string_view text, std::size_t width) {
  std::vector<std::string_view> lines;
  while (text.size() > width) {
    const auto last = [&](std::string_view word) {
      const std::size_t at = text.rfind(word, width);
      return at == std::string_view::npos ? 0 : at;
    };
    std::size_t blank = std::max(last(" and "), last(" or "));
    if (blank == 0) blank = last(" ");
    if (blank == 0) blank = text.find(' ', width);
    if (blank == std::string_view::npos) break;
    lines.push_back(text.substr(0, blank));
    text.remove_prefix(blank + 1);
  }
  lines.push_back(text);
  return lines;
}

// One line of a table, of some of its columns.
void write_row(Sink& sink, const std::vector<TableColumn>& columns, const Widths& widths, const Indices& part,
               const std::function<std::string_view(std::size_t)>& cell_of) {
  std::string row;
  for (const std::size_t i : part) {
    if (i != part.front()) row.append(kGap, ' ');
    if (columns[i].align == Align::Whole) {
      // Where too little room is left behind the others, it stands below them.
      if (sink.width() < row.size() + kLeastWhole) {
        row.erase(row.find_last_not_of(' ') + 1);
        row.append(1, '\n').append(kBelow, ' ');
      }
      const std::size_t start = row.size() - (row.rfind('\n') + 1);
      const std::size_t room = std::max(sink.width(), start + kLeastWhole) - start;
      std::string_view between;
      for (const std::string_view line : broken(cell_of(i), room)) {
        row.append(between).append(between.empty() ? 0 : start, ' ').append(line);
        between = "\n";
      }
      continue;
    }
    const std::string cell = cut(cell_of(i), widths[i]);
    const std::size_t blanks = widths[i] - width_of(cell);
    if (columns[i].align == Align::Right) row.append(blanks, ' ');
    row += cell;
    if (columns[i].align == Align::Left) row.append(blanks, ' ');
  }
  row.erase(row.find_last_not_of(' ') + 1);
  sink.write(row += '\n');
}

}  // namespace

std::string cut(std::string_view text, std::size_t width) {
  return text.size() <= width || width_of(text) <= width ? std::string(text)
                                                         : fmt::format("{}~", beginning(text, width - 1));
}

void write_table(Sink& sink, const std::vector<TableColumn>& columns, const Lines& lines, IfEmpty if_empty) {
  Widths widths;
  for (const TableColumn& column : columns) widths.push_back(column.heading.size());
  std::vector<std::vector<std::string>> kept;
  std::size_t count = 0;
  lines([&](const std::vector<std::string>& cells) {
    KASSERT(cells.size() == columns.size());
    // Text wider than the sink is cut in any case: its further width says nothing.
    for (std::size_t i = 0; i < columns.size(); ++i)
      widths[i] = std::max(widths[i], columns[i].align == Align::Left ? std::min(width_of(cells[i]), sink.width() + 1)
                                                                      : cells[i].size());
    if (++count <= kMostLines) kept.push_back(cells);
  });
  if (count == 0 && if_empty == IfEmpty::Nothing) return;
  fit(columns, widths, sink.width());
  std::string_view between;
  for (const Indices& part : folded(columns, widths, sink.width())) {
    const auto write_line = [&](const std::vector<std::string>& cells) {
      write_row(sink, columns, widths, part, [&](std::size_t i) -> std::string_view { return cells[i]; });
    };
    sink.write(between);
    between = "\n";
    write_row(sink, columns, widths, part, [&](std::size_t i) { return columns[i].heading; });
    if (count <= kMostLines)
      std::ranges::for_each(kept, write_line);
    else
      lines(write_line);
  }
}

void Table::add(std::vector<std::string> cells) {
  KASSERT(cells.size() == columns_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (columns_[i].align == Align::Left) cells[i].resize(beginning(cells[i], width_ + 1).size());
  }
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  StringSink sink;
  sink.set_width(width_);
  write_table(sink, columns_, [&](const auto& line) { std::ranges::for_each(rows_, line); });
  return std::move(sink.text());
}

void Wrapper::add(std::string_view item) {
  if (line_.size() > indent_ && line_.size() + 1 + item.size() > sink_.width()) finish();
  if (line_.size() > indent_) line_ += ' ';
  line_ += item;
}

void Wrapper::finish() {
  if (line_.size() > indent_) sink_.write(line_ += '\n');
  line_.assign(indent_, ' ');
}

std::string wrapped(const std::vector<std::string>& items, std::size_t indent, std::size_t width) {
  StringSink sink;
  sink.set_width(width);
  Wrapper wrapper(sink, indent);
  for (const std::string& item : items) wrapper.add(item);
  wrapper.finish();
  return std::move(sink.text());
}

std::string paragraph(std::string_view head, std::string_view text, std::size_t width) {
  return paragraph(head, text, 0, width);
}

std::string paragraph(std::string_view head, std::string_view text, std::size_t farther_in, std::size_t width) {
  std::string result(head);
  std::size_t begin = 0;  // of the line
  bool any = false;       // word in it
  for (const auto part : text | std::views::split(' ')) {
    const std::string_view word(part.begin(), part.end());
    if (any && result.size() - begin + 1 + word.size() > width) {
      result += '\n';
      begin = result.size();
      result.append(head.size() + farther_in, ' ');
      any = false;
    }
    if (any) result += ' ';
    result += word;
    any = true;
  }
  return result += '\n';
}

}  // namespace bachsim
