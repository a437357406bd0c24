// bachsim grade --with: a student's script is run with a teacher's script of expectations behind it.
//
// A submission is a stranger's: it is read, parsed and run in a process of its own, whose processor time, memory and
// steps are limited, so that one which never ends costs its author the marks, and nobody else anything.
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <map>
#include <ranges>
#include <set>

#include "sim/cli/grade.h"
#include "sim/cli/session.h"
#include "sim/report/table.h"
#include "sim/sheet/marks.h"
#include "workloads/language/characters.h"
#include "workloads/language/lexer.h"

namespace bachsim {
namespace {

constexpr std::uint64_t kMostMemory = std::uint64_t{1} << 30;

// What one expectation has come to. In a loop it has to hold in each round.
struct JudgedExpectation {
  bool held = false;
  std::string text{};
  std::string why{};  // of one that did not hold
};

struct Submission {
  std::string file{};
  std::string title{};
  std::string trouble{};  // why nothing could be judged; empty: it was
  bool reads_output = false;
  std::vector<JudgedExpectation> expectations{};

  [[nodiscard]] std::size_t held() const {
    return static_cast<std::size_t>(std::ranges::count_if(expectations, &JudgedExpectation::held));
  }
};

// Hears the teacher's expectations; those of the submission itself count nothing.
class Examiner : public Listener {
 public:
  explicit Examiner(const Session& session) : session_(session) {}

  void expectation(const Expectation& expectation) override {
    if (session_.sources().find(expectation.place).file != 1) return;
    auto [judged, first] = results.try_emplace(expectation.place.offset);
    if (first) judged->second.held = true;
    if (expectation.held || !judged->second.held) return;
    judged->second.held = false;
    if (expectation.left && expectation.right) judged->second.why = fmt::format("it is {}", text(*expectation.left));
  }

  std::map<std::uint32_t, JudgedExpectation> results{};  // by place

 private:
  const Session& session_;
};

std::string shown_name(const std::string& file) { return file == "-" ? "<stdin>" : printable(file); }

// The teacher's text with its title made a comment: the run's is the submission's. Places stay what they are.
struct Exam {
  std::string text{};
  std::size_t points = 0;  // one for each `expect` that a line begins with
};

Exam exam_of(std::string text) {
  Exam exam{.text = std::move(text)};
  Sources sources;
  Symbols symbols;
  const std::size_t file = sources.add("", exam.text);
  Lexer lexer(sources, file, symbols);
  Token token;
  for (bool begins = true; lexer.next(token), token.kind != TokenKind::End; begins = token.kind == TokenKind::Newline) {
    if (begins && token.is(Word::Title)) exam.text[token.begin.offset - sources.start(file).offset] = '#';
    if (begins && token.is(Word::Expect)) ++exam.points;
  }
  return exam;
}

// The first mistake of a script in a line, with the number of its line.
std::string mistake_in_words(const Session& session, const Diagnostic& mistake) {
  const Sources::Position at = session.sources().find(mistake.place);
  return fmt::format("{}line {}: {}", at.file == 0 ? "" : "the expectations, ", at.line, mistake.what);
}

// In a process of its own: reads, parses and runs. `text`: the teacher's.
Submission examine(const std::string& file, const std::string& text, const GradeChoices& choices) {
  Submission result{.file = file};
  auto submitted = read_handed_in(file);
  if (!submitted) {
    result.trouble = submitted.error();
    return result;
  }
  const auto alone = Session::load_stranger(shown_name(file), std::move(*submitted), choices.include_root,
                                            choices.with == "-" ? "/dev/stdin" : choices.with, kMostMemory,
                                            use_color(choices.color, STDERR_FILENO));
  if (!alone) {
    result.trouble = alone.error();
    return result;
  }
  result.reads_output = (*alone)->reads(choices.output);
  result.title = (*alone)->script().title;
  if (!(*alone)->errors().empty()) {
    print_errors((*alone)->sources(), (*alone)->errors(), use_color(choices.color, STDERR_FILENO));
    result.trouble = mistake_in_words(**alone, (*alone)->errors().front());
    return result;
  }
  const auto session = (*alone)->followed_by(shown_name(choices.with), text);
  if (!session->configure({})) {
    result.trouble = mistake_in_words(*session, session->refusals().front());
    return result;
  }
  Examiner examiner(*session);
  const auto mistake = session->start(examiner, {.max_steps = choices.max_steps}).run();
  if (mistake) {
    session->stopped(*mistake);
    result.trouble = mistake_in_words(*session, *mistake);
  }
  std::set<std::uint32_t> places;  // each call of a definition has its statements anew
  for (const Statement& statement : session->script().statements) {
    if (session->sources().find(statement.place).file != 1) continue;
    const auto* expect = std::get_if<ExpectStatement>(&statement.body);
    if (expect == nullptr || !places.insert(statement.place.offset).second) continue;
    const auto judged = examiner.results.find(statement.place.offset);
    JudgedExpectation one =
        judged == examiner.results.end() ? JudgedExpectation{.why = "the run did not come to it"} : judged->second;
    one.text = expect->text;
    result.expectations.push_back(std::move(one));
  }
  return result;
}

// A result as lines, for the pipe to the parent: no text of it holds a line's end.
std::string packed_result(const Submission& result) {
  std::string lines = fmt::format("{}\n{}\n{}\n", result.reads_output ? 1 : 0, printable(cut_message(result.title)),
                                  printable(cut_message(result.trouble)));
  for (const JudgedExpectation& one : result.expectations)
    lines += fmt::format("{}\n{}\n{}\n", one.held ? 1 : 0, printable(one.text), printable(cut_message(one.why)));
  return lines;
}

void unpack_result(std::string_view lines, Submission& result) {
  std::vector<std::string> all;
  for (const auto line : lines | std::views::split('\n')) all.emplace_back(line.begin(), line.end());
  if (all.size() < 4) return;
  result.reads_output = all[0] == "1";
  result.title = all[1];
  result.trouble = all[2];
  for (std::size_t i = 3; i + 2 < all.size(); i += 3)
    result.expectations.push_back({.held = all[i] == "1", .text = all[i + 1], .why = all[i + 2]});
}

// Of the processor. Nobody may have more than this process itself.
rlimit limit_of(std::uint64_t seconds) {
  rlimit own{};
  getrlimit(RLIMIT_CPU, &own);
  return {.rlim_cur = std::min<rlim_t>(seconds, own.rlim_max),
          .rlim_max = std::min<rlim_t>(seconds == RLIM_INFINITY ? seconds : seconds + 1, own.rlim_max)};
}

[[noreturn]] void examine_as_child(int pipe_end, const std::string& file, const std::string& text,
                                   const GradeChoices& choices) {
  const rlimit seconds = limit_of(choices.max_seconds);
  const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // it goes when this program does
  std::signal(SIGXCPU, SIG_DFL);
  if (setrlimit(RLIMIT_CPU, &seconds) != 0 || setrlimit(RLIMIT_CORE, &no_core) != 0) _exit(kUserError);
  std::string lines;
  try {
    lines = packed_result(examine(file, text, choices));
  } catch (const std::exception& failure) {
    lines = packed_result({.file = file, .title = "", .trouble = failure.what()});
  }
  for (std::string_view rest = lines; !rest.empty();) {
    const ssize_t count = write(pipe_end, rest.data(), rest.size());
    if (count < 0 && errno != EINTR) _exit(kUserError);
    if (count > 0) rest.remove_prefix(static_cast<std::size_t>(count));
  }
  _exit(kOk);
}

// Why a signal has ended a submission's process. A host kills when its memory runs out, and that is no slowness; and at
// its own limit of `seconds`, if nobody may have more. Its count for that goes by ticks, and that of `used` does not.
std::string why_ended(int signal, const rusage& used, const rlimit& seconds) {
  const double took = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                      static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  const bool late = seconds.rlim_cur == seconds.rlim_max && took >= 0.5 * static_cast<double>(seconds.rlim_cur);
  if (signal == SIGXCPU || (signal == SIGKILL && late))
    return fmt::format("it takes more than {}", count_text(seconds.rlim_cur, "second"));
  if (signal == SIGKILL) return "the host has killed it, as it does when its memory runs out";
  return fmt::format("the simulator has failed (signal {})", signal);
}

Submission examined_apart(const std::string& file, const std::string& text, const GradeChoices& choices) {
  Submission result{.file = file, .trouble = "it could not be run"};
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return result;
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    examine_as_child(ends[1], file, text, choices);
  }
  close(ends[1]);
  std::string lines;
  std::array<char, 4096> buffer;
  for (ssize_t count = 1; child > 0 && count != 0;) {
    count = read(ends[0], buffer.data(), buffer.size());
    if (count < 0 && errno != EINTR) break;
    if (count > 0) lines.append(buffer.data(), static_cast<std::size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  rusage used{};
  if (child < 0 || wait4(child, &status, 0, &used) != child) return result;
  if (WIFSIGNALED(status)) {
    result.trouble = why_ended(WTERMSIG(status), used, limit_of(choices.max_seconds));
    return result;
  }
  unpack_result(lines, result);
  return result;
}

std::string submission_details(const Submission& one, std::size_t most, std::size_t width) {
  std::string text = fmt::format("{}: {}{}{} of {}\n", shown_name(one.file), one.title, one.title.empty() ? "" : ": ",
                                 one.held(), count_text(most, "point"));
  if (!one.trouble.empty()) text += paragraph("    stopped: ", one.trouble, width);
  Table table({{"MARK", Align::Left}, {"EXPECTATION", Align::Whole}}, width);
  for (const JudgedExpectation& judged : one.expectations)
    table.add({judged.held ? "held" : "FAILED",
               judged.why.empty() ? judged.text : fmt::format("{}: {}", judged.text, judged.why)});
  return text + (one.expectations.empty() ? "" : table.text());
}

}  // namespace

std::expected<int, std::string> grade_submissions(const std::vector<std::string>& files, const GradeChoices& choices,
                                                  OutputFile& output) {
  auto text = read_handed_in(choices.with);
  if (!text) return std::unexpected(fmt::format("{}: {}", shown_name(choices.with), text.error()));
  const auto [expectations, most] = exam_of(std::move(*text));
  if (most == 0) return std::unexpected(fmt::format("{}: it has no `expect`", shown_name(choices.with)));
  int worst = kOk;
  Table table({{"FILE", Align::Left}, {"TITLE", Align::Left}, {"POINTS", Align::Right}, {"REMARK", Align::Whole}},
              output.width());
  std::string csv = "file,title,points,of,remark\n";
  for (const std::string& file : files) {
    const Submission one = examined_apart(file, expectations, choices);
    if (one.reads_output) return std::unexpected(fmt::format("{}: what is graded is read from it", choices.output));
    worst = std::max(worst, !one.trouble.empty() ? kUserError : one.held() == most ? kOk : kExpectationFailed);
    table.add(
        {shown_name(file), one.title, fmt::format("{}/{}", one.held(), most), one.trouble.empty() ? "-" : one.trouble});
    csv += fmt::format("{},{},{},{},{}\n", csv_cell(file == "-" ? "<stdin>" : file), csv_cell(one.title), one.held(),
                       most, csv_cell(one.trouble));
    if (choices.csv) continue;
    output.separate();
    output.write(submission_details(one, most, output.width()));
  }
  output.separate();
  if (choices.csv)
    output.write(csv);
  else if (files.size() > 1)
    output.write(table.text());
  return worst;
}

}  // namespace bachsim
