// Parts of a sheet as HTML, for pages and for question banks. All text of the sheet is escaped.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/sheet/sheet_forms.h"

namespace bachsim {

[[nodiscard]] std::string html_of(const Prose& prose);
[[nodiscard]] std::string html_of(const ScriptLines& lines);
[[nodiscard]] std::string html_of(const GivenTable& given);
// Up to where an answer in words would stand: `</section>` is the caller's. `blank_text` makes the HTML of a blank.
[[nodiscard]] std::string html_of(const Question& question, const SheetChoice& choice,
                                  const std::function<std::string(const Blank&)>& blank_text);
[[nodiscard]] std::string html_of_hints(const std::vector<std::string>& hints, const SheetChoice& choice);
// The task, the meaning of the lines, the forms of answers, and the heading of what follows.
[[nodiscard]] std::string html_of_introduction(const Sheet& sheet, const SheetChoice& choice);

}  // namespace bachsim
