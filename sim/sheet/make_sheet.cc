// From the lines of a script to a sheet.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "sim/sheet/given.h"
#include "sim/sheet/sheet.h"

namespace bachsim {
namespace {

constexpr std::string_view kAsks = "#?";
constexpr std::string_view kTask = "#task";
constexpr std::string_view kHint = "#hint";
constexpr std::string_view kBecause = "#because";
constexpr std::string_view kParam = "param";
constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kAsItIs = "    ";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The line without a comment at its end, and without the blanks before that.
std::string_view without_comment(std::string_view line) {
  bool in_string = false;
  std::size_t end = 0;
  for (; end < line.size() && (in_string || line[end] != '#'); ++end) in_string = in_string != (line[end] == '"');
  return line.substr(0, line.substr(0, end).find_last_not_of(kBlanks) + 1);
}

// Whether a line tells about what happens, and is not itself part of it.
bool tells(std::string_view text) {
  static constexpr std::array<std::string_view, 4> kWords{"title", "note", "show", "audit"};
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const std::string_view word(text.begin(), std::ranges::find_if_not(text, is_letter));
  return text.starts_with('#') || std::ranges::find(kWords, word) != kWords.end();
}

// What stands behind a comment's word; nothing where the comment is none of the kind.
std::optional<std::string_view> behind(std::string_view word, std::string_view text) {
  if (!text.starts_with(word)) return std::nullopt;
  text.remove_prefix(word.size());
  if (!text.empty() && kBlanks.find(text.front()) == std::string_view::npos) return std::nullopt;
  return text;
}

// Adds a line of a comment to prose.
void add(Prose& prose, std::string_view line) {
  const std::string_view text = trimmed(line);
  auto& parts = prose.parts;
  if (line.starts_with(' ') && line.substr(1).starts_with(kAsItIs)) {
    const std::string_view whole = line.substr(1 + kAsItIs.size());
    parts.push_back({.text = std::string(whole.substr(0, whole.find_last_not_of(kBlanks) + 1)), .as_it_is = true});
  } else if (text.empty() || parts.empty() || parts.back().as_it_is) {
    parts.push_back({.text = std::string(text)});
  } else {
    parts.back().text += fmt::format("{}{}", parts.back().text.empty() ? "" : " ", text);
  }
}

class SheetMaker {
 public:
  SheetMaker(const Script& script, const ParamValues& params, const Sources& sources)
      : sources_(sources), script_(script), values_(params), params_(named(script, params)) {
    for (const Statement& statement : script.statements) statements_.emplace(statement.place.offset, &statement);
    sheet_.title = script.title;
  }

  std::expected<Sheet, std::vector<Diagnostic>> make() {
    const Place start = sources_.start(0);
    const std::string_view text = sources_.text(0);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      line({start.offset + static_cast<std::uint32_t>(begin)}, text.substr(begin, end - begin));
      begin = end + 1;
    }
    end_question();
    if (questions_ == 0)
      errors_.push_back({start, "the script asks no question: a comment that begins with `#?` does"});
    if (!errors_.empty()) return std::unexpected(std::move(errors_));
    explain(sheet_);
    return std::move(sheet_);
  }

 private:
  void line(Place begin, std::string_view whole) {
    const std::string_view text = trimmed(whole);
    const Place place{begin.offset + static_cast<std::uint32_t>(text.empty() ? 0 : text.data() - whole.data())};
    if (text.starts_with(kAsks)) return ask(place, text.substr(kAsks.size()));
    if (const auto task = behind(kTask, text)) return add(sheet_.task, with_values(*task, place));
    if (const auto hint = behind(kHint, text)) return add_hint(place, with_values(trimmed(*hint), place));
    if (const auto because = behind(kBecause, text)) {
      if (!question_) return complain(place, "`#because` stands below a question");
      return add(question_->because, with_values(*because, place));
    }
    const auto statement = statements_.find(place.offset);
    const Statement* here = statement == statements_.end() ? nullptr : statement->second;
    if (here != nullptr && std::holds_alternative<ExpectStatement>(here->body)) return answer(*here);
    end_question();
    if (tells(text)) return;
    const auto* preset = here == nullptr ? nullptr : std::get_if<PresetStatement>(&here->body);
    if (preset != nullptr)
      return add_given(sheet_.parts, sources_.slice(here->place, here->end), *preset->body, script_, values_);
    if (const auto param = param_of(text)) return add_line(fmt::format("{} = {}", param->name, value_text(*param)));
    add_line(without_comment(whole));
  }

  // The param that a line declares.
  [[nodiscard]] std::optional<NamedParam> param_of(std::string_view line) const {
    const auto word = behind(kParam, line);
    if (!word) return std::nullopt;
    const std::string_view name = trimmed(*word).substr(0, trimmed(*word).find_first_of(" \t="));
    const auto param = std::ranges::find(params_, name, &NamedParam::name);
    return param == params_.end() ? std::nullopt : std::optional(*param);
  }

  // A text with the values of `{NAME}` in it; other braces mean nothing. A line that stays as it is has no such names.
  std::string with_values(std::string_view text, Place place) {
    if (text.starts_with(' ') && text.substr(1).starts_with(kAsItIs)) return std::string(text);
    const auto in_name = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    std::string whole;
    for (std::size_t brace = text.find('{'); brace != std::string_view::npos; brace = text.find('{')) {
      const std::size_t end = text.find('}', brace);
      if (end == std::string_view::npos) break;
      const std::string_view name = text.substr(brace + 1, end - brace - 1);
      const bool meant =
          !name.empty() && in_name(name.front()) && name.find_first_of(" :,.=()") == std::string_view::npos;
      const auto param = std::ranges::find(params_, name, &NamedParam::name);
      whole += text.substr(0, meant ? brace : brace + 1);
      text.remove_prefix(meant ? end + 1 : brace + 1);
      if (meant && param != params_.end()) whole += value_text(*param);
      if (meant && param == params_.end())
        complain(place, fmt::format("`{}` in a text of the sheet is no param", name));
    }
    return whole + std::string(text);
  }

  // `rest`: behind `#?`
  void ask(Place place, std::string_view rest) {
    const std::string_view word = rest.substr(0, rest.find_first_of(kBlanks));
    const auto level = std::ranges::find(kLevels, word);
    if (level == kLevels.end()) {
      complain(place, fmt::format("`{}` is no level of a question (read, predict, explain, design)", word));
      return;
    }
    const bool more = question_ && word.empty() && question_->blanks.empty() && question_->hints.empty() &&
                      question_->because.parts.empty() && !answered_;
    if (!more) {
      end_question();
      question_ = Question{.level = static_cast<Level>(level - kLevels.begin()), .place = place};
    }
    const std::string text = with_values(trimmed(rest.substr(word.size())), place);
    question_->text += fmt::format("{}{}", question_->text.empty() ? "" : " ", text);
  }

  void add_hint(Place place, std::string_view hint) {
    if (question_)
      question_->hints.emplace_back(hint);
    else if (questions_ == 0 && !sheet_.task.parts.empty())
      sheet_.hints.emplace_back(hint);
    else
      complain(place, "`#hint` stands below a question, or below the task");
  }

  void answer(const Statement& statement) {
    if (!question_) return;
    answered_ = true;
    const Expr& condition = *std::get<ExpectStatement>(statement.body).condition;
    if (!is_comparison(condition.kind)) return;
    // The left side, without the brackets around the whole.
    constexpr std::string_view kExpect = "expect";
    std::string_view left = trimmed(sources_.slice(statement.place, condition.place).substr(kExpect.size()));
    while (std::ranges::count(left, '(') > std::ranges::count(left, ')')) left = trimmed(left.substr(1));
    Blank blank{.place = statement.place, .asks = std::string(left), .expr = condition.left};
    const ColumnInfo* column = blank.expr->kind == ExprKind::Path ? blank.expr->path->column : nullptr;
    if (column != nullptr) {
      blank.kind = column->kind;
      blank.may_be_null = column->is(kMayBeNull);
    }
    question_->blanks.push_back(std::move(blank));
  }

  void end_question() {
    if (!question_) return;
    const bool in_words = question_->level == Level::Explain || question_->level == Level::Design;
    if (question_->blanks.empty() && !in_words)
      complain(question_->place, "a question stands directly above an `expect` that compares");
    else if (question_->blanks.empty() && question_->because.parts.empty())
      complain(question_->place, "a question that is answered in words has its answer in `#because`");
    question_->number = ++questions_;
    sheet_.parts.emplace_back(std::move(*question_));
    question_.reset();
    answered_ = false;
  }

  // Nothing is gained by two empty lines, nor by one at the beginning.
  void add_line(std::string_view line) {
    auto* lines = sheet_.parts.empty() ? nullptr : std::get_if<ScriptLines>(&sheet_.parts.back());
    if (line.empty() && (lines == nullptr || lines->lines.back().empty())) return;
    if (lines == nullptr) lines = &std::get<ScriptLines>(sheet_.parts.emplace_back(ScriptLines{}));
    lines->lines.emplace_back(line);
  }

  void complain(Place place, std::string what) { errors_.push_back({place, std::move(what)}); }

  const Sources& sources_;
  const Script& script_;
  const ParamValues& values_;
  std::vector<NamedParam> params_;
  std::map<std::uint32_t, const Statement*> statements_{};  // by where they begin
  Sheet sheet_{};
  std::optional<Question> question_{};  // the one that is being read
  bool answered_ = false;               // an expectation stands below it
  std::size_t questions_ = 0;
  std::vector<Diagnostic> errors_{};
};

}  // namespace

std::string text(const SheetHead& head) {
  std::string words = head.name;
  for (const std::string& option : head.options) words += fmt::format(" {}", option);
  return words;
}

std::vector<Question*> Sheet::questions() {
  std::vector<Question*> all;
  for (SheetPart& part : parts) {
    if (auto* question = std::get_if<Question>(&part)) all.push_back(question);
  }
  return all;
}

std::vector<const Question*> Sheet::questions() const {
  std::vector<const Question*> all;
  for (const SheetPart& part : parts) {
    if (const auto* question = std::get_if<Question>(&part)) all.push_back(question);
  }
  return all;
}

std::expected<Sheet, std::vector<Diagnostic>> make_sheet(const Script& script, const ParamValues& params,
                                                         const Sources& sources) {
  return SheetMaker(script, params, sources).make();
}

}  // namespace bachsim
