// Rows of state as rows of a drawn table, with what has changed since the moment before.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/draw/dot.h"
#include "sim/draw/merge.h"
#include "sim/report/table.h"
#include "sim/state/difference.h"

namespace bachsim {

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

// A table with its rows, those gone left out of the runs.
template <class Row>
struct DrawnRows {
  DrawnTable table;
  std::vector<DrawnRun<Row>> runs{};
};

// Fills `table` with rows, and returns the runs of them that it draws, those gone left out. `port` names a row's port,
// `dim` tells whether it is drawn in gray, and `less` which of two rows comes first. Rows that are merged have the same
// mark, and the same is true of what those that changed were before.
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
    ChangeMark mark;
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
  const auto common = [&](ChangeMark mark, const Row& row, const Row* was) {
    std::string words(mark_word(mark));
    for (const auto& column : columns) {
      words += '\n' + in_common(column, row);
      if (was != nullptr) words += '\n' + in_common(column, *was);
    }
    return words;
  };
  std::map<std::string, std::size_t> line_of;  // by what its rows have in common: the last such line
  // The line that a row joins; lines.size() if it begins one.
  const auto joined = [&](ChangeMark mark, const Row& row, const Row* was) {
    const std::size_t end = lines.size();
    if (merge == Merge::No) return end;
    if (merge == Merge::CountingOn) {
      const bool joins = end > 0 && lines.back().mark == mark && goes_on(lines.back().rows, row) &&
                         (was == nullptr || goes_on(lines.back().was, *was));
      return joins ? end - 1 : end;
    }
    const auto [at, is_new] = line_of.try_emplace(common(mark, row, was), end);
    if (!is_new && merge == Merge::Neighbours && at->second + 1 != end) at->second = end;
    return at->second;
  };
  const auto add = [&](ChangeMark mark, const Row& row, const Row* was) {
    const std::size_t line = joined(mark, row, was);
    if (line == lines.size()) lines.push_back({.mark = mark, .rows = {}, .was = {}});
    lines[line].rows.push_back(row);
    if (was != nullptr) lines[line].was.push_back(*was);
  };
  auto old = before == nullptr ? rows.end() : before->begin();
  const auto old_end = before == nullptr ? rows.end() : before->end();
  for (const Row& row : rows) {
    for (; old != old_end && less(*old, row); ++old) add(ChangeMark::Gone, *old, nullptr);
    const bool known = old != old_end && !less(row, *old);
    if (before == nullptr || (known && cells_of(*old) == cells_of(row)))
      add(ChangeMark::None, row, nullptr);
    else
      add(known ? ChangeMark::Changed : ChangeMark::New, row, known ? &*old : nullptr);
    if (known) ++old;
  }
  for (; old != old_end; ++old) add(ChangeMark::Gone, *old, nullptr);

  std::vector<DrawnRun<Row>> runs;
  for (Drawn& line : lines) {
    // What is gone has no arrows; its port may be that of a row with the same key.
    DrawnRow row{.port = line.mark == ChangeMark::Gone ? "" : port(line.rows.front()),
                 .cells = {},
                 .mark = line.mark,
                 .dim = dim(line.rows.front())};
    for (const auto& column : columns) {
      const bool first = &column == &columns.front();
      row.cells.push_back(ranges_text(column, line.rows, first));
      const std::string was = line.was.empty() ? row.cells.back() : ranges_text(column, line.was, first);
      row.changed.push_back(was != row.cells.back());
      if (row.changed.back()) row.cells.back() = was + " → " + row.cells.back();
    }
    table.rows.push_back(std::move(row));
    if (line.mark != ChangeMark::Gone) runs.push_back({.rows = std::move(line.rows), .port = table.rows.back().port});
  }
  return runs;
}

}  // namespace bachsim
