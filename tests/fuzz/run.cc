#include <string>
#include <vector>

#include "sim/cli/report_choices.h"
#include "sim/report/core.h"
#include "sim/report/json.h"
#include "tests/fuzz/fuzz.h"

namespace bachsim::fuzz {
namespace {

constexpr std::uint64_t kMostMemory = std::uint64_t{16} << 20;
constexpr std::uint64_t kMostSteps = 2000;
// Of tables, behind all steps together: audit and trace look at them behind each.
constexpr std::uint64_t kMostRows = 500'000;

std::uint64_t rows_of(const State& state) {
  std::uint64_t rows = 0;
  state.regions([&](const RegionRow& region) { rows += 1 + region.pages; });
  return rows;
}

// Takes so much of a report: a machine of a billion frames has a row for each of those that are free.
class FirstPart : public Sink {
 public:
  struct Full {};
  void write(std::string_view text) override {
    if (text.size() > left_) throw Full{};
    left_ -= text.size();
  }

 private:
  std::size_t left_ = std::size_t{4} << 20;
};

template <class Write>
void write_first_part(Write&& write) {
  FirstPart sink;
  try {
    write(sink);
  } catch (const FirstPart::Full&) {
  }
}

}  // namespace

std::unique_ptr<Session> session_of(std::string_view text) {
  auto session = std::make_unique<Session>("fuzzed.bach", std::string(text), false);
  const std::uint64_t left = session->budget().left();
  if (left > kMostMemory && !session->budget().take(left - kMostMemory)) return nullptr;
  return session->configure({}) ? std::move(session) : nullptr;
}

void run_script(std::string_view text) {
  const auto session = session_of(text);
  if (session == nullptr) return;
  const auto output = OutputFile::create("/dev/null");
  if (!output) throw std::runtime_error(output.error());
  Nowhere nowhere;
  RunListener listener(**output, *session, false);
  listener.tracer.emplace(TraceChoice{});
  listener.echo = true;
  TraceJson trace_json(nowhere, session->sources());
  listener.trace_json = &trace_json;
  Timeline timeline(nowhere, session->sources());
  listener.timeline = &timeline;
  try {
    Run& run = session->start(listener, {.max_steps = kMostSteps, .audit_each = true, .trace = true, .sample = true});
    run.watch(&listener.events);
    trace_json.start(run, "fuzzed.bach");
    timeline.start(run);
    for (std::uint64_t rows = 0; !run.ended() && rows < kMostRows; rows += rows_of(run.state())) run.step();
    listener.end();
    trace_json.finish(run, run.mistake() ? "error" : "ok");
    timeline.finish(run, "fuzzed.bach");
    const std::vector<std::string> all{"all", "summary", "figure", "working-set", "map-cost"};
    write_views(**output, run, all);
    write_first_part([&](Sink& sink) {
      write_json(sink, run, JsonReport(session->sources(), false),
                 {.script = "fuzzed.bach",
                  .title = session->script().title,
                  .held = listener.failed == 0,
                  .error = run.mistake(),
                  .params = named(session->script(), session->params())},
                 all);
    });
    write_first_part([&](Sink& sink) { write_core(sink, run.state()); });
  } catch (const HostLimit&) {
    // The machine is larger than what it may have.
  }
}

}  // namespace bachsim::fuzz
