#include "sim/cli/shown.h"

#include <utility>

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

void Shown::show(const ShowStatement& show, const Run& run) {
  try {
    if (show.where != nullptr) {
      const Walk walk = run.walk(show);
      walk_ = std::make_shared<WalkPlace>(walk.process, VirtAddr{walk.address.value});
    } else if (show.view == View::Figure || show.view == View::Pages || show.view == View::Pregions) {
      std::vector<std::string> names;
      for (const ProcSlot slot : run.named(show.names)) names.push_back(run.state().process(slot).name);
      names_ = std::make_shared<std::vector<std::string>>(std::move(names));
      made_ = std::make_shared<Made>();
    }
  } catch (const Diagnostic&) {
    // it shows nothing: the drawing does not judge the script
  }
}

void Shown::done(const Statement& statement, const Script& script) {
  ++statements_;
  if (const ProcessRef* const made = names_process(statement))
    made_->try_emplace(script.process_names[made->name], statements_);
}

bool shows_swap(const Script& script) {
  bool figure = false;
  for (const Statement& statement : script.statements) {
    const auto* show = std::get_if<ShowStatement>(&statement.body);
    if (show == nullptr) continue;
    if (show->view == View::Swap || show->view == View::All || show->view == View::Summary) return true;
    figure = figure || show->view == View::Figure;
  }
  return !figure;
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

}  // namespace bachsim
