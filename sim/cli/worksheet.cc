#include "sim/cli/worksheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/report/table.h"

namespace bachsim {
namespace {

constexpr std::string_view kMark = "#?";
constexpr std::string_view kExpect = "expect";
constexpr std::size_t kIndent = 4;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The line without a comment at its end.
std::string_view without_comment(std::string_view line) {
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"')
      in_string = !in_string;
    if (line[i] == '#' && !in_string)
      return line.substr(0, i);
  }
  return line;
}

// What stands on the left of an expectation's comparison, without the brackets around the whole.
std::string_view left_side(const Sources& sources, const Statement& statement, const Expr& comparison) {
  std::string_view left = trimmed(sources.slice(statement.place, comparison.place).substr(kExpect.size()));
  while (std::ranges::count(left, '(') > std::ranges::count(left, ')'))
    left = trimmed(left.substr(1));
  return left;
}

class Writer {
 public:
  Writer(const Script& script, const Sources& sources) : sources_(sources) {
    const std::uint32_t start = sources.start(0).offset;
    for (const Statement& statement : script.statements) {
      if (std::holds_alternative<ExpectStatement>(statement.body))
        expectations_[statement.place.offset] = &statement;
    }
    const std::string_view text = sources.text(0);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      line({start + static_cast<std::uint32_t>(begin)}, text.substr(begin, end - begin));
      begin = end + 1;
    }
    end_question();
    if (questions_ == 0)
      errors_.push_back({{start}, "the script asks no question: a comment that begins with `#?` does"});
  }

  std::expected<Worksheet, std::vector<Diagnostic>> finish() {
    if (!errors_.empty())
      return std::unexpected(std::move(errors_));
    return std::move(sheet_);
  }

 private:
  void line(Place begin, std::string_view whole) {
    const std::string_view text = trimmed(whole);
    const Place place{begin.offset + static_cast<std::uint32_t>(text.empty() ? 0 : text.data() - whole.data())};
    if (text.starts_with(kMark))
      return ask(place, trimmed(text.substr(kMark.size())));
    if (const auto at = expectations_.find(place.offset); at != expectations_.end())
      return answer(*at->second);
    end_question();
    if (tells(text))
      return;
    const std::string_view rest = without_comment(whole);
    sheet_.emplace_back(std::string(rest.substr(0, rest.find_last_not_of(" \t\r") + 1)));
  }

  void ask(Place place, std::string_view text) {
    if (answered_)
      end_question();
    if (!question_) {
      question_.emplace();
      question_place_ = place;
    }
    question_->text += question_->text.empty() ? "" : " ";
    question_->text += text;
  }

  void answer(const Statement& statement) {
    answered_ = question_.has_value();
    const Expr& condition = *std::get<ExpectStatement>(statement.body).condition;
    if (question_ && is_comparison(condition.kind))
      question_->blanks.push_back({.place = statement.place, .left = left_side(sources_, statement, condition)});
  }

  void end_question() {
    if (!question_)
      return;
    if (question_->blanks.empty())
      errors_.push_back({question_place_, "a question stands directly above an `expect` that compares"});
    ++questions_;
    sheet_.emplace_back(std::move(*question_));
    question_.reset();
    answered_ = false;
  }

  // Whether a line tells about what happens, and is not itself part of it.
  static bool tells(std::string_view text) {
    static constexpr std::array<std::string_view, 4> kWords{"title", "note", "show", "audit"};
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto end = std::ranges::find_if_not(text, is_letter);
    const std::string_view word(text.begin(), end);
    return text.starts_with('#') || std::ranges::find(kWords, word) != kWords.end();
  }

  const Sources& sources_;
  std::map<std::uint32_t, const Statement*> expectations_;  // by where they begin
  std::optional<Question> question_;                        // the one that is being read
  Place question_place_;
  bool answered_ = false;  // an expectation stands below it
  std::size_t questions_ = 0;
  Worksheet sheet_;
  std::vector<Diagnostic> errors_;
};

std::string question_text(std::size_t number, const Question& question, const Answers* answers) {
  std::string text = "\n" + paragraph(fmt::format("{}. ", number), question.text);
  for (const Question::Blank& blank : question.blanks) {
    std::string value = "____";
    if (answers != nullptr) {
      const auto at = answers->find(blank.place.offset);
      value = at == answers->end() ? "-" : fmt::format("{}", fmt::join(at->second, ", "));
    }
    text += fmt::format("{:{}}{} == {}\n", "", 2 * kIndent, blank.left, value);
  }
  return text + "\n";
}

}  // namespace

std::expected<Worksheet, std::vector<Diagnostic>> worksheet_of(const Script& script, const Sources& sources) {
  return Writer(script, sources).finish();
}

Answers answers_of(const std::vector<Expectation>& expectations) {
  Answers answers;
  for (const Expectation& expectation : expectations) {
    if (expectation.left)
      answers[expectation.place.offset].push_back(expectation.left->text());
  }
  return answers;
}

std::string worksheet_text(const Worksheet& sheet, const Answers* answers) {
  std::string text;
  std::size_t questions = 0;
  bool blank = true;  // the line before: nothing is gained by two of them
  for (const auto& part : sheet) {
    std::string next;
    if (const auto* question = std::get_if<Question>(&part)) {
      next = question_text(++questions, *question, answers);
    } else {
      const std::string& line = std::get<std::string>(part);
      next = line.empty() ? "\n" : fmt::format("{:{}}{}\n", "", kIndent, line);
    }
    if (blank && next.starts_with('\n'))
      next.erase(0, 1);
    text += next;
    blank = next.empty() ? blank : next == "\n" || next.ends_with("\n\n");
  }
  while (text.ends_with("\n\n"))
    text.pop_back();
  return text;
}

}  // namespace bachsim
