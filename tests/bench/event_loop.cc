// A script's loop whose every statement makes events, on a machine that nobody traces: prints the ns per statement.
// Built twice, with the event sink and without; `bench` runs both.
#include <fmt/format.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "tests/bench/measure.h"
#include "tests/bench/silent.h"
#include "workloads/language/parser.h"
#include "workloads/language/run.h"
#include "workloads/language/settings.h"

int main(int argc, char** argv) {
  using namespace bachsim;
  if (argc != 2) return 2;
  const std::uint64_t rounds = std::strtoull(argv[1], nullptr, 10);
  constexpr std::uint64_t kStatements = 4;
  Sources sources;
  bench::NoFiles files;
  const ParseResult parsed =
      parse(sources,
            sources.add("events", fmt::format("machine frames=256\nprogram demo text=1 bss=16\nspawn demo as P\n"
                                              "P: write data[*]\nrepeat {} {{\n  P: fork as C\n"
                                              "  C: write data[*]\n  C: exit\n  P: wait\n}}\n",
                                              rounds)),
            "events", files);
  const auto config = configure(parsed.script, {});
  if (!parsed.errors.empty() || !config) return 2;
  Listener listener;
  Run run(*config, parsed.script, listener);
  const std::uint64_t start = bench::now_ns();
  if (run.run()) return 1;
  fmt::print("{}\n", bench::since(start, rounds * kStatements));
  return 0;
}
