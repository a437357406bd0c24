#include "sim/report/json.h"

#include <rapidjson/document.h>

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/parser/fixture.h"
#include "workloads/language/run.h"

namespace bachsim {
namespace {

using rapidjson::Document;
using Keys = std::vector<std::string>;

Keys keys_of(const rapidjson::Value& object) {
  Keys keys;
  for (const auto& member : object.GetObject()) keys.emplace_back(member.name.GetString());
  return keys;
}

std::string text_of(const rapidjson::Value& value) { return value.IsString() ? value.GetString() : "(no string)"; }

// Hands on to a report what a run tells.
struct Recorder : Listener {
  explicit Recorder(const Sources& sources) : report(sources) {}

  JsonReport report;
  bool all_held = true;

  void line(std::string_view text) override { report.line(text); }
  void expectation(const Expectation& expectation) override {
    report.expectation(expectation);
    all_held = all_held && expectation.held;
  }
  void show(const Statement& statement, const Run& run) override {
    const auto& show = std::get<ShowStatement>(statement.body);
    const auto draw = [](Sink& sink) { sink.write("a table\n"); };
    if (show.where != nullptr) return report.shown(statement.place, run.walk(show), draw);
    const auto only = run.named(show.names);
    report.shown(statement.place, show.view, {.state = run.state(), .samples = run.samples(), .only = only}, draw);
  }
};

// The object that a run of the script gives.
struct Told {
  explicit Told(const std::string& script, const std::set<std::string_view>& sections = {"summary"})
      : parsed(script, {{"more", "expect P.pid == 3\n"}}),
        listener(parsed.sources),
        run(configure(parsed.result.script, {}).value(), parsed.result.script, listener) {
    REQUIRE(parsed.errors().empty());
    const auto mistake = run.run();
    StringSink sink;
    listener.report.write(
        sink, {.state = run.state(), .samples = run.samples()},
        {.script = "a.bach", .title = parsed.result.script.title, .held = listener.all_held, .error = mistake},
        sections);
    text = sink.text();
    json.Parse<rapidjson::kParseValidateEncodingFlag>(text.c_str());
    REQUIRE_FALSE(json.HasParseError());
    REQUIRE(json.IsObject());
  }

  Parsed parsed;
  Recorder listener;
  Run run;
  std::string text;
  Document json;
};

const std::string kFamily = R"(title "A family"
machine frames=16 swap=8,4
program sh text=1 data=2
spawn sh as P
P: write data[0..1] = 7
P: fork as C
C: write data[0] = 8
P: fork as D
D: exit 3
P: shmget a 1
P: shmat a
C: print data[0]
expect C.data[1].refs == 2
expect counter.pfault.copied == 1 and 1 == 1
)";

TEST_CASE("a report is one object with the keys that the documents name, in their order") {
  CHECK(keys_of(Told(kFamily).json) == Keys{"format", "title", "script", "status", "machine", "counters", "gauges",
                                            "processes", "regions", "pfdata", "swap_use", "swap_map", "freelist",
                                            "expectations", "output"});
  CHECK(keys_of(Told(kFamily, {}).json) == Keys{"format", "title", "script", "status"});
  CHECK(keys_of(Told(kFamily, {"gauges", "output"}).json) ==
        Keys{"format", "title", "script", "status", "gauges", "output"});
}

TEST_CASE("objects of one kind have the same keys, whatever they tell") {
  const Told told(kFamily);
  for (const auto& process : told.json["processes"].GetArray()) {
    CHECK(keys_of(process) ==
          Keys{"name", "pid", "ppid", "state", "waiting_for", "status", "program", "satp", "break", "pregions"});
    for (const auto& pregion : process["pregions"].GetArray())
      CHECK(keys_of(pregion) == Keys{"type", "region", "start", "pages", "access"});
  }
  for (const auto& region : told.json["regions"].GetArray()) {
    CHECK(keys_of(region) == Keys{"id", "type", "refs", "pages", "program", "page_table"});
    CHECK(region["page_table"].Size() == region["pages"].GetUint());
    for (const auto& page : region["page_table"].GetArray())
      CHECK(keys_of(page) ==
            Keys{"page", "valid", "frame", "writable", "cow", "referenced", "modified", "age", "disk"});
  }
  for (const auto& frame : told.json["pfdata"].GetArray())
    CHECK(keys_of(frame) == Keys{"frame", "refs", "disk", "free"});
}

TEST_CASE("a living process and a zombie are told in full") {
  const Told told(kFamily);
  const auto& processes = told.json["processes"];
  REQUIRE(processes.Size() == 3);
  CHECK(text_of(processes[0]["name"]) == "P");
  CHECK(processes[0]["pid"].GetUint() == 2);
  CHECK(processes[0]["ppid"].GetUint() == 1);
  CHECK(text_of(processes[0]["state"]) == "ready");
  CHECK(processes[0]["waiting_for"].IsNull());
  CHECK(processes[0]["status"].IsNull());
  CHECK(text_of(processes[0]["program"]) == "sh");
  CHECK(processes[0]["satp"].IsString());
  CHECK(processes[0]["pregions"].Size() == 4);
  CHECK(text_of(processes[0]["pregions"][3]["type"]) == "shm");
  CHECK(text_of(processes[2]["name"]) == "D");
  CHECK(text_of(processes[2]["state"]) == "zombie");
  CHECK(processes[2]["status"].GetUint() == 3);
  CHECK(processes[2]["satp"].IsNull());
  CHECK(processes[2]["break"].IsNull());
  CHECK(processes[2]["pregions"].Empty());
}

TEST_CASE("counters, gauges and frames are the kernel's") {
  const Told told(kFamily);
  const auto& counters = told.json["counters"];
  std::size_t count = 0;
  told.run.kernel().counters().for_each([&](std::string_view group, std::string_view name, std::uint64_t value) {
    if (group == "file") return;  // of machines with block=
    const std::string key = fmt::format("{}.{}", group, name);
    CAPTURE(key);
    REQUIRE(counters.HasMember(key.c_str()));
    CHECK(counters[key.c_str()].GetUint64() == value);
    ++count;
  });
  CHECK(counters.MemberCount() == count);
  const Gauges gauges = told.run.kernel().gauges();
  CHECK(told.json["gauges"]["frames.free"].GetUint64() == gauges.frames_free);
  CHECK(told.json["freelist"].Size() == gauges.frames_free);
  CHECK(told.json["pfdata"].Size() == gauges.frames_used);
  CHECK(told.json["swap_map"].Size() == 2);
  CHECK(told.json["swap_use"].Empty());
}

TEST_CASE("the machine is told with every key; the swap is a list, and no limit is null") {
  const Told told(kFamily);
  const auto& machine = told.json["machine"];
  CHECK(machine["frames"].GetUint() == 16);
  CHECK(machine["page"].GetUint() == 4096);
  CHECK(text_of(machine["fork"]) == "cow");
  REQUIRE(machine["swap"].IsArray());
  CHECK(machine["swap"].Size() == 2);
  CHECK(machine["swap"][1].GetUint() == 4);
  CHECK(machine["nregion"].IsNull());
}

TEST_CASE("an expectation has its line, its text, and the values of a comparison") {
  const Told told(kFamily);
  const auto& expectations = told.json["expectations"];
  REQUIRE(expectations.Size() == 2);
  CHECK(keys_of(expectations[0]) == Keys{"line", "text", "held", "left", "right"});
  CHECK(expectations[0]["line"].GetUint() == 13);
  CHECK(text_of(expectations[0]["text"]) == "C.data[1].refs == 2");
  CHECK(expectations[0]["held"].GetBool());
  CHECK(expectations[0]["left"].GetUint() == 2);
  CHECK(expectations[1]["left"].IsNull());
  CHECK(text_of(told.json["status"]) == "ok");
}

TEST_CASE("an expectation of an included file names the file, and one that fails is the status") {
  const Told told("program sh\nspawn sh as P\ninclude \"more\"\n");
  CHECK(text_of(told.json["status"]) == "expectation failed");
  const auto& failed = told.json["expectations"][0];
  CHECK(text_of(failed["file"]) == "more");
  CHECK(failed["line"].GetUint() == 1);
  CHECK_FALSE(failed["held"].GetBool());
  CHECK(failed["left"].GetUint() == 2);
  CHECK(failed["right"].GetUint() == 3);
}

TEST_CASE("a run that stops tells of the mistake, and of all until then") {
  const Told told("program sh data=1\nspawn sh as P\nnote \"before\"\nP: read data[7 / 0]\nnote \"never\"\n");
  CHECK(text_of(told.json["status"]) == "error");
  CHECK(text_of(told.json["error"]["file"]) == "a.bach");
  CHECK(told.json["error"]["line"].GetUint() == 4);
  CHECK(told.json["error"]["column"].GetUint() == 16);
  CHECK(text_of(told.json["error"]["message"]) == "division by zero");
  REQUIRE(told.json["output"].Size() == 1);
  CHECK(text_of(told.json["output"][0]) == "before");
  CHECK(told.json["processes"].Size() == 1);
}

TEST_CASE("text of a script comes back from JSON as it was") {
  const Told told("title \"a \\ \xc3\xa9 \xe6\x97\xa5\"\nnote \"</a> \\u0041\"\n");
  CHECK(text_of(told.json["title"]) == "a \\ \xc3\xa9 \xe6\x97\xa5");
  CHECK(text_of(told.json["output"][0]) == "</a> \\u0041");
}

TEST_CASE("what was shown and traced is told only if there was any") {
  CHECK_FALSE(Told("note \"a\"\n").json.HasMember("shown"));
  const Told told("show regions\n");
  REQUIRE(told.json["shown"].Size() == 1);
  CHECK(told.json["shown"][0]["line"].GetUint() == 1);
  CHECK(text_of(told.json["shown"][0]["text"]) == "a table\n");
}

TEST_CASE("a word of --report means the section that has what the view shows") {
  CHECK(member_of("pregions") == "processes");
  CHECK(member_of("pages") == "regions");
  CHECK(member_of("hash") == "pfdata");
  CHECK(member_of("swap") == "swap_use");
  CHECK(member_of("map") == "swap_map");
  CHECK(member_of("summary") == "summary");
  CHECK(member_of("all") == "all");
  CHECK(member_of("map-cost") == "map_cost");
  CHECK(member_of("working-set") == "working_set");
  CHECK(member_of("freelist") == "freelist");
  CHECK(member_of("figure") == "figure");
  CHECK(member_of("walk").empty());
  CHECK(member_of("nonsense").empty());
}

TEST_CASE("views that the summary leaves out have sections of their own") {
  CHECK(keys_of(Told(kFamily, {"all"}).json).size() == keys_of(Told(kFamily).json).size() + 7);
  const Told told(kFamily, {"map_cost", "tlb", "tree", "sar", "swapper", "figure", "working_set"});
  CHECK(keys_of(told.json) == Keys{"format", "title", "script", "status", "map_cost", "tlb", "tree", "sar", "swapper",
                                   "figure", "working_set"});
  CHECK(told.json["map_cost"].Size() == 2);
  CHECK(told.json["map_cost"][0]["held"].GetUint() == 1);
  CHECK(told.json["tlb"]["slots"].GetUint() == 64);
  CHECK_FALSE(told.json["tlb"]["entries"].Empty());
  REQUIRE(told.json["tree"].Size() == 2);  // none of the zombie
  CHECK(text_of(told.json["tree"][1]["name"]) == "C");
  CHECK(text_of(told.json["tree"][0]["entries"][0]["kind"]) == "table");
  CHECK(told.json["tree"][0]["entries"][0]["flags"].IsNull());
  CHECK(told.json["sar"].Empty());
  CHECK(told.json["swapper"].Empty());
  REQUIRE(told.json["figure"]["processes"].Size() == 2);
  CHECK(told.json["figure"]["processes"][0]["pages"].Size() == 5);  // text, data, stack, shared memory
  CHECK(told.json["working_set"][0]["pages"].Size() == 2);
}

TEST_CASE("sar tells the sums at each tick, the swapper each second") {
  const Told told("program a text=1 data=1\nspawn a as P\nP: write data[0]\ntick 2\ntick\nshow sar\nrun 2\n",
                  {"sar", "swapper"});
  REQUIRE(told.json["sar"].Size() == 2);
  CHECK(told.json["sar"][0]["ticks"].GetUint() == 2);
  CHECK(told.json["sar"][1]["ticks"].GetUint() == 3);
  CHECK(told.json["sar"][1]["validity_faults"].GetUint() == 1);
  REQUIRE(told.json["swapper"].Size() == 2);
  CHECK(told.json["swapper"][1]["time"].GetUint() == 1);
  CHECK(text_of(told.json["swapper"][0]["runs"]) == "P");
  CHECK(told.json["swapper"][0]["stays"][0]["in_memory"].GetBool());
}

TEST_CASE("what was shown has its sections beside its text, of the processes that were named") {
  const Told told(kFamily + "show processes C\nshow regions C\nshow walk P data[0]\nshow summary\n");
  const auto& shown = told.json["shown"];
  REQUIRE(shown.Size() == 4);
  CHECK(text_of(shown[0]["view"]) == "processes");
  CHECK(keys_of(shown[0]["data"]) == Keys{"processes"});
  REQUIRE(shown[0]["data"]["processes"].Size() == 1);
  CHECK(text_of(shown[0]["data"]["processes"][0]["name"]) == "C");
  CHECK(shown[1]["data"]["regions"].Size() == 3);
  const auto& walk = shown[2]["data"]["walk"];
  CHECK(text_of(walk["name"]) == "P");
  CHECK(walk["entries"].Size() == 3);
  CHECK(text_of(walk["ends"][0]["access"]) == "load");
  CHECK(walk["ends"][0]["physical"].IsString());
  CHECK(walk["ends"][0]["scause"].IsNull());
  CHECK(walk["ends"][2]["scause"].GetUint() == 12);
  CHECK(keys_of(shown[3]["data"]) == Keys{"counters", "gauges", "processes"});
}

TEST_CASE("a script that cannot be run has an object with all that is wrong") {
  const Parsed parsed("title \"T\"\nspwan\nP: write\n", {});
  REQUIRE(parsed.result.errors.size() == 2);
  StringSink sink;
  JsonReport(parsed.sources)
      .write_refused(sink, {.script = "a.bach", .title = parsed.result.script.title}, parsed.result.errors);
  Document json;
  json.Parse(sink.text().c_str());
  REQUIRE_FALSE(json.HasParseError());
  CHECK(keys_of(json) == Keys{"format", "title", "script", "status", "error", "errors"});
  CHECK(text_of(json["status"]) == "error");
  CHECK(text_of(json["error"]["file"]) == "a.bach");
  CHECK(json["error"]["line"].GetUint() == 2);
  CHECK(json["errors"].Size() == 2);
}

}  // namespace
}  // namespace bachsim
