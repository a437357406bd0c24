// bachsim compare: one workload under each kind of fork.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
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

// Looks for the first fork, and for calls that fail and processes that are killed; prints nothing. Expectations are
// not judged: those written for one kind of fork do not hold under another.
struct ForkListener : Listener {
  explicit ForkListener(const Sources& its_sources) : sources(its_sources) {}

  void line(std::string_view text) override { last_line = text; }

  void done(const Statement& statement, const Run& run) override {
    const Counters now = run.kernel().counters();
    forks = forks || now.syscall.fork + now.syscall.vfork > 0;
    if (!forks) before = run.state().counters();
    if (now.syscall.failed + now.process.killed > std::exchange(troubles, now.syscall.failed + now.process.killed))
      say(fmt::format("{}: {}", place_text(sources, statement.place), last_line));
  }

  // A loop repeats itself; this does not.
  void say(std::string what) {
    constexpr std::size_t kMost = 3;
    if (said.size() <= kMost && (said.empty() || said.back() != what))
      said.push_back(said.size() < kMost ? std::move(what) : "and more of these");
  }

  const Sources& sources;
  std::string last_line;  // of the script's output
  bool forks = false;
  std::vector<NumberRow> before;  // the first fork; at the end of a run that has none
  std::uint64_t troubles = 0;
  std::vector<std::string> said;
};

struct CompareChoices {
  StageChoices stage;
  std::string include_root;
  ColorWhen color = ColorWhen::Auto;
  bool json = false;
  std::string output;             // empty: standard output
  RunOptions run{.trace = true};  // the listener wants to see each statement
};

int compare(Session& session, const CompareChoices& choices) {
  ForkColumns columns;
  std::vector<Diagnostic> mistakes;
  bool forks = false;
  for (std::size_t i = 0; i < kForkModes; ++i) {
    StageChoices stage = choices.stage;
    stage.settings.emplace_back(kForkSettings[i]);
    if (!session.configure(stage)) return choices.json ? refuse_in_json(choices.output, session) : kUserError;
    ForkListener listener(session.sources());
    Run& run = session.start(listener, choices.run);
    listener.before = run.state().counters();
    const auto mistake = run.run();
    forks = forks || listener.forks;
    columns[i] = {
        .numbers = moved(listener.before, run.state().counters()), .stopped = {}, .said = std::move(listener.said)};
    std::ranges::copy(run.state().gauges(), std::back_inserter(columns[i].numbers));
    if (mistake) {
      columns[i].stopped = place_text(session.sources(), mistake->place);
      columns[i].said.push_back(fmt::format("stopped at {}: {}", columns[i].stopped, mistake->what));
      mistakes.push_back(*mistake);
    }
  }
  const bool stopped = mistakes.size() == kForkModes;
  if (stopped) session.stopped(mistakes.front());
  if (stopped && !choices.json) return kUserError;
  if (!choices.output.empty() && session.reads(choices.output))
    return complain(fmt::format("{}: the script is read from it", choices.output));
  const auto output = OutputFile::create(choices.output);
  if (!output) return complain(output.error());
  const std::string& title = session.script().title;
  const bool color = choices.output.empty() && use_color(choices.color, STDOUT_FILENO);
  if (stopped)
    JsonReport(session.sources())
        .write_refused(**output, {.script = script_name(session), .title = title}, std::span(mistakes).first(1));
  else if (choices.json)
    write_comparison(**output, columns, forks, script_name(session), title);
  else
    (*output)->write((title.empty() ? "" : bold(title, color) + "\n\n") +
                     comparison_text(columns, forks, (*output)->width()));
  return finished(stopped ? kUserError : kOk, (*output)->finish());
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
  const auto session = Session::load(files->front(), choices.include_root, use_color(choices.color, STDERR_FILENO));
  if (!session) return complain(session.error());
  return compare(**session, choices);
}

}  // namespace bachsim
