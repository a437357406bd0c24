// The book's figures and exercises: the scripts of workloads/textbook/, which the program carries, so that it has them
// wherever it is installed (cmake/carry_scripts.cmake puts them in, and refuses one that does not state its facts).
#pragma once

#include <span>
#include <string_view>

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

}  // namespace bachsim
