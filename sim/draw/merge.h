// How rows of a long table are merged: what they have in common, and how a cell of several of them reads.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/draw/drawings.h"
#include "sim/report/table.h"

namespace bachsim {

// Which rows are drawn as one, from none to as many as can be.
enum class Merge : std::uint8_t {
  No,
  CountingOn,  // neighbours that only count on
  Neighbours,  // neighbours of which the same can be said: what counts on elsewhere may be anything in them
  Alike,       // all of which the same can be said
};

// The part of a column that rows merged by Neighbours or Alike have in common.
template <class Row>
std::string in_common(const ViewColumn<Row>& column, const Row& row) {
  const Field field = column.get(row);
  if (!column.counts_on) return text(field);
  if (const auto* disk = std::get_if<Disk>(&field))
    return text(Field(Disk{.kind = disk->kind, .device = disk->device, .program = disk->program}));
  return std::holds_alternative<std::monostate>(field) ? "-" : "*";
}

// A column of several rows: `7`, `7-12`, `7-12, 15`, `7-12, … 40 in all`; `… 40 in all` only if it is `counted`.
template <class Row>
std::string ranges_text(const ViewColumn<Row>& column, const std::vector<Row>& rows, bool counted) {
  const Field first = column.get(rows.front());
  if (!column.counts_on) return text(first);
  std::vector<std::pair<Field, Field>> ranges{{first, first}};
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const Field next = column.get(rows[i]);
    if (counts_on(ranges.back().second, next))
      ranges.back().second = next;
    else if (next != ranges.back().second)
      ranges.emplace_back(next, next);
  }
  std::string result = text(ranges[0].first, ranges[0].second);
  if (ranges.size() == 2) result += ", " + text(ranges[1].first, ranges[1].second);
  if (ranges.size() > 2) result += counted ? ", … " + std::to_string(rows.size()) + " in all" : ", …";
  return result;
}

// Draws tables that stand below each other, merged as little as leaves them no more than kRowsUnmerged rows, or else as
// much as can be. `draw(Merge)` gives them as a list of DrawnRows; `rows` is their number if none is merged.
template <class Draw>
auto with_few_rows(std::size_t rows, const Draw& draw) {
  if (rows <= kRowsUnmerged) return draw(Merge::No);
  for (const Merge merge : {Merge::CountingOn, Merge::Neighbours}) {
    auto drawn = draw(merge);
    std::size_t left = 0;
    for (const auto& each : drawn) left += each.table.rows.size();
    if (left <= kRowsUnmerged) return drawn;
  }
  return draw(Merge::Alike);
}

}  // namespace bachsim
