#include "sim/report/timeline.h"

#include <rapidjson/document.h>

#include <map>

#include "tests/report/scripts.h"

namespace bachsim {
namespace {

using rapidjson::Document;
using Value = rapidjson::Value;

struct TimedRun : Listener {
  explicit TimedRun(Scripted& scripted, std::string_view name = "a.bach", const std::string& mistake = "")
      : timeline(text, scripted.sources),
        run(configure(scripted.parsed.script, {}).value(), scripted.parsed.script, *this, {.trace = true}) {
    run.watch(&events);
    timeline.start(run);
    const auto stopped = run.run();
    REQUIRE((stopped ? stopped->what : "") == mistake);
    timeline.finish(run, name);
    json.Parse<rapidjson::kParseValidateEncodingFlag>(text.text().c_str());
    REQUIRE_FALSE(json.HasParseError());
  }
  void begin(const Statement& statement, const Run& its_run) override {
    const auto* operation = std::get_if<OperationStatement>(&statement.body);
    const auto* finish = std::get_if<FinishStatement>(&statement.body);
    const bool one = finish != nullptr && finish->whose == FinishStatement::Whose::Process;
    const ProcessRef* const actor = operation != nullptr ? &operation->process : one ? &finish->process : nullptr;
    timeline.begin(its_run, actor == nullptr ? kNoProcess : its_run.named({actor, 1}).front());
  }
  void done(const Statement& statement, const Run& its_run) override {
    timeline.done(statement, events, its_run);
    events.clear();
  }

  StringSink text;
  Timeline timeline;
  Events events;
  Run run;
  Document json;
};

struct Slice {
  std::uint64_t begins;
  std::uint64_t ends;  // 0: not yet
};

// What the format asks for: times ascend on each track, slices nest there, and arrows have two ends, both on slices.
// Curves have a value where they change alone.
void check_events(const Document& json) {
  struct Track {
    std::uint64_t now = 0;
    std::vector<Slice> open;
    std::vector<Slice> all;
  };
  std::map<std::uint64_t, Track> tracks;
  std::map<std::uint64_t, std::vector<std::string>> arrows;  // by id: `name phase`
  std::map<std::string, std::uint64_t> curves;               // by name: the last value
  for (const Value& event : json["traceEvents"].GetArray()) {
    const std::string phase = event["ph"].GetString();
    REQUIRE(event["pid"].GetUint64() == 1);
    if (phase == "M") continue;
    Track& track = tracks[event["tid"].GetUint64()];
    const std::uint64_t when = event["ts"].GetUint64();
    CHECK(when >= track.now);
    track.now = when;
    if (phase == "X" || phase == "B") {
      std::erase_if(track.open, [&](const Slice& slice) { return slice.ends != 0 && slice.ends <= when; });
      const std::uint64_t ends = phase == "B" ? 0 : when + event["dur"].GetUint64();
      CHECK((phase == "B" || ends > when));
      for (const Slice& around : track.open) CHECK((around.ends == 0 || ends <= around.ends));
      track.open.push_back({when, ends});
      track.all.push_back({when, ends});
    } else if (phase == "E") {
      CHECK(std::erase_if(track.open, [](const Slice& slice) { return slice.ends == 0; }) == 1);
    } else if (phase == "s" || phase == "f") {
      arrows[event["id"].GetUint64()].push_back(std::string(event["name"].GetString()) + " " + phase);
      CHECK(std::ranges::any_of(track.all,
                                [&](const Slice& slice) { return slice.begins <= when && when < slice.ends; }));
    } else {
      CHECK(phase == "C");
      const std::uint64_t value = event["args"]["value"].GetUint64();
      const auto [last, is_new] = curves.try_emplace(event["name"].GetString(), value);
      CHECK((is_new || last->second != value));
      last->second = value;
    }
  }
  for (const auto& [number, track] : tracks) {
    INFO("track " << number);
    CHECK(std::ranges::none_of(track.open, [](const Slice& slice) { return slice.ends == 0; }));
  }
  for (const auto& [id, ends] : arrows) {
    INFO("arrow " << id);
    const std::string name = ends.front().substr(0, ends.front().find(' '));
    CHECK(ends == std::vector<std::string>{name + " s", name + " f"});
  }
}

TEST_CASE("the timeline of every script of the tree is as the format asks for") {
  for (const auto& path : scripts_of_the_tree()) {
    INFO(path.filename().string());
    Scripted script(path);
    check_events(TimedRun(script).json);
  }
}

TEST_CASE("each process has a track, whose times are steps and ticks") {
  Scripted script("a.bach",
                  "machine frames=8\nprogram sh text=1 bss=1\nspawn sh as P\nP: write data[0] = 7\n"
                  "tick 3\nP: vfork as C\nC: exit 1\nP: wait\n");
  const TimedRun timed(script, "a \"name\"\n</script>");
  std::vector<std::string> slices;
  std::vector<std::string> arrows;
  std::vector<std::string> curves;
  std::map<std::uint64_t, std::string> tracks;
  std::string name;
  for (const Value& event : timed.json["traceEvents"].GetArray()) {
    const std::string phase = event["ph"].GetString();
    if (event["name"] == "thread_name") tracks[event["tid"].GetUint64()] = event["args"]["name"].GetString();
    if (event["name"] == "process_name") name = event["args"]["name"].GetString();
    if (phase == "X" || phase == "B" || phase == "E")
      slices.push_back(std::to_string(event["tid"].GetUint64()) + " " + phase + " " +
                       std::to_string(event["ts"].GetUint64() / 1'000'000) + " " + event["name"].GetString());
    if (phase == "C")
      curves.push_back(std::to_string(event["ts"].GetUint64() / 1'000'000) + " " + event["name"].GetString() + " " +
                       std::to_string(event["args"]["value"].GetUint64()));
    if (phase == "s" || phase == "f")
      arrows.push_back(std::to_string(event["tid"].GetUint64()) + " " + phase + " " +
                       std::to_string(event["id"].GetUint64()));
  }
  CHECK(curves == std::vector<std::string>{"0 free frames 8", "0 shared frames 0", "0 free swap 0",
                                           "1 working set of P 0", "2 free frames 7", "2 working set of P 1",
                                           "8 working set of C 0"});
  CHECK(arrows == std::vector<std::string>{"2 s 3", "3 f 3"});
  CHECK(name == "a \"name\"\n</script>");
  CHECK(tracks == std::map<std::uint64_t, std::string>{{0, "operator and kernel"}, {2, "P (pid 2)"}, {3, "C (pid 3)"}});
  CHECK(slices == std::vector<std::string>{"0 X 0 spawn sh as P", "2 X 0 P is spawned", "2 X 1 P: write data[0] = 7",
                                           "2 X 1 vfault-zero", "0 X 2 tick 3", "2 X 6 P: vfork as C",
                                           "3 X 6 P vforks C, which borrows its space",
                                           "2 B 7 P sleeps until C execs or exits", "3 X 7 C: exit 1",
                                           "2 E 8 P sleeps until C execs or exits", "2 X 8 P: wait"});
}

TEST_CASE("a run is stopped where its timeline has no more seconds, and what slept ends there") {
  Scripted script("a.bach",
                  "machine frames=8\nprogram sh bss=1\nspawn sh as P\nP: vfork as C\ntick 2_000_000_000_000_000\n"
                  "C: exit\n");
  const TimedRun timed(script, "a.bach", "more steps and ticks than a timeline has seconds, 2^33");
  check_events(timed.json);
  std::uint64_t last = 0;
  for (const Value& event : timed.json["traceEvents"].GetArray()) {
    if (event.HasMember("ts")) last = std::max(last, event["ts"].GetUint64());
  }
  CHECK(last == (std::uint64_t{1} << 33) * 1'000'000);
}

TEST_CASE("a slice says for what somebody inside the kernel sleeps, until it wakes") {
  Scripted script(
      "a.bach",
      "machine io=sleep frames=8 swap=8 max-age=1\nprogram sh text=1 data=1\nspawn sh as P\nP: fork as C\n"
      "P: begin read data[0]\nC: begin read data[0]\nP: finish\nC: finish\nC: read text[0]\nC: write stack[0]\n"
      "vhand: begin steal 8\nvhand: finish\n");
  const TimedRun timed(script);
  check_events(timed.json);
  std::vector<std::string> sleeps;
  for (const Value& event : timed.json["traceEvents"].GetArray()) {
    if (!event.HasMember("cat") || event["cat"] != "sleep") continue;
    sleeps.push_back(std::to_string(event["tid"].GetUint64()) + " " + event["ph"].GetString() + " " +
                     fmt::format("{}", static_cast<double>(event["ts"].GetUint64()) / 1e6) + " " +
                     event["name"].GetString());
  }
  CHECK(sleeps ==
        std::vector<std::string>{
            "2 B 3 P sleeps until its transfer ends", "3 B 4 C sleeps until P has read the contents of frame 0",
            "2 E 4 P sleeps until its transfer ends", "3 E 5 C sleeps until P has read the contents of frame 0",
            "3 X 6.333333 C sleeps until its transfer ends", "1 B 9 vhand sleeps until its transfer ends",
            "1 E 9.5 vhand sleeps until its transfer ends"});
}

TEST_CASE("whoever goes on has slept until the statement in which he does") {
  Scripted script("a.bach",
                  "machine io=sleep frames=8\nprogram sh text=1 data=1\nspawn sh as P\nP: begin read data[0]\n"
                  "P: finish\n");
  const TimedRun timed(script);
  std::vector<std::uint64_t> ends;
  for (const Value& event : timed.json["traceEvents"].GetArray()) {
    if (event["ph"] == "E") ends.push_back(event["ts"].GetUint64());
  }
  CHECK(ends == std::vector<std::uint64_t>{2'000'000});
}

}  // namespace
}  // namespace bachsim
