// bachsim run FILE: parses a workload, runs it, prints what it did.
#include <fmt/format.h>

#include <algorithm>

#include "sim/cli/command.h"
#include "sim/cli/report_choices.h"
#include "sim/report/core.h"
#include "sim/report/json.h"

namespace bachsim {
namespace {

struct RunChoices {
  bool json = false;                // --format
  std::vector<std::string> report;  // words of --report; empty: the default
  std::string output;               // empty: standard output
  StageChoices stage;
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
  std::vector<const OutputFile*> taken;
  for (const auto& [path, file] :
       {std::pair(&choices.output, &outputs.report), std::pair(&choices.dump, &outputs.dump),
        std::pair(&choices.trace_json, &outputs.trace_json), std::pair(&choices.timeline, &outputs.timeline)}) {
    if (path->empty() && file != &outputs.report) continue;
    if (!path->empty() && session.reads(*path))
      return std::unexpected(fmt::format("{}: the script is read from it", *path));
    auto opened = OutputFile::create(*path);
    if (!opened) return std::unexpected(opened.error());
    if (std::ranges::any_of(taken, [&](const OutputFile* other) { return (*opened)->shares_place_with(*other); }))
      return std::unexpected(fmt::format("{}: two options name one file", *path));
    *file = std::move(*opened);
    if (!path->empty()) taken.push_back(file->get());
  }
  return outputs;
}

// A script on a machine that can be, to outputs that can be written.
int run_script(Session& session, const RunChoices& choices, std::optional<TraceChoice> trace, RunOutputs& outputs) {
  const Script& script = session.script();
  const std::string name = script_name(session);
  OutputFile& output = *outputs.report;
  JsonReport json(session.sources(), trace.has_value(), &session.budget());
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
    write_json(output, run, json,
               {.script = name,
                .title = script.title,
                .held = listener.failed == 0,
                .error = mistake,
                .params = named(script, session.params())},
               choices.report);
  } else if (whole && reports) {
    write_views(output, run, choices.report);
    output.separate();
    if (listener.held + listener.failed > 0)
      output.write(fmt::format("EXPECTATIONS: {} held, {} failed\n", listener.held, listener.failed));
  }
  std::string trouble = whole || choices.output.empty() ? output.finish() : "";
  if (mistake) session.stopped(*mistake);
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
  return finished(mistake ? kUserError : listener.failed == 0 ? kOk : kExpectationFailed, trouble);
}

}  // namespace

int run_command(const Arguments& arguments) {
  RunChoices choices;
  Options options;
  options.stage(choices.stage);
  options.report(choices.report, "what to report in the end: views as `show` has them, or none (default: summary)");
  options.format(choices.json);
  options.output(choices.output);
  options.include_root(choices.include_root);
  options.file("dump", "FILE", "write physical memory at the end to FILE, an ELF core", choices.dump);
  options.flag("echo", "print each statement with its effect in a few words", choices.echo);
  options.trace(choices.trace);
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
  auto words = report_words(choices.report, choices.json, "summary");
  if (!words) return complain(words.error());
  choices.report = std::move(*words);
  choices.run.sample = wants_samples(choices.report);
  const auto session = Session::load(files->front(), choices.include_root, use_color(choices.color, STDERR_FILENO));
  if (!session) return complain(session.error());
  if (!(*session)->configure(choices.stage))
    return choices.json ? refuse_in_json(choices.output, **session) : kUserError;
  std::optional<TraceChoice> trace;
  if (choices.trace) {
    auto choice = trace_choice(*choices.trace, (*session)->script().process_names);
    if (!choice) return complain(fmt::format("--trace: {}", choice.error()));
    trace = std::move(*choice);
  }
  choices.run.trace = trace || choices.echo || !choices.trace_json.empty() || !choices.timeline.empty();
  if (choices.echo && choices.json) return complain("--echo is not for --format json");
  auto outputs = open_outputs(choices, **session);
  return outputs ? run_script(**session, choices, std::move(trace), *outputs) : complain(outputs.error());
}

}  // namespace bachsim
