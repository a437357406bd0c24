// The book's figures and exercises: the scripts of workloads/textbook/, which the program carries, so that it has them
// wherever it is installed (cmake/carry_scripts.cmake puts them in, and refuses one that does not state its facts).
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/sink.h"

namespace bachsim {

struct TextbookScript {
  std::string_view name;      // `fig-9.15`, `ex-9.12`, `sec-9.1.1`
  std::string_view shows;     // in one line
  std::string_view sections;  // of the book
  bool computed;              // its numbers are the book's, and the algorithms come to them; else it is reconstructed
  std::string_view text;      // includes nothing: what it once included stands in its place
};

// In the order of the listing.
[[nodiscard]] std::span<const TextbookScript> textbook_scripts();

// The scripts that a user means by `word`: a name; the beginning of several names, as `fig-9.12` of `fig-9.12-limit`
// and all others of that figure; or either without its kind (`9.15`) or chapter (`fig-15`), if no other figure or
// exercise has it. On failure, why, for the user.
[[nodiscard]] std::expected<std::vector<const TextbookScript*>, std::string> find_scripts(std::string_view word);

// The scripts that have `word` in their names or titles, upper and lower case alike. A number alone is that of a
// chapter of the book.
[[nodiscard]] std::vector<const TextbookScript*> search_scripts(std::string_view word);

// A script with its expectations, by where their numbers come from (sim/cli/numbers.h finds that out).
struct ListedScript {
  const TextbookScript* script;
  std::size_t computed;
  std::size_t given;
  std::size_t reconstructed;
};

// A listing of scripts as one JSON object (docs/interface.md, "JSON").
void write_list_json(Sink& sink, std::span<const ListedScript> scripts);

}  // namespace bachsim
