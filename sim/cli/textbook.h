// The book's figures and exercises: the scripts of workloads/textbook/, which the program carries, so that it has them
// wherever it is installed (cmake/carry_scripts.cmake puts them in, and refuses one that does not state its facts).
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bachsim {

struct TextbookScript {
  std::string_view name;      // `fig-9.15`, `ex-9.12`, `sec-9.1.1`
  std::string_view shows;     // in one line
  std::string_view sections;  // of the book
  bool exact;                 // its numbers are the book's; else it is reconstructed
  std::string_view text;      // includes nothing: what it once included stands in its place
};

// In the order of the listing.
[[nodiscard]] std::span<const TextbookScript> textbook_scripts();

// The scripts that a user means by `word`: a name; what several names begin with, as `fig-9.12` for `fig-9.12-2` and
// all others of that figure; or either without kind (`9.15`) or chapter (`fig-15`), if it may mean no other figure or
// exercise. On failure, why, for the user.
[[nodiscard]] std::expected<std::vector<const TextbookScript*>, std::string> find_textbook_scripts(
    std::string_view word);

}  // namespace bachsim
