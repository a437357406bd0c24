// HTML: the files that the program carries for it (sim/page/assets, docs), and templates with places to fill.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "sim/report/sink.h"

namespace bachsim {

// A file that cmake/carry_files.cmake has put into the program.   REQUIRES: it has one of this name
[[nodiscard]] std::string_view carried(std::string_view name);

// Text as HTML shows it, also between double quotes.
[[nodiscard]] std::string escaped(std::string_view text);

// A carried file in which `{{NAME}}` stands for a value.   REQUIRES: `values` has every name of it
void write_html(Sink& sink, std::string_view file, const std::map<std::string, std::string, std::less<>>& values);

}  // namespace bachsim
