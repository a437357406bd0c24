#include "sim/cli/sheets.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace bachsim {
namespace {

// KEY=VALUE in one word, as grading reads it: without blanks, and without a comment.   REQUIRES: it can be parsed
std::string in_one_word(std::string_view text) {
  std::string word;
  for (const char c : text.substr(0, text.find('#'))) {
    if (c != ' ' && c != '\t' && c != '\r') word += c;
  }
  return word;
}

}  // namespace

SheetHead head_of(std::string_view name, const StageChoices& stage) {
  SheetHead head{.name = std::string(name)};
  if (stage.seed) head.options.push_back(fmt::format("--seed {}", *stage.seed));
  for (const std::string& definition : stage.definitions)
    head.options.push_back(fmt::format("-D {}", in_one_word(definition)));
  for (const std::string& setting : stage.settings)
    head.options.push_back(fmt::format("--set {}", in_one_word(setting)));
  return head;
}

std::expected<Sheet, int> sheet_of(Session& session, SheetHead head, bool answers, const RunOptions& options) {
  auto sheet = make_sheet(session.script(), session.params(), session.sources());
  if (!sheet) return std::unexpected(print_errors(session.sources(), sheet.error(), session.color()));
  sheet->head = std::move(head);
  if (!answers) return std::move(*sheet);
  AnswerListener listener(*sheet, session.sources());
  RunOptions traced = options;
  traced.trace = true;
  Run& run = session.start(listener, traced);
  run.watch(&listener.events);
  const auto mistake = run.run();
  if (mistake) return std::unexpected(session.stopped(*mistake));
  return std::move(*sheet);
}

int write_sheets(const std::vector<const TextbookScript*>& scripts, const SheetOrder& order, Sink& output) {
  std::vector<Sheet> made;
  int worst = kOk;
  for (const TextbookScript* script : scripts) {
    Session session(fmt::format("{}.bach", script->name), std::string(script->text),
                    use_color(order.color, STDERR_FILENO));
    if (!session.configure(order.stage)) {
      worst = kUserError;
      continue;
    }
    const bool answers = order.choice.answers || order.form == SheetForm::Moodle;
    auto sheet = sheet_of(session, head_of(script->name, order.stage), answers);
    if (sheet)
      made.push_back(std::move(*sheet));
    else
      worst = std::max(worst, sheet.error());
  }
  if (order.form == SheetForm::Moodle && !made.empty()) output.write(moodle_xml(made, order.choice));
  for (const Sheet& sheet : made) {
    if (order.form == SheetForm::Moodle) break;
    if (&sheet != &made.front()) output.write("\n");
    output.write(order.form == SheetForm::Html       ? sheet_html(sheet, order.choice)
                 : order.form == SheetForm::Markdown ? sheet_markdown(sheet, order.choice)
                                                     : sheet_text(sheet, order.choice));
  }
  return worst;
}

std::string take_format(const std::string& word, bool& json, std::optional<SheetForm>& form) {
  json = word == "json";
  form.reset();
  if (word == "markdown") form = SheetForm::Markdown;
  if (word == "html") form = SheetForm::Html;
  if (word == "moodle") form = SheetForm::Moodle;
  const bool sound = word == "text" || json || form;
  return sound ? "" : fmt::format("`{}` is not `text`, `json`, `markdown`, `html` or `moodle`", word);
}

}  // namespace bachsim
