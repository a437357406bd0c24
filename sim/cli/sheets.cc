#include "sim/cli/sheets.h"

#include <fmt/format.h>

#include <utility>

namespace bachsim {

SheetHead head_of(std::string_view name, const std::vector<std::string>& settings) {
  SheetHead head{.name = std::string(name)};
  for (const std::string& setting : settings) head.options.push_back(fmt::format("--set {}", setting));
  return head;
}

std::expected<Sheet, int> sheet_of(Session& session, SheetHead head, bool answers, const RunOptions& options) {
  auto sheet = make_sheet(session.script(), session.sources());
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

std::string sheets_text(const std::vector<Sheet>& sheets, SheetForm form, const SheetChoice& choice) {
  if (form == SheetForm::Moodle) return moodle_xml(sheets, choice);
  std::string text;
  for (const Sheet& sheet : sheets) {
    if (!text.empty()) text += '\n';
    text += form == SheetForm::Html       ? sheet_html(sheet, choice)
            : form == SheetForm::Markdown ? sheet_markdown(sheet, choice)
                                          : sheet_text(sheet, choice);
  }
  return text;
}

}  // namespace bachsim
