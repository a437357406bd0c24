#include <fmt/format.h>

#include "sim/cli/session.h"
#include "sim/report/event_text.h"
#include "sim/report/table.h"
#include "sim/report/views.h"

namespace bachsim {

void RunListener::keep(std::uint64_t bytes) {
  kept_ += bytes;
  if (kept_ > kMaxKept)
    throw HostLimit(
        fmt::format("the run's output is more than {} MiB; --format text prints as it goes", kMaxKept >> 20));
}

// Text that is kept for the end counts as it comes.
class RunListener::KeptText : public StringSink {
 public:
  explicit KeptText(RunListener& listener) : listener_(listener) {}
  void write(std::string_view text) override {
    listener_.keep(text.size());
    StringSink::write(text);
  }

 private:
  RunListener& listener_;
};

void RunListener::write(std::string_view text) {
  bar.clear();
  output_.write(text);
}

void RunListener::line(std::string_view text) {
  if (format_ == Format::Json) {
    keep(text.size() + sizeof(std::string));
    record.output.emplace_back(text);
    return;
  }
  write(text);
  write("\n");
}

void RunListener::show(const Statement& statement, const Run& run) {
  const auto& show = std::get<ShowStatement>(statement.body);
  const auto only = run.named(show.names);
  if (format_ == Format::Json) {
    KeptText text(*this);
    write_view(text, show.view, run.state(), run.samples(), only);
    keep(sizeof(Shown));
    record.shown.push_back({.place = statement.place, .text = std::move(text.text())});
    return;
  }
  write("");
  write_view(output_, show.view, run.state(), run.samples(), only);
}

void RunListener::expectation(const Expectation& expectation) {
  ++(expectation.held ? held : failed);
  if (format_ == Format::Json) {
    const auto size = [](const std::optional<Field>& side) { return side ? text(*side).size() : 0; };
    keep(sizeof(Expectation) + expectation.text.size() + size(expectation.left) + size(expectation.right));
    record.expectations.push_back(expectation);
  }
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
  if (format_ == Format::Text) line(fmt::format("> {}", session_.sources().slice(statement.place, statement.end)));
}

void RunListener::done(const Statement& statement, const Run& run) {
  Traced traced{.place = statement.place,
                .statement = session_.sources().slice(statement.place, statement.end),
                .events = {},
                .counters = moved(before_, run.state().counters())};
  for (const Event& event : events) traced.events.push_back(event_text(event, run.state()));
  events.clear();
  if (format_ == Format::Json) {
    std::uint64_t bytes = sizeof(Traced) + traced.statement.size() + traced.counters.size() * 48;
    for (const std::string& event : traced.events) bytes += sizeof(std::string) + event.size();
    keep(bytes);
    record.trace->push_back(std::move(traced));
    return;
  }
  for (const std::string& event : traced.events) line("    " + event);
  std::vector<std::string> counters;
  for (const NumberRow& counter : traced.counters)
    counters.push_back(fmt::format("{} +{}", counter.name, counter.value));
  write(wrapped(counters, 4));
}

}  // namespace bachsim
