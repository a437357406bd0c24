// main COUNT [FIRST]: random workloads by bachsim and by real processes of this machine's Linux; every value that a
// process reads, and every status, is the same. `--live ...` is what such a process is started with.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "tests/linux/driver.h"
#include "tests/model/script.h"

namespace bachsim::real {
namespace {

constexpr unsigned kSecondsForOne = 180;
constexpr unsigned kMostFailures = 3;

Driver* in_hand = nullptr;

void on_end(int signal) {
  if (in_hand != nullptr) in_hand->clean();
  constexpr char kLate[] = "the test was stopped, or its real processes hang\n";
  if (write(STDERR_FILENO, kLate, sizeof kLate - 1) < 0) _exit(3);
  _exit(signal == SIGALRM ? 1 : 3);
}

struct Totals {
  std::uint64_t workloads = 0;
  std::uint64_t operations = 0;
  std::uint64_t values = 0;
  std::uint64_t lines = 0;
  std::uint64_t swapped = 0;
};

// The line without the reason of an error, which Linux does not tell.
std::string short_line(const std::string& line) {
  const auto reason = line.find(" (");
  return line.ends_with(")") ? line.substr(0, reason) : line;
}

// What is different; empty if nothing is.
std::string difference(const RunResult& result, const std::vector<std::string>& real) {
  if (result.mistake) return *result.mistake;
  for (std::size_t i = 0; i < std::max(result.lines.size(), real.size()); ++i) {
    const std::string simulated = i < result.lines.size() ? short_line(result.lines[i]) : "nothing";
    const std::string wanted = i < real.size() ? real[i] : "nothing";
    if (simulated != wanted) return fmt::format("bachsim: {}\nLinux:   {}\n", simulated, wanted);
  }
  return {};
}

std::string compare(std::uint64_t seed, Totals& totals) {
  const Session session = random_session(seed);
  ParsedScript parsed(session.script);
  if (!parsed.errors().empty()) return parsed.errors() + session.script;
  const auto config = parsed.configure();
  if (!config) return "no machine\n" + session.script;
  alarm(kSecondsForOne);
  std::vector<std::string> real;
  {
    Driver driver;
    in_hand = &driver;
    real = driver.perform(session);
    totals.values += driver.values();
    in_hand = nullptr;
  }
  const RunResult result = run(parsed, *config, seed % 4 == 0);
  alarm(0);
  ++totals.workloads;
  totals.operations += session.steps.size();
  totals.lines += real.size();
  totals.swapped += result.counters.swap.reads + result.counters.swap.writes;
  const std::string different = difference(result, real);
  return different.empty() ? "" : different + session.script;
}

int compare_all(std::uint64_t count, std::uint64_t first) {
  for (const int signal : {SIGALRM, SIGTERM, SIGINT, SIGHUP}) ::signal(signal, on_end);
  Totals totals;
  unsigned failures = 0;
  for (std::uint64_t seed = first; seed < first + count && failures < kMostFailures; ++seed) {
    std::string trouble;
    try {
      trouble = compare(seed, totals);
    } catch (const std::exception& error) {
      in_hand = nullptr;
      trouble = error.what();
    }
    if (trouble.empty()) continue;
    ++failures;
    fmt::print("seed {}: {}\n", seed, trouble);
  }
  fmt::print(
      "{} workloads, {} operations, {} lines and in them {} values compared; {} pages went to swap or came back\n",
      totals.workloads, totals.operations, totals.lines, totals.values, totals.swapped);
  return failures == 0 && totals.values > totals.workloads && totals.swapped > 0 ? 0 : 1;
}

}  // namespace
}  // namespace bachsim::real

int main(int count, char** words) {
  const auto number = [&](int i) { return std::strtoull(words[i], nullptr, 10); };
  if (count == 6 && std::string_view(words[1]) == "--live")
    bachsim::real::live(static_cast<int>(number(2)), static_cast<int>(number(3)), static_cast<unsigned>(number(4)),
                        static_cast<unsigned>(number(5)));
  if (count != 2 && count != 3) {
    fmt::print(stderr, "usage: {} COUNT [FIRST]\n", words[0]);
    return 2;
  }
  return bachsim::real::compare_all(number(1), count == 3 ? number(2) : 1);
}
