#include "sim/cli/moments.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace bachsim {
namespace {

std::optional<std::uint64_t> number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || stop != word.data() + word.size()) return std::nullopt;
  return value;
}

bool may_change(const Statement& statement) {
  return !std::holds_alternative<NoteStatement>(statement.body) &&
         !std::holds_alternative<ShowStatement>(statement.body) &&
         !std::holds_alternative<ExpectStatement>(statement.body) &&
         !std::holds_alternative<AuditStatement>(statement.body) &&
         !std::holds_alternative<CallStatement>(statement.body);
}

// Notes where each statement begins and ends, and keeps the moment that is wanted.
class Finder : public Listener {
 public:
  Finder(const Session& session, const When& when) : script_(session.script()) {
    if (when.kind != When::Kind::Line) return;
    for (const Statement& statement : session.script().statements) {
      const auto position = session.sources().find(statement.place);
      if (position.file == 0 && position.line == when.number) wanted_ = statement.place;
    }
  }

  void show(const Statement& statement, const Run& run) override {
    last_.shown.show(std::get<ShowStatement>(statement.body), run);
  }
  void begin(const Statement& /*statement*/, const Run& run) override { from_ = run.standing().steps - 1; }
  void done(const Statement& statement, const Run& run) override {
    last_.step = run.standing().steps;
    last_.statement = &statement;
    last_.begin = from_;
    if (may_change(statement)) {
      last_.before_change = from_;
      last_.changing = &statement;
    }
    last_.shown.done(statement, script_);
    if (wanted_ == statement.place)
      found_ = last_;
    else if (found_ && in_wanted_call(run))
      go_on_in_call(statement);
  }

  [[nodiscard]] const FoundMoment& last() const { return last_; }
  [[nodiscard]] const std::optional<FoundMoment>& found() const { return found_; }

 private:
  // A call is done when what it calls is.
  [[nodiscard]] bool in_wanted_call(const Run& run) const {
    return std::ranges::any_of(run.standing().blocks, [this](const OpenBlock& block) {
      return wanted_ == script_.statements[block.head].place;
    });
  }
  void go_on_in_call(const Statement& statement) {
    found_->step = last_.step;
    found_->shown = last_.shown;
    if (!may_change(statement)) return;
    found_->changing = found_->statement;
    found_->before_change = found_->begin;
  }

  const Script& script_;
  std::optional<Place> wanted_;  // of the statement on the line: a definition has it once for each call
  std::uint64_t from_ = 0;       // steps when the statement at hand began
  FoundMoment last_;
  std::optional<FoundMoment> found_;
};

// Why no moment of the run is at the end of a line.
std::string no_such_line(const Session& session, std::uint64_t line) {
  std::optional<std::uint64_t> next;
  for (std::size_t i = 0; i < session.script().statements.size(); ++i) {
    const auto position = session.sources().find(session.script().statements[i].place);
    if (position.file != 0 || position.line < line) continue;
    if (position.line == line) {
      const Statement& statement = session.script().statements[i];
      if (!statement.opens_block() || std::holds_alternative<CallStatement>(statement.body))
        return fmt::format("line {} is not run", line);
      return fmt::format("line {} begins a {}: take a line in it or behind it", line,
                         std::holds_alternative<LoopStatement>(statement.body) ? "loop" : "branch");
    }
    next = std::min<std::uint64_t>(next.value_or(position.line), position.line);
  }
  return fmt::format("line {} has no statement that is run; {}", line,
                     next ? fmt::format("the next one is on line {}", *next) : "nor has any line behind it");
}

}  // namespace

std::expected<When, std::string> parse_when(const std::string& word) {
  if (word == "end" || word == "END") return When{};
  const bool is_step = word.starts_with("step:");
  const auto value = number(is_step ? std::string_view(word).substr(5) : std::string_view(word));
  if (!value || (!is_step && *value == 0))
    return std::unexpected(fmt::format("`{}` is no line's number, nor `step:N`, nor `end`", word));
  return When{.kind = is_step ? When::Kind::Step : When::Kind::Line, .number = *value};
}

std::expected<FoundMoment, int> find_moment(Session& session, const When& when, std::uint64_t max_steps) {
  Finder finder(session, when);
  Run& run = session.start(finder, {.max_steps = max_steps, .trace = true});
  if (when.kind == When::Kind::Step) {
    run.run_to(when.number);
    if (run.mistake()) return std::unexpected(session.stopped(*run.mistake()));
    if (run.standing().steps < when.number)
      return std::unexpected(complain(fmt::format("the run ends after {}", count_text(run.standing().steps, "step"))));
    FoundMoment found = finder.last();
    found.step = when.number;
    return found;
  }
  const auto mistake = run.run();
  if (when.kind == When::Kind::Line && finder.found()) return *finder.found();
  if (mistake) return std::unexpected(session.stopped(*mistake));
  if (when.kind == When::Kind::Line) return std::unexpected(complain(no_such_line(session, when.number)));
  FoundMoment end = finder.last();
  end.step = FoundMoment::kEnd;
  return end;
}

}  // namespace bachsim
