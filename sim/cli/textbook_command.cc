// bachsim textbook: lists, runs and prints the book's figures and exercises.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <expected>
#include <ranges>

#include "sim/cli/command.h"
#include "sim/cli/page.h"
#include "sim/cli/session.h"
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
  std::string output;
  std::string site;
  std::vector<std::string> settings;
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

std::string expectations_text(const Session& session, const Expectations& expectations) {
  const std::size_t good = held(expectations);
  std::string text = fmt::format("EXPECTATIONS: {} held, {} failed\n", good, expectations.size() - good);
  if (expectations.empty()) return text;
  Table table({{"LINE", Align::Right},
               {"RESULT", Align::Left},
               {"LEFT", Align::Right},
               {"RIGHT", Align::Right},
               {"EXPECTATION", Align::Whole}});
  for (const Expectation& expectation : expectations) {
    const auto side = [](const std::optional<Field>& value) { return bachsim::text(value.value_or(kNothing)); };
    table.add({fmt::format("{}", session.sources().find(expectation.place).line), expectation.held ? "held" : "FAILED",
               side(expectation.left), side(expectation.right), std::string(expectation.text)});
  }
  return text + table.text();
}

class Textbook {
 public:
  explicit Textbook(const TextbookChoices& choices)
      : choices_(choices), color_(use_color(choices.color, STDOUT_FILENO)) {}

  // Does with the scripts what was chosen; `named`: the user has asked for them one by one. Returns the exit status.
  int work(const Scripts& scripts, bool named) {
    int status = kOk;
    if (choices_.source)
      output_.write(scripts.front()->text);
    else if (choices_.questions || choices_.answers)
      status = each(scripts, &Textbook::worksheet);
    else if (choices_.all)
      status = one_line_each(scripts);
    else if (named)
      status = each(scripts, &Textbook::figure);
    else
      list(scripts);
    return finished(status, output_.finish());
  }

 private:
  [[nodiscard]] std::unique_ptr<Session> session_of(const TextbookScript& script) const {
    return std::make_unique<Session>(fmt::format("{}.bach", script.name), std::string(script.text),
                                     use_color(choices_.color, STDERR_FILENO));
  }

  // `one` for each; the worst status.
  int each(const Scripts& scripts, int (Textbook::*one)(Session&)) {
    int worst = kOk;
    for (const TextbookScript* script : scripts) {
      const auto session = session_of(*script);
      worst = std::max(worst, session->configure(choices_.settings) ? (this->*one)(*session) : kUserError);
    }
    return worst;
  }

  int figure(Session& session) {
    output_.separate();
    Keeping<RunListener> listener(output_, session, isatty(STDERR_FILENO) == 1);
    Run& run = session.start(listener);
    output_.write(bold(session.script().title, color_) + "\n");
    output_.separate();
    const auto mistake = run.run();
    listener.bar.clear();
    output_.separate();
    if (!mistake || !listener.expectations.empty()) output_.write(expectations_text(session, listener.expectations));
    if (mistake) return stopped(session, *mistake);
    return held(listener.expectations) == listener.expectations.size() ? kOk : kExpectationFailed;
  }

  int worksheet(Session& session) {
    Keeping<Listener> listener;
    if (choices_.answers) {
      if (const auto mistake = session.start(listener).run()) return stopped(session, *mistake);
    }
    const auto sheet =
        worksheet_text(session.script(), session.sources(), choices_.answers ? &listener.expectations : nullptr);
    if (!sheet) return print_errors(session.sources(), sheet.error(), session.color());
    output_.separate();
    output_.write(bold(session.script().title, color_) + "\n\n");
    for (const std::string& setting : choices_.settings) output_.write(fmt::format("    (with --set {})\n", setting));
    output_.write(*sheet);
    return kOk;
  }

  // A line for each script, and how many were as the book has them.
  int one_line_each(const Scripts& scripts) {
    Table table({{"NAME", Align::Left}, {"HELD", Align::Right}, {"OF", Align::Right}, {"", Align::Left}});
    std::size_t good = 0;
    int worst = kOk;
    for (const TextbookScript* script : scripts) {
      const auto session = session_of(*script);
      if (!session->configure(choices_.settings)) {
        table.add({std::string(script->name), "-", "-", "FAILED: cannot run on such a machine"});
        worst = kUserError;
        continue;
      }
      Keeping<Listener> listener;
      const auto mistake = session->start(listener).run();
      const std::size_t number = held(listener.expectations);
      const int status = mistake                                  ? stopped(*session, *mistake)
                         : number == listener.expectations.size() ? kOk
                                                                  : kExpectationFailed;
      table.add({std::string(script->name), fmt::format("{}", number), fmt::format("{}", listener.expectations.size()),
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
    std::size_t name = 0;
    std::size_t sections = std::string_view("SECTION").size();
    for (const TextbookScript* script : scripts) {
      name = std::max(name, script->name.size());
      sections = std::max(sections, script->sections.size());
    }
    const auto row = [&](std::string_view a, std::string_view b, std::string_view numbers, std::string_view shows) {
      const std::string head = fmt::format("{:<{}}{:<{}}{:<15}", a, name + kGap, b, sections + kGap, numbers);
      output_.write(paragraph(head, shows));
    };
    row("NAME", "SECTION", "NUMBERS", "WHAT IT SHOWS");
    for (const TextbookScript* script : scripts)
      row(script->name, script->sections, script->exact ? "exact" : "reconstructed", script->shows);
  }

  int stopped(const Session& session, const Diagnostic& mistake) {
    output_.flush();
    return session.stopped(mistake);
  }

  const TextbookChoices& choices_;
  OutputFile output_;
  bool color_;
};

// A mistake in the choices as a whole, for the user; empty if there is none.
std::string trouble_of(const TextbookChoices& choices, bool names) {
  if (int{choices.questions} + int{choices.answers} + int{choices.source} > 1)
    return "--questions, --answers and --source exclude each other";
  if (choices.page && (choices.questions || choices.answers || choices.source || choices.all))
    return "--page is for itself";
  if (!choices.output.empty() && !choices.page) return "--output goes with --page";
  if (!choices.site.empty() && (choices.page || choices.questions || choices.answers || choices.source || choices.all ||
                                !choices.settings.empty() || names))
    return "--site takes a folder, and nothing else";
  if (choices.source && (choices.all || !choices.settings.empty())) return "--source takes a name, and nothing else";
  const bool work = choices.questions || choices.answers || choices.source || choices.page || !choices.settings.empty();
  if (work && !names && !choices.all) return "textbook wants a name; `bachsim textbook` lists them";
  return {};
}

int page(const TextbookScript& script, const TextbookChoices& choices) {
  const std::string name = fmt::format("{}.bach", script.name);
  Session session(name, std::string(script.text), use_color(choices.color, STDERR_FILENO));
  if (!session.configure(choices.settings) || !takes_page(choices.output)) return kUserError;
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
  options.flag("source", "print the script, to be saved and changed", choices.source);
  options.flag("page", "write a page that steps through it", choices.page);
  options.file("output,o", "FILE", "write the page to FILE, whole or not at all", choices.output);
  options.file("site", "DIR", "write all pages, an index and the documents into a folder", choices.site);
  options.settings(choices.settings);
  options.color(choices.color);
  const auto names =
      options.parse(arguments, "bachsim textbook [OPTION ...] [NAME ...]",
                    "Lists the figures and exercises of the book that bachsim carries; with names, runs these.");
  if (!names) return names.error();
  if (const std::string trouble = trouble_of(choices, !names->empty()); !trouble.empty()) return complain(trouble);
  Scripts scripts;
  for (const std::string& word : *names) {
    const auto found = find_scripts(word);
    if (!found) return complain(found.error());
    scripts.insert(scripts.end(), found->begin(), found->end());
  }
  if ((choices.source || choices.page) && scripts.size() > 1) {
    const auto found = scripts | std::views::transform(&TextbookScript::name);
    return complain(fmt::format("--{} is of one script, and these are {}: `{}`", choices.source ? "source" : "page",
                                scripts.size(), fmt::join(found, "`, `")));
  }
  if (choices.page) return page(*scripts.front(), choices);
  if (names->empty()) {
    for (const TextbookScript& script : textbook_scripts()) scripts.push_back(&script);
  }
  if (!choices.site.empty()) return write_site(choices.site, scripts);
  return Textbook(choices).work(scripts, !names->empty());
}

}  // namespace bachsim
