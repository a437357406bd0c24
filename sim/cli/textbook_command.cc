// bachsim textbook: lists, runs and prints the book's figures and exercises.
#include <fmt/format.h>

#include <algorithm>

#include "sim/cli/command.h"
#include "sim/cli/host.h"
#include "sim/cli/options.h"
#include "sim/cli/quiet_listener.h"
#include "sim/cli/run_listener.h"
#include "sim/cli/terminal.h"
#include "sim/cli/textbook.h"
#include "sim/cli/worksheet.h"
#include "sim/report/table.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

struct TextbookChoices {
  bool all = false;
  bool questions = false;
  bool answers = false;
  bool source = false;
  std::vector<std::string> settings;
  ColorWhen color = ColorWhen::Auto;
};

// Prints what the script prints, and leaves expectations for the end.
class FigureListener : public RunListener {
 public:
  using RunListener::RunListener;
  void expectation(const Expectation& expectation) override { expectations.push_back(expectation); }

  std::vector<Expectation> expectations;
};

std::uint64_t held(const std::vector<Expectation>& expectations) {
  return static_cast<std::uint64_t>(std::ranges::count_if(expectations, &Expectation::held));
}

std::string line_text(const Sources& sources, Place place) {
  return fmt::format("{}", sources.find(place).line);
}

std::string expectations_text(const Sources& sources, const std::vector<Expectation>& expectations) {
  const std::uint64_t good = held(expectations);
  std::string text = fmt::format("EXPECTATIONS: {} held, {} failed\n", good, expectations.size() - good);
  if (expectations.empty())
    return text;
  Table table({{"LINE", Align::Right},
               {"RESULT", Align::Left},
               {"LEFT", Align::Right},
               {"RIGHT", Align::Right},
               {"EXPECTATION", Align::Whole}});
  for (const Expectation& expectation : expectations) {
    const auto side = [](const std::optional<Value>& value) { return value ? value->text() : std::string("-"); };
    table.add({line_text(sources, expectation.place), expectation.held ? "held" : "FAILED", side(expectation.left),
               side(expectation.right), std::string(expectation.text)});
  }
  return text + table.text();
}

class Textbook {
 public:
  explicit Textbook(const TextbookChoices& choices)
      : choices_(choices),
        color_(use_color(choices.color, STDOUT_FILENO)),
        color_errors_(use_color(choices.color, STDERR_FILENO)) {}

  // What is to be done with these; `named`: the user has asked for them one by one. Returns the exit status.
  int work(const std::vector<const TextbookScript*>& scripts, bool named) {
    try {
      if (choices_.questions || choices_.answers)
        return finish(each(scripts, &Textbook::worksheet));
      if (choices_.all)
        return finish(one_line_each(scripts));
      if (named)
        return finish(each(scripts, &Textbook::figure));
      list(scripts);
      return finish(kOk);
    } catch (...) {
      // What was printed up to a panic is what tells about it.
      output_.flush();
      throw;
    }
  }

  int source(const TextbookScript& script) {
    output_.write(script.text);
    return finish(kOk);
  }

 private:
  int figure(const TextbookScript& script) {
    LoadedScript loaded = load_textbook_script(script);
    const auto config = machine_for(loaded, choices_.settings, color_errors_);
    if (!config)
      return kUserError;
    output_.separate();
    ProgressBar bar(isatty(STDERR_FILENO) == 1);
    FigureListener listener(RunListener::Format::Text, output_, *loaded.sources, bar, color_errors_);
    Run run(*config, loaded.parsed.script, listener, {}, {.budget = &budget_});
    listener.head(bold(loaded.parsed.script.title, color_));
    const auto mistake = run.run();
    bar.clear();
    output_.separate();
    if (!mistake || !listener.expectations.empty())
      output_.write(expectations_text(*loaded.sources, listener.expectations));
    if (mistake)
      return stopped(loaded, *mistake);
    return held(listener.expectations) == listener.expectations.size() ? kOk : kExpectationFailed;
  }

  int worksheet(const TextbookScript& script) {
    LoadedScript loaded = load_textbook_script(script);
    const auto config = machine_for(loaded, choices_.settings, color_errors_);
    if (!config)
      return kUserError;
    const auto sheet = worksheet_of(loaded.parsed.script, *loaded.sources);
    if (!sheet) {
      print_errors(*loaded.sources, sheet.error(), color_errors_);
      return kUserError;
    }
    Answers answers;
    if (choices_.answers) {
      QuietListener listener;
      Run run(*config, loaded.parsed.script, listener, {}, {.budget = &budget_});
      if (const auto mistake = run.run())
        return stopped(loaded, *mistake);
      answers = answers_of(listener.expectations);
    }
    output_.separate();
    output_.write(bold(loaded.parsed.script.title, color_) + "\n\n");
    for (const std::string& setting : choices_.settings)
      output_.write(fmt::format("    (with --set {})\n", setting));
    output_.write(worksheet_text(*sheet, choices_.answers ? &answers : nullptr));
    return kOk;
  }

  // A line for each script, and how many were as the book has them.
  int one_line_each(const std::vector<const TextbookScript*>& scripts) {
    Table table({{"NAME", Align::Left}, {"HELD", Align::Right}, {"OF", Align::Right}, {"", Align::Left}});
    std::size_t good = 0;
    int worst = kOk;
    for (const TextbookScript* script : scripts) {
      LoadedScript loaded = load_textbook_script(*script);
      const auto config = machine_for(loaded, choices_.settings, color_errors_);
      if (!config) {
        table.add({std::string(script->name), "-", "-", "FAILED: cannot run on such a machine"});
        worst = kUserError;
        continue;
      }
      QuietListener listener;
      Run run(*config, loaded.parsed.script, listener, {}, {.budget = &budget_});
      const auto mistake = run.run();
      const std::uint64_t number = held(listener.expectations);
      const bool all_held = number == listener.expectations.size();
      table.add({std::string(script->name), fmt::format("{}", number), fmt::format("{}", listener.expectations.size()),
                 mistake    ? fmt::format("FAILED: stopped at line {}", line_text(*loaded.sources, mistake->place))
                 : all_held ? "ok"
                            : "FAILED"});
      if (all_held && !mistake)
        ++good;
      worst = std::max(worst, mistake ? stopped(loaded, *mistake) : all_held ? kOk : kExpectationFailed);
    }
    output_.write(table.text());
    output_.write(fmt::format("\n{} of {} ok\n", good, scripts.size()));
    return worst;
  }

  // `one` for each; the worst status.
  int each(const std::vector<const TextbookScript*>& scripts, int (Textbook::*one)(const TextbookScript&)) {
    int worst = kOk;
    for (const TextbookScript* script : scripts)
      worst = std::max(worst, (this->*one)(*script));
    return worst;
  }

  void list(const std::vector<const TextbookScript*>& scripts) {
    constexpr std::size_t kGap = 2;
    std::size_t name = std::string_view("NAME").size();
    std::size_t sections = std::string_view("SECTION").size();
    for (const TextbookScript* script : scripts) {
      name = std::max(name, script->name.size());
      sections = std::max(sections, script->sections.size());
    }
    constexpr std::size_t kNumbers = std::string_view("reconstructed").size();
    const auto row = [&](std::string_view a, std::string_view b, std::string_view c, std::string_view shows) {
      output_.write(
          paragraph(fmt::format("{:<{}}{:<{}}{:<{}}", a, name + kGap, b, sections + kGap, c, kNumbers + kGap), shows));
    };
    row("NAME", "SECTION", "NUMBERS", "WHAT IT SHOWS");
    for (const TextbookScript* script : scripts)
      row(script->name, script->sections, script->exact ? "exact" : "reconstructed", script->shows);
  }

  int finish(int status) {
    const std::string trouble = output_.finish();
    return trouble.empty() ? status : complain(trouble);
  }

  int stopped(const LoadedScript& loaded, const Diagnostic& mistake) {
    output_.flush();
    print_errors(*loaded.sources, {mistake}, color_errors_);
    return kUserError;
  }

  const TextbookChoices& choices_;
  OutputFile output_;
  HostBudget budget_{spare_memory()};
  bool color_;
  bool color_errors_;
};

// What is wrong with the choices as a whole, for the user; empty if nothing is.
std::string trouble_of(const TextbookChoices& choices, bool names) {
  if (int{choices.questions} + int{choices.answers} + int{choices.source} > 1)
    return "--questions, --answers and --source exclude each other";
  if (choices.source && (choices.all || !choices.settings.empty()))
    return "--source takes a name, and nothing else";
  const bool work = choices.questions || choices.answers || choices.source || !choices.settings.empty();
  if (work && !names && !choices.all)
    return "textbook wants a name; `bachsim textbook` lists them";
  return {};
}

// The scripts that the words name; all of them for none.
std::expected<std::vector<const TextbookScript*>, std::string> chosen(const std::vector<std::string>& words) {
  std::vector<const TextbookScript*> scripts;
  for (const std::string& word : words) {
    const auto found = find_textbook_scripts(word);
    if (!found)
      return std::unexpected(found.error());
    scripts.insert(scripts.end(), found->begin(), found->end());
  }
  if (words.empty()) {
    for (const TextbookScript& script : textbook_scripts())
      scripts.push_back(&script);
  }
  return scripts;
}

std::string names_of(const std::vector<const TextbookScript*>& scripts) {
  std::string names;
  for (const TextbookScript* script : scripts)
    names += fmt::format("{}`{}`", names.empty() ? "" : ", ", script->name);
  return names;
}

}  // namespace

int textbook_command(const Arguments& arguments) {
  TextbookChoices choices;
  Options options;
  options.flag("all", "run all, or those named, and print a line each", choices.all);
  options.flag("questions", "print what happens, and questions on it to fill in", choices.questions);
  options.flag("answers", "print the same with the answers", choices.answers);
  options.flag("source", "print the script, to be saved and changed", choices.source);
  options.settings(choices.settings);
  options.color(choices.color);
  const auto names =
      options.parse(arguments, "bachsim textbook [OPTION ...] [NAME ...]",
                    "Lists the figures and exercises of the book that bachsim carries; with names, runs these.");
  if (!names)
    return names.error();
  if (const std::string trouble = trouble_of(choices, !names->empty()); !trouble.empty())
    return complain(trouble);
  Textbook textbook(choices);
  const auto scripts = chosen(*names);
  if (!scripts)
    return complain(scripts.error());
  if (choices.source && scripts->size() > 1)
    return complain(
        fmt::format("--source prints one script, and these are {}: {}", scripts->size(), names_of(*scripts)));
  if (choices.source)
    return textbook.source(*scripts->front());
  return textbook.work(*scripts, !names->empty());
}

}  // namespace bachsim
