#include "sim/page/site.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "sim/page/html.h"
#include "sim/page/markdown.h"

namespace bachsim {
namespace {

constexpr std::array<std::string_view, 8> kDocuments{"textbook",          "sheets",    "pages", "drawings", "stepping",
                                                     "workload-language", "interface", "model"};

struct Chapter {
  int number;
  std::string_view title;
};
constexpr std::array kChapters{Chapter{6, "The structure of processes"}, Chapter{7, "Process control"},
                               Chapter{8, "Process scheduling and time"}, Chapter{9, "Memory management policies"},
                               Chapter{11, "Interprocess communication"}};

std::string link(std::string_view to, std::string_view text, std::string_view relation = {}) {
  return fmt::format("<li><a href=\"{}.html\"{}>{}</a></li>\n", to,
                     relation.empty() ? "" : fmt::format(" rel=\"{}\"", relation), escaped(text));
}

std::string document_links(std::string_view here) {
  std::string links;
  for (const std::string_view document : kDocuments) {
    if (document != here) links += link(document, markdown_title(carried(fmt::format("{}.md", document))));
  }
  return links;
}

std::string navigation(std::string_view items) {
  return fmt::format("<nav aria-label=\"Site\"><ul>\n{}</ul></nav>\n", items);
}

std::string page(std::string_view title, std::string_view links, std::string_view body) {
  StringSink sink;
  write_html(sink, "document.html",
             {{"title", escaped(title)},
              {"links", navigation(links)},
              {"style", std::string(carried("document.css"))},
              {"body", std::string(body)}});
  return std::move(sink.text());
}

int chapter_of(const SiteScript& script) {
  return std::stoi(std::string(script.sections.substr(0, script.sections.find('.'))));
}

}  // namespace

std::span<const std::string_view> site_documents() { return kDocuments; }

std::string site_document(std::string_view name) {
  const std::string_view text = carried(fmt::format("{}.md", name));
  return page(markdown_title(text), link("index", "Figures and exercises", "up") + document_links(name),
              markdown_html(text, {kDocuments.begin(), kDocuments.end()}));
}

std::string site_index(std::span<const SiteScript> scripts) {
  std::map<int, std::string> rows;
  for (const SiteScript& script : scripts) {
    rows[chapter_of(script)] +=
        fmt::format("<tr><th scope=\"row\"><a href=\"{}.html\">{}</a></th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                    script.name, escaped(script.name), escaped(script.shows), escaped(script.sections), script.numbers);
  }
  std::string body =
      "<h1>System V's memory, figure by figure</h1>\n"
      "<p>Figures and exercises of M. J. Bach, <em>The Design of the UNIX Operating System</em>, run by bachsim. Each "
      "page "
      "steps through one: forward and back, with all tables of the kernel. Numbers are <em>computed</em> where the "
      "book gives them and its algorithms come to them, <em>reconstructed</em> where they follow its rules, and "
      "<em>given</em> where nothing has to happen for them.</p>\n";
  for (const auto& [number, text] : rows) {
    const auto chapter = std::ranges::find(kChapters, number, &Chapter::number);
    const std::string title = chapter == kChapters.end() ? "" : fmt::format(": {}", chapter->title);
    body += fmt::format(
        "<h2>Chapter {}{}</h2>\n<table>\n<thead><tr><th scope=\"col\">Page</th><th scope=\"col\">It shows</th>"
        "<th scope=\"col\">Section</th><th scope=\"col\">Numbers</th></tr></thead>\n<tbody>\n{}</tbody></table>\n",
        number, title, text);
  }
  return page("Figures and exercises", document_links({}), body);
}

std::string site_links(std::span<const SiteScript> scripts, std::size_t index) {
  std::string links = link("index", "Index", "up");
  if (index > 0) links += link(scripts[index - 1].name, fmt::format("Before: {}", scripts[index - 1].name), "prev");
  if (index + 1 < scripts.size())
    links += link(scripts[index + 1].name, fmt::format("Next: {}", scripts[index + 1].name), "next");
  return navigation(links + document_links({}));
}

}  // namespace bachsim
