// The book's figures and exercises: the scripts of workloads/textbook/, which the program carries, so that it has them
// wherever it is installed (cmake/carry_scripts.cmake puts them in, and refuses one that does not state its facts).
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "sim/cli/script_file.h"

namespace bachsim {

struct TextbookScript {
  std::string_view name;      // `fig-9.15`, `ex-9.12`, `sec-9.1.1`
  std::string_view shows;     // in one line
  std::string_view sections;  // of the book
  bool exact;                 // its numbers are the book's; else it is reconstructed
  std::string_view text;
};

// A file that scripts include, and its whole name.
struct TextbookInclude {
  std::string_view name;
  std::string_view text;
};

// In the order of the listing.
[[nodiscard]] std::span<const TextbookScript> textbook_scripts();
[[nodiscard]] std::span<const TextbookInclude> textbook_includes();

// The script that a user means by `word`: its name, or its name without kind (`9.15`) or chapter (`fig-15`), if no
// other may be meant. On failure, why, for the user.
[[nodiscard]] std::expected<const TextbookScript*, std::string> find_textbook_script(std::string_view word);

// A carried script, parsed; it includes carried files only.
[[nodiscard]] LoadedScript load_textbook_script(const TextbookScript& script);

}  // namespace bachsim
