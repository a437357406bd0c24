// A sheet that a student has filled in, as it was printed or changed by an editor or a mail program.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
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

// Finds the head in a text of `sources`. On failure, why it cannot be read.
[[nodiscard]] std::expected<FilledHead, Diagnostic> find_head(const Sources& sources, std::size_t file);

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

// Reads what is written behind the blanks of a sheet. `sheet` is that of the head, made anew.
[[nodiscard]] Filled read_filled(const Sources& sources, std::size_t file, const Sheet& sheet);

}  // namespace bachsim
