// Changes of rows as short JSON arrays, in which rows that only count on stand as one.
//
// A table of a page has the columns that its row has in JSON, and some that a drawing needs besides. A row is known by
// the number that its key got when it was first seen; numbers count on as keys do, so that a region's pages, which come
// together, have numbers in a row. docs/pages.md, "The data of a page", describes the arrays.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "regions/pfdata.h"
#include "sim/state/moment.h"

namespace bachsim {

// What a page's JSON holds for a field: nothing, a number, or a text, of which a number may be the end.
struct Cell {
  enum class Kind : std::uint8_t { Nothing, Number, Text, Numbered };
  Kind kind = Kind::Nothing;
  std::int64_t number = 0;
  std::string text{};

  friend bool operator==(const Cell&, const Cell&) = default;
};
using Cells = std::vector<Cell>;

// A row of a page's table that came, went, or has other cells.
struct CellChange {
  std::uint64_t row = 0;  // its number
  Cells before{};         // empty: it came
  Cells after{};          // empty: it went
};

// JSON of changes, `[[gone ...], [came ...], [changed ...]]`; `<` and all that is not ASCII is escaped.
// REQUIRES: they are in the order of their row's numbers
[[nodiscard]] std::string cells_json(std::vector<CellChange> changes);

[[nodiscard]] Cell cell(const Field& field);

// Columns that a page has beside those of JSON.
template <class Row>
inline constexpr std::array<Column<Row>, 0> kDrawnColumns{};
template <>
inline constexpr std::array kDrawnColumns<ProcessRow>{
    Column<ProcessRow>{{"slot", {}, Kind::Number, 0}, [](const ProcessRow& row) { return field(row.slot.value); }}};
template <>
inline constexpr std::array kDrawnColumns<PregionRow>{
    Column<PregionRow>{{"process", {}, Kind::Number, 0},
                       [](const PregionRow& row) { return field(row.process.value); }},
    column<&PregionRow::index>("index", 0), column<&PregionRow::name>("name", 0),
    column<&PregionRow::locked>("locked", 0),
    // The address of its page 0, and the way to the next: real stacks grow downwards.
    Column<PregionRow>{{"first", {}, Kind::Number, 0},
                       [](const PregionRow& row) {
                         const bool down = row.type == RegionType::Stack && !row.start.label;
                         return field(row.start.value + (down && row.pages > 0 ? (row.pages - 1) * row.start.page : 0));
                       }},
    Column<PregionRow>{{"stride", {}, Kind::Number, 0}, [](const PregionRow& row) {
                         const bool down = row.type == RegionType::Stack && !row.start.label;
                         return Field(static_cast<std::int64_t>(row.start.page) * (down ? -1 : 1));
                       }}};
template <>
inline constexpr std::array kDrawnColumns<RegionRow>{column<&RegionRow::locked_by>("locked_by", 0)};
template <>
inline constexpr std::array kDrawnColumns<FrameRow>{column<&FrameRow::being_read>("being_read", 0)};
template <>
inline constexpr std::array kDrawnColumns<TlbRow>{
    column<&TlbRow::slot>("slot", 0), column<&TlbRow::asid>("asid", 0), column<&TlbRow::address>("address", 0),
    Column<TlbRow>{{"frame", {}, Kind::Number, 0},
                   [](const TlbRow& row) { return field(frame_of(Ppn{row.ppn.value}).value); }},
    Column<TlbRow>{{"grants", {}, Kind::Text, 0}, [](const TlbRow& row) { return field(row.grants); }}};
template <>
inline constexpr std::array kDrawnColumns<PageRow>{column<&PageRow::region>("region", 0),
                                                   column<&PageRow::pte_frame>("pte_frame", 0),
                                                   column<&PageRow::block>("block", 0)};

// Calls visit(column) for each column that a page's table has.
template <class Row, class Columns, class Visit>
void for_each_page_column(const Columns& columns, Visit&& visit) {
  for (const auto& column : kDrawnColumns<Row>) visit(column);
  for (const auto& column : columns) {
    if (column.is(kInJson) && !column.is(kNotOnPages)) visit(column);
  }
}

// The numbers of a table's rows.
template <class Row>
class RowNumbers {
 public:
  // The cells are committed to `share`, with their JSON, and the numbers to `kept`. Throws HostLimit if one of them has
  // no room.
  template <class Columns>
  [[nodiscard]] std::vector<CellChange> cells(const Columns& columns, const std::vector<Change<Row>>& changes,
                                              HostShare& share, HostShare& kept) {
    std::vector<CellChange> result;
    for (const Change<Row>& change : changes) {
      const auto key = change.before ? change.before->key() : change.after->key();
      const auto [number, is_new] = numbers_.try_emplace(key, numbers_.size());
      if (is_new) kept.commit(kBytesPerNumber);
      CellChange cells{.row = number->second};
      if (change.before) cells.before = row(columns, *change.before);
      if (change.after) cells.after = row(columns, *change.after);
      if (cells.before == cells.after) continue;
      share.grow(result);
      share.commit((cells.before.capacity() + cells.after.capacity()) * sizeof(Cell) + kBytesOfJson);
      result.push_back(std::move(cells));
    }
    std::ranges::sort(result, {}, &CellChange::row);
    return result;
  }

 private:
  using Key = decltype(std::declval<const Row&>().key());
  static constexpr std::uint64_t kBytesPerNumber = sizeof(Key) + 64;  // the node of a map
  static constexpr std::uint64_t kBytesOfJson = 400;  // a row that goes on in no way: three times while texts grow

  template <class Columns>
  static Cells row(const Columns& columns, const Row& row) {
    Cells cells;
    cells.reserve(std::size(kDrawnColumns<Row>) + std::size(columns));
    for_each_page_column<Row>(columns, [&](const auto& column) { cells.push_back(cell(column.get(row))); });
    return cells;
  }

  std::map<Key, std::uint64_t> numbers_;
};

}  // namespace bachsim
