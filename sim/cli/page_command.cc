// bachsim page FILE: runs a workload and writes a page that steps through it.
#include <fmt/format.h>

#include <filesystem>

#include "sim/cli/command.h"
#include "sim/cli/page.h"
#include "sim/page/page_record.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

class RecordWithBar : public PageRecord {
 public:
  RecordWithBar(const Sources& sources, bool progress) : PageRecord(sources), bar(progress) {}
  void progress(double fraction) override { bar.show(fraction); }

  ProgressBar bar;
};

}  // namespace

int write_page(Session& session, const PageChoices& choices, Sink& sink) {
  RecordWithBar record(session.sources(), choices.progress);
  RunOptions options = choices.run;
  options.trace = true;
  Run& run = session.start(record, options);
  record.start(run);
  const std::optional<Diagnostic> mistake = run.run();
  record.bar.clear();
  try {
    if (run.halfway()) throw HostLimit(mistake->what);
    record.end(mistake);
  } catch (const HostLimit&) {
    if (mistake) session.stopped(*mistake);
    throw HostLimit("no page is written");
  }
  record.write(sink, choices.name, choices.links);
  if (mistake) return session.stopped(*mistake);
  return record.failed() == 0 ? kOk : kExpectationFailed;
}

bool takes_page(const std::string& output) {
  if (!output.empty() || isatty(STDOUT_FILENO) == 0) return true;
  complain("a page is HTML, and nothing for a terminal; -o FILE says where it goes");
  return false;
}

int page_command(const Arguments& arguments) {
  PageChoices choices;
  StageChoices stage;
  std::string include_root;
  std::string path;
  ColorWhen color = ColorWhen::Auto;
  Options options;
  options.output(path);
  options.stage(stage);
  options.include_root(include_root);
  options.color(color, "`auto`, `always` or `never`: color errors");
  options.count("max-steps", "stop after N statements and rounds of loops (default: 10^9)", choices.run.max_steps);
  const auto files =
      options.parse(arguments, "bachsim page [OPTION ...] FILE",
                    "Runs a workload and writes a page that steps through it; `-` reads standard input.", "page");
  if (!files) return files.error();
  const std::string& file = files->front();
  const auto session = Session::load(file, include_root, use_color(color, STDERR_FILENO));
  if (!session) return complain(session.error());
  if (!(*session)->configure(stage)) return kUserError;
  if (!path.empty() && (*session)->reads(path)) return complain(fmt::format("{}: the script is read from it", path));
  if (!takes_page(path)) return kUserError;
  const auto output = OutputFile::create(path);
  if (!output) return complain(output.error());
  const std::string name = printable(file == "-" ? "<stdin>" : std::filesystem::path(file).filename().string());
  choices.name = name;
  choices.progress = isatty(STDERR_FILENO) == 1;
  const int status = write_page(**session, choices, **output);
  return finished(status, (*output)->finish());
}

}  // namespace bachsim
