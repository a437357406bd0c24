// A sheet that a student has filled in, as it was printed or changed by an editor or a mail program.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/sheet/sheet.h"

namespace bachsim {

// The options of a sheet's head, for those who make it anew.
struct FilledHead {
  std::string name{};  // of the script
  Place name_place{};
  std::vector<std::string> settings{};     // of --set
  std::vector<std::string> definitions{};  // of -D
  std::optional<std::uint64_t> seed{};
};

// A longer file is no sheet.
inline constexpr std::size_t kMostSheetBytes = std::size_t{1} << 20;

// A text may have several sheets, one behind the other, as those of an exercise with two scripts are printed.
inline constexpr std::size_t kMostSheetsOfText = 128;

// The part of a text of `sources` that is one sheet: from its head, or from the beginning of the text, to the next
// head.
struct SheetRange {
  std::size_t file = 0;
  std::size_t begin = 0;  // bytes of the text
  std::size_t end = 0;
};
// At least one, though it may have no head. Behind kMostSheetsOfText of them nothing is looked at.
[[nodiscard]] std::vector<SheetRange> find_sheets(const Sources& sources, std::size_t file);

// Finds the head of a sheet. On failure, why it cannot be read.
[[nodiscard]] std::expected<FilledHead, Diagnostic> find_head(const Sources& sources, const SheetRange& range);

struct Written {
  std::string text{};
  Place place{};
};

struct Filled {
  std::string student{};  // empty: no name on it
  // [question][blank]; without a value where the sheet has no such line any more.
  std::vector<std::vector<std::optional<Written>>> blanks{};
  std::vector<std::string> in_words{};  // [question]
  std::vector<Diagnostic> troubles{};   // lines that look like answers, and are none
  std::size_t found = 0;                // lines of the sheet that were found
};

// Reads what is written behind the blanks of a sheet. `sheet` is that of the head, made anew; `next_title` is that of
// the sheet behind it, whose title stands above the next head, or empty.
[[nodiscard]] Filled read_filled(const Sources& sources, const SheetRange& range, const Sheet& sheet,
                                 std::string_view next_title = {});

}  // namespace bachsim
