// The project's documents, which are Markdown as GitHub reads it, as HTML.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace bachsim {

// The body of a document. A heading can be linked to as on GitHub. A link to NAME.md leads to NAME.html if `pages` has
// NAME, and is plain text otherwise, as it would lead out of the site; so is one to any other file.
[[nodiscard]] std::string markdown_html(std::string_view text, const std::set<std::string, std::less<>>& pages);

// The document's first heading, as plain text; empty if there is none.
[[nodiscard]] std::string markdown_title(std::string_view text);

}  // namespace bachsim
