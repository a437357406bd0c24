// bachsim textbook: lists, runs and prints the book's figures and exercises.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <expected>
#include <ranges>

#include "sim/cli/command.h"
#include "sim/cli/numbers.h"
#include "sim/cli/page.h"
#include "sim/cli/report_choices.h"
#include "sim/cli/sheets.h"
#include "sim/report/table.h"
#include "workloads/textbook/textbook.h"

namespace bachsim {
namespace {

using Scripts = std::vector<const TextbookScript*>;
using Expectations = std::vector<Expectation>;

struct TextbookChoices {
  bool all = false;
  bool questions = false;
  bool answers = false;
  bool source = false;
  bool page = false;
  std::string site;
  bool json = false;              // --format
  std::optional<SheetForm> form;  // the same, of sheets
  std::uint64_t hints = 0;
  std::vector<std::string> report;   // words of --report
  std::string output;                // empty: standard output
  std::optional<std::string> trace;  // words of --trace
  RunOptions run;
  StageChoices stage;
  ColorWhen color = ColorWhen::Auto;
};

// Keeps what expectations came to for the end, and does the rest as its base does.
template <class Base>
class Keeping : public Base {
 public:
  using Base::Base;
  void expectation(const Expectation& expectation) override { expectations.push_back(expectation); }

  Expectations expectations;
};

std::size_t held(const Expectations& expectations) {
  return static_cast<std::size_t>(std::ranges::count_if(expectations, &Expectation::held));
}

// One whose number is given has held before anybody acted.
std::string expectations_text(const Session& session, const Expectations& expectations, const Numbers& numbers,
                              std::size_t width) {
  const std::size_t good = held(expectations);
  const std::vector<bool> given = numbers.are_given(expectations);
  std::string text = fmt::format("EXPECTATIONS: {} held, {} failed; {} given\n", good, expectations.size() - good,
                                 std::ranges::count(given, true));
  if (expectations.empty()) return text;
  Table table({{"LINE", Align::Right},
               {"RESULT", Align::Left},
               {"LEFT", Align::Right},
               {"RIGHT", Align::Right},
               {"EXPECTATION", Align::Whole}},
              width);
  for (std::size_t i = 0; i < expectations.size(); ++i) {
    const Expectation& expectation = expectations[i];
    const auto side = [](const std::optional<Field>& value) { return bachsim::text(value.value_or(kNothing)); };
    table.add({fmt::format("{}", session.sources().find(expectation.place).line),
               !expectation.held ? "FAILED"
               : given[i]        ? "given"
                                 : "held",
               side(expectation.left), side(expectation.right), std::string(expectation.text)});
  }
  return text + table.text();
}

class Textbook {
 public:
  // Both must outlive it.
  Textbook(const TextbookChoices& choices, OutputFile& output)
      : choices_(choices), output_(output), color_(choices.output.empty() && use_color(choices.color, STDOUT_FILENO)) {}

  // Does with the scripts what was chosen; `named`: the user has asked for them one by one. Returns the exit status.
  int work(const Scripts& scripts, bool named) {
    int status = kOk;
    if (choices_.source)
      output_.write(scripts.front()->text);
    else if (choices_.questions || choices_.answers)
      status = write_sheets(scripts,
                            {.form = choices_.form.value_or(SheetForm::Text),
                             .choice = {.answers = choices_.answers, .hints = choices_.hints},
                             .stage = choices_.stage,
                             .color = choices_.color},
                            output_);
    else if (choices_.json && (named || choices_.all))
      status = each(scripts, &Textbook::object);
    else if (choices_.json)
      list_in_json(scripts);
    else if (choices_.all)
      status = one_line_each(scripts);
    else if (named)
      status = each(scripts, &Textbook::figure);
    else
      list(scripts);
    // A file of --output keeps its old contents where a run has failed.
    if (status == kUserError && !choices_.json && !choices_.output.empty()) return status;
    return finished(status, output_.finish());
  }

 private:
  [[nodiscard]] std::unique_ptr<Session> session_of(const TextbookScript& script) const {
    return std::make_unique<Session>(fmt::format("{}.bach", script.name), std::string(script.text),
                                     use_color(choices_.color, STDERR_FILENO));
  }

  // As the script is, without settings.
  [[nodiscard]] Numbers numbers_of(const TextbookScript& script) const {
    const auto session = session_of(script);
    KASSERT(session->configure({}));
    return {*session, script};
  }

  // `one` for each; the worst status.
  int each(const Scripts& scripts, int (Textbook::*one)(Session&, const TextbookScript&)) {
    int worst = kOk;
    for (const TextbookScript* script : scripts) {
      const auto session = session_of(*script);
      if (session->configure(choices_.stage))
        worst = std::max(worst, (this->*one)(*session, *script));
      else
        worst = choices_.json ? refuse_in_json(output_, *session) : kUserError;
    }
    return worst;
  }

  // The listener is to trace what was chosen. False once it is told that the script has no such thing.
  bool trace(RunListener& listener, const Session& session) {
    if (!choices_.trace) return true;
    auto choice = trace_choice(*choices_.trace, session.script().process_names);
    if (!choice) return complain(fmt::format("--trace: {}", choice.error())) == kOk;
    listener.tracer.emplace(std::move(*choice));
    return true;
  }

  // The object that `run` would give of the script.
  int object(Session& session, const TextbookScript&) {
    JsonReport json(session.sources(), choices_.trace.has_value(), &session.budget());
    RunListener listener(output_, session, isatty(STDERR_FILENO) == 1, &json);
    if (!trace(listener, session)) return kUserError;
    Run& run = session.start(listener, choices_.run);
    if (choices_.trace) run.watch(&listener.events);
    const auto mistake = run.run();
    listener.end();
    write_json(output_, run, json,
               {.script = script_name(session),
                .title = session.script().title,
                .held = listener.failed == 0,
                .error = mistake,
                .params = named(session.script(), session.params())},
               choices_.report);
    if (mistake) return stopped(session, *mistake);
    return listener.failed == 0 ? kOk : kExpectationFailed;
  }

  int figure(Session& session, const TextbookScript& script) {
    output_.separate();
    const Numbers numbers(session, script);
    Keeping<RunListener> listener(output_, session, isatty(STDERR_FILENO) == 1);
    if (!trace(listener, session)) return kUserError;
    Run& run = session.start(listener, choices_.run);
    if (choices_.trace) run.watch(&listener.events);
    output_.write(bold(session.script().title, color_) + "\n");
    output_.separate();
    const auto mistake = run.run();
    listener.end();
    if (!mistake) write_views(output_, run, choices_.report);
    output_.separate();
    if (!mistake || !listener.expectations.empty())
      output_.write(expectations_text(session, listener.expectations, numbers, output_.width()));
    if (mistake) return stopped(session, *mistake);
    return held(listener.expectations) == listener.expectations.size() ? kOk : kExpectationFailed;
  }

  // A line for each script, and how many were as the book has them.
  int one_line_each(const Scripts& scripts) {
    Table table({{"NAME", Align::Left},
                 {"HELD", Align::Right},
                 {"OF", Align::Right},
                 {"GIVEN", Align::Right},
                 {"", Align::Left}},
                output_.width());
    std::size_t good = 0;
    int worst = kOk;
    for (const TextbookScript* script : scripts) {
      const auto session = session_of(*script);
      if (!session->configure(choices_.stage)) {
        table.add({std::string(script->name), "-", "-", "-", "FAILED: cannot run on such a machine"});
        worst = kUserError;
        continue;
      }
      const Numbers numbers(*session, *script);
      Keeping<Listener> listener;
      const auto mistake = session->start(listener).run();
      const std::size_t given =
          static_cast<std::size_t>(std::ranges::count(numbers.are_given(listener.expectations), true));
      const std::size_t number = held(listener.expectations);
      const int status = mistake                                  ? stopped(*session, *mistake)
                         : number == listener.expectations.size() ? kOk
                                                                  : kExpectationFailed;
      table.add({std::string(script->name), fmt::format("{}", number), fmt::format("{}", listener.expectations.size()),
                 fmt::format("{}", given),
                 mistake ? fmt::format("FAILED: stopped at line {}", session->sources().find(mistake->place).line)
                 : status == kOk ? "ok"
                                 : "FAILED"});
      good += status == kOk ? 1 : 0;
      worst = std::max(worst, status);
    }
    output_.write(table.text());
    output_.write(fmt::format("\n{} of {} ok\n", good, scripts.size()));
    return worst;
  }

  void list(const Scripts& scripts) {
    constexpr std::size_t kGap = 2;
    constexpr std::size_t kLeast = 20;  // of a line for what a script shows; with less, that stands below
    std::size_t name = 0;
    std::size_t sections = std::string_view("SECTION").size();
    for (const TextbookScript* script : scripts) {
      name = std::max(name, script->name.size());
      sections = std::max(sections, script->sections.size());
    }
    const auto row = [&](std::string_view a, std::string_view b, std::string_view numbers, std::string_view given,
                         std::string_view shows) {
      const std::string head =
          fmt::format("{:<{}}{:<{}}{:<18}{:>5}  ", a, name + kGap, b, sections + kGap, numbers, given);
      const bool fits = head.size() + kLeast <= output_.width();
      if (!fits) output_.write(head.substr(0, head.find_last_not_of(' ') + 1) + "\n");
      output_.write(paragraph(fits ? head : "    ", shows, output_.width()));
    };
    row("NAME", "SECTION", "NUMBERS", "GIVEN", "WHAT IT SHOWS");
    for (const TextbookScript* script : scripts) {
      const Numbers numbers = numbers_of(*script);
      row(script->name, script->sections, numbers.text(), fmt::format("{}", numbers.given()), script->shows);
    }
  }

  void list_in_json(const Scripts& scripts) {
    std::vector<ListedScript> listed;
    for (const TextbookScript* script : scripts) {
      const Numbers numbers = numbers_of(*script);
      listed.push_back({.script = script,
                        .computed = numbers.computed(),
                        .given = numbers.given(),
                        .reconstructed = numbers.reconstructed()});
    }
    write_list_json(output_, listed);
  }

  int stopped(const Session& session, const Diagnostic& mistake) {
    output_.flush();
    return session.stopped(mistake);
  }

  const TextbookChoices& choices_;
  OutputFile& output_;
  bool color_;
};

std::string names_of(const Scripts& scripts) {
  return fmt::format("{}", fmt::join(scripts | std::views::transform(&TextbookScript::name), "`, `"));
}

// Something that a list of scripts cannot be the answer to.
bool asks(const TextbookChoices& choices) {
  return choices.questions || choices.answers || choices.source || choices.page || choices.trace || choices.stage.any();
}

// A mistake in the choices as a whole, for the user; empty if there is none.
std::string trouble_of(const TextbookChoices& choices, bool names) {
  if (int{choices.questions} + int{choices.answers} + int{choices.source} > 1)
    return "--questions, --answers and --source exclude each other";
  if (choices.page && (choices.questions || choices.answers || choices.source || choices.all))
    return "--page is for itself";
  if (!choices.site.empty() && (choices.page || choices.json || !choices.output.empty() || choices.questions ||
                                choices.answers || choices.source || choices.all || choices.stage.any() || names))
    return "--site takes a folder, and nothing else";
  if (choices.source && (choices.all || choices.stage.any())) return "--source takes a name, and nothing else";
  const bool sheet = choices.questions || choices.answers || choices.source || choices.page;
  const bool reports = !choices.report.empty() || choices.trace;
  if (choices.form && !choices.questions && !choices.answers)
    return "--format markdown, html and moodle are for --questions and --answers";
  if (choices.hints > 0 && !choices.questions && !choices.answers) return "--hints is for --questions and --answers";
  if (sheet && (choices.json || reports)) return "--format json, --report and --trace are for runs that report";
  if (choices.all && reports && !choices.json) return "--all prints a line each: --report and --trace want names alone";
  const bool work =
      reports || choices.questions || choices.answers || choices.source || choices.page || choices.stage.any();
  if (work && !names && !choices.all) return "textbook wants a name; `bachsim textbook` lists them";
  return {};
}

int page(const TextbookScript& script, const TextbookChoices& choices) {
  const std::string name = fmt::format("{}.bach", script.name);
  Session session(name, std::string(script.text), use_color(choices.color, STDERR_FILENO));
  if (!session.configure(choices.stage) || !takes_page(choices.output)) return kUserError;
  const auto output = OutputFile::create(choices.output);
  if (!output) return complain(output.error());
  const int status = write_page(session, {.name = name, .links = {}}, **output);
  return finished(status, (*output)->finish());
}

}  // namespace

int textbook_command(const Arguments& arguments) {
  TextbookChoices choices;
  Options options;
  options.flag("all", "run all, or those named, and print a line each", choices.all);
  options.flag("questions", "print what happens, and questions on it to fill in", choices.questions);
  options.flag("answers", "print the same with the answers", choices.answers);
  options.count("hints", "with sheets: print N hints on each question", choices.hints);
  options.flag("source", "print the script, to be saved and changed", choices.source);
  options.flag("page", "write a page that steps through it", choices.page);
  options.output(choices.output);
  options.file("site", "DIR", "write all pages, an index and the documents into a folder", choices.site);
  options.stage(choices.stage);
  options.report(choices.report,
                 "what to report in the end: views as `show` has them, or none (default: none;\n"
                 "of JSON: summary)");
  options.word("format", "WORD",
               "`text`, `json` for what a run reports; `text`, `markdown`, `html`, `moodle` for sheets",
               [&choices](const std::string& word) { return take_format(word, choices.json, choices.form); });
  options.among("format", {"text", "json", "markdown", "html", "moodle"});
  options.trace(choices.trace);
  options.color(choices.color);
  const auto names =
      options.parse(arguments, "bachsim textbook [OPTION ...] [NAME ...]",
                    "Lists the figures and exercises of the book that bachsim carries; with names, runs these.");
  if (!names) return names.error();
  if (const std::string trouble = trouble_of(choices, !names->empty()); !trouble.empty()) return complain(trouble);
  auto words = report_words(choices.report, choices.json, choices.json ? "summary" : "none");
  if (!words) return complain(words.error());
  choices.report = std::move(*words);
  choices.run.sample = wants_samples(choices.report);
  choices.run.trace = choices.trace.has_value();
  Scripts scripts;
  bool named = !names->empty();
  for (const std::string& word : *names) {
    auto found = find_scripts(word);
    if (!found) {
      // No name, but perhaps a word that is in some.
      Scripts having = search_scripts(word);
      if (having.empty()) return complain(found.error());
      const bool lists = having.size() > 1 && !choices.all;
      if (lists && (names->size() > 1 || asks(choices)))
        return complain(
            fmt::format("`{}` is in the names or titles of {}: `{}`", word, having.size(), names_of(having)));
      named = named && !lists;
      found = std::move(having);
    }
    scripts.insert(scripts.end(), found->begin(), found->end());
  }
  const bool html = choices.form == SheetForm::Html;
  if ((choices.source || choices.page || html) && scripts.size() > 1) {
    return complain(fmt::format("--{} is of one script, and these are {}: `{}`",
                                html             ? "format html"
                                : choices.source ? "source"
                                                 : "page",
                                scripts.size(), names_of(scripts)));
  }
  if (choices.page) return page(*scripts.front(), choices);
  if (names->empty()) {
    for (const TextbookScript& script : textbook_scripts()) scripts.push_back(&script);
  }
  if (!choices.site.empty()) return write_site(choices.site, scripts);
  const auto output = OutputFile::create(choices.output);
  if (!output) return complain(output.error());
  return Textbook(choices, **output).work(scripts, named);
}

}  // namespace bachsim
