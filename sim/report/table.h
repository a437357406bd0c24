// Text in aligned columns.
#pragma once

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

inline constexpr std::size_t kReportWidth = 80;

enum class Align : std::uint8_t {
  Left,
  Right,
  Whole,  // the last column alone: as Left, but never cut, however wide
};

struct TableColumn {
  std::string_view heading;
  Align align;
};

// Calls its argument with the cells of each line.
using Lines = std::function<void(const std::function<void(const std::vector<std::string>&)>&)>;

// Writes headings and lines. Where they are wider than a report, the longest cells of text are cut, and end in `~`.
// Asks for the lines twice, to measure and to write, and keeps none. Where there are none, writes nothing, or the
// headings alone.   REQUIRES: as many cells as columns
enum class IfEmpty : std::uint8_t { Nothing, Headings };
void write_table(Sink& sink, const std::vector<TableColumn>& columns, const Lines& lines,
                 IfEmpty if_empty = IfEmpty::Nothing);

// A table that is small enough to be kept.
class Table {
 public:
  explicit Table(std::vector<TableColumn> columns) : columns_(std::move(columns)) {}

  // REQUIRES: as many cells as columns
  void add(std::vector<std::string> cells);
  [[nodiscard]] std::string text() const;

 private:
  std::vector<TableColumn> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// A column of rows, as a view shows it.
struct ShownColumn : TableColumn {
  bool counts_on = false;
};
template <class Row>
struct ViewColumn : ShownColumn {
  std::function<Field(const Row&)> get;
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
            {{{column.heading, column.left() ? Align::Left : Align::Right}, column.is(kCountsOn)}, column.get});
    }
  }
  return picked;
}

// Makes lines of rows. Where a column counts on, rows that differ only by counting on are one line.
class RowMerger {
 public:
  RowMerger(std::vector<ShownColumn> columns, const std::function<void(const std::vector<std::string>&)>& line)
      : columns_(std::move(columns)), line_(line) {}

  // The fields of the next row; it takes what is in them.
  void add(std::vector<Field>& fields);
  void finish();

 private:
  [[nodiscard]] bool continues(const std::vector<Field>& fields) const;

  std::vector<ShownColumn> columns_;
  const std::function<void(const std::vector<std::string>&)>& line_;
  std::vector<Field> first_;  // of the run of rows that is open; empty: none is
  std::vector<Field> last_;
};

// Writes rows as a table. `rows` hands them to its argument; it is called twice.
template <class Row, class Rows>
void write_rows(Sink& sink, const std::vector<ViewColumn<Row>>& columns, const Rows& rows,
                IfEmpty if_empty = IfEmpty::Nothing) {
  const std::vector<ShownColumn> shown(columns.begin(), columns.end());
  write_table(
      sink, {columns.begin(), columns.end()},
      [&](const auto& line) {
        RowMerger merger(shown, line);
        std::vector<Field> fields;
        rows([&](const Row& row) {
          fields.clear();
          for (const auto& column : columns)
            fields.push_back(column.get(row));
          merger.add(fields);
        });
        merger.finish();
      },
      if_empty);
}

// `1 page`, `2 pages`
[[nodiscard]] std::string count_text(std::uint64_t count, std::string_view one, std::string_view several);

// Writes items separated by blanks, broken into lines of a report's width that begin with `indent` blanks.
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
[[nodiscard]] std::string wrapped(const std::vector<std::string>& items, std::size_t indent);

// A text behind `head`, broken likewise at its blanks; its further lines begin below the end of the head.
[[nodiscard]] std::string paragraph(std::string_view head, std::string_view text);

}  // namespace bachsim
