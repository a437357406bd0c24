#include "sim/page/markdown.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <fmt/format.h>

#include <cctype>
#include <cstdlib>
#include <memory>
#include <vector>

#include "sim/machine/check.h"

namespace bachsim {
namespace {

constexpr int kOptions = CMARK_OPT_UNSAFE;  // for the anchors that we add; documents are our own

struct Free {
  void operator()(cmark_node* node) const { cmark_node_free(node); }
  void operator()(cmark_parser* parser) const { cmark_parser_free(parser); }
  void operator()(cmark_iter* iter) const { cmark_iter_free(iter); }
  void operator()(char* text) const { std::free(text); }
};

struct Document {
  std::unique_ptr<cmark_parser, Free> parser;  // knows the extensions
  std::unique_ptr<cmark_node, Free> root;
};

Document parse(std::string_view text) {
  cmark_gfm_core_extensions_ensure_registered();
  Document document;
  document.parser.reset(cmark_parser_new(kOptions));
  cmark_syntax_extension* table = cmark_find_syntax_extension("table");
  KASSERT(table != nullptr);
  cmark_parser_attach_syntax_extension(document.parser.get(), table);
  cmark_parser_feed(document.parser.get(), text.data(), text.size());
  document.root.reset(cmark_parser_finish(document.parser.get()));
  return document;
}

// The nodes of a type, in their order.
std::vector<cmark_node*> nodes(const Document& document, cmark_node_type type) {
  std::vector<cmark_node*> found;
  const std::unique_ptr<cmark_iter, Free> iter(cmark_iter_new(document.root.get()));
  for (cmark_event_type event{}; (event = cmark_iter_next(iter.get())) != CMARK_EVENT_DONE;) {
    cmark_node* node = cmark_iter_get_node(iter.get());
    if (event == CMARK_EVENT_ENTER && cmark_node_get_type(node) == type) found.push_back(node);
  }
  return found;
}

std::string words(cmark_node* node) {
  const char* literal = cmark_node_get_literal(node);
  std::string text = literal == nullptr ? "" : literal;
  for (cmark_node* child = cmark_node_first_child(node); child != nullptr; child = cmark_node_next(child))
    text += words(child);
  return text;
}

// The name that GitHub gives a heading.
std::string anchor(std::string_view heading) {
  std::string name;
  for (const char c : heading) {
    const auto letter = static_cast<unsigned char>(c);
    if (c == ' ')
      name += '-';
    else if (std::isalnum(letter) != 0 || c == '-' || c == '_' || letter >= 0x80)
      name += static_cast<char>(std::tolower(letter));
  }
  return name;
}

void add_anchor(cmark_node* heading) {
  cmark_node* html = cmark_node_new(CMARK_NODE_HTML_INLINE);
  cmark_node_set_literal(html, fmt::format("<a id=\"{}\"></a>", anchor(words(heading))).c_str());
  cmark_node_prepend_child(heading, html);
}

// Leaves a link's text in its place.
void unlink(cmark_node* link) {
  while (cmark_node* child = cmark_node_first_child(link)) cmark_node_insert_before(link, child);
  cmark_node_unlink(link);
  cmark_node_free(link);
}

void lead(cmark_node* link, const std::set<std::string, std::less<>>& pages) {
  const std::string url = cmark_node_get_url(link);
  if (url.starts_with("#") || url.starts_with("https://")) return;
  const std::string_view path = std::string_view(url).substr(0, url.find('#'));
  if (path.ends_with(".md") && pages.contains(path.substr(0, path.size() - 3)))
    cmark_node_set_url(link,
                       fmt::format("{}.html{}", path.substr(0, path.size() - 3), url.substr(path.size())).c_str());
  else
    unlink(link);
}

}  // namespace

std::string markdown_html(std::string_view text, const std::set<std::string, std::less<>>& pages) {
  const Document document = parse(text);
  for (cmark_node* heading : nodes(document, CMARK_NODE_HEADING)) add_anchor(heading);
  for (cmark_node* link : nodes(document, CMARK_NODE_LINK)) lead(link, pages);
  for (cmark_node* image : nodes(document, CMARK_NODE_IMAGE)) unlink(image);  // its words stay
  const std::unique_ptr<char, Free> html(
      cmark_render_html(document.root.get(), kOptions, cmark_parser_get_syntax_extensions(document.parser.get())));
  return html.get();
}

std::string markdown_title(std::string_view text) {
  const Document document = parse(text);
  const auto headings = nodes(document, CMARK_NODE_HEADING);
  return headings.empty() ? "" : words(headings.front());
}

}  // namespace bachsim
