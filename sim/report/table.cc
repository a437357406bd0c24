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

std::string cut(const std::string& cell, std::size_t width) {
  return cell.size() <= width ? cell : cell.substr(0, width - 1) + "~";
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  KASSERT(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = columns_[i].heading.size();
    for (const auto& row : rows_)
      width = std::max(width, row[i].size());
    widths.push_back(width);
  }
  std::size_t total = std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
  if (columns_.back().align == Align::Whole)
    total -= widths.back();
  while (total > kReportWidth) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].align == Align::Left && widths[i] > kLeastWidth &&
          (widest == columns_.size() || widths[i] > widths[widest]))
        widest = i;
    }
    if (widest == columns_.size())
      break;
    --widths[widest];
    --total;
  }
  return widths;
}

std::string Table::text() const {
  const std::vector<std::size_t> width = widths();
  std::string text;
  const auto line = [&](auto&& cell_of) {
    std::string row;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = cut(cell_of(i), width[i]);
      row += i == 0 ? "" : std::string(kGap, ' ');
      row += columns_[i].align == Align::Right ? fmt::format("{:>{}}", cell, width[i])
                                               : fmt::format("{:<{}}", cell, width[i]);
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  };
  line([&](std::size_t i) { return std::string(columns_[i].heading); });
  for (const auto& row : rows_)
    line([&](std::size_t i) { return row[i]; });
  return text;
}

std::string range_text(std::uint64_t first, std::uint64_t last) {
  return first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
}

std::string wrapped(const std::vector<std::string>& items, std::size_t indent) {
  std::string text;
  std::string line(indent, ' ');
  for (const std::string& item : items) {
    if (line.size() > indent && line.size() + 1 + item.size() > kReportWidth) {
      text += line + "\n";
      line.assign(indent, ' ');
    }
    if (line.size() > indent)
      line += ' ';
    line += item;
  }
  return line.size() > indent ? text + line + "\n" : text;
}

std::string paragraph(std::string_view head, std::string_view text) {
  std::vector<std::string> words;
  for (const auto word : text | std::views::split(' '))
    words.emplace_back(word.begin(), word.end());
  return wrapped(words, head.size()).replace(0, head.size(), head);
}

}  // namespace bachsim
