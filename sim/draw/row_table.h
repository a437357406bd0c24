// Rows of state as rows of a drawn table, with what has changed since the moment before.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/draw/dot.h"
#include "sim/report/table.h"
#include "sim/state/difference.h"

namespace bachsim {

enum class Merge : std::uint8_t { No, CountingOn };

// Which rows of a table are one drawn row: as many, and their port.
template <class Row>
struct DrawnRun {
  std::vector<Row> rows;
  std::string port;
};

template <class Row>
bool by_key(const Row& a, const Row& b) {
  return a.key() < b.key();
}

// Fills `table` with rows, and returns the runs of them that it draws, those gone left out. `port` names a row's port,
// `dim` tells whether it is drawn in gray, and `less` which of two rows comes first. Rows that are merged have the same
// mark, and those that changed counted on before, too.
// REQUIRES: both sets of rows are sorted by `less`, and it tells rows of different keys apart
template <class Row>
std::vector<DrawnRun<Row>> draw_rows(DrawnTable& table, const std::vector<ViewColumn<Row>>& columns,
                                     const std::vector<Row>& rows, const std::vector<Row>* before, Merge merge,
                                     const std::function<std::string(const Row&)>& port,
                                     const std::function<bool(const Row&)>& dim,
                                     const std::function<bool(const Row&, const Row&)>& less = by_key<Row>) {
  for (const auto& column : columns) {
    table.headings.emplace_back(column.heading);
    table.left.push_back(column.align == Align::Left);
  }
  const auto cells_of = [&](const Row& row) {
    std::vector<std::string> cells;
    for (const auto& column : columns) cells.push_back(text(column.get(row)));
    return cells;
  };
  // The rows of one drawn row, and those that they were, as far as they are not new, not gone, and not the same.
  struct Drawn {
    Mark mark;
    std::vector<Row> rows;
    std::vector<Row> was;
  };
  std::vector<Drawn> lines;
  const auto goes_on = [&](const std::vector<Row>& so_far, const Row& row) {
    return so_far.empty() || std::ranges::all_of(columns, [&](const auto& column) {
             const Field last = column.get(so_far.back());
             return column.counts_on ? counts_on(last, column.get(row)) : last == column.get(row);
           });
  };
  const auto add = [&](Mark mark, const Row& row, const Row* was) {
    const bool joins = merge == Merge::CountingOn && !lines.empty() && lines.back().mark == mark &&
                       goes_on(lines.back().rows, row) && (was == nullptr || goes_on(lines.back().was, *was));
    if (!joins) lines.push_back({.mark = mark, .rows = {}, .was = {}});
    lines.back().rows.push_back(row);
    if (was != nullptr) lines.back().was.push_back(*was);
  };
  auto old = before == nullptr ? rows.end() : before->begin();
  const auto old_end = before == nullptr ? rows.end() : before->end();
  for (const Row& row : rows) {
    for (; old != old_end && less(*old, row); ++old) add(Mark::Gone, *old, nullptr);
    const bool known = old != old_end && !less(row, *old);
    if (before == nullptr || (known && cells_of(*old) == cells_of(row)))
      add(Mark::None, row, nullptr);
    else
      add(known ? Mark::Changed : Mark::New, row, known ? &*old : nullptr);
    if (known) ++old;
  }
  for (; old != old_end; ++old) add(Mark::Gone, *old, nullptr);

  // The text of a column of several rows.
  const auto cell = [](const ViewColumn<Row>& column, const std::vector<Row>& of) {
    const Field first = column.get(of.front());
    return column.counts_on ? text(first, column.get(of.back())) : text(first);
  };
  std::vector<DrawnRun<Row>> runs;
  for (Drawn& line : lines) {
    DrawnRow row{.port = port(line.rows.front()), .cells = {}, .mark = line.mark, .dim = dim(line.rows.front())};
    for (const auto& column : columns) {
      row.cells.push_back(cell(column, line.rows));
      const std::string was = line.was.empty() ? row.cells.back() : cell(column, line.was);
      row.changed.push_back(was != row.cells.back());
      if (row.changed.back()) row.cells.back() = was + " → " + row.cells.back();
    }
    table.rows.push_back(std::move(row));
    if (line.mark != Mark::Gone) runs.push_back({.rows = std::move(line.rows), .port = table.rows.back().port});
  }
  return runs;
}

}  // namespace bachsim
