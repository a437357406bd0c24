// Graphviz's program `dot`, which lays drawings out.
#pragma once

#include <expected>
#include <string>

namespace bachsim {

// The drawing in a format of Graphviz (`svg`, `png`). On failure, why, for the user: `dot` is not installed, or it
// refused the text.
[[nodiscard]] std::expected<std::string, std::string> laid_out(const std::string& dot, const std::string& format);

}  // namespace bachsim
