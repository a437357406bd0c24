// bachsim run FILE: parses a workload, runs it, prints what it did.
#include <fmt/format.h>

#include <array>
#include <boost/program_options.hpp>
#include <filesystem>
#include <ranges>

#include "sim/cli/command.h"
#include "sim/cli/options.h"
#include "sim/cli/run_listener.h"
#include "sim/cli/script_file.h"
#include "sim/cli/terminal.h"
#include "sim/report/json.h"
#include "sim/report/views.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

namespace po = boost::program_options;
using Format = RunListener::Format;

struct RunChoices {
  Format format = Format::Text;
  std::vector<std::string> report;  // words of --report; empty: the default
  std::optional<std::string> output;
  std::vector<std::string> settings;
  std::string swap_file;
  RunOptions run;
  ColorWhen color = ColorWhen::Auto;
  bool progress = false;
};

std::vector<std::string> split(const std::string& words) {
  std::vector<std::string> list;
  for (const auto part : words | std::views::split(','))
    list.emplace_back(part.begin(), part.end());
  return list;
}

std::optional<View> view_of(std::string_view word) {
  const auto words = view_words();
  const auto at = std::ranges::find(words, word);
  if (at == words.end())
    return std::nullopt;
  return static_cast<View>(at - words.begin());
}

void check_report_word(const RunChoices& choices, const std::string& word) {
  if (word == "none" || view_of(word) || (choices.format == Format::Json && section_of(word))) {
    static constexpr std::array<std::string_view, 7> kTextOnly{"map-cost", "tlb",    "tree",       "sar",
                                                               "swapper",  "figure", "working-set"};
    if (choices.format == Format::Json && std::ranges::find(kTextOnly, word) != kTextOnly.end())
      refuse_option("report", fmt::format("`{}` has no JSON form", word));
    return;
  }
  std::vector<std::string_view> known(view_words().begin(), view_words().end());
  known.emplace_back("none");
  refuse_option("report", fmt::format("there is no view `{}` (there are {}){}", word, fmt::join(known, ", "),
                                      did_you_mean(word, known)));
}

po::options_description describe(RunChoices& choices) {
  po::options_description options("options");
  auto add = options.add_options();
  add("set", po::value<std::vector<std::string>>(&choices.settings)->composing()->value_name("KEY=VALUE"),
      "set a key of the machine; wins over the script's");
  add("report", po::value<std::vector<std::string>>(&choices.report)->composing()->value_name("VIEW,..."),
      "what to report in the end: views as `show` has them, or none (default: summary)");
  add("format", po::value<std::string>()->value_name("text|json")->notifier([&choices](const std::string& word) {
    if (word != "text" && word != "json")
      refuse_option("format", fmt::format("`{}` is not `text` or `json`", word));
    choices.format = word == "json" ? Format::Json : Format::Text;
  }),
      "how to report (default: text)");
  add("output", po::value<std::string>()->value_name("FILE")->notifier([&choices](const std::string& path) {
    if (path.empty())
      refuse_option("output", "a file's name cannot be empty");
    choices.output = path;
  }),
      "write to FILE, whole or not at all");
  add("trace", po::bool_switch(&choices.run.trace), "print what each statement changed");
  add("audit", po::bool_switch(&choices.run.audit_each), "check the model's identities after each statement");
  add("color", po::value<std::string>()->value_name("WHEN")->notifier(color_notifier(choices.color)),
      "`auto`, `always` or `never`");
  add("progress", po::bool_switch(&choices.progress), "draw a bar on standard error, even if it is no terminal");
  add("max-steps",
      po::value<std::string>()->value_name("N")->notifier(count_notifier("max-steps", choices.run.max_steps)),
      "stop after N statements and rounds of loops (default: 10^9)");
  add("swap-file", po::value<std::string>()->value_name("PATH")->notifier([&choices](const std::string& path) {
    if (path.empty())
      refuse_option("swap-file", "a file's name cannot be empty");
    choices.swap_file = path;
  }),
      "keep the contents of swap in a new file, which is gone after the run");
  add("help,h", "print this text");
  return options;
}

void report_text(OutputFile& output, const Run& run, const RunListener& listener, const RunChoices& choices) {
  for (const std::string& word : choices.report) {
    if (word == "none")
      continue;
    const std::string text = view_text(*view_of(word), run);
    if (text.empty())
      continue;
    output.separate();
    output.write(text);
  }
  if (listener.held() + listener.failed() > 0) {
    output.separate();
    output.write(fmt::format("EXPECTATIONS: {} held, {} failed\n", listener.held(), listener.failed()));
  }
}

SectionSet sections_of(const RunChoices& choices) {
  SectionSet sections;
  for (const std::string& word : choices.report) {
    if (word == "summary" || word == "all")
      sections.add_all();
    else if (const auto section = section_of(word))
      sections.add(*section);
  }
  return sections;
}

// A script that is parsed, on a machine that can be, to an output that can be written.
int run_script(const LoadedScript& loaded, const Config& config, const std::string& path, const RunChoices& choices,
               OutputFile& output) {
  const Script& script = loaded.parsed.script;
  const bool color_errors = use_color(choices.color, STDERR_FILENO);
  ProgressBar bar(choices.progress || isatty(STDERR_FILENO) == 1);
  RunListener listener(choices.format, output, *loaded.sources, bar, color_errors);
  Run run(config, script, listener, choices.run);
  if (choices.run.trace) {
    run.watch(&listener.events());
    listener.record().trace.emplace();
  }
  const bool reports = std::ranges::find(choices.report, "none") == choices.report.end();
  if (choices.format == Format::Text && reports && !script.title.empty()) {
    const bool color = use_color(choices.color, choices.output ? -1 : STDOUT_FILENO);
    listener.head(bold(script.title, color));
  }

  std::optional<Diagnostic> mistake;
  try {
    mistake = run.run();
  } catch (...) {
    // What was printed up to a panic is what tells about it.
    bar.clear();
    if (!choices.output)
      static_cast<void>(output.finish());
    throw;
  }
  bar.clear();
  if (mistake) {
    if (!choices.output)
      static_cast<void>(output.finish());
    print_errors(*loaded.sources, {*mistake}, color_errors);
    return kUserError;
  }
  if (choices.format == Format::Text) {
    if (reports)
      report_text(output, run, listener, choices);
  } else {
    listener.record().script = path == "-" ? path : std::filesystem::path(path).filename().string();
    listener.record().held = listener.failed() == 0;
    write_json(output, run, *loaded.sources, listener.record(), sections_of(choices));
  }
  if (const std::string trouble = output.finish(); !trouble.empty())
    return complain(trouble);
  return listener.failed() == 0 ? kOk : kExpectationFailed;
}

int run_file(const std::string& path, const RunChoices& choices) {
  auto loaded = load_script(path);
  if (!loaded)
    return complain(loaded.error());
  const bool color = use_color(choices.color, STDERR_FILENO);
  auto config = machine_for(*loaded, choices.settings, color);
  if (!config)
    return kUserError;
  config->swap_file = choices.swap_file;
  if (!choices.output) {
    OutputFile output;
    return run_script(*loaded, *config, path, choices, output);
  }
  const auto output = OutputFile::create(*choices.output);
  if (!output)
    return complain(output.error());
  return run_script(*loaded, *config, path, choices, **output);
}

}  // namespace

int run_command(const Arguments& arguments) {
  RunChoices choices;
  const po::options_description options = describe(choices);
  const auto parsed = parse_options(arguments, options);
  if (!parsed)
    return complain(parsed.error());
  if (parsed->count("help") != 0) {
    print_help("bachsim run [OPTION ...] FILE", "Runs a workload and prints its report; `-` reads standard input.",
               options);
    return kOk;
  }
  const auto files = files_of(*parsed);
  if (files.size() != 1)
    return complain("run wants one file; `bachsim run --help` tells more");
  if (choices.report.empty())
    choices.report.emplace_back("summary");
  std::vector<std::string> words;
  for (const std::string& list : choices.report)
    std::ranges::move(split(list), std::back_inserter(words));
  choices.report = std::move(words);
  const auto wants_samples = [](const std::string& word) { return word == "sar" || word == "all"; };
  choices.run.sample = std::ranges::any_of(choices.report, wants_samples);
  try {
    for (const std::string& word : choices.report)
      check_report_word(choices, word);
  } catch (const std::runtime_error& error) {
    return complain(error.what());
  }
  return run_file(files.front(), choices);
}

}  // namespace bachsim
