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
  std::optional<std::string> trace;  // words of --trace
  std::string trace_json;
  std::string timeline;
  bool echo = false;
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

// The files that a run writes.
struct RunOutputs {
  std::unique_ptr<OutputFile> report;
  // Nothing unless they are wanted.
  std::unique_ptr<OutputFile> dump;
  std::unique_ptr<OutputFile> trace_json;
  std::unique_ptr<OutputFile> timeline;
};

// Opens them all. On failure, why, for the user.
std::expected<RunOutputs, std::string> open_outputs(const RunChoices& choices, const Session& session) {
  RunOutputs outputs;
  std::vector<std::string> taken;
  for (const auto& [path, file] :
       {std::pair(&choices.output, &outputs.report), std::pair(&choices.dump, &outputs.dump),
        std::pair(&choices.trace_json, &outputs.trace_json), std::pair(&choices.timeline, &outputs.timeline)}) {
    if (path->empty() && file != &outputs.report) continue;
    if (!path->empty() && session.reads(*path))
      return std::unexpected(fmt::format("{}: the script is read from it", *path));
    if (!path->empty() && std::ranges::find(taken, *path) != taken.end())
      return std::unexpected(fmt::format("{}: two options name one file", *path));
    auto opened = OutputFile::create(*path);
    if (!opened) return std::unexpected(opened.error());
    *file = std::move(*opened);
    taken.push_back(*path);
  }
  return outputs;
}

// A script on a machine that can be, to outputs that can be written.
int run_script(Session& session, const std::string& path, const RunChoices& choices, std::optional<TraceChoice> trace,
               RunOutputs& outputs) {
  const Script& script = session.script();
  const std::string name = printable(path == "/dev/stdin" ? "-" : std::filesystem::path(path).filename().string());
  OutputFile& output = *outputs.report;
  JsonReport json(session.sources(), trace.has_value());
  RunListener listener(output, session, choices.progress || isatty(STDERR_FILENO) == 1, choices.json ? &json : nullptr);
  if (trace) listener.tracer.emplace(std::move(*trace));
  listener.echo = choices.echo;
  std::optional<TraceJson> trace_json;
  if (outputs.trace_json) listener.trace_json = &trace_json.emplace(*outputs.trace_json, session.sources());
  std::optional<Timeline> timeline;
  if (outputs.timeline) listener.timeline = &timeline.emplace(*outputs.timeline, session.sources());
  std::optional<SwapFile> swap_file;
  if (!choices.swap_file.empty()) swap_file.emplace(choices.swap_file);
  Run& run = session.start(listener, choices.run, swap_file ? &*swap_file : nullptr);
  if (choices.run.trace) run.watch(&listener.events);
  const bool reports = std::ranges::find(choices.report, "none") == choices.report.end();
  if (!choices.json && reports && !script.title.empty())
    output.write(bold(script.title, choices.output.empty() && use_color(choices.color, STDOUT_FILENO)) + "\n");
  output.separate();

  if (trace_json) trace_json->start(run, name);
  if (timeline) timeline->start(run);
  const std::optional<Diagnostic> mistake = run.run();
  listener.end();
  const bool whole = !mistake || choices.json;
  if (choices.json) {
    std::set<std::string_view> sections;
    for (const std::string& word : choices.report) sections.insert(section_of(word));
    json.write(output, run.state(),
               {.script = name, .title = script.title, .held = listener.failed == 0, .error = mistake}, sections);
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
  if (outputs.dump && !mistake && trouble.empty()) {
    write_core(*outputs.dump, run.state());
    trouble = outputs.dump->finish();
  }
  if (trace_json && trouble.empty()) {
    trace_json->finish(run, mistake ? "error" : listener.failed == 0 ? "ok" : "expectation failed");
    trouble = outputs.trace_json->finish();
  }
  if (timeline && trouble.empty()) {
    timeline->finish(run, name);
    trouble = outputs.timeline->finish();
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
  options.flag("echo", "print each statement with its effect in a few words", choices.echo);
  options.word_or("trace", "WORD,...", "all",
                  "print what each statement made the kernel do, and why: of these kinds of "
                  "event, of these processes",
                  [&choices](const std::string& words) {
                    choices.trace = words;
                    return "";
                  });
  options.file("trace-json", "FILE", "write a trace for programs to FILE, a line of JSON a statement",
               choices.trace_json);
  options.file("timeline", "FILE", "write a timeline to FILE, in the Chrome trace format", choices.timeline);
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
  std::optional<TraceChoice> trace;
  if (choices.trace) {
    auto choice = trace_choice(*choices.trace, (*session)->script().process_names);
    if (!choice) return complain(fmt::format("--trace: {}", choice.error()));
    trace = std::move(*choice);
  }
  choices.run.trace = trace || choices.echo || !choices.trace_json.empty() || !choices.timeline.empty();
  if (choices.echo && choices.json) return complain("--echo is not for --format json");
  auto outputs = open_outputs(choices, **session);
  return outputs ? run_script(**session, files->front(), choices, std::move(trace), *outputs)
                 : complain(outputs.error());
}

}  // namespace bachsim
