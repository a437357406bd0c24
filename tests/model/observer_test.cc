// Looking changes nothing: not a table, not a counter, whether a run is traced, audited, shown, put on a page, or taken
// step by step.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sim/page/page_record.h"
#include "sim/report/timeline.h"
#include "sim/report/trace_json.h"
#include "sim/report/trace_text.h"
#include "sim/report/views.h"
#include "sim/state/moment.h"
#include "tests/model/flow.h"
#include "tests/model/script.h"
#include "tests/model/workload.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

// What `--trace`, `--trace-json`, `--timeline` and `show` look at, around each statement.
class Looker : public Listener {
 public:
  Looker(Run& run, const Sources& sources) : trace_json_(sink_, sources), timeline_(sink_, sources) {
    run.watch(&events_);
    trace_json_.start(run, "flow.bach");
    timeline_.start(run);
  }
  void begin(const Statement&, const Run& run) override {
    tracer_.begin(run.state());
    timeline_.begin(run, kNoProcess);
  }
  void done(const Statement& statement, const Run& run) override {
    sink_.write(text(tracer_.done(events_, run.state(), false)));
    trace_json_.done(statement, "", events_, run);
    timeline_.done(statement, events_, run);
    write_view(sink_, static_cast<View>(statements_++ % kViewWords.size()), run.state(), run.samples());
    events_.clear();
  }
  // Characters that it has written.
  std::size_t end(const Run& run) {
    trace_json_.finish(run, "ok");
    timeline_.finish(run, "flow.bach");
    return sink_.text().size();
  }

 private:
  StringSink sink_;
  Events events_;
  TraceJson trace_json_;
  Timeline timeline_;
  Tracer tracer_{TraceChoice{}};
  std::size_t statements_ = 0;
};

// A listener that is made once its run is there.
class Door : public Listener {
 public:
  void begin(const Statement& statement, const Run& run) override {
    if (looker != nullptr) looker->begin(statement, run);
  }
  void done(const Statement& statement, const Run& run) override {
    if (looker != nullptr) looker->done(statement, run);
  }

  Listener* looker = nullptr;
};

// What is left of a run: all tables, and all counters, those of the TLB included.
struct Left {
  explicit Left(const Run& run)
      : tables(snapshot_of(run.kernel())), contents(contents_of(run.kernel())), counters(run.kernel().counters()) {}

  Snapshot tables;
  std::map<std::string, std::uint64_t> contents;
  Counters counters;
};

struct Looked {
  std::uint64_t flows = 0;
  std::uint64_t runs = 0;
  std::uint64_t moments = 0;
  std::uint64_t characters = 0;  // that the observers wrote
};

class Watched {
 public:
  Watched(const ParsedScript& parsed, Config config, Looked& looked)
      : parsed_(parsed), config_(std::move(config)), looked_(looked) {}

  [[nodiscard]] Left alone() const {
    Door nobody;
    Run run(config_, parsed_.script(), nobody);
    end(run);
    return Left(run);
  }

  [[nodiscard]] Left traced_and_shown() const {
    Door door;
    Run run(config_, parsed_.script(), door, RunOptions{.trace = true});
    Looker looker(run, parsed_.sources());
    door.looker = &looker;
    end(run);
    looked_.characters += looker.end(run);
    return Left(run);
  }

  [[nodiscard]] Left audited() const {
    Door nobody;
    Run run(config_, parsed_.script(), nobody, RunOptions{.audit_each = true, .sample = true});
    end(run);
    return Left(run);
  }

  [[nodiscard]] Left on_a_page() const {
    PageRecord record(parsed_.sources());
    Run run(config_, parsed_.script(), record, RunOptions{.trace = true});
    record.start(run);
    record.end(run.run());
    StringSink page;
    record.write(page, "flow.bach");
    looked_.characters += page.text().size();
    ++looked_.runs;
    return Left(run);
  }

  [[nodiscard]] Left step_by_step() const {
    Door nobody;
    Run run(config_, parsed_.script(), nobody, RunOptions{.trace = true});
    Moment before(run.state());
    while (!run.ended()) {
      run.step();
      Moment now(run.state());
      const Changes changes(before, now);
      looked_.moments += 1;
      before = std::move(now);
    }
    ++looked_.runs;
    return Left(run);
  }

 private:
  void end(Run& run) const {
    const auto mistake = run.run();
    CHECK((mistake ? parsed_.text_of(*mistake) : "") == "");
    ++looked_.runs;
  }

  const ParsedScript& parsed_;
  Config config_;
  Looked& looked_;
};

void check_same(const Left& alone, const Left& watched, const char* how) {
  CAPTURE(how);
  CHECK(first_change(alone.tables, watched.tables) == "");
  CHECK(alone.contents == watched.contents);
  CHECK(alone.counters == watched.counters);
}

void look_at(std::uint64_t seed, Looked& looked) {
  const Flow flow = random_flow(seed);
  ParsedScript parsed(flow.rolled);
  Chance random(seed);
  const std::string stealer = kStealers[seed % kStealers.size()];
  const auto config = parsed.configure(std::vector<std::string>{
      fmt::format("frames={}", random.between(6, 40)), "swap=9000", "stealer=" + stealer,
      fmt::format("fork={}", random.percent(50) ? "cow" : "copy"),
      fmt::format("paging={}", random.percent(70) ? "on" : "hybrid"),
      fmt::format("io={}", stealer != "opt" && random.percent(50) ? "sleep" : "atomic"),
      fmt::format("out-list={}", random.percent(70) ? "write" : "keep"), fmt::format("tlb={}", random.between(1, 16))});
  INFO(flow.rolled);
  REQUIRE(parsed.errors().empty());
  REQUIRE(config.has_value());
  const Watched watched(parsed, *config, looked);
  const Left alone = watched.alone();
  check_same(alone, watched.traced_and_shown(), "--trace, --trace-json, --timeline, show");
  check_same(alone, watched.audited(), "--audit");
  check_same(alone, watched.on_a_page(), "page");
  check_same(alone, watched.step_by_step(), "step");
  ++looked.flows;
}

void look_at_all(std::uint64_t flows) {
  Looked looked;
  for (std::uint64_t seed = 1; seed <= flows; ++seed) {
    CAPTURE(seed);
    look_at(seed, looked);
  }
  fmt::print(
      "checked: {} workloads in {} runs, watched in four ways, {} steps and {} characters of tables and traces\n",
      looked.flows, looked.runs, looked.moments, looked.characters);
}

}  // namespace

TEST_CASE("looking changes nothing") { look_at_all(8); }

TEST_CASE("looking at 200 workloads changes nothing", "[slow]") { look_at_all(200); }

TEST_CASE("looking at 5,000 workloads changes nothing", "[long]") { look_at_all(5000); }

}  // namespace bachsim
