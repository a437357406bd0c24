#include "sim/report/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <ranges>

#include "sim/machine/check.h"

namespace bachsim {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastWidth = 8;  // no column is cut below this
constexpr std::size_t kMostKept = 256;  // lines that are kept, so that a short table is made once

// Cuts the widest columns of text until a line fits.
void fit(const std::vector<TableColumn>& columns, std::vector<std::size_t>& widths) {
  std::size_t total = std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
  if (columns.back().align == Align::Whole) total -= widths.back();
  while (total > kReportWidth) {
    std::size_t widest = columns.size();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].align == Align::Left && widths[i] > kLeastWidth &&
          (widest == columns.size() || widths[i] > widths[widest]))
        widest = i;
    }
    if (widest == columns.size()) break;
    --widths[widest];
    --total;
  }
}

}  // namespace

std::string cut(std::string_view text, std::size_t width) {
  return text.size() <= width ? std::string(text) : fmt::format("{}~", text.substr(0, width - 1));
}

void write_table(Sink& sink, const std::vector<TableColumn>& columns, const Lines& lines, IfEmpty if_empty) {
  std::vector<std::size_t> widths;
  for (const TableColumn& column : columns) widths.push_back(column.heading.size());
  std::vector<std::vector<std::string>> kept;
  std::size_t count = 0;
  lines([&](const std::vector<std::string>& cells) {
    KASSERT(cells.size() == columns.size());
    // Text wider than a report is cut in any case: its further width says nothing.
    for (std::size_t i = 0; i < columns.size(); ++i)
      widths[i] = std::max(
          widths[i], columns[i].align == Align::Left ? std::min(cells[i].size(), kReportWidth + 1) : cells[i].size());
    if (++count <= kMostKept) kept.push_back(cells);
  });
  if (count == 0 && if_empty == IfEmpty::Nothing) return;
  fit(columns, widths);
  std::string row;
  const auto write = [&](auto&& cell_of) {
    row.clear();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string cell = cut(cell_of(i), widths[i]);
      const std::size_t gap = i == 0 ? 0 : kGap;
      const std::size_t blanks = widths[i] - cell.size();
      row.append(columns[i].align == Align::Right ? gap + blanks : gap, ' ').append(cell);
      if (columns[i].align != Align::Right) row.append(blanks, ' ');
    }
    row.erase(row.find_last_not_of(' ') + 1);
    sink.write(row += '\n');
  };
  write([&](std::size_t i) { return columns[i].heading; });
  const auto write_line = [&](const std::vector<std::string>& cells) {
    write([&](std::size_t i) -> std::string_view { return cells[i]; });
  };
  if (count <= kMostKept)
    std::ranges::for_each(kept, write_line);
  else
    lines(write_line);
}

void Table::add(std::vector<std::string> cells) {
  KASSERT(cells.size() == columns_.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (columns_[i].align == Align::Left && cells[i].size() > kReportWidth)
      cells[i] = cells[i].substr(0, kReportWidth + 1);
  }
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  StringSink sink;
  write_table(sink, columns_, [&](const auto& line) { std::ranges::for_each(rows_, line); });
  return std::move(sink.text());
}

void Wrapper::add(std::string_view item) {
  if (line_.size() > indent_ && line_.size() + 1 + item.size() > kReportWidth) finish();
  if (line_.size() > indent_) line_ += ' ';
  line_ += item;
}

void Wrapper::finish() {
  if (line_.size() > indent_) sink_.write(line_ += '\n');
  line_.assign(indent_, ' ');
}

std::string wrapped(const std::vector<std::string>& items, std::size_t indent) {
  StringSink sink;
  Wrapper wrapper(sink, indent);
  for (const std::string& item : items) wrapper.add(item);
  wrapper.finish();
  return std::move(sink.text());
}

std::string paragraph(std::string_view head, std::string_view text) {
  std::vector<std::string> words;
  for (const auto word : text | std::views::split(' ')) words.emplace_back(word.begin(), word.end());
  return wrapped(words, head.size()).replace(0, head.size(), head);
}

}  // namespace bachsim
