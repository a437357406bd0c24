#include "sim/report/trace_json.h"

#include <rapidjson/document.h>
#include <rapidjson/writer.h>

#include <map>
#include <set>

#include "sim/report/json.h"
#include "tests/report/scripts.h"

namespace bachsim {
namespace {

using rapidjson::Document;
using Value = rapidjson::Value;

std::string json_text(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return buffer.GetString();
}

// Columns and values as JSON; rows by their keys, and tables by their names.
using Row = std::map<std::string, std::string>;
using Table = std::map<std::string, Row>;
using Tables = std::map<std::string, Table>;

const std::set<std::string> kMaybe{"awaited_region", "awaited_frame", "locked_by", "read_by"};

void set(Row& row, const Value& object) {
  for (const auto& member : object.GetObject()) {
    const std::string name = member.name.GetString();
    // A report has these only where there is something to say.
    const bool nothing = (name == "borrowed" && member.value.IsFalse()) ||
                         (name == "sleepers" && member.value.GetUint64() == 0) ||
                         (kMaybe.contains(name) && member.value.IsNull());
    if (nothing)
      row.erase(name);
    else if (name != "key")
      row[name] = json_text(member.value);
  }
}

// Does to the tables what a line of the trace says.
void take_line(Tables& tables, const Value& line) {
  for (const auto& change : line["tables"].GetObject()) {
    Table& table = tables[change.name.GetString()];
    if (change.value.HasMember("removed")) {
      for (const Value& row : change.value["removed"].GetArray()) REQUIRE(table.erase(json_text(row["key"])) == 1);
    }
    if (change.value.HasMember("added")) {
      for (const Value& row : change.value["added"].GetArray()) {
        REQUIRE_FALSE(table.contains(json_text(row["key"])));
        set(table[json_text(row["key"])], row);
      }
    }
    if (change.value.HasMember("changed")) {
      for (const Value& row : change.value["changed"].GetArray()) {
        Row& had = table.at(json_text(row["key"]));
        Row was = had;
        set(was, row["was"]);
        CHECK(was == had);
        set(had, row["is"]);
      }
    }
  }
}

// The tables as the sections of a report have them.
Tables tables_of(const Document& report) {
  Tables tables;
  const auto add = [&](const std::string& table, const std::string& key, const Value& row, const char* without = "") {
    Row& added = tables[table]["[" + key + "]"];
    set(added, row);
    added.erase(without);
  };
  for (const Value& process : report["processes"].GetArray()) {
    const std::string pid = json_text(process["pid"]);
    add("processes", pid, process, "pregions");
    int index = 0;
    for (const Value& pregion : process["pregions"].GetArray())
      add("pregions", pid + "," + std::to_string(index++), pregion);
  }
  for (const Value& region : report["regions"].GetArray()) {
    const std::string id = json_text(region["id"]);
    add("regions", id, region, "page_table");
    for (const Value& page : region["page_table"].GetArray()) add("pages", id + "," + json_text(page["page"]), page);
  }
  for (const Value& frame : report["pfdata"].GetArray()) add("pfdata", json_text(frame["frame"]), frame);
  for (const Value& block : report["swap_use"].GetArray())
    add("swap_use", json_text(block["device"]) + "," + json_text(block["block"]), block);
  for (const Value& device : report["swap_map"].GetArray()) {
    const std::string number = json_text(device["device"]);
    for (const Value& extent : device["free"].GetArray())
      tables["swap_map"]["[" + number + "," + json_text(extent[0]) + "]"] = {
          {"device", number}, {"address", json_text(extent[0])}, {"units", json_text(extent[1])}};
  }
  for (const Value& entry : report["tlb"]["entries"].GetArray()) add("tlb", json_text(entry["slot"]), entry);
  for (const char* section : {"counters", "gauges"}) {
    for (const auto& number : report[section].GetObject()) {
      const std::string name = json_text(number.name);
      tables[section]["[" + name + "]"] = {{"name", name}, {"value", json_text(number.value)}};
    }
  }
  return tables;
}

// The frames of a free list whose rows say from which to which they go, from its head.
std::vector<std::uint64_t> frames_of(const Table& free_list) {
  std::map<std::uint64_t, Row> by_place;
  for (const auto& [key, row] : free_list) by_place[std::stoull(row.at("position"))] = row;
  std::vector<std::uint64_t> frames;
  for (const auto& [place, row] : by_place) {
    CHECK(place == frames.size());
    for (std::uint64_t frame = std::stoull(row.at("first")); frame <= std::stoull(row.at("last")); ++frame)
      frames.push_back(frame);
  }
  return frames;
}

// Traces a run, and keeps the lines.
struct TracedRun : Listener {
  explicit TracedRun(Scripted& scripted)
      : script(scripted),
        trace(lines, script.sources),
        run(configure(script.parsed.script, {}).value(), script.parsed.script, *this, {.trace = true}) {
    run.watch(&events);
    trace.start(run, "a.bach");
    REQUIRE_FALSE(run.run());
    trace.finish(run, "ok");
  }
  void line(std::string_view text) override { trace.line(text); }
  void expectation(const Expectation& expectation) override { trace.expectation(expectation.held); }
  void done(const Statement& statement, const Run& its_run) override {
    trace.done(statement, {}, events, its_run);
    events.clear();
  }

  Scripted& script;
  StringSink lines;
  TraceJson trace;
  Events events;
  Run run;
};

template <class Visit>
void for_each_line(const std::string& text, Visit&& visit) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    Document json;
    json.Parse<rapidjson::kParseValidateEncodingFlag>(line.c_str());
    REQUIRE_FALSE(json.HasParseError());
    visit(json);
  }
}

// From the lines of a trace alone come the tables of the report.
void check_tables(const std::filesystem::path& path) {
  INFO(path.filename().string());
  Scripted script(path);
  TracedRun traced(script);
  Tables tables;
  std::uint64_t step = 0;
  for_each_line(traced.lines.text(), [&](const Document& line) {
    CHECK(line["step"].GetUint64() >= step);
    step = line["step"].GetUint64();
    take_line(tables, line);
  });
  CHECK(step == traced.run.standing().steps);

  StringSink text;
  JsonReport(script.sources)
      .write(text, {.state = traced.run.state(), .samples = traced.run.samples()}, {}, {"summary", "tlb"});
  Document report;
  report.Parse(text.text().c_str());
  std::vector<std::uint64_t> free_list;
  for (const Value& frame : report["freelist"].GetArray()) free_list.push_back(frame.GetUint64());
  CHECK(frames_of(tables["freelist"]) == free_list);
  tables.erase("freelist");
  std::erase_if(tables, [](const auto& table) { return table.second.empty(); });
  CHECK(tables == tables_of(report));
}

TEST_CASE("from the lines of a trace alone come the tables of the report, for the examples") {
  for (const auto& path : scripts_of_the_tree()) {
    const bool taken_again = path.stem() == "a-slot-taken-again-in-one-statement";
    if (taken_again || path.parent_path().filename() == "examples") check_tables(path);
  }
}

TEST_CASE("from the lines of a trace alone come the tables of the report, for every script of the tree", "[slow]") {
  for (const auto& path : scripts_of_the_tree()) check_tables(path);
}

TEST_CASE("a line says where the statement is, what it told, and what it made the kernel do") {
  Scripted script("a.bach",
                  "machine frames=8\nprogram sh text=1 bss=1\nspawn sh as P\nP: write data[0] = 7\n"
                  "P: print data[0]\nexpect P.pid == 2\n");
  const TracedRun traced(script);
  std::vector<std::string> lines;
  for_each_line(const_cast<StringSink&>(traced.lines).text(), [&](Document& line) {
    line.RemoveMember("tables");
    line.RemoveMember("machine");
    lines.push_back(json_text(line));
  });
  CHECK(lines == std::vector<std::string>{
                     R"({"format":1,"script":"a.bach","step":0})",
                     R"({"step":1,"line":3,"statement":"spawn sh as P","events":[{"event":"spawned","process":"P"},)"
                     R"({"event":"region-allocated","process":"P","region":1},)"
                     R"({"event":"region-grown","process":"P","region":1,"was":0,"is":1},)"
                     R"({"event":"region-attached","process":"P","region":1},)"
                     R"({"event":"region-allocated","process":"P","region":2},)"
                     R"({"event":"region-grown","process":"P","region":2,"was":0,"is":1},)"
                     R"({"event":"region-attached","process":"P","region":2},)"
                     R"({"event":"region-allocated","process":"P","region":3},)"
                     R"({"event":"region-grown","process":"P","region":3,"was":0,"is":1},)"
                     R"({"event":"region-attached","process":"P","region":3}]})",
                     R"({"step":2,"line":4,"statement":"P: write data[0] = 7","events":[)"
                     R"({"event":"satp","process":"P","satp":"0x8000100000080008"},)"
                     R"({"event":"trap","process":"P","scause":15,"address":"0x400000","region":2,"page":0},)"
                     R"({"event":"vfault-zero","process":"P","region":2,"page":0,"frame":0}]})",
                     R"({"step":3,"line":5,"statement":"P: print data[0]","events":[],"output":["P: data[0] = 7"]})",
                     R"({"step":4,"line":6,"statement":"expect P.pid == 2","held":true,"events":[]})",
                     R"({"step":4,"status":"ok"})"});
}

}  // namespace
}  // namespace bachsim
