// man_page NAME SECTION ABOUT VERSION SEE_ALSO DOCUMENT FILE: writes a document of the project to FILE as a page of
// man(7).
//
// Sections of the document are those of the page. A table is a list with its first column as tags. The table whose
// first column is `command` gives the synopsis. ABOUT is the line of NAME; SEE_ALSO are lines of text behind the rest.
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

enum class Style { Plain, Code };

constexpr const char* kWhole = "\\%";  // the next word is not taken apart at the end of a line

// A text that stands for itself. In code, signs that a shell knows are the ones of ASCII, so that they can be copied.
std::string escaped(std::string_view text, Style style) {
  std::string out(style == Style::Code ? kWhole : "");
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '-':
        out += style == Style::Code ? "\\-" : "-";
        break;
      case '\'':
        out += style == Style::Code ? "\\(aq" : "'";
        break;
      default:
        out += c;
    }
    if (style == Style::Code && c == ' ') out += kWhole;
  }
  return out;
}

// An argument of a macro.
std::string argument(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\\(dq") : escaped({&c, 1}, Style::Plain);
  return out + '"';
}

// Lines of text, none of which is taken for a request.
std::string guarded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    while (line.starts_with(' ')) line.remove_prefix(1);
    if (line.empty()) continue;
    if (line.front() == '.' || line.front() == '\'') out += "\\&";
    out += std::string(line) + '\n';
  }
  return out;
}

bool is(cmark_node* node, std::string_view type) { return cmark_node_get_type_string(node) == type; }

std::vector<cmark_node*> children(cmark_node* node) {
  std::vector<cmark_node*> all;
  for (cmark_node* child = cmark_node_first_child(node); child != nullptr; child = cmark_node_next(child))
    all.push_back(child);
  return all;
}

std::string literal(cmark_node* node) {
  const char* text = cmark_node_get_literal(node);
  return text == nullptr ? "" : text;
}

std::string words(cmark_node* node) {
  std::string text = literal(node);
  for (cmark_node* child : children(node)) text += words(child);
  return text;
}

// What is in a paragraph or a cell. `font` is the one around it: R, B or I.
std::string inlines(cmark_node* node, char font = 'R') {
  std::string out;
  const auto in_font = [&](char inner, const std::string& text) {
    if (inner == font) return text;
    return std::string("\\f") + inner + text + "\\f" + font;
  };
  for (cmark_node* child : children(node)) {
    if (is(child, "softbreak"))
      out += '\n';
    else if (is(child, "linebreak"))
      out += "\n.br\n";
    else if (is(child, "text"))
      out += escaped(literal(child), Style::Plain);
    else if (is(child, "code"))
      out += in_font('B', escaped(literal(child), Style::Code));
    else if (is(child, "strong"))
      out += in_font('B', inlines(child, 'B'));
    else if (is(child, "emph"))
      out += in_font('I', inlines(child, 'I'));
    else
      out += inlines(child, font);  // of a link and a picture: its words
  }
  return out;
}

class Page {
 public:
  explicit Page(std::ostream& out) : out_(out) {}

  void heading(std::string_view macro, std::string text) {
    if (macro == "SH") std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
    out_ << '.' << macro << ' ' << argument(text) << '\n';
    fresh_ = true;
  }

  void synopsis(cmark_node* table) {
    heading("SH", "synopsis");
    bool first = true;
    for (cmark_node* row : children(table)) {
      if (is(row, "table_header")) continue;
      std::string line = words(cmark_node_first_child(row));
      const std::size_t end = std::min({line.find(" ["), line.find(" FILE"), line.find(" --"), line.find(" COMMAND")});
      const std::string_view name = std::string_view(line).substr(0, end);
      const std::string_view rest = std::string_view(line).substr(name.size());
      out_ << (first ? "" : ".br\n") << "\\fB" << escaped(name, Style::Code) << "\\fR" << escaped(rest, Style::Code)
           << '\n';
      first = false;
    }
  }

  void block(cmark_node* node) {
    if (is(node, "heading")) {
      const int level = cmark_node_get_heading_level(node);
      if (level > 1) heading(level == 2 ? "SH" : "SS", words(node));
    } else if (is(node, "paragraph")) {
      paragraph(inlines(node));
    } else if (is(node, "code_block")) {
      code(literal(node));
    } else if (is(node, "list")) {
      list(node);
    } else if (is(node, "table")) {
      table(node);
    } else {
      for (cmark_node* child : children(node)) block(child);
    }
  }

  void paragraph(const std::string& text) {
    if (!fresh_) out_ << ".PP\n";
    fresh_ = false;
    out_ << guarded(text);
  }

 private:
  void code(const std::string& text) {
    out_ << (fresh_ ? "" : ".PP\n") << ".RS 4\n.EX\n";
    fresh_ = false;
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      out_ << (line.starts_with('.') || line.starts_with('\'') ? "\\&" : "") << escaped(line, Style::Code) << '\n';
    }
    out_ << ".EE\n.RE\n";
  }

  void list(cmark_node* node) {
    const bool ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST;
    int number = cmark_node_get_list_start(node);
    for (cmark_node* item : children(node)) {
      out_ << (ordered ? ".IP " + std::to_string(number++) + ". 4\n" : ".IP \\(bu 2\n");
      bool first = true;
      for (cmark_node* child : children(item)) {
        if (!first) out_ << ".RS 4\n";
        fresh_ = true;
        block(child);
        if (!first) out_ << ".RE\n";
        first = false;
      }
    }
    fresh_ = false;
  }

  void table(cmark_node* node) {
    const std::vector<cmark_node*> rows = children(node);
    const std::vector<cmark_node*> heads = children(rows.front());
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const std::vector<cmark_node*> cells = children(rows[i]);
      std::string body;
      for (std::size_t column = 1; column + 1 < cells.size(); ++column)
        body += inlines(heads[column]) + ": " + inlines(cells[column]) + (column + 2 < cells.size() ? "; " : ". ");
      body += inlines(cells.back());
      std::string tag = guarded(inlines(cells.front()));
      out_ << ".TP\n" << (tag.empty() ? "\\&\n" : tag) << guarded(body);
    }
    fresh_ = false;
  }

  std::ostream& out_;
  bool fresh_ = true;  // behind a heading or a tag, where no request begins a paragraph
};

bool lists_commands(cmark_node* node) {
  return is(node, "table") && words(cmark_node_first_child(cmark_node_first_child(node))) == "command";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) {
    std::cerr << "usage: man_page NAME SECTION ABOUT VERSION SEE_ALSO DOCUMENT FILE\n";
    return 2;
  }
  const std::string name = argv[1];
  std::ifstream document(argv[6]);
  const std::string text(std::istreambuf_iterator<char>(document), {});
  std::ofstream file(argv[7]);
  cmark_gfm_core_extensions_ensure_registered();
  cmark_parser* const parser = cmark_parser_new(CMARK_OPT_DEFAULT);
  cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension("table"));
  cmark_parser_feed(parser, text.data(), text.size());
  cmark_node* const root = cmark_parser_finish(parser);

  std::string upper = name;
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  file << ".TH " << argument(upper) << ' ' << argv[2] << " \"\" " << argument(argv[4]) << '\n'
       << ".ad l\n.SH NAME\n"
       << escaped(name, Style::Code) << " \\- " << escaped(argv[3], Style::Plain) << '\n';
  Page page(file);
  const std::vector<cmark_node*> blocks = children(root);
  if (const auto table = std::ranges::find_if(blocks, lists_commands); table != blocks.end()) page.synopsis(*table);
  bool described = false;
  for (cmark_node* node : blocks) {
    const bool titled = is(node, "heading");
    if (!described && !titled) page.heading("SH", "description");
    described = described || !titled || cmark_node_get_heading_level(node) > 1;
    page.block(node);
  }
  page.heading("SH", "see also");
  page.paragraph(argv[5]);
  cmark_node_free(root);
  cmark_parser_free(parser);
  return !text.empty() && file.flush() ? 0 : 1;
}
