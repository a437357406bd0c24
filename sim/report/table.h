// Text in aligned columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bachsim {

inline constexpr std::size_t kReportWidth = 80;

enum class Align : std::uint8_t {
  Left,
  Right,
  Whole,  // the last column alone: as Left, but never cut, however wide
};

class Table {
 public:
  struct Column {
    std::string_view heading;
    Align align;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // REQUIRES: as many cells as columns
  void add(std::vector<std::string> cells);

  [[nodiscard]] bool empty() const { return rows_.empty(); }

  // Headings and rows, a line each. Where they are wider than a report, the longest cells of text are cut, and
  // end in `~`.
  [[nodiscard]] std::string text() const;

 private:
  [[nodiscard]] std::vector<std::size_t> widths() const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Rows for which each is like the one before become one row: `same` says whether b continues a.
template <class Item, class Same, class Emit>
void merge_runs(const std::vector<Item>& items, Same&& same, Emit&& emit) {
  for (std::size_t first = 0; first < items.size();) {
    std::size_t last = first;
    while (last + 1 < items.size() && same(items[last], items[last + 1]))
      ++last;
    emit(items[first], items[last]);
    first = last + 1;
  }
}

// `7`, or `7-12`.
[[nodiscard]] std::string range_text(std::uint64_t first, std::uint64_t last);

// Items separated by blanks, broken into lines of a report's width that begin with `indent` blanks.
[[nodiscard]] std::string wrapped(const std::vector<std::string>& items, std::size_t indent);

// A text behind `head`, broken likewise at its blanks; its further lines begin below the end of the head.
[[nodiscard]] std::string paragraph(std::string_view head, std::string_view text);

}  // namespace bachsim
