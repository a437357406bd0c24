#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/sheet/sheet_forms.h"

namespace bachsim {
namespace {

// Text in which Markdown finds nothing to mark.
std::string plain(std::string_view text) {
  constexpr std::string_view kMarks = "\\`*_{}[]<>#|~&!";
  std::string marked;
  for (const char c : text) {
    if (kMarks.find(c) != std::string_view::npos) marked += '\\';
    marked += c;
  }
  return marked;
}

// Text as code, in a line or in a cell of a table.
std::string code(std::string_view text, bool in_cell = false) {
  if (text.empty()) return {};
  std::string escaped;
  for (const char c : text) escaped += in_cell && c == '|' ? "\\|" : std::string(1, c);
  const bool ticks = text.find('`') != std::string_view::npos;
  return ticks ? fmt::format("`` {} ``", escaped) : fmt::format("`{}`", escaped);
}

// Prose, with its code as code.
std::string marked_prose(std::string_view text, bool in_cell = false) {
  std::string marked;
  for (const ProsePiece& piece : pieces_of(text))
    marked += piece.is_code ? code(piece.text, in_cell) : plain(piece.text);
  return marked;
}

class MarkdownWriter {
 public:
  MarkdownWriter(const Sheet& sheet, const SheetChoice& choice) : sheet_(sheet), choice_(choice) {}

  std::string write() {
    text_ = fmt::format("# {}\n\n{} {}\n", plain(sheet_.title), kSheetWord, code(bachsim::text(sheet_.head)));
    if (!choice_.answers) text_ += fmt::format("\n{} \\_\\_\\_\\_\\_\\_\\_\\_\n", kNameWord);
    if (!sheet_.task.parts.empty()) {
      head(kTaskWords);
      write(sheet_.task);
      hints(sheet_.hints);
    }
    if (!sheet_.words.empty()) {
      head(kReadingWords);
      text_ += "| line | meaning |\n| --- | --- |\n";
      for (const auto& [form, meaning] : sheet_.words)
        text_ += fmt::format("| {} | {} |\n", code(form, true), marked_prose(meaning, true));
    }
    if (!sheet_.formats.empty()) {
      head(kFormatWords);
      for (const std::string& format : sheet_.formats) text_ += fmt::format("- {}\n", marked_prose(format));
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
    text_ += fmt::format("## {}\n\n", words);
  }

  void write_code(const std::vector<std::string>& lines) {
    std::size_t fence = 3;
    for (const std::string& line : lines) {
      std::size_t ticks = 0;
      for (const char c : line) {
        ticks = c == '`' ? ticks + 1 : 0;
        fence = std::max(fence, ticks + 1);
      }
    }
    gap();
    text_ += fmt::format("{0:`>{1}}\n{2}\n{0:`>{1}}\n", "", fence, fmt::join(lines, "\n"));
  }

  void write(const Prose& prose) {
    std::vector<std::string> lines;
    const auto end_code = [&] {
      if (!lines.empty()) write_code(lines);
      lines.clear();
    };
    for (const Prose::Part& part : prose.parts) {
      if (part.as_it_is) {
        lines.push_back(part.text);
        continue;
      }
      end_code();
      gap();
      if (!part.text.empty()) text_ += fmt::format("{}\n", marked_prose(part.text));
    }
    end_code();
  }

  void hints(const std::vector<std::string>& hints) {
    if (choice_.hints == 0 || hints.empty()) return;
    gap();
    for (std::size_t i = 0; i < std::min(choice_.hints, hints.size()); ++i)
      text_ += fmt::format("- Hint {}: {}\n", i + 1, marked_prose(hints[i]));
  }

  void write(const ScriptLines& lines) {
    std::vector<std::string> whole = lines.lines;
    while (!whole.empty() && whole.back().empty()) whole.pop_back();
    if (!whole.empty()) write_code(whole);
  }

  void write(const GivenTable& given) {
    text_ += fmt::format("{}:\n\n|", plain(given.title));
    for (const std::string& heading : given.headings) text_ += fmt::format(" {} |", plain(heading));
    text_ += "\n|";
    for (std::size_t i = 0; i < given.headings.size(); ++i) text_ += " --- |";
    for (const auto& row : given.rows) {
      text_ += "\n|";
      for (const std::string& cell : row) text_ += fmt::format(" {} |", plain(cell));
    }
    text_ += '\n';
  }

  void write(const Question& question) {
    const std::string level =
        question.level == Level::Any ? "" : fmt::format("({}) ", kLevels[static_cast<std::size_t>(question.level)]);
    text_ += fmt::format("**{}.** {}{}\n\n", question.number, level, marked_prose(question.text));
    for (const Blank& blank : question.blanks) {
      text_ +=
          fmt::format("- {} == {}\n", code(blank.asks), choice_.answers ? code(answers_text(blank)) : "\\_\\_\\_\\_");
      const std::string reason = choice_.answers ? reason_text(blank) : std::string();
      if (!reason.empty()) text_ += fmt::format("  - {}\n", marked_prose(reason));
    }
    if (question.blanks.empty() && !choice_.answers) text_ += fmt::format("{}\n\n\\_\\_\\_\\_\n", kAnswerWord);
    hints(question.hints);
    if (choice_.answers && !question.because.parts.empty()) write(question.because);
  }

  const Sheet& sheet_;
  const SheetChoice& choice_;
  std::string text_{};
};

}  // namespace

std::string sheet_markdown(const Sheet& sheet, const SheetChoice& choice) {
  return MarkdownWriter(sheet, choice).write();
}

}  // namespace bachsim
