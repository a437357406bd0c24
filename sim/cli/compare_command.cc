// bachsim compare: one workload under each kind of fork, or on machines that differ otherwise.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "sim/cli/command.h"
#include "sim/cli/host.h"
#include "sim/cli/report_choices.h"
#include "sim/report/comparison.h"
#include "sim/sweep/plan.h"

namespace bachsim {
namespace {

constexpr const char* kVaried = "fork=cow,copy,vfork";
constexpr std::uint64_t kMostCompared = 32;

std::string place_text(const Sources& sources, Place place) {
  const Sources::Position at = sources.find(place);
  return at.file == 0 ? fmt::format("line {}", at.line) : fmt::format("{}:{}", sources.name(at.file), at.line);
}

struct CompareChoices {
  StageChoices stage;
  Plan plan{.script = {}, .digest = {}};
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
    const std::string text_of = sources.shown(statement.place, statement.end);
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
    return fmt::format("> {}\n", sources.shown(statement.place, statement.end));
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

// The JSON of a run, which is kept until all have been run. It grows by doubling, and is there once more when it is
// written.
class KeptRun : public StringSink {
 public:
  explicit KeptRun(HostShare& share) : share_(share) {}
  void write(std::string_view piece) override {
    share_.commit(4 * piece.size());
    StringSink::write(piece);
  }

 private:
  HostShare& share_;
};

class Comparing {
 public:
  // All must outlive it.
  Comparing(Session& session, const CompareChoices& choices, const std::optional<TraceChoice>& trace,
            OutputFile& output)
      : session_(session),
        choices_(choices),
        trace_(trace),
        output_(output),
        comparison_{.runs = {}, .of_forks = choices.plan.axes.size() == 1 && choices.plan.axes.front().name == "fork"} {
  }

  // Runs it on each machine. Returns the exit status.
  int compare() {
    const std::string& title = session_.script().title;
    const bool color = choices_.output.empty() && use_color(choices_.color, STDOUT_FILENO);
    if (!choices_.json && !title.empty()) output_.write(bold(title, color) + "\n");
    for (std::uint64_t i = 0; i < choices_.plan.runs(); ++i) {
      ComparedRun compared{.settings = settings_of(i)};
      StageChoices stage = choices_.stage;
      for (const auto& [key, value] : compared.settings) stage.varied.push_back(fmt::format("{}={}", key, value));
      if (!session_.configure(stage))
        return choices_.json ? finished(refuse_in_json(output_, session_), output_.finish()) : kUserError;
      run(compared);
      comparison_.runs.push_back(std::move(compared));
    }
    const bool stopped = mistakes_.size() == comparison_.runs.size();
    if (stopped) session_.stopped(mistakes_.front());
    if (stopped && !choices_.json) return kUserError;
    const RunRecord record{.script = script_name(session_), .title = title};
    output_.separate();
    if (stopped)
      JsonReport(session_.sources()).write_refused(output_, record, std::span(mistakes_).first(1));
    else if (choices_.json)
      write_comparison(output_, comparison_, record.script, title);
    else
      output_.write(comparison_text(comparison_, output_.width()));
    return finished(stopped ? kUserError : kOk, output_.finish());
  }

 private:
  // Keys and values of a run of the plan.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> settings_of(std::uint64_t run) const {
    const std::vector<Axis>& axes = choices_.plan.axes;
    const std::vector<std::size_t> chosen = choices_.plan.indices_of(run);
    std::vector<std::pair<std::string, std::string>> settings;
    for (std::size_t i = 0; i < axes.size(); ++i) settings.emplace_back(axes[i].name, axes[i].values[chosen[i]]);
    return settings;
  }

  void run(ComparedRun& compared) {
    const bool tells = choices_.tells_runs();
    JsonReport json(session_.sources(), trace_.has_value(), &session_.budget());
    ForkListener listener(session_.sources(), tells && !choices_.json ? &output_ : nullptr,
                          tells && choices_.json ? &json : nullptr);
    if (trace_) listener.tracer.emplace(*trace_);
    output_.separate();
    if (listener.out != nullptr) output_.write(settings_text(compared) + "\n");
    output_.separate();
    Run& run = session_.start(listener, choices_.run);
    if (trace_) run.watch(&listener.events);
    const std::vector<NumberRow> start = run.state().counters();
    listener.before = start;
    const auto mistake = run.run();
    comparison_.forks = comparison_.forks || listener.forks;
    compared.numbers = moved(comparison_.of_forks ? listener.before : start, run.state().counters());
    compared.said = std::move(listener.said);
    std::ranges::copy(run.state().gauges(), std::back_inserter(compared.numbers));
    if (mistake) {
      compared.stopped = place_text(session_.sources(), mistake->place);
      compared.said.push_back(fmt::format("stopped at {}: {}", compared.stopped, mistake->what));
      mistakes_.push_back(*mistake);
    }
    if (listener.json != nullptr) {
      KeptRun object(share_);
      write_json(object, run, json,
                 {.script = script_name(session_), .title = session_.script().title, .held = true, .error = mistake},
                 choices_.report);
      compared.run = std::move(object.text());
      compared.run.pop_back();  // the end of its line
    } else if (listener.out != nullptr && !mistake) {
      write_views(output_, run, choices_.report);
    }
  }

  Session& session_;
  const CompareChoices& choices_;
  const std::optional<TraceChoice>& trace_;
  OutputFile& output_;
  HostShare share_{&session_.budget()};  // of the runs' JSON
  Comparison comparison_;
  std::vector<Diagnostic> mistakes_;
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

// The key of a KEY=VALUE of --set.
std::string key_of(const std::string& word) {
  const std::size_t key = std::min(word.find_first_not_of(" \t"), word.size());
  return word.substr(key, word.find_first_of(" \t=", key) - key);
}

// The machines that are compared. Says what is wrong.
std::string make_plan(CompareChoices& choices, std::vector<std::string> vary) {
  if (vary.empty()) vary.emplace_back(kVaried);
  for (const std::string& text : vary)
    if (const std::string wrong = choices.plan.vary(Axis::Kind::Key, text); !wrong.empty()) return "--vary: " + wrong;
  if (choices.plan.runs() > kMostCompared)
    return fmt::format("--vary: more than {} runs are for `sweep`, which has a row for each", kMostCompared);
  for (const std::string& word : choices.stage.settings) {
    const std::string key = key_of(word);
    if (std::ranges::find(choices.plan.axes, key, &Axis::name) != choices.plan.axes.end())
      return fmt::format("--set: `{}` is what compare varies", key);
  }
  return {};
}

}  // namespace

int compare_command(const Arguments& arguments) {
  CompareChoices choices;
  std::vector<std::string> vary;
  Options options;
  options.list("vary", "KEY=LIST",
               "compare values of a key of the machine, in place of those of fork: `frames=8,16..64:16`", vary);
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
      "Runs a workload with copy-on-write fork, copying fork and vfork, or on other machines, and prints their costs\n"
      "side by side; `-` reads standard input.",
      "compare");
  if (!files) return files.error();
  if (const std::string wrong = make_plan(choices, std::move(vary)); !wrong.empty()) return complain(wrong);
  auto words = report_words(choices.report, choices.json, "none");
  if (!words) return complain(words.error());
  choices.report = std::move(*words);
  choices.run.sample = wants_samples(choices.report);
  const auto session = Session::load(files->front(), choices.include_root, use_color(choices.color, STDERR_FILENO));
  if (!session) return complain(session.error());
  return compare(**session, choices);
}

}  // namespace bachsim
