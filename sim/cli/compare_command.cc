// bachsim compare: one workload under each kind of fork.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "sim/cli/command.h"
#include "sim/cli/host.h"
#include "sim/cli/report_choices.h"
#include "sim/report/comparison.h"

namespace bachsim {
namespace {

// [ForkMode]
constexpr std::array<std::string_view, kForkModes> kForkSettings{"fork=cow", "fork=copy", "fork=vfork"};

std::string place_text(const Sources& sources, Place place) {
  const Sources::Position at = sources.find(place);
  return at.file == 0 ? fmt::format("line {}", at.line) : fmt::format("{}:{}", sources.name(at.file), at.line);
}

struct CompareChoices {
  StageChoices stage;
  std::string include_root;
  ColorWhen color = ColorWhen::Auto;
  bool json = false;
  std::vector<std::string> report;   // words of --report
  std::optional<std::string> trace;  // words of --trace
  std::string output;                // empty: standard output
  RunOptions run{.trace = true};     // the listener wants to see each statement

  // Each run is told of, and not only what it cost.
  [[nodiscard]] bool tells_runs() const { return trace.has_value() || report != std::vector<std::string>{"none"}; }
};

// Looks for the first fork, and for calls that fail and processes that are killed. Prints nothing but a trace, if one
// is wanted. Expectations are not judged: those written for one kind of fork do not hold under another.
struct ForkListener : Listener {
  ForkListener(const Sources& its_sources, Sink* its_out, JsonReport* its_json)
      : sources(its_sources), out(its_out), json(its_json) {}

  void line(std::string_view text) override {
    last_line = text;
    if (json != nullptr) json->line(text);
    if (out != nullptr && tracer && tracer->choice().whole) out->write(fmt::format("{}\n", text));
  }

  void begin(const Statement& statement, const Run& run) override {
    if (!tracer) return;
    tracer->begin(run.state());
    if (out != nullptr && tracer->choice().whole && acts(statement)) out->write(headed(statement));
  }

  void done(const Statement& statement, const Run& run) override {
    const Counters now = run.kernel().counters();
    forks = forks || now.syscall.fork + now.syscall.vfork > 0;
    if (!forks) before = run.state().counters();
    if (now.syscall.failed + now.process.killed > std::exchange(troubles, now.syscall.failed + now.process.killed))
      say(fmt::format("{}: {}", place_text(sources, statement.place), last_line));
    if (tracer) trace(statement, run);
    events.clear();
  }

  void trace(const Statement& statement, const Run& run) {
    const bool silent = std::holds_alternative<PresetStatement>(statement.body);
    const Traced traced = tracer->done(events, run.state(), silent);
    const bool whole = tracer->choice().whole;
    if (!whole && traced.empty()) return;
    const std::string_view text_of = sources.slice(statement.place, statement.end);
    if (json != nullptr)
      json->traced(statement.place, text_of, traced.events, traced.counts, traced.counters);
    else
      out->write((whole ? "" : headed(statement)) + text(traced, out->width()));
  }

  // Notes, expectations and tables are for a run by itself.
  static bool acts(const Statement& statement) {
    return !std::holds_alternative<NoteStatement>(statement.body) &&
           !std::holds_alternative<ExpectStatement>(statement.body) &&
           !std::holds_alternative<ShowStatement>(statement.body);
  }
  [[nodiscard]] std::string headed(const Statement& statement) const {
    return fmt::format("> {}\n", sources.slice(statement.place, statement.end));
  }

  // A loop repeats itself; this does not.
  void say(std::string what) {
    constexpr std::size_t kMost = 3;
    if (said.size() <= kMost && (said.empty() || said.back() != what))
      said.push_back(said.size() < kMost ? std::move(what) : "and more of these");
  }

  const Sources& sources;
  Sink* out;         // of what is told of a run as text; or nullptr
  JsonReport* json;  // of what is told of a run as JSON; or nullptr
  std::optional<Tracer> tracer{};
  Events events{};
  std::string last_line{};  // of the script's output
  bool forks = false;
  std::vector<NumberRow> before{};  // the first fork; at the end of a run that has none
  std::uint64_t troubles = 0;
  std::vector<std::string> said{};
};

class Comparing {
 public:
  // All must outlive it.
  Comparing(Session& session, const CompareChoices& choices, const std::optional<TraceChoice>& trace,
            OutputFile& output)
      : session_(session), choices_(choices), trace_(trace), output_(output) {}

  // Runs it under each kind of fork. Returns the exit status.
  int compare() {
    const std::string& title = session_.script().title;
    const bool color = choices_.output.empty() && use_color(choices_.color, STDOUT_FILENO);
    if (!choices_.json && !title.empty()) output_.write(bold(title, color) + "\n");
    for (std::size_t i = 0; i < kForkModes; ++i) {
      StageChoices stage = choices_.stage;
      stage.settings.emplace_back(kForkSettings[i]);
      if (!session_.configure(stage))
        return choices_.json ? finished(refuse_in_json(output_, session_), output_.finish()) : kUserError;
      run(i);
    }
    const bool stopped = mistakes_.size() == kForkModes;
    if (stopped) session_.stopped(mistakes_.front());
    if (stopped && !choices_.json) return kUserError;
    const RunRecord record{.script = script_name(session_), .title = title};
    output_.separate();
    if (stopped)
      JsonReport(session_.sources()).write_refused(output_, record, std::span(mistakes_).first(1));
    else if (choices_.json)
      write_comparison(output_, columns_, forks_, record.script, title);
    else
      output_.write(comparison_text(columns_, forks_, output_.width()));
    return finished(stopped ? kUserError : kOk, output_.finish());
  }

 private:
  void run(std::size_t i) {
    const bool tells = choices_.tells_runs();
    JsonReport json(session_.sources(), trace_.has_value());
    ForkListener listener(session_.sources(), tells && !choices_.json ? &output_ : nullptr,
                          tells && choices_.json ? &json : nullptr);
    if (trace_) listener.tracer.emplace(*trace_);
    output_.separate();
    if (listener.out != nullptr) output_.write(fmt::format("{}\n", kForkSettings.at(i)));
    output_.separate();
    Run& run = session_.start(listener, choices_.run);
    if (trace_) run.watch(&listener.events);
    listener.before = run.state().counters();
    const auto mistake = run.run();
    forks_ = forks_ || listener.forks;
    ForkColumn& column = columns_.at(i);
    column = {.numbers = moved(listener.before, run.state().counters()),
              .stopped = {},
              .said = std::move(listener.said),
              .run = {}};
    std::ranges::copy(run.state().gauges(), std::back_inserter(column.numbers));
    if (mistake) {
      column.stopped = place_text(session_.sources(), mistake->place);
      column.said.push_back(fmt::format("stopped at {}: {}", column.stopped, mistake->what));
      mistakes_.push_back(*mistake);
    }
    if (listener.json != nullptr) {
      StringSink object;
      write_json(object, run, json,
                 {.script = script_name(session_), .title = session_.script().title, .held = true, .error = mistake},
                 choices_.report);
      column.run = std::move(object.text());
      column.run.pop_back();  // the end of its line
    } else if (listener.out != nullptr && !mistake) {
      write_views(output_, run, choices_.report);
    }
  }

  Session& session_;
  const CompareChoices& choices_;
  const std::optional<TraceChoice>& trace_;
  OutputFile& output_;
  ForkColumns columns_;
  std::vector<Diagnostic> mistakes_;
  bool forks_ = false;
};

int compare(Session& session, const CompareChoices& choices) {
  std::optional<TraceChoice> trace;
  if (choices.trace) {
    auto choice = trace_choice(*choices.trace, session.script().process_names);
    if (!choice) return complain(fmt::format("--trace: {}", choice.error()));
    trace = std::move(*choice);
  }
  if (!choices.output.empty() && session.reads(choices.output))
    return complain(fmt::format("{}: the script is read from it", choices.output));
  const auto output = OutputFile::create(choices.output);
  if (!output) return complain(output.error());
  return Comparing(session, choices, trace, **output).compare();
}

// Whether a KEY=VALUE of --set is for `fork`.
bool sets_fork(const std::string& word) {
  const std::size_t key = word.find_first_not_of(' ');
  return key != std::string::npos && word.substr(key, word.find_first_of(" =", key) - key) == "fork";
}

}  // namespace

int compare_command(const Arguments& arguments) {
  CompareChoices choices;
  Options options;
  options.stage(choices.stage);
  options.format(choices.json);
  options.output(choices.output);
  options.report(choices.report, "what to report of each run: views as `show` has them (default: none)");
  options.trace(choices.trace);
  options.include_root(choices.include_root);
  options.color(choices.color);
  options.count("max-steps", "stop each run after N statements and rounds of loops (default: 10^9)",
                choices.run.max_steps);
  const auto files = options.parse(
      arguments, "bachsim compare [OPTION ...] FILE",
      "Runs a workload with copy-on-write fork, copying fork and vfork, and prints their costs side by side;\n"
      "`-` reads standard input.",
      "compare");
  if (!files) return files.error();
  if (std::ranges::any_of(choices.stage.settings, sets_fork)) return complain("--set: `fork` is what compare varies");
  auto words = report_words(choices.report, choices.json, "none");
  if (!words) return complain(words.error());
  choices.report = std::move(*words);
  choices.run.sample = wants_samples(choices.report);
  const auto session = Session::load(files->front(), choices.include_root, use_color(choices.color, STDERR_FILENO));
  if (!session) return complain(session.error());
  return compare(**session, choices);
}

}  // namespace bachsim
