// bachsim run FILE: parses a workload, runs it, prints what it did.
#include <fmt/format.h>

#include <filesystem>
#include <ranges>

#include "sim/cli/command.h"
#include "sim/cli/session.h"
#include "sim/report/core.h"
#include "sim/report/json.h"
#include "sim/report/views.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

struct RunChoices {
  bool json = false;                // --format
  std::vector<std::string> report;  // words of --report; empty: the default
  std::string output;               // empty: standard output
  std::vector<std::string> settings;
  std::string include_root;
  std::string swap_file;
  std::string dump;
  RunOptions run;
  ColorWhen color = ColorWhen::Auto;
  bool progress = false;
};

std::optional<View> view_of(std::string_view word) {
  const auto words = view_words();
  const auto at = std::ranges::find(words, word);
  return at == words.end() ? std::nullopt : std::optional(static_cast<View>(at - words.begin()));
}

// A mistake in a word of --report, for the user; empty if there is none.
std::string trouble_of(bool json, const std::string& word) {
  if (word == "walk") return "a walk is of one address: `show walk NAME @ADDRESS` in a script shows it";
  if (word == "none" || (json ? !section_of(word).empty() : view_of(word).has_value())) return {};
  if (json && view_of(word)) return fmt::format("`{}` has no JSON form", word);
  std::vector<std::string_view> known(view_words().begin(), view_words().end());
  std::erase(known, "walk");
  known.emplace_back("none");
  return fmt::format("there is no view `{}` (there are {}){}", word, fmt::join(known, ", "), did_you_mean(word, known));
}

// A script on a machine that can be, to an output that can be written.
int run_script(Session& session, const std::string& path, const RunChoices& choices, OutputFile& output,
               OutputFile* dump) {
  const Script& script = session.script();
  JsonReport json(session.sources(), choices.run.trace);
  RunListener listener(output, session, choices.progress || isatty(STDERR_FILENO) == 1, choices.json ? &json : nullptr);
  std::optional<SwapFile> swap_file;
  if (!choices.swap_file.empty()) swap_file.emplace(choices.swap_file);
  Run& run = session.start(listener, choices.run, swap_file ? &*swap_file : nullptr);
  if (choices.run.trace) run.watch(&listener.events);
  const bool reports = std::ranges::find(choices.report, "none") == choices.report.end();
  if (!choices.json && reports && !script.title.empty())
    output.write(bold(script.title, choices.output.empty() && use_color(choices.color, STDOUT_FILENO)) + "\n");
  output.separate();

  const std::optional<Diagnostic> mistake = run.run();
  listener.bar.clear();
  const bool whole = !mistake || choices.json;
  if (choices.json) {
    std::set<std::string_view> sections;
    for (const std::string& word : choices.report) sections.insert(section_of(word));
    const std::string name = path == "/dev/stdin" ? "-" : std::filesystem::path(path).filename().string();
    json.write(output, run.state(),
               {.script = printable(name), .title = script.title, .held = listener.failed == 0, .error = mistake},
               sections);
  } else if (whole && reports) {
    for (const std::string& word : choices.report) {
      output.separate();
      write_view(output, *view_of(word), run.state(), run.samples());
    }
    output.separate();
    if (listener.held + listener.failed > 0)
      output.write(fmt::format("EXPECTATIONS: {} held, {} failed\n", listener.held, listener.failed));
  }
  std::string trouble = whole || choices.output.empty() ? output.finish() : "";
  if (dump != nullptr && !mistake && trouble.empty()) {
    write_core(*dump, run.state());
    trouble = dump->finish();
  }
  if (mistake) session.stopped(*mistake);
  return finished(mistake ? kUserError : listener.failed == 0 ? kOk : kExpectationFailed, trouble);
}

}  // namespace

int run_command(const Arguments& arguments) {
  RunChoices choices;
  Options options;
  options.settings(choices.settings);
  options.list("report", "VIEW,...", "what to report in the end: views as `show` has them, or none (default: summary)",
               choices.report);
  options.word("format", "text|json", "how to report (default: text)", [&choices](const std::string& word) {
    choices.json = word == "json";
    return word == "json" || word == "text" ? "" : fmt::format("`{}` is not `text` or `json`", word);
  });
  options.file("output", "FILE", "write to FILE, whole or not at all", choices.output);
  options.include_root(choices.include_root);
  options.file("dump", "FILE", "write physical memory at the end to FILE, an ELF core", choices.dump);
  options.flag("trace", "print what each statement changed", choices.run.trace);
  options.flag("audit", "check the model's identities after each statement", choices.run.audit_each);
  options.color(choices.color);
  options.flag("progress", "draw a bar on standard error, even if it is no terminal", choices.progress);
  options.count("max-steps", "stop after N statements and rounds of loops (default: 10^9)", choices.run.max_steps);
  options.file("swap-file", "PATH", "keep the contents of swap in a new file, which is gone after the run",
               choices.swap_file);
  const auto files = options.parse(arguments, "bachsim run [OPTION ...] FILE",
                                   "Runs a workload and prints its report; `-` reads standard input.", "run");
  if (!files) return files.error();
  const std::string words = choices.report.empty() ? "summary" : fmt::format("{}", fmt::join(choices.report, ","));
  choices.report.clear();
  for (const auto word : words | std::views::split(',')) choices.report.emplace_back(word.begin(), word.end());
  for (const std::string& word : choices.report) {
    if (const std::string trouble = trouble_of(choices.json, word); !trouble.empty())
      return complain(fmt::format("--report: {}", trouble));
    choices.run.sample = choices.run.sample || word == "sar" || word == "all";
  }
  const auto session = Session::load(files->front(), choices.include_root, use_color(choices.color, STDERR_FILENO));
  if (!session) return complain(session.error());
  if (!(*session)->configure(choices.settings)) return kUserError;
  for (const std::string& file : {choices.output, choices.dump}) {
    if (!file.empty() && (*session)->reads(file)) return complain(fmt::format("{}: the script is read from it", file));
  }
  if (!choices.dump.empty() && choices.dump == choices.output)
    return complain(fmt::format("{}: --output and --dump name one file", choices.dump));
  const auto output = OutputFile::create(choices.output);
  if (!output) return complain(output.error());
  using Dump = std::expected<std::unique_ptr<OutputFile>, std::string>;
  const Dump dump = choices.dump.empty() ? Dump(nullptr) : OutputFile::create(choices.dump);
  if (!dump) return complain(dump.error());
  return run_script(**session, files->front(), choices, **output, dump->get());
}

}  // namespace bachsim
