#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "sim/page/html.h"
#include "sim/sheet/html_parts.h"

namespace bachsim {
namespace {

constexpr std::string_view kStyle =
    "body{font:16px/1.5 serif;max-width:46em;margin:2em auto;padding:0 1em;color:#111;background:#fff}"
    "h1{font-size:1.4em}h2{font-size:1.15em;margin-top:1.6em}pre,code{font:14px/1.4 monospace}"
    "td:first-child code{white-space:nowrap}"
    "pre{background:#f3f3f3;padding:.6em 1em;overflow-x:auto;white-space:pre-wrap}"
    "table{border-collapse:collapse;margin:1em 0}th,td{border:1px solid #999;padding:.15em .6em;text-align:left;"
    "vertical-align:top}.blank{display:inline-block;min-width:8em;border-bottom:1px solid #111}.name{min-width:24em}"
    ".line{display:block;height:2em;border-bottom:1px solid #111}.answer{font-weight:bold}"
    "@media print{pre{background:none;border:1px solid #999}section,tr,pre{break-inside:avoid}h2{break-after:avoid}}";

std::string prose_html(std::string_view prose) {
  std::string html;
  for (const ProsePiece& piece : pieces_of(prose))
    html += piece.is_code ? fmt::format("<code>{}</code>", escaped(piece.text)) : escaped(piece.text);
  return html;
}

std::string blank_html(const SheetChoice& choice, const Blank& blank) {
  if (!choice.answers) return "<span class=\"blank\">&nbsp;</span>";
  return fmt::format("<code class=\"answer\">{}</code>", escaped(answers_text(blank)));
}

}  // namespace

std::string html_of(const Prose& prose) {
  std::string html;
  bool in_code = false;
  for (const Prose::Part& part : prose.parts) {
    if (part.as_it_is != in_code) html += part.as_it_is ? "<pre>" : "</pre>\n";
    in_code = part.as_it_is;
    if (in_code)
      html += escaped(part.text) + "\n";
    else if (!part.text.empty())
      html += fmt::format("<p>{}</p>\n", prose_html(part.text));
  }
  return html + (in_code ? "</pre>\n" : "");
}

std::string html_of(const ScriptLines& lines) {
  std::string html = "<pre>";
  const std::size_t empty = !lines.lines.empty() && lines.lines.back().empty() ? 1 : 0;
  for (const std::string& line : lines.lines | std::views::take(lines.lines.size() - empty))
    html += escaped(line) + "\n";
  return html + "</pre>\n";
}

std::string html_of(const GivenTable& given) {
  std::string html = fmt::format("<p>{}:</p>\n<table><tr>", escaped(given.title));
  for (const std::string& heading : given.headings) html += fmt::format("<th>{}</th>", escaped(heading));
  for (const auto& row : given.rows) {
    html += "</tr>\n<tr>";
    for (const std::string& cell : row) html += fmt::format("<td>{}</td>", escaped(cell));
  }
  return html + "</tr></table>\n";
}

std::string html_of_hints(const std::vector<std::string>& hints, const SheetChoice& choice) {
  std::string html;
  for (std::size_t i = 0; i < std::min(choice.hints, hints.size()); ++i)
    html += fmt::format("<p><em>Hint {}:</em> {}</p>\n", i + 1, prose_html(hints[i]));
  return html;
}

std::string html_of(const Question& question, const SheetChoice& choice,
                    const std::function<std::string(const Blank&)>& blank_text) {
  const std::string level = question.level == Level::Any
                                ? ""
                                : fmt::format("<em>({})</em> ", kLevels[static_cast<std::size_t>(question.level)]);
  std::string html =
      fmt::format("<section><p><strong>{}.</strong> {}{}</p>\n", question.number, level, prose_html(question.text));
  if (!question.blanks.empty()) html += "<ul>\n";
  for (const Blank& blank : question.blanks) {
    html += fmt::format("<li><code>{}</code> == {}", escaped(blank.asks), blank_text(blank));
    const std::string reason = choice.answers ? reason_text(blank) : std::string();
    html += reason.empty() ? "</li>\n" : fmt::format("<br>{}</li>\n", prose_html(reason));
  }
  if (!question.blanks.empty()) html += "</ul>\n";
  html += html_of_hints(question.hints, choice);
  if (choice.answers) html += html_of(question.because);
  return html;
}

std::string html_of_introduction(const Sheet& sheet, const SheetChoice& choice) {
  std::string html;
  if (!sheet.task.parts.empty())
    html += fmt::format("<h2>{}</h2>\n{}{}", kTaskWords, html_of(sheet.task), html_of_hints(sheet.hints, choice));
  if (!sheet.words.empty()) {
    html += fmt::format("<h2>{}</h2>\n<table>", kReadingWords);
    for (const auto& [form, meaning] : sheet.words)
      html += fmt::format("<tr><td><code>{}</code></td><td>{}</td></tr>\n", escaped(form), prose_html(meaning));
    html += "</table>\n";
  }
  if (!sheet.formats.empty()) {
    html += fmt::format("<h2>{}</h2>\n<ul>", kFormatWords);
    for (const std::string& format : sheet.formats) html += fmt::format("<li>{}</li>\n", prose_html(format));
    html += "</ul>\n";
  }
  return html + fmt::format("<h2>{}</h2>\n", kPartsWords);
}

std::string sheet_html(const Sheet& sheet, const SheetChoice& choice) {
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\n<style>{1}</style></head>\n"
      "<body><main>\n<h1>{0}</h1>\n<p>{2} <code>{3}</code></p>\n",
      escaped(sheet.title), kStyle, kSheetWord, escaped(text(sheet.head)));
  if (!choice.answers) html += fmt::format("<p>{} <span class=\"blank name\">&nbsp;</span></p>\n", kNameWord);
  html += html_of_introduction(sheet, choice);
  const auto blank_text = [&choice](const Blank& blank) { return blank_html(choice, blank); };
  for (const SheetPart& part : sheet.parts) {
    if (const auto* lines = std::get_if<ScriptLines>(&part)) html += html_of(*lines);
    if (const auto* given = std::get_if<GivenTable>(&part)) html += html_of(*given);
    if (const auto* question = std::get_if<Question>(&part)) {
      html += html_of(*question, choice, blank_text);
      const int lines = !question->blanks.empty() || choice.answers ? 0 : question->level == Level::Design ? 6 : 3;
      for (int i = 0; i < lines; ++i) html += "<span class=\"line\"></span>\n";
      html += "</section>\n";
    }
  }
  return html + "</main></body></html>\n";
}

}  // namespace bachsim
