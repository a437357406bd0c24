#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/report/table.h"
#include "sim/sheet/sheet_forms.h"

namespace bachsim {
namespace {

constexpr std::size_t kTextIndent = 4;
constexpr std::size_t kRuleWidth = 60;

std::string indent(std::size_t depth = 1) { return std::string(depth * kTextIndent, ' '); }

class TextWriter {
 public:
  TextWriter(const Sheet& sheet, const SheetChoice& choice) : sheet_(sheet), choice_(choice) {}

  std::string write() {
    text_ = fmt::format("{}\n\n{} {}\n", sheet_.title, kSheetWord, bachsim::text(sheet_.head));
    if (!choice_.answers) text_ += fmt::format("{} {:_>{}}\n", kNameWord, "", kRuleWidth - kNameWord.size() - 1);
    if (!sheet_.task.parts.empty()) {
      head(kTaskWords);
      write(sheet_.task, "");
      hints(sheet_.hints);
    }
    if (!sheet_.words.empty()) {
      head(kReadingWords);
      const std::size_t width =
          std::ranges::max(sheet_.words, {}, [](const auto& word) { return word.first.size(); }).first.size();
      for (const auto& [form, meaning] : sheet_.words)
        text_ += paragraph(fmt::format("{}{:<{}}  ", indent(), form, width), meaning);
    }
    if (!sheet_.formats.empty()) {
      head(kFormatWords);
      for (const std::string& format : sheet_.formats) text_ += paragraph("  - ", format);
    }
    head(kPartsWords);
    for (const SheetPart& part : sheet_.parts) {
      gap();
      std::visit([this](const auto& each) { write(each); }, part);
    }
    return std::move(text_);
  }

 private:
  void gap() {
    if (!text_.ends_with("\n\n")) text_ += '\n';
  }

  void head(std::string_view words) {
    gap();
    text_ += fmt::format("{}\n{:-<{}}\n\n", words, "", words.size());
  }

  void write(const Prose& prose, std::string_view before) {
    for (const Prose::Part& part : prose.parts) {
      if (part.as_it_is) {
        text_ += fmt::format("{}{}{}\n", before, part.text.empty() ? "" : indent(), part.text);
      } else if (!part.text.empty()) {
        if (&part != &prose.parts.front()) gap();
        text_ += paragraph(before, part.text);
      } else {
        gap();
      }
    }
  }

  void hints(const std::vector<std::string>& hints) {
    if (choice_.hints == 0 || hints.empty()) return;
    gap();
    for (std::size_t i = 0; i < std::min(choice_.hints, hints.size()); ++i)
      text_ += paragraph(fmt::format("{}Hint {}: ", indent(), i + 1), hints[i]);
  }

  void write(const ScriptLines& lines) {
    for (const std::string& line : lines.lines) text_ += fmt::format("{}{}\n", line.empty() ? "" : indent(), line);
  }

  void write(const GivenTable& given) {
    std::vector<TableColumn> columns;
    for (const std::string& heading : given.headings) columns.push_back({heading, Align::Left});
    Table table(columns, kReportWidth - kTextIndent);
    for (const auto& row : given.rows) table.add(row);
    text_ += fmt::format("{}{}:\n\n", indent(), given.title);
    const std::string lines = table.text();
    for (std::size_t begin = 0; begin < lines.size();) {
      const std::size_t end = lines.find('\n', begin);
      text_ += fmt::format("{}{}\n", indent(), std::string_view(lines).substr(begin, end - begin));
      begin = end + 1;
    }
  }

  void write(const Question& question) {
    const std::string level =
        question.level == Level::Any ? "" : fmt::format("({}) ", kLevels[static_cast<std::size_t>(question.level)]);
    text_ += paragraph(fmt::format("{}. ", question.number), level + question.text);
    for (const Blank& blank : question.blanks) {
      text_ += fmt::format("{}{} == {}\n", indent(2), blank.asks, choice_.answers ? answers_text(blank) : kBlankWord);
      const std::string reason = choice_.answers ? reason_text(blank) : std::string();
      if (!reason.empty()) text_ += paragraph(indent(3), reason);
    }
    if (question.blanks.empty() && !choice_.answers) {
      text_ += fmt::format("{}{}\n", indent(2), kAnswerWord);
      const int lines = question.level == Level::Design ? 6 : 3;
      for (int i = 0; i < lines; ++i) text_ += fmt::format("{}{:_>{}}\n", indent(2), "", kRuleWidth);
    }
    hints(question.hints);
    if (choice_.answers && !question.because.parts.empty()) {
      gap();
      write(question.because, indent());
    }
  }

  const Sheet& sheet_;
  const SheetChoice& choice_;
  std::string text_{};
};

}  // namespace

std::string answer_text(const Blank& blank, const Field& value) {
  if (value == Field(kNothing)) {
    if (blank.asks.ends_with(".frame")) return "no frame";
    return blank.asks.ends_with(".ran") ? "never" : "none";
  }
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "yes" : "no";
  return text(value);
}

std::string answers_text(const Blank& blank) {
  if (blank.answers.empty()) return "-";
  std::vector<std::string> values;
  for (const Blank::Answer& answer : blank.answers) values.push_back(answer_text(blank, answer.value));
  return fmt::format("{}", fmt::join(values, ", "));
}

std::string reason_text(const Blank& blank) { return blank.answers.size() == 1 ? blank.answers.front().reason : ""; }

std::vector<ProsePiece> pieces_of(std::string_view prose) {
  std::vector<ProsePiece> pieces;
  while (!prose.empty()) {
    const std::size_t begin = prose.find('`');
    const std::size_t end = begin == std::string_view::npos ? begin : prose.find('`', begin + 1);
    if (end == std::string_view::npos) break;
    if (begin > 0) pieces.push_back({.text = prose.substr(0, begin)});
    if (end > begin + 1) pieces.push_back({.text = prose.substr(begin + 1, end - begin - 1), .is_code = true});
    prose.remove_prefix(end + 1);
  }
  if (!prose.empty()) pieces.push_back({.text = prose});
  return pieces;
}

std::string sheet_text(const Sheet& sheet, const SheetChoice& choice) { return TextWriter(sheet, choice).write(); }

}  // namespace bachsim
