// bachsim test [FILE|DIR]...: runs golden tests, several at once, and says which differ.
#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <thread>

#include "sim/cli/command.h"
#include "sim/cli/golden.h"
#include "sim/cli/host.h"
#include "sim/state/column.h"
#include "workloads/language/characters.h"

namespace bachsim {
namespace {

using Clock = std::chrono::steady_clock;
// More would pass the end of the clock.
constexpr std::uint64_t kLongestTime = 100ull * 365 * 24 * 3600;

struct TestOptions {
  bool update = false;
  bool tap = false;
  bool color = false;
  std::uint64_t jobs = 0;
  std::uint64_t seconds = 300;
};

// Runs tests side by side. Each is told in its turn, as soon as those before it have been.
class Tests {
 public:
  Tests(const std::vector<Golden>& goldens, const TestOptions& options) : goldens_(goldens), options_(options) {}

  // `tell(golden, result)` for each, in their order.
  template <class Tell>
  void run(Tell&& tell) {
    const std::string program = std::filesystem::read_symlink("/proc/self/exe");
    for (std::size_t next = 0, told = 0; told < goldens_.size();) {
      while (next < goldens_.size() && running_.size() < options_.jobs) start(next++, program);
      if (!running_.empty() && !done_.contains(told)) wait();
      for (; done_.contains(told); ++told) {
        tell(goldens_[told], done_.at(told));
        done_.erase(told);
      }
    }
  }

 private:
  struct Running {
    std::size_t index;
    GoldenRun run;
    Clock::time_point end;
  };

  void start(std::size_t index, const std::string& program) {
    const Golden& golden = goldens_[index];
    if (!golden.trouble.empty()) {
      done_[index] = {.trouble = golden.trouble, .diff = golden.place};
    } else if (auto run = GoldenRun::start(golden, program)) {
      const std::chrono::seconds most(std::min(options_.seconds, kLongestTime));
      running_.push_back({index, std::move(*run), Clock::now() + most});
    } else {
      done_[index] = {.trouble = run.error()};
    }
  }

  // Until one has ended, or has had its time.
  void wait() {
    std::vector<pollfd> ends;
    for (const Running& running : running_) ends.push_back({running.run.descriptor(), POLLIN, 0});
    const auto first = std::ranges::min_element(running_, {}, &Running::end)->end;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(first - Clock::now()).count();
    poll(ends.data(), ends.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000)));
    const auto now = Clock::now();
    for (std::size_t i = ends.size(); i-- > 0;) {
      Running& running = running_[i];
      if (ends[i].revents != 0)
        done_[running.index] = running.run.finish(options_.update);
      else if (running.end <= now)
        done_[running.index] = running.run.give_up(options_.seconds);
      else
        continue;
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  const std::vector<Golden>& goldens_;
  const TestOptions& options_;
  std::vector<Running> running_;
  std::map<std::size_t, GoldenResult> done_;  // whose turn to be told has not come
};

// Each test that runs holds some files open.
std::uint64_t most_jobs() {
  constexpr rlim_t kFilesOfTest = 4;
  constexpr rlim_t kOtherFiles = 32;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return 1;
  return std::max<rlim_t>(1, (files.rlim_cur - std::min(files.rlim_cur, kOtherFiles)) / kFilesOfTest);
}

// A test may test, but its tests may not: one that tests itself, or its folder, would begin processes without end.
constexpr const char* kInTest = "BACHSIM_IN_TEST";
constexpr const char* kInTestOfTest = "2";

// Notes in the environment that all that is begun from here on is a test. False in a test of a test.
bool enter_test() {
  const char* const in = std::getenv(kInTest);
  if (in != nullptr && std::string_view(in) == kInTestOfTest) return false;
  return setenv(kInTest, in == nullptr || *in == '\0' ? "1" : kInTestOfTest, 1) == 0;
}

// Two tests that one file is expected of, so that --update of one would lose what it is for the other; for the user,
// empty if there are none.
std::string shared_by_two(const std::vector<Golden>& goldens) {
  std::map<std::filesystem::path, std::filesystem::path> scripts;  // by what is expected of them
  for (const Golden& golden : goldens) {
    if (golden.expected.empty()) continue;
    const auto script = golden.script.lexically_normal();
    const auto [at, fresh] = scripts.emplace(golden.expected.lexically_normal(), script);
    if (!fresh && at->second != script)
      return fmt::format("test: {} and {} would have one file of what is expected", at->second.string(),
                         script.string());
  }
  return {};
}

std::string path_of(const Golden& golden) { return printable(golden.script.string()); }

std::string in_color(std::string_view text, int color, bool on) {
  return on ? fmt::format("\033[{}m{}\033[0m", color, text) : std::string(text);
}

// That of the program `diff`; 0: none.
int color_in_difference(std::string_view line) {
  return line.starts_with("--- ") || line.starts_with("+++ ") ? 1
         : line.starts_with('+')                              ? 32
         : line.starts_with('-')                              ? 31
         : line.starts_with("@@")                             ? 36
                                                              : 0;
}

template <class Take>
void for_each_line(std::string_view text, Take&& take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void tell_line(Sink& sink, const Golden& golden, const GoldenResult& result, bool color) {
  const bool passed = result.trouble.empty();
  sink.write(fmt::format("{}  {}{}{}\n", in_color(passed ? "pass" : "FAIL", passed ? 32 : 31, color), path_of(golden),
                         passed ? "" : ": ", result.trouble));
  for_each_line(result.diff, [&](std::string_view line) {
    const int code = color ? color_in_difference(line) : 0;
    sink.write(in_color(line, code, code != 0) + "\n");
  });
  for (const auto& file : result.written) sink.write(fmt::format("      wrote {}\n", printable(file.string())));
}

// The Test Anything Protocol, version 13.
void tell_tap(Sink& sink, const Golden& golden, const GoldenResult& result, std::size_t number) {
  const bool passed = result.trouble.empty();
  std::string name = path_of(golden);
  for (std::size_t at = 0; (at = name.find('#', at)) != std::string::npos; at += 2) name.insert(at, 1, '\\');
  sink.write(fmt::format("{} {} - {}\n", passed ? "ok" : "not ok", number, name));
  std::string comment = passed ? "" : result.trouble + "\n" + result.diff;
  for (const auto& file : result.written) comment += fmt::format("wrote {}\n", printable(file.string()));
  for_each_line(comment, [&](std::string_view line) { sink.write(fmt::format("# {}\n", line)); });
}

// XML wants some characters named, and others it cannot have at all.
std::string xml(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text, true)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string junit_case(const Golden& golden, const GoldenResult& result) {
  const std::string head = fmt::format("  <testcase classname=\"{}\" name=\"{}\"",
                                       xml(golden.script.parent_path().string()), xml(golden.script.stem().string()));
  if (result.trouble.empty()) return head + "/>\n";
  std::string diff;
  for_each_line(result.diff, [&diff](std::string_view line) { diff += xml(line) + "\n"; });
  return fmt::format("{}>\n    <failure message=\"{}\">{}</failure>\n  </testcase>\n", head, xml(result.trouble), diff);
}

constexpr std::string_view kXml = "<?xml";

// Whether a file is there that no results have been written to: it may be one of those that scripts include or read.
// So may one that cannot be read.
bool holds_another_text(const std::string& path) {
  if (!OutputFile::is_put_in_place(path)) return false;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return errno != ENOENT;
  std::string begin(kXml.size(), '\0');
  file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return file.gcount() > 0 && begin != kXml;
}

}  // namespace

int test_command(const Arguments& arguments) {
  TestOptions test;
  GoldenOptions golden{.commands = command_names()};
  ColorWhen color = ColorWhen::Auto;
  std::string expected;
  std::string junit;
  Options options;
  options.flag("update", "write what is expected anew, and say what was written", test.update);
  const auto text = [](std::string& target) {
    return [&target](const std::string& word) { return target = word, std::string(); };
  };
  options.word("filter", "PATTERN", "only scripts whose path has a part that matches (`*`, `?`, `[...]`)",
               text(golden.filter));
  options.word("command", "WORDS", "how scripts run that do not say it themselves (default: run)",
               [&golden](const std::string& word) {
                 auto words = split_words(word);
                 if (!words) return fmt::format("`{}`: {}", word, words.error().why);
                 golden.command = std::move(*words);
                 return std::string();
               });
  options.file("expected", "DIR", "where the files of what is expected stand (default: beside the scripts)", expected);
  options.flag("tap", "print the Test Anything Protocol", test.tap);
  options.file("junit", "FILE", "write the results as JUnit's XML as well", junit);
  options.count("jobs", "run N tests at once (default: one a processor)", test.jobs);
  options.count("timeout", "a test that takes longer than N seconds fails (default: 300)", test.seconds);
  options.color(color);
  auto places = options.parse(arguments, "bachsim test [OPTION ...] [FILE|DIR ...]",
                              "Runs scripts and compares all that they print with NAME.expected beside them.");
  if (!places) return places.error();
  if (!enter_test()) return complain("test: this is a test of a test, which runs no tests; does one run itself?");
  if (places->empty()) places->push_back(".");
  if (test.jobs == 0) test.jobs = std::max(1u, std::thread::hardware_concurrency());
  test.jobs = std::min(test.jobs, most_jobs());
  test.color = !test.tap && use_color(color, STDOUT_FILENO);
  if (!expected.empty()) golden.expected = expected;

  std::vector<Golden> goldens;
  for (const std::string& place : *places) {
    auto found = find_goldens(place, golden);
    if (!found) return complain(found.error());
    std::ranges::move(*found, std::back_inserter(goldens));
  }
  if (goldens.empty())
    return complain(golden.filter.empty() ? "test: there are no tests here: no file that ends in .bach"
                                          : fmt::format("test: no path of a script here matches `{}`", golden.filter));
  if (const std::string trouble = shared_by_two(goldens); !trouble.empty()) return complain(trouble);
  for (const Golden& each : goldens) {
    const auto read = [&junit](const auto& file) { return same_file(junit, file.string()); };
    if (std::ranges::any_of(each.files(), read)) return complain(fmt::format("{}: a test is read from it", junit));
  }
  if (holds_another_text(junit)) return complain(fmt::format("{}: it holds a text that is no results of tests", junit));
  auto report = OutputFile::create(junit);
  if (!report) return complain(report.error());

  OutputFile output;
  std::string cases;
  std::size_t told = 0;
  std::size_t failed = 0;
  std::size_t written = 0;
  if (test.tap) output.write(fmt::format("TAP version 13\n1..{}\n", goldens.size()));
  Tests(goldens, test).run([&](const Golden& which, const GoldenResult& result) {
    ++told;
    if (!result.trouble.empty()) ++failed;
    written += result.written.size();
    if (test.tap)
      tell_tap(output, which, result, told);
    else
      tell_line(output, which, result, test.color);
    output.flush();
    if (!junit.empty()) cases += junit_case(which, result);
  });
  if (!test.tap) {
    const std::string end = written == 0 ? "" : fmt::format(", {} written", count_text(written, "file"));
    output.write(fmt::format("{}: {} passed, {} failed{}\n", count_text(told, "test"), told - failed, failed, end));
  }
  std::string trouble = output.finish();
  if (!junit.empty()) {
    (*report)->write(
        fmt::format("{} version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"bachsim\" tests=\"{}\" "
                    "failures=\"{}\">\n{}</testsuite>\n",
                    kXml, told, failed, cases));
    const std::string of_report = (*report)->finish();
    if (trouble.empty()) trouble = of_report;
  }
  return finished(failed == 0 ? kOk : kExpectationFailed, trouble);
}

}  // namespace bachsim
