// Moodle's XML: https://docs.moodle.org, "Moodle XML format" and "Embedded Answers (Cloze) question type".
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/page/html.h"
#include "sim/sheet/html_parts.h"

namespace bachsim {
namespace {

// HTML as the character data of an element.
std::string text_element(std::string_view html) {
  std::string data;
  for (const char c : html) {
    const bool none_of_xml = static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
    if (c == '>' && data.ends_with("]]")) data += "]]><![CDATA[";
    if (!none_of_xml) data += c;
  }
  return fmt::format("<text><![CDATA[{}]]></text>", data);
}

// Text within an embedded question, where these characters mean something.
std::string cloze_escaped(std::string_view answer) {
  constexpr std::string_view kMarks = "}#~/\"\\";
  std::string marked;
  for (const char c : answer) {
    if (kMarks.find(c) != std::string_view::npos) marked += '\\';
    marked += c;
  }
  return escaped(marked);
}

// The ways to write an answer that count as right.
std::vector<std::string> spellings(const Blank& blank) {
  const std::string whole = answers_text(blank);
  if (blank.answers.size() > 1) {
    std::string close = whole;
    std::string blanks = whole;
    std::erase(close, ' ');
    std::erase(blanks, ',');
    return {whole, close, blanks};
  }
  const Field& value = blank.answers.front().value;
  if (value == Field(kNothing)) return {whole, "none", "no", "null", "-"};
  if (const auto* truth = std::get_if<bool>(&value)) return {whole, *truth ? "1" : "0"};
  if (const auto* address = std::get_if<Address>(&value)) return {whole, fmt::format("{}", address->value)};
  std::string blanks = whole;
  std::ranges::replace_if(
      blanks, [](char c) { return c == ':' || c == '_'; }, ' ');
  std::vector<std::string> all{whole, blanks};
  if (whole.starts_with("swap:1:")) all.push_back("swap " + whole.substr(std::string_view("swap:1:").size()));
  return all;
}

// `{1:NUMERICAL:=64:0}`, `{1:SHORTANSWER:=swap:1:64~=swap 1 64}`
std::string cloze(const Blank& blank) {
  if (blank.answers.empty()) return "-";  // nobody comes by there
  if (blank.answers.size() == 1 && std::holds_alternative<std::int64_t>(blank.answers.front().value))
    return fmt::format("{{1:NUMERICAL:={}:0}}", answers_text(blank));
  std::vector<std::string> known;
  std::string answers;
  for (const std::string& spelling : spellings(blank)) {
    if (std::ranges::find(known, spelling) != known.end()) continue;
    answers += fmt::format("{}={}", known.empty() ? "" : "~", cloze_escaped(spelling));
    known.push_back(spelling);
  }
  return fmt::format("{{1:SHORTANSWER:{}}}", answers);
}

// The HTML of a sheet without its questions in words: what an embedded question would begin with is no brace.
class ClozeText {
 public:
  void add(std::string_view html) {
    for (const char c : html) text_ += c == '{' ? "&#123;" : std::string(1, c);
  }
  void add(const Question& question, const SheetChoice& choice) {
    // Text of the sheet is escaped, so that no mark of this kind can be in it.
    constexpr std::string_view kMark = "<blank>";
    const std::string html = html_of(question, choice, [&](const Blank&) { return std::string(kMark); });
    std::size_t begin = 0;
    for (const Blank& blank : question.blanks) {
      const std::size_t at = html.find(kMark, begin);
      add(std::string_view(html).substr(begin, at - begin));
      text_ += cloze(blank);
      begin = at + kMark.size();
    }
    add(std::string_view(html).substr(begin));
    text_ += "</section>\n";
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_{};
};

std::string feedback(const Question& question) {
  const auto blank_text = [](const Blank& blank) {
    return fmt::format("<code>{}</code>", escaped(answers_text(blank)));
  };
  return html_of(question, {.answers = true}, blank_text) + "</section>\n";
}

// `rest`: elements behind those that each question has.
std::string question_element(std::string_view type, std::string_view name, std::string_view html,
                             std::string_view feedback_html, std::string_view rest) {
  return fmt::format(
      "  <question type=\"{}\">\n"
      "    <name><text>{}</text></name>\n"
      "    <questiontext format=\"html\">{}</questiontext>\n"
      "    <generalfeedback format=\"html\">{}</generalfeedback>\n{}"
      "    <penalty>0</penalty>\n"
      "    <hidden>0</hidden>\n"
      "  </question>\n",
      type, escaped(name), text_element(html), text_element(feedback_html), rest);
}

void add_sheet(std::string& xml, const Sheet& sheet, const SheetChoice& choice) {
  xml += fmt::format(
      "  <question type=\"category\">\n    <category><text>$course$/top/bachsim/{}</text></category>\n  </question>\n",
      escaped(sheet.head.name));
  const SheetChoice asking{.answers = false, .hints = choice.hints};
  const std::string introduction = html_of_introduction(sheet, asking);
  ClozeText all;
  all.add(introduction);
  std::string answers;
  std::string essays;
  bool any_blank = false;
  std::string so_far = introduction;  // for those who are asked in words
  for (const SheetPart& part : sheet.parts) {
    if (const auto* question = std::get_if<Question>(&part)) {
      if (!question->blanks.empty()) {
        all.add(*question, asking);
        answers += feedback(*question);
        any_blank = true;
        continue;
      }
      const std::string html = html_of(*question, asking, [](const Blank&) { return std::string(); }) + "</section>\n";
      essays += question_element("essay", fmt::format("{}, {}", text(sheet.head), question->number), so_far + html,
                                 feedback(*question),
                                 "    <defaultgrade>1</defaultgrade>\n    <responseformat>editor</responseformat>\n"
                                 "    <responserequired>1</responserequired>\n"
                                 "    <responsefieldlines>10</responsefieldlines>\n    <attachments>0</attachments>\n");
      continue;
    }
    const auto* lines = std::get_if<ScriptLines>(&part);
    const std::string html = lines != nullptr ? html_of(*lines) : html_of(std::get<GivenTable>(part));
    all.add(html);
    so_far += html;
  }
  if (any_blank) xml += question_element("cloze", text(sheet.head), all.text(), answers, "");
  xml += essays;
}

}  // namespace

std::string moodle_xml(const std::vector<Sheet>& sheets, const SheetChoice& choice) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<quiz>\n";
  for (const Sheet& sheet : sheets) add_sheet(xml, sheet, choice);
  return xml + "</quiz>\n";
}

}  // namespace bachsim
