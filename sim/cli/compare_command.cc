// bachsim compare: one workload under each kind of fork.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/cli/command.h"
#include "sim/cli/host.h"
#include "sim/cli/options.h"
#include "sim/cli/output_file.h"
#include "sim/cli/script_file.h"
#include "sim/cli/terminal.h"
#include "sim/report/comparison.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

// [ForkKind]: what makes the machine fork so.
constexpr std::array<std::string_view, kForkKinds> kForkSettings{"fork=cow", "fork=copy", "fork=vfork"};

struct CompareChoices {
  std::vector<std::string> settings;
  std::string include_root;
  ColorWhen color = ColorWhen::Auto;
  RunOptions run;
};

// Looks for the first fork, and for calls that fail and processes that are killed; prints nothing. Expectations are
// not judged: those written for one kind of fork do not hold under another.
class ForkListener : public Listener {
 public:
  explicit ForkListener(const Sources& sources) : sources_(sources) {}

  void line(std::string_view text) override { line_ = text; }

  void begin(const Statement&, const Run& run) override {
    if (!forks_)
      before_ = run.kernel().counters();
  }

  void done(const Statement& statement, const Run& run) override {
    const Counters now = run.kernel().counters();
    forks_ = forks_ || now.syscall.fork + now.syscall.vfork > 0;
    if (!forks_)
      before_ = now;
    const std::uint64_t troubles = now.syscall.failed + now.process.killed;
    if (troubles > troubles_)
      say(fmt::format("{}: {}", place_text(statement.place), line_));
    troubles_ = troubles;
  }

  [[nodiscard]] std::string place_text(Place place) const {
    const Sources::Position at = sources_.find(place);
    return at.file == 0 ? fmt::format("line {}", at.line) : fmt::format("{}:{}", sources_.name(at.file), at.line);
  }

  [[nodiscard]] bool forks() const { return forks_; }
  // Just before the first fork, or at the end of a run that has none.
  [[nodiscard]] const Counters& before() const { return before_; }
  [[nodiscard]] const std::vector<std::string>& said() const { return said_; }

 private:
  static constexpr std::size_t kMaxSaid = 3;

  // What a loop repeats is said once.
  void say(std::string what) {
    if (said_.size() > kMaxSaid || (!said_.empty() && said_.back() == what))
      return;
    said_.push_back(said_.size() < kMaxSaid ? std::move(what) : "and more of these");
  }

  const Sources& sources_;
  std::string line_;  // that the script wrote last
  bool forks_ = false;
  Counters before_;
  std::uint64_t troubles_ = 0;
  std::vector<std::string> said_;
};

int compare(const std::string& path, const CompareChoices& choices) {
  auto loaded = load_script(path, choices.include_root);
  if (!loaded)
    return complain(loaded.error());
  const bool color_errors = use_color(choices.color, STDERR_FILENO);
  const Script& script = loaded->parsed.script;
  std::array<ForkColumn, kForkKinds> columns;
  std::vector<Diagnostic> mistakes;
  HostBudget budget(spare_memory());
  bool forks = false;
  for (std::size_t i = 0; i < kForkKinds; ++i) {
    std::vector<std::string> settings = choices.settings;
    settings.emplace_back(kForkSettings[i]);
    const auto config = machine_for(*loaded, settings, color_errors);
    if (!config)
      return kUserError;
    ForkListener listener(*loaded->sources);
    Run run(*config, script, listener, choices.run, {.budget = &budget});
    const auto mistake = run.run();
    forks = forks || listener.forks();
    columns[i] = {.cost = cost_of(listener.before(), run.kernel().counters(), run.kernel().gauges()),
                  .stopped = {},
                  .said = listener.said()};
    if (mistake) {
      columns[i].stopped = listener.place_text(mistake->place);
      columns[i].said.push_back(fmt::format("stopped at {}: {}", columns[i].stopped, mistake->what));
      mistakes.push_back(*mistake);
    }
  }
  if (mistakes.size() == kForkKinds) {
    print_errors(*loaded->sources, {mistakes.front()}, color_errors);
    return kUserError;
  }
  OutputFile output;
  if (!script.title.empty())
    output.write(bold(script.title, use_color(choices.color, STDOUT_FILENO)) + "\n\n");
  output.write(comparison_text(columns, forks));
  const std::string trouble = output.finish();
  return trouble.empty() ? kOk : complain(trouble);
}

// Whether a KEY=VALUE of --set is for `fork`.
bool sets_fork(const std::string& word) {
  const std::size_t key = word.find_first_not_of(' ');
  return key != std::string::npos && word.substr(key, word.find_first_of(" =", key) - key) == "fork";
}

}  // namespace

int compare_command(const Arguments& arguments) {
  CompareChoices choices;
  choices.run.trace = true;  // the listener wants to see each statement
  Options options;
  options.settings(choices.settings);
  options.include_root(choices.include_root);
  options.color(choices.color);
  options.count("max-steps", "stop each run after N statements and rounds of loops (default: 10^9)",
                choices.run.max_steps);
  const auto files = options.parse(
      arguments, "bachsim compare [OPTION ...] FILE",
      "Runs a workload with copy-on-write fork, copying fork and vfork, and prints their costs side by side;\n"
      "`-` reads standard input.");
  if (!files)
    return files.error();
  if (std::ranges::any_of(choices.settings, sets_fork))
    return complain("--set: `fork` is what compare varies");
  if (files->size() != 1)
    return complain("compare wants one file; `bachsim compare --help` tells more");
  return compare(files->front(), choices);
}

}  // namespace bachsim
