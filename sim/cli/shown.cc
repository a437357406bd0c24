#include "sim/cli/shown.h"

#include <fmt/format.h>

namespace bachsim {
namespace {

// The name that a statement gives to a process; nullptr: none.
const ProcessRef* names_process(const Statement& statement) {
  if (const auto* spawn = std::get_if<SpawnStatement>(&statement.body)) return &spawn->name;
  const auto* operation = std::get_if<OperationStatement>(&statement.body);
  const auto* fork = operation == nullptr ? nullptr : std::get_if<ForkOp>(operation->body);
  return fork == nullptr ? nullptr : &fork->child;
}

}  // namespace

Shown shown_before(const Script& script, const Statement* last) {
  Shown shown;
  bool figure = false;
  bool swap = false;
  bool behind = false;
  for (const Statement& statement : script.statements) {
    const auto* show = std::get_if<ShowStatement>(&statement.body);
    if (show != nullptr) {
      figure = figure || show->view == View::Figure;
      swap = swap || show->view == View::Swap || show->view == View::All || show->view == View::Summary;
      const bool tables = show->view == View::Figure || show->view == View::Pages || show->view == View::Pregions;
      if (tables && !behind) {
        shown.names.clear();
        shown.made.clear();
        for (const ProcessRef& ref : show->names) {
          const std::string& word = script.process_names[ref.name];
          if (ref.index == nullptr)
            shown.names.push_back(word);
          else if (ref.index->kind == ExprKind::Number)
            shown.names.push_back(fmt::format("{}[{}]", word, ref.index->number));
        }
      }
    }
    if (const ProcessRef* const child = behind ? nullptr : names_process(statement))
      shown.made.push_back(script.process_names[child->name]);
    behind = behind || &statement == last;
  }
  shown.swap = swap || !figure;
  return shown;
}

std::optional<DrawMark> draw_mark(const Script& script, const Sources& sources) {
  constexpr std::string_view kDraw = "#draw";
  constexpr std::string_view kBlanks = " \t";
  std::optional<DrawMark> mark;
  const std::string_view text = sources.text(0);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    if (!line.starts_with(kDraw)) continue;
    const Place place{sources.start(0).offset + static_cast<std::uint32_t>(line.data() - text.data())};
    line.remove_prefix(kDraw.size());
    if (!line.empty() && kBlanks.find(line.front()) == std::string_view::npos) continue;
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
    mark = DrawMark{.place = place, .view = line.substr(0, line.find_first_of(kBlanks)), .line = std::nullopt};
  }
  if (!mark) return mark;
  for (const Statement& statement : script.statements) {
    const auto position = sources.find(statement.place);
    if (position.file == 0 && statement.place.offset < mark->place.offset)
      mark->line = std::max(mark->line.value_or(0U), position.line);
  }
  return mark;
}

const ShowStatement* last_walk(const Script& script, const Statement* last) {
  const ShowStatement* found = nullptr;
  for (const Statement& statement : script.statements) {
    const auto* show = std::get_if<ShowStatement>(&statement.body);
    if (show != nullptr && show->where != nullptr && show->where->first->kind == ExprKind::Number &&
        show->names.front().index == nullptr)
      found = show;
    if (&statement == last) break;
  }
  return found;
}

}  // namespace bachsim
