// Marks of filled-in sheets: one sheet in detail, and a class as a table.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/sheet/filled.h"
#include "sim/sheet/written.h"

namespace bachsim {

// One blank.
struct Marked {
  std::size_t question = 0;
  std::string asks{};
  Place place{};  // of what is written, or of its line
  Mark mark = Mark::Missing;
  std::string written{};
  std::string right{};   // what would be right
  std::string reason{};  // why; of what is unclear, why it cannot be read
};

struct MarkedSheet {
  std::string file{};
  std::string student{};
  std::string head{};  // of the sheet; empty: it could not be read
  std::vector<Marked> blanks{};
  std::size_t troubles = 0;  // lines that look like answers, and are none
  std::size_t unread = 0;    // other sheets of the file, which cannot be read
  // Questions that are answered in words: the number, and what is written there.
  std::vector<std::pair<std::size_t, std::string>> words{};

  [[nodiscard]] std::size_t count(Mark mark) const;
  // Answers in words that somebody has to read.
  [[nodiscard]] std::size_t to_read() const;
  [[nodiscard]] bool readable() const { return !head.empty(); }
};

// A blank that the run has not come by is not marked.   REQUIRES: `sheet` has its answers
[[nodiscard]] MarkedSheet mark_sheet(const Sheet& sheet, const Filled& filled);

// The sheets of one file as one, for the table of a class: their heads and their marks one behind the other.
// REQUIRES: there is one
[[nodiscard]] MarkedSheet together(const std::vector<MarkedSheet>& sheets);

// Each answer with its mark, points and reason.
[[nodiscard]] std::string marks_text(const MarkedSheet& marked, std::size_t width);

// A line for each sheet, and the mean. Cells that a spreadsheet would compute are made plain text.
[[nodiscard]] std::string class_text(const std::vector<MarkedSheet>& sheets, std::size_t width);
[[nodiscard]] std::string class_csv(const std::vector<MarkedSheet>& sheets);

// A cell of a CSV file.
[[nodiscard]] std::string csv_cell(std::string_view text);

}  // namespace bachsim
