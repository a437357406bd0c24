#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/report/table.h"
#include "workloads/textbook/textbook.h"

namespace bachsim {
namespace {

constexpr std::string_view kMark = "#?";
constexpr std::size_t kIndent = 4;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The line without a comment at its end, and without the blanks before that.
std::string_view without_comment(std::string_view line) {
  bool in_string = false;
  std::size_t end = 0;
  for (; end < line.size() && (in_string || line[end] != '#'); ++end) in_string = in_string != (line[end] == '"');
  return line.substr(0, line.substr(0, end).find_last_not_of(" \t\r") + 1);
}

// Whether a line tells about what happens, and is not itself part of it.
bool tells(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kWords{"title", "note", "show", "audit"};
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const std::string_view word(text.begin(), std::ranges::find_if_not(text, is_letter));
  return text.starts_with('#') || std::ranges::find(kWords, word) != kWords.end();
}

struct Writer {
  const Script& script;
  const ParamValues& params;
  const Sources& sources;
  const std::vector<Expectation>* answers;
  std::string question{};  // the one that is being read
  Place question_place{};
  std::string blanks{};   // of that, a line each
  bool answered = false;  // an expectation stands below it
  std::size_t questions = 0;
  std::string sheet{};
  std::vector<Diagnostic> errors{};

  std::expected<std::string, std::vector<Diagnostic>> write() {
    const Place start = sources.start(0);
    const std::string_view text = sources.text(0);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      line({start.offset + static_cast<std::uint32_t>(begin)}, text.substr(begin, end - begin));
      begin = end + 1;
    }
    end_question();
    if (questions == 0) errors.push_back({start, "the script asks no question: a comment that begins with `#?` does"});
    if (!errors.empty()) return std::unexpected(std::move(errors));
    while (sheet.ends_with("\n\n")) sheet.pop_back();
    return std::move(sheet);
  }

  void line(Place begin, std::string_view whole) {
    const std::string_view text = trimmed(whole);
    const Place place{begin.offset + static_cast<std::uint32_t>(text.empty() ? 0 : text.data() - whole.data())};
    if (text.starts_with(kMark)) {
      if (answered) end_question();
      if (question.empty()) question_place = place;
      question += question.empty() ? "" : " ";
      question += with_values(trimmed(text.substr(kMark.size())), place);
      return;
    }
    const auto is_here = [place](const Statement& statement) {
      return statement.place == place && std::holds_alternative<ExpectStatement>(statement.body);
    };
    if (const auto at = std::ranges::find_if(script.statements, is_here); at != script.statements.end())
      return answer(*at);
    end_question();
    if (tells(text)) return;
    if (const auto param = param_of(place))
      return add(fmt::format("{:{}}{} = {}\n", "", kIndent, param->name, value_text(*param)));
    const std::string_view rest = without_comment(whole);
    add(fmt::format("{:{}}{}\n", "", rest.empty() ? 0 : kIndent, rest));
  }

  // The param that is declared on the line that begins here.
  [[nodiscard]] std::optional<NamedParam> param_of(Place line) const {
    const auto begins_line = [&](const ParamDeclaration& param) {
      const Sources::Position at = sources.find(param.place);
      const Sources::Position here = sources.find(line);
      return at.file == here.file && at.line == here.line;
    };
    const auto param = std::ranges::find_if(script.params, begins_line);
    if (param == script.params.end()) return std::nullopt;
    return named(script, params)[static_cast<std::size_t>(param - script.params.begin())];
  }

  // A question with the values of `{NAME}` in it. An unknown name is an error of the script.
  std::string with_values(std::string_view text, Place place) {
    std::string whole;
    while (!text.empty()) {
      const std::size_t brace = std::min(text.find('{'), text.size());
      whole += text.substr(0, brace);
      text.remove_prefix(brace);
      if (text.empty()) break;
      const std::size_t end = std::min(text.find('}'), text.size());
      const std::string_view name = text.substr(1, end - 1);
      const auto is_meant = [name](const NamedParam& param) { return param.name == name; };
      const std::vector<NamedParam> known = named(script, params);
      const auto param = std::ranges::find_if(known, is_meant);
      if (param != known.end())
        whole += value_text(*param);
      else
        errors.push_back({place, fmt::format("`{}` in a question is no param", name)});
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return whole;
  }

  void answer(const Statement& statement) {
    answered = !question.empty();
    const Expr& condition = *std::get<ExpectStatement>(statement.body).condition;
    if (!answered || !is_comparison(condition.kind)) return;
    // The left side, without the brackets around the whole.
    constexpr std::string_view kExpect = "expect";
    std::string_view left = trimmed(sources.slice(statement.place, condition.place).substr(kExpect.size()));
    while (std::ranges::count(left, '(') > std::ranges::count(left, ')')) left = trimmed(left.substr(1));
    blanks += fmt::format("{:{}}{} == {}\n", "", 2 * kIndent, left, value(statement.place));
  }

  // The values that a blank had, in the order in which the run came by.
  [[nodiscard]] std::string value(Place place) const {
    if (answers == nullptr) return "____";
    std::string values;
    for (const Expectation& answer : *answers) {
      if (answer.place == place && answer.left)
        values += fmt::format("{}{}", values.empty() ? "" : ", ", text(*answer.left));
    }
    return values.empty() ? std::string("-") : values;
  }

  void end_question() {
    if (question.empty()) return;
    if (blanks.empty())
      errors.push_back({question_place, "a question stands directly above an `expect` that compares"});
    add(fmt::format("\n{}{}\n", paragraph(fmt::format("{}. ", ++questions), question), blanks));
    question.clear();
    blanks.clear();
    answered = false;
  }

  // Nothing is gained by two empty lines.
  void add(std::string_view lines) {
    if (lines.starts_with('\n') && (sheet.empty() || sheet == "\n" || sheet.ends_with("\n\n"))) lines.remove_prefix(1);
    sheet += lines;
  }
};

}  // namespace

std::expected<std::string, std::vector<Diagnostic>> worksheet_text(const Script& script, const ParamValues& params,
                                                                   const Sources& sources,
                                                                   const std::vector<Expectation>* answers) {
  return Writer{.script = script, .params = params, .sources = sources, .answers = answers}.write();
}

}  // namespace bachsim
