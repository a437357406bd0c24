// Text in aligned columns.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/sink.h"
#include "sim/state/column.h"

namespace bachsim {

// A text of at most `width` characters; a longer one ends in `~`.
[[nodiscard]] std::string cut(std::string_view text, std::size_t width);

enum class Align : std::uint8_t {
  Left,
  Right,
  Whole,  // the last column alone: as Left, but never cut: it goes on below itself
};

struct TableColumn {
  std::string_view heading;
  Align align;
};

// Calls its argument with the cells of each line.
using Lines = std::function<void(const std::function<void(const std::vector<std::string>&)>&)>;

// Writes headings and lines. Where they are wider than the sink, the longest cells of text are cut; where that is not
// enough, columns to the right come as a table of their own below, behind the first column.
// Asks for many lines twice, to measure and to write, and does not keep them. Where there are none, writes nothing, or
// the headings alone.   REQUIRES: as many cells as columns
enum class IfEmpty : std::uint8_t { Nothing, Headings };
void write_table(Sink& sink, const std::vector<TableColumn>& columns, const Lines& lines,
                 IfEmpty if_empty = IfEmpty::Nothing);

// A table that is small enough to be kept.
class Table {
 public:
  explicit Table(std::vector<TableColumn> columns, std::size_t width = kReportWidth)
      : columns_(std::move(columns)), width_(width) {}

  // REQUIRES: as many cells as columns
  void add(std::vector<std::string> cells);
  [[nodiscard]] std::string text() const;

 private:
  std::vector<TableColumn> columns_;
  std::size_t width_;
  std::vector<std::vector<std::string>> rows_;
};

// A column of rows, as a view shows it.
template <class Row>
struct ViewColumn : TableColumn {
  bool counts_on = false;
  std::function<Field(const Row&)> get{};
};

// The columns of these names, in this order.   REQUIRES: there are such columns
template <class Row, std::size_t n>
[[nodiscard]] std::vector<ViewColumn<Row>> pick(const std::array<Column<Row>, n>& columns,
                                                std::initializer_list<std::string_view> names) {
  std::vector<ViewColumn<Row>> picked;
  for (const std::string_view name : names) {
    for (const auto& column : columns) {
      if (column.name == name)
        picked.push_back(
            {{column.heading, column.left() ? Align::Left : Align::Right}, column.is(kCountsOn), column.get});
    }
  }
  return picked;
}

// Writes rows as a table. `rows` hands them to its argument, and may be called twice. Where a column counts on, rows
// that differ only by counting on are one line.
template <class Row, class Rows>
void write_rows(Sink& sink, const std::vector<ViewColumn<Row>>& columns, const Rows& rows,
                IfEmpty if_empty = IfEmpty::Nothing) {
  const bool merges = std::ranges::any_of(columns, &ViewColumn<Row>::counts_on);
  const auto write_lines = [&](const auto& line) {
    std::vector<Field> first, last, fields;  // of the rows that are one line, and of the row at hand
    std::vector<std::string> cells(columns.size());
    const auto end_line = [&] {
      for (std::size_t i = 0; i < first.size(); ++i)
        cells[i] = columns[i].counts_on ? text(first[i], last[i]) : text(first[i]);
      if (!first.empty()) line(cells);
    };
    rows([&](const Row& row) {
      fields.clear();
      bool same_line = merges && !first.empty();
      for (const auto& column : columns) {
        const std::size_t i = fields.size();
        fields.push_back(column.get(row));
        same_line = same_line && (column.counts_on ? counts_on(last[i], fields[i]) : last[i] == fields[i]);
      }
      if (!same_line) {
        end_line();
        first = fields;
      }
      last.swap(fields);
    });
    end_line();
  };
  write_table(sink, {columns.begin(), columns.end()}, write_lines, if_empty);
}

// Writes items separated by blanks, broken into lines of the sink's width that begin with `indent` blanks.
class Wrapper {
 public:
  Wrapper(Sink& sink, std::size_t indent) : sink_(sink), line_(indent, ' '), indent_(indent) {}

  void add(std::string_view item);
  void finish();

 private:
  Sink& sink_;
  std::string line_;
  std::size_t indent_;
};
[[nodiscard]] std::string wrapped(const std::vector<std::string>& items, std::size_t indent,
                                  std::size_t width = kReportWidth);

// A text behind `head`, broken likewise at its blanks; its further lines begin below the end of the head.
[[nodiscard]] std::string paragraph(std::string_view head, std::string_view text, std::size_t width = kReportWidth);
// The same, with its further lines so many blanks farther in.
[[nodiscard]] std::string paragraph(std::string_view head, std::string_view text, std::size_t farther_in,
                                    std::size_t width);

}  // namespace bachsim
