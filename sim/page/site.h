// The pages of a site that stand beside those of the scripts: its index, and the documents.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bachsim {

// A script of the site. Its page is NAME.html.
struct SiteScript {
  std::string_view name;
  std::string_view shows;     // in one line
  std::string_view sections;  // of the book, the first of which begins with its chapter
  std::string numbers{};      // where those of its expectations come from: `14 computed, 4 given`
};

// The documents that a site has, by the names of their files without an end.
[[nodiscard]] std::span<const std::string_view> site_documents();

[[nodiscard]] std::string site_document(std::string_view name);
[[nodiscard]] std::string site_index(std::span<const SiteScript> scripts);
// Links for the page of a script: to the index, to the scripts before and behind it, and to the documents.
[[nodiscard]] std::string site_links(std::span<const SiteScript> scripts, std::size_t index);

}  // namespace bachsim
