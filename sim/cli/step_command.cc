// bachsim step FILE: a prompt on a run.
#include <fmt/format.h>

#include "sim/cli/command.h"
#include "sim/cli/host.h"
#include "sim/cli/interruption.h"
#include "sim/cli/line_reader.h"
#include "sim/cli/prompt.h"
#include "sim/cli/session.h"

namespace bachsim {

int step_command(const Arguments& arguments) {
  StageChoices stage;
  std::string include_root;
  ColorWhen color = ColorWhen::Auto;
  RunOptions run{.trace = true};  // the prompt wants to see each statement
  Options options;
  options.stage(stage);
  options.include_root(include_root);
  options.color(color);
  options.flag("audit", "check the model's identities after each statement", run.audit_each);
  options.count("max-steps", "stop after N statements and rounds of loops (default: 10^9)", run.max_steps);
  const auto files =
      options.parse(arguments, "bachsim step [OPTION ...] FILE",
                    "Runs a workload step by step, forward and back. Commands come from standard input;\n"
                    "`help` lists them.",
                    "step");
  if (!files) return files.error();
  if (files->front() == "-") return complain("step: standard input is where commands come from; name a file");
  auto session = Session::load(files->front(), include_root, use_color(color, STDERR_FILENO));
  if (!session) return complain(session.error());
  if (!(*session)->configure(stage)) return kUserError;
  OutputFile output;
  std::optional<Prompt> prompt;
  try {
    const Interruption interruption;
    prompt.emplace(std::move(*session), std::move(stage), run, output);
  } catch (const Interrupted&) {
    return complain(
        "step: interrupted while stealer=opt looked ahead; with --max-steps N it looks no farther than that");
  }
  LineReader lines("(bachsim) ", output, [&prompt](const auto& words) { return prompt->completions(words); });
  prompt->greet();
  output.flush();
  for (auto line = lines.next(); line; line = lines.next()) {
    output.set_width(terminal_width());  // it may be another by now
    if (!prompt->command(*line)) break;
    output.flush();
  }
  const int status = lines.trouble().empty() ? kOk : complain(lines.trouble());
  return finished(status, output.finish());
}

}  // namespace bachsim
