#include "sim/report/json.h"

#include <fmt/format.h>
#include <rapidjson/writer.h>

#include <array>
#include <utility>

#include "workloads/language/settings.h"

namespace bachsim {
namespace {

// A buffer in front of a sink, for RapidJSON to write to.
class JsonStream {
 public:
  using Ch = char;
  explicit JsonStream(Sink& sink) : sink_(sink) { buffer_.reserve(kSize); }
  JsonStream(const JsonStream&) = delete;
  JsonStream& operator=(const JsonStream&) = delete;

  void Put(char c) {
    buffer_ += c;
    if (buffer_.size() == kSize) Flush();
  }
  void Flush() {
    sink_.write(buffer_);
    buffer_.clear();
  }

 private:
  static constexpr std::size_t kSize = 1u << 16;
  Sink& sink_;
  std::string buffer_;
};

class JsonReport {
 public:
  JsonReport(Sink& sink, const State& state, const Sources& sources)
      : stream_(sink), json_(stream_), state_(state), sources_(sources) {}

  void write(const RunRecord& record, const std::set<std::string_view>& sections) {
    json_.StartObject();
    member("format", std::int64_t{1});
    member("title", record.title);
    member("script", record.script);
    member("status", record.error ? "error" : record.held ? "ok" : "expectation failed");
    if (record.error) error(*record.error, record.script);
    const auto section = [&](std::string_view name, auto&& body) {
      if (sections.contains("all") || sections.contains(name)) {
        key(name);
        body();
      }
    };
    section("machine", [&] { machine(); });
    section("counters", [&] { numbers(state_.counters()); });
    section("gauges", [&] { numbers(state_.gauges()); });
    section("processes", [&] { array(state_.processes(), [&](ProcSlot slot) { process(slot); }); });
    section("regions", [&] { regions(); });
    section("pfdata", [&] { rows<FrameRow>(kFrameColumns, [&](const auto& visit) { state_.frames(visit); }); });
    section("swap_use",
            [&] { rows<SwapBlockRow>(kSwapBlockColumns, [&](const auto& visit) { state_.swap_blocks(visit); }); });
    section("swap_map", [&] { swap_map(); });
    section("freelist", [&] { freelist(); });
    section("expectations", [&] { array(record.expectations, [&](const Expectation& each) { expectation(each); }); });
    section("output", [&] { strings(record.output); });
    if (!record.shown.empty()) {
      key("shown");
      array(record.shown, [&](const Shown& each) {
        json_.StartObject();
        where(each.place);
        member("text", each.text);
        json_.EndObject();
      });
    }
    if (record.trace) {
      key("trace");
      array(*record.trace, [&](const Traced& each) { traced(each); });
    }
    json_.EndObject();
    stream_.Put('\n');
    stream_.Flush();
  }

 private:
  void key(std::string_view name) { json_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void put(std::string_view text) { json_.String(text.data(), static_cast<rapidjson::SizeType>(text.size())); }
  void put(const char* text) { put(std::string_view(text)); }
  void put(const std::string& text) { put(std::string_view(text)); }
  void put(std::monostate) { json_.Null(); }
  void put(std::int64_t number) { json_.Int64(number); }
  void put(bool truth) { json_.Bool(truth); }
  void put(const Address& address) { put(fmt::format("{:#x}", address.value)); }
  void put(const Disk& disk) { put(bachsim::text(disk)); }
  void put(const Field& field) {
    std::visit([this](const auto& value) { put(value); }, field);
  }
  template <class T>
  void member(std::string_view name, const T& value) {
    key(name);
    put(value);
  }

  template <class List, class Each>
  void array(const List& list, Each&& each) {
    json_.StartArray();
    for (const auto& item : list) each(item);
    json_.EndArray();
  }
  void strings(const std::vector<std::string>& lines) {
    array(lines, [this](const std::string& line) { put(line); });
  }

  // The members that the columns give a row.
  template <class Columns, class Row>
  void members(const Columns& columns, const Row& row) {
    for (const auto& column : columns) {
      if (!column.is(kInJson)) continue;
      if (const Field field = column.get(row); !column.is(kIfTrue) || field == Field(true)) member(column.name, field);
    }
  }
  // An array of objects. `visit_all` hands the rows to its argument.
  template <class Row, class Columns, class VisitAll>
  void rows(const Columns& columns, VisitAll&& visit_all) {
    json_.StartArray();
    visit_all(Visit<Row>([&](const Row& row) {
      json_.StartObject();
      members(columns, row);
      json_.EndObject();
    }));
    json_.EndArray();
  }

  void machine() {
    json_.StartObject();
    for (const KeyValue& setting : settings_of(state_.config())) {
      key(setting.key);
      if (const auto* number = std::get_if<std::uint64_t>(&setting.value))
        json_.Uint64(*number);
      else if (const auto* word = std::get_if<std::string_view>(&setting.value))
        put(*word);
      else if (const auto* list = std::get_if<std::vector<std::uint64_t>>(&setting.value))
        array(*list, [this](std::uint64_t each) { json_.Uint64(each); });
      else
        json_.Null();
    }
    json_.EndObject();
  }

  void numbers(const std::vector<NumberRow>& list) {
    json_.StartObject();
    for (const NumberRow& row : list) {
      key(row.name);
      json_.Uint64(row.value);
    }
    json_.EndObject();
  }

  void process(ProcSlot slot) {
    json_.StartObject();
    members(kProcessColumns, state_.process(slot));
    key("pregions");
    rows<PregionRow>(kPregionColumns, [&](const auto& visit) { state_.pregions(slot, visit); });
    json_.EndObject();
  }

  void regions() {
    json_.StartArray();
    state_.regions([this](const RegionRow& region) {
      json_.StartObject();
      members(kRegionColumns, region);
      key("page_table");
      rows<PageRow>(kPageColumns, [&](const auto& visit) { state_.pages(region.id, visit); });
      json_.EndObject();
    });
    json_.EndArray();
  }

  void swap_map() {
    json_.StartArray();
    for (unsigned device = 1; device <= state_.devices(); ++device) {
      json_.StartObject();
      member("device", std::int64_t{device});
      key("free");
      json_.StartArray();
      state_.extents(device, [this](const ExtentRow& extent) {
        array(std::array{extent.address, extent.units}, [this](std::uint64_t each) { json_.Uint64(each); });
      });
      json_.EndArray();
      json_.EndObject();
    }
    json_.EndArray();
  }

  void freelist() {
    json_.StartArray();
    state_.free_list([this](const FreeRow& run) {
      for (std::uint32_t frame = run.first; frame <= run.last; ++frame) json_.Uint(frame);
    });
    json_.EndArray();
  }

  void where(Place place) {
    const Sources::Position at = sources_.find(place);
    member("line", std::int64_t{at.line});
    if (at.file != 0) member("file", sources_.name(at.file));
  }

  void error(const Diagnostic& mistake, std::string_view script) {
    const Sources::Position at = sources_.find(mistake.place);
    key("error");
    json_.StartObject();
    member("file", at.file == 0 ? script : sources_.name(at.file));
    member("line", std::int64_t{at.line});
    member("column", std::int64_t{at.column});
    member("message", mistake.what);
    json_.EndObject();
  }

  void side(std::string_view name, const std::optional<Field>& value) {
    if (!value)
      member(name, kNothing);
    else if (const auto* number = std::get_if<std::int64_t>(&*value))
      member(name, *number);
    else
      member(name, text(*value));
  }

  void expectation(const Expectation& expectation) {
    json_.StartObject();
    where(expectation.place);
    member("text", expectation.text);
    member("held", expectation.held);
    side("left", expectation.left);
    side("right", expectation.right);
    json_.EndObject();
  }

  void traced(const Traced& traced) {
    json_.StartObject();
    where(traced.place);
    member("statement", traced.statement);
    key("events");
    strings(traced.events);
    key("counters");
    numbers(traced.counters);
    json_.EndObject();
  }

  JsonStream stream_;
  rapidjson::Writer<JsonStream> json_;
  const State& state_;
  const Sources& sources_;
};

}  // namespace

std::string_view section_of(std::string_view word) {
  // Sections, and views that show what is in them.
  static constexpr std::array<std::array<std::string_view, 2>, 11> kSections{{{"machine", ""},
                                                                              {"counters", ""},
                                                                              {"gauges", ""},
                                                                              {"processes", "pregions"},
                                                                              {"regions", "pages"},
                                                                              {"pfdata", "hash"},
                                                                              {"swap_use", "swap"},
                                                                              {"swap_map", "map"},
                                                                              {"freelist", ""},
                                                                              {"expectations", ""},
                                                                              {"output", ""}}};
  for (const auto& [section, view] : kSections) {
    if (word == section || (word == view && !word.empty())) return section;
  }
  return word == "summary" || word == "all" ? "all" : "";
}

void write_json(Sink& sink, const State& state, const Sources& sources, const RunRecord& record,
                const std::set<std::string_view>& sections) {
  JsonReport(sink, state, sources).write(record, sections);
}

}  // namespace bachsim
