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
// `dim` tells whether it is drawn in gray, and `less` which of two rows comes first.
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
  std::vector<DrawnRun<Row>> runs;
  const auto cells_of = [&](const Row& row) {
    std::vector<std::string> cells;
    for (const auto& column : columns) cells.push_back(text(column.get(row)));
    return cells;
  };
  const auto add = [&](const Row& row, Mark mark, const Row* was) {
    DrawnRow drawn{.port = port(row), .cells = cells_of(row), .mark = mark, .dim = dim(row)};
    if (was != nullptr) {
      const auto old = cells_of(*was);
      drawn.changed.assign(old.size(), false);
      bool seen = false;
      for (std::size_t i = 0; i < old.size(); ++i) {
        if (old[i] == drawn.cells[i]) continue;
        drawn.cells[i] = old[i] + " → " + drawn.cells[i];
        drawn.changed[i] = seen = true;
      }
      if (!seen) drawn.mark = Mark::None;
    }
    table.rows.push_back(std::move(drawn));
    if (mark != Mark::Gone) runs.push_back({.rows = {row}, .port = table.rows.back().port});
  };
  // Whether the row goes into the run that was drawn last.
  const auto joins = [&](const Row& row) {
    if (merge == Merge::No || runs.empty() || table.rows.back().mark != Mark::None) return false;
    return std::ranges::all_of(columns, [&](const auto& column) {
      const Field last = column.get(runs.back().rows.back());
      return column.counts_on ? counts_on(last, column.get(row)) : last == column.get(row);
    });
  };
  const auto join = [&](const Row& row) {
    auto& run = runs.back();
    run.rows.push_back(row);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].counts_on)
        table.rows.back().cells[i] = text(columns[i].get(run.rows.front()), columns[i].get(row));
    }
  };
  auto old = before == nullptr ? rows.end() : before->begin();
  const auto old_end = before == nullptr ? rows.end() : before->end();
  for (const Row& row : rows) {
    for (; old != old_end && less(*old, row); ++old) add(*old, Mark::Gone, nullptr);
    const bool known = old != old_end && !less(row, *old);
    const bool same = before == nullptr || (known && cells_of(*old) == cells_of(row));
    if (same && joins(row))
      join(row);
    else
      add(row, same ? Mark::None : known ? Mark::Changed : Mark::New, same || !known ? nullptr : &*old);
    if (known) ++old;
  }
  for (; old != old_end; ++old) add(*old, Mark::Gone, nullptr);
  return runs;
}

}  // namespace bachsim
