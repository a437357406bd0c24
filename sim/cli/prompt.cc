#include "sim/cli/prompt.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/cli/interruption.h"
#include "sim/cli/line_reader.h"
#include "sim/report/table.h"
#include "sim/report/views.h"
#include "workloads/language/characters.h"
#include "workloads/language/diagnostic.h"
#include "workloads/language/words.h"

namespace bachsim {
namespace {

// gdb's other words for it. No statement has an inside to step into.
using Short = std::pair<std::string_view, std::string_view>;
constexpr std::array kShort{Short{"n", "next"},           Short{"c", "continue"},  Short{"b", "break"},
                            Short{"l", "list"},           Short{"p", "print"},     Short{"h", "help"},
                            Short{"q", "quit"},           Short{"d", "delete"},    Short{"s", "next"},
                            Short{"step", "next"},        Short{"watch", "break"}, Short{"rn", "back"},
                            Short{"reverse-next", "back"}};

}  // namespace

// In the order of `help`.
const std::vector<Prompt::Verb>& Prompt::verbs() {
  constexpr std::size_t kAny = ~std::size_t{0};
  static const std::vector<Verb> kVerbs{
      {"next", "[N]", 0, 1, "do the next statement, or N of them", &Prompt::next, true},
      {"back", "[N]", 0, 1, "undo the last statement, or N of them", &Prompt::back, true},
      {"goto", "N", 1, 1, "go to step N, before or behind this one", &Prompt::go_to},
      {"continue", "", 0, 0, "run to the next break, or to the end", &Prompt::continue_run, true},
      {"until", "EXPR", 1, kAny, "run until an expression holds", &Prompt::until, true},
      {"break", "WHAT", 0, kAny, "stop at: fault copy steal fork exit, LINE, FILE:LINE or EXPR; alone: list",
       &Prompt::set_break},
      {"delete", "[N]", 0, 1, "forget break N, or all", &Prompt::remove_break},
      {"do", "STATEMENT", 1, kAny, "perform a statement of the language; `back` leaves what it began",
       &Prompt::perform},
      {"list", "[LINE]", 0, 1, "the script around the next statement, or around a line", &Prompt::list},
      {"why", "", 0, 0, "what the kernel did in the last statement, branch by branch", &Prompt::why},
      {"changes", "", 0, 0, "every row that the last move changed", &Prompt::changes},
      {"print", "EXPR", 1, kAny, "the value of an expression", &Prompt::print},
      {"ps", "", 0, 0, "the processes", &Prompt::processes},
      {"vm", "P", 1, 1, "a process's pregions, and the pages of its regions", &Prompt::space},
      {"region", "N", 1, 1, "a region and its page table", &Prompt::region},
      {"pte", "P LOCATION", 2, kAny, "the entry of the page at a location: data[3], data+8, an address",
       &Prompt::page_entry},
      {"vtop", "P LOCATION", 2, kAny, "the walk of an address: each entry, then the physical address or the trap",
       &Prompt::walk},
      {"frame", "N", 1, 1, "a frame, and who maps it", &Prompt::frame},
      {"swap", "", 0, 0, "swap blocks in use", &Prompt::swap},
      {"map", "", 0, 0, "free extents of the swap maps", &Prompt::map},
      {"free", "", 0, 0, "the free list", &Prompt::free},
      {"counters", "[diff]", 0, 1, "all counters; diff: those that the last move changed", &Prompt::counters},
      {"show", "VIEW [P ...]", 1, kAny, "any view that `show` has in a script", &Prompt::show_view},
      {"draw", "[FILE]", 0, 1, "draw the tables as they are now; FILE ends in .svg, .png or .dot", &Prompt::draw},
      {"help", "[VERB]", 0, 1, "this list, or one line of it", &Prompt::help},
      {"quit", "", 0, 0, "end the session", &Prompt::quit},
  };
  return kVerbs;
}

Prompt::Prompt(std::unique_ptr<Session> session, StageChoices stage, const RunOptions& options, Sink& out)
    : out_(out), budget_(session->shared_budget()), replay_(std::move(session), std::move(stage), *this, options) {
  replay_.watch(&events_);
  before_ = now();
  moves_ = false;
}

void Prompt::Spoken::write(std::string_view text) {
  if (stops && Interruption::asked()) throw Interrupted();
  out_.write(text);
}

void Prompt::Spoken::begin_verb() {
  set_width(out_.width());
  stops = true;
}

void Prompt::greet() {
  const std::string& title = replay_.run().script().title;
  if (!title.empty()) say(title);
  tell_place();
}

const Prompt::Verb& Prompt::find(std::string_view word) const {
  const auto letter = std::ranges::find(kShort, word, &Short::first);
  if (letter != kShort.end()) word = letter->second;
  std::vector<const Verb*> found;
  std::vector<std::string_view> names;
  for (const Verb& verb : verbs()) {
    if (verb.name == word) return verb;
    if (verb.name.starts_with(word)) found.push_back(&verb);
    names.push_back(verb.name);
  }
  if (found.size() == 1) return *found.front();
  if (found.empty())
    throw Mistake{fmt::format("there is no command `{}`{}; try `help`", printable(word), did_you_mean(word, names))};
  std::string several;
  for (const Verb* verb : found) several += fmt::format("{}{}", several.empty() ? "" : ", ", verb->name);
  throw Mistake{fmt::format("`{}` may be {}", printable(word), several)};
}

bool Prompt::command(const std::string& line) {
  std::vector<std::string> words = split(line);
  if (words.empty()) {
    if (last_line_.empty()) return true;
    words = split(last_line_);
  }
  if (words.front().starts_with('#')) return true;
  const std::string& text = split(line).empty() ? last_line_ : line;
  interruption_.emplace();  // it ends what is said, and not the session
  std::string trouble;
  bool interrupted = false;
  out_.begin_verb();
  try {
    const Verb& verb = find(words.front());
    const std::size_t begin = text.find(words.front()) + words.front().size();
    const std::size_t rest = std::min(text.find_first_not_of(" \t", begin), text.size());
    if (words.size() - 1 < verb.least || words.size() - 1 > verb.most)
      throw Mistake{fmt::format("usage: {}{}{}", verb.name, verb.arguments.empty() ? "" : " ", verb.arguments)};
    (this->*verb.run)(std::span(words).subspan(1), text.substr(rest));
    last_line_ = verb.moves ? std::string(text) : "";
  } catch (const Mistake& mistake) {
    trouble = fmt::format("error: {}", mistake.what);
  } catch (const Interrupted&) {
    interrupted = true;
  } catch (const HostLimit& limit) {
    if (!replay_.stands()) throw;
    trouble = fmt::format("error: {}", limit.what());
  } catch (const std::bad_alloc&) {
    if (!replay_.stands()) throw;
    trouble = "error: this host has no memory left for that";
  }
  moves_ = out_.stops = false;
  if (!trouble.empty()) say(trouble);
  if (interrupted) {
    out_.write("interrupted\n");
    tell_place();
  }
  interruption_.reset();
  return !over_;
}

Completions Prompt::completions(const std::vector<std::string>& words) const {
  std::vector<std::string> result;
  const auto add = [&result](const auto& names) {
    for (const auto& name : names) result.emplace_back(name);
  };
  std::string_view verb;  // a verb that is cut short is meant, too
  try {
    if (!words.empty()) verb = find(words.front()).name;
  } catch (const Mistake&) {
    return {};
  }
  if (words.empty() || verb == "help") {
    for (const Verb& each : verbs()) result.emplace_back(each.name);
  } else if (verb == "draw") {
    return {.files = true};
  } else if (verb == "show" && words.size() == 1) {
    add(view_words());
  } else if (verb == "counters") {
    add(std::array{"diff"});
  } else if ((verb == "pte" || verb == "vtop") && words.size() == 2) {
    add(std::array{"text[0]", "data[0]", "stack[0]"});
  } else {
    if (verb == "break") add(std::array{"fault", "copy", "steal", "fork", "exit"});
    std::vector<std::string> names;
    for (const ProcSlot slot : state().processes()) names.push_back(state().process(slot).name);
    add(names);
    if (verb == "print" || verb == "until" || verb == "break" || verb == "do") add_paths(names, result);
    if (verb == "do") add(statement_words());
  }
  return {.words = std::move(result)};
}

// The paths of an expression, those of pages by their page 0.
void Prompt::add_paths(const std::vector<std::string>& names, std::vector<std::string>& paths) const {
  for (const std::string& name : names) {
    for (const auto& column : kProcessColumns) {
      if (column.is(kInPath)) paths.push_back(fmt::format("{}.{}", name, column.name));
    }
    for (const std::string_view region : {"text", "data", "stack"}) {
      for (const auto& column : kPregionColumns) {
        if (column.is(kInPath)) paths.push_back(fmt::format("{}.{}.{}", name, region, column.name));
      }
      for (const auto& column : kPageColumns) {
        if (column.is(kInPath)) paths.push_back(fmt::format("{}.{}[0].{}", name, region, column.name));
      }
    }
  }
  for (const std::string& counter : counter_names()) paths.push_back("counter." + counter);
  for (const std::string& gauge : gauge_names()) paths.push_back(gauge);
}

void Prompt::help(Words words, const std::string&) {
  for (const Verb& verb : verbs()) {
    if (words.empty() || &verb == &find(words.front()))
      out_.write(
          paragraph(fmt::format("{:<22}", fmt::format("{} {}", verb.name, verb.arguments)), verb.help, out_.width()));
  }
  if (!words.empty()) return;
  out_.write("\n");
  say("A verb may be cut short where it stays clear. An empty line moves as the last line did.");
}

void Prompt::quit(Words, const std::string&) { over_ = true; }

void Prompt::line(std::string_view text) {
  said_.emplace_back(text);
  if (!silent()) out_.write(fmt::format("{}\n", text));
}

void Prompt::show(const Statement& statement, const Run& run) {
  if (silent()) return;
  const auto& show = std::get<ShowStatement>(statement.body);
  if (show.where == nullptr)
    write_view(out_, show.view, run.state(), run.samples(), run.named(show.names));
  else
    write_walk(out_, run.walk(show));
}

void Prompt::expectation(const Expectation& expectation) {
  if (silent() || expectation.held) return;
  std::string values;
  if (expectation.left) values = fmt::format(" ({} and {})", text(*expectation.left), text(*expectation.right));
  say(fmt::format("{}: expectation failed: {}{}", place_text(expectation.place), expectation.text, values));
}

// A replay may take long, and so may many seconds, and a look ahead.
void Prompt::replayed(std::uint64_t) { looks_ahead(); }

void Prompt::second_passed() { looks_ahead(); }

void Prompt::looks_ahead() {
  if (moves_ && Interruption::asked()) throw Interrupted();
}

void Prompt::at_start() {
  events_.clear();
  said_.clear();
  ends_.clear();
  performed_ = nullptr;
  begun_ = false;
}

void Prompt::begin(const Statement& statement, const Run&) {
  events_.clear();
  said_.clear();
  performed_ = &statement;
  begun_ = true;
}

void Prompt::done(const Statement&, const Run& run) {
  waits_ = run.put_off();
  statement_done_ = true;
  begun_ = false;
  ends_.push_back(run.standing().steps);
  if (ends_.size() > kMostEnds) ends_.pop_front();
}

}  // namespace bachsim
