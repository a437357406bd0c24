#include <fmt/format.h>

#include "sim/cli/session.h"
#include "sim/report/event_text.h"
#include "sim/report/table.h"
#include "sim/report/views.h"

namespace bachsim {

void RunListener::write(std::string_view text) {
  bar.clear();
  output_.write(text);
}

void RunListener::line(std::string_view text) {
  if (json_ != nullptr) return json_->line(text);
  write(text);
  write("\n");
}

void RunListener::show(const Statement& statement, const Run& run) {
  const auto& show = std::get<ShowStatement>(statement.body);
  const auto only = run.named(show.names);
  const auto draw = [&](Sink& sink) {
    if (show.where == nullptr)
      write_view(sink, show.view, run.state(), run.samples(), only);
    else
      write_walk(sink, run.walk(show));
  };
  if (json_ != nullptr) return json_->shown(statement.place, draw);
  bar.clear();
  draw(output_);
}

void RunListener::expectation(const Expectation& expectation) {
  ++(expectation.held ? held : failed);
  if (json_ != nullptr) json_->expectation(expectation);
  if (expectation.held) return;
  bar.clear();
  output_.flush();
  std::string what(expectation.text);
  if (expectation.left)
    what += fmt::format(": left is {}, right is {}", text(*expectation.left), text(*expectation.right));
  print_errors(session_.sources(), {{expectation.place, std::move(what)}}, session_.color(), "expectation failed");
}

void RunListener::begin(const Statement& statement, const Run& run) {
  before_ = run.state().counters();
  if (json_ == nullptr) line(fmt::format("> {}", session_.sources().slice(statement.place, statement.end)));
}

void RunListener::done(const Statement& statement, const Run& run) {
  std::vector<std::string> texts;
  for (const Event& event : events) texts.push_back(event_text(event, run.state()));
  events.clear();
  const std::vector<NumberRow> counters = moved(before_, run.state().counters());
  if (json_ != nullptr)
    return json_->traced(statement.place, session_.sources().slice(statement.place, statement.end), texts, counters);
  for (const std::string& event : texts) line("    " + event);
  std::vector<std::string> sums;
  for (const NumberRow& counter : counters) sums.push_back(fmt::format("{} +{}", counter.name, counter.value));
  write(wrapped(sums, 4));
}

}  // namespace bachsim
