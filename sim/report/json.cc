#include "sim/report/json.h"

#include <fmt/format.h>
#include <rapidjson/writer.h>

#include <array>
#include <utility>

#include "regions/vm.h"
#include "sim/state/labels.h"
#include "workloads/language/place_text.h"
#include "workloads/language/settings.h"

namespace bachsim {
namespace {

// What RapidJSON writes to: a buffer in front of a sink.
class JsonStream {
 public:
  using Ch = char;
  explicit JsonStream(Sink& sink) : sink_(sink) { buffer_.reserve(kSize); }
  JsonStream(const JsonStream&) = delete;
  JsonStream& operator=(const JsonStream&) = delete;

  void Put(char c) {
    buffer_ += c;
    if (buffer_.size() == kSize)
      Flush();
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
  JsonReport(Sink& sink, const Run& run, const Sources& sources)
      : stream_(sink), json_(stream_), run_(run), vm_(run.kernel().vm()), sources_(sources) {}

  void write(const RunRecord& record, const SectionSet& sections) {
    json_.StartObject();
    member("format", 1);
    member("title", run_.script().title);
    member("script", record.script);
    member("status", record.error ? "error" : record.held ? "ok" : "expectation failed");
    if (record.error)
      error(*record.error, record.script);
    const auto section = [&](Section which, auto&& body) {
      if (sections.has(which))
        body();
    };
    section(Section::Machine, [&] { machine(); });
    section(Section::Counters, [&] { counters(); });
    section(Section::Gauges, [&] { gauges(); });
    section(Section::Processes, [&] { processes(); });
    section(Section::Regions, [&] { regions(); });
    section(Section::Pfdata, [&] { pfdata(); });
    section(Section::SwapUse, [&] { swap_use(); });
    section(Section::SwapMap, [&] { swap_map(); });
    section(Section::Freelist, [&] { freelist(); });
    section(Section::Expectations, [&] { expectations(record.expectations); });
    section(Section::Output, [&] { strings("output", record.output); });
    if (!record.shown.empty())
      shown(record.shown);
    if (record.trace)
      trace(*record.trace);
    json_.EndObject();
    stream_.Put('\n');
    stream_.Flush();
  }

 private:
  void key(std::string_view name) { json_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void text(std::string_view value) { json_.String(value.data(), static_cast<rapidjson::SizeType>(value.size())); }
  void member(std::string_view name, std::string_view value) {
    key(name);
    text(value);
  }
  void member(std::string_view name, const char* value) { member(name, std::string_view(value)); }
  void member(std::string_view name, const std::string& value) { member(name, std::string_view(value)); }
  void member(std::string_view name, std::uint64_t value) {
    key(name);
    json_.Uint64(value);
  }
  void member(std::string_view name, int value) {
    key(name);
    json_.Int(value);
  }
  void member(std::string_view name, bool value) {
    key(name);
    json_.Bool(value);
  }
  void null(std::string_view name) {
    key(name);
    json_.Null();
  }
  void hex(std::string_view name, std::uint64_t value) { member(name, fmt::format("{:#x}", value)); }

  void strings(std::string_view name, const std::vector<std::string>& lines) {
    key(name);
    json_.StartArray();
    for (const std::string& line : lines)
      text(line);
    json_.EndArray();
  }

  void machine() {
    key("machine");
    json_.StartObject();
    for (const KeyValue& setting : settings_of(vm_.config)) {
      if (const auto* number = std::get_if<std::uint64_t>(&setting.value)) {
        member(setting.key, *number);
      } else if (const auto* word = std::get_if<std::string_view>(&setting.value)) {
        member(setting.key, *word);
      } else if (const auto* list = std::get_if<std::vector<std::uint64_t>>(&setting.value)) {
        key(setting.key);
        json_.StartArray();
        for (const std::uint64_t each : *list)
          json_.Uint64(each);
        json_.EndArray();
      } else {
        null(setting.key);
      }
    }
    json_.EndObject();
  }

  void counters() {
    key("counters");
    json_.StartObject();
    run_.kernel().counters().for_each([&](std::string_view group, std::string_view name, std::uint64_t value) {
      member(fmt::format("{}.{}", group, name), value);
    });
    json_.EndObject();
  }

  void gauges() {
    key("gauges");
    json_.StartObject();
    run_.kernel().gauges().for_each([&](std::string_view name, std::uint64_t value) { member(name, value); });
    json_.EndObject();
  }

  void processes() {
    key("processes");
    json_.StartArray();
    for (const ProcSlot slot : run_.kernel().processes())
      process(slot);
    json_.EndArray();
  }

  void process(ProcSlot slot) {
    const Kernel& kernel = run_.kernel();
    const Process& process = kernel.process(slot);
    const bool zombie = process.state == ProcessState::Zombie;
    json_.StartObject();
    member("name", run_.name_of(slot));
    member("pid", std::uint64_t{process.pid.value});
    member("ppid", std::uint64_t{kernel.process(process.parent).pid.value});
    member("state", name(process.state));
    if (process.waiting_for == WaitingFor::Nothing)
      null("waiting_for");
    else
      member("waiting_for", name(process.waiting_for));
    if (zombie)
      member("status", std::uint64_t{process.status});
    else
      null("status");
    member("program", vm_.programs[process.program.value].name);
    if (zombie)
      null("satp");
    else
      hex("satp", kernel.satp(slot).raw());
    if (zombie)
      null("break");
    else
      member("break", kernel.space(slot).brk);
    key("pregions");
    json_.StartArray();
    for (const Pregion& each : kernel.space(slot).pregions)
      pregion(each, Labels(kernel, slot).start(each), process.lender != slot);
    json_.EndArray();
    json_.EndObject();
  }

  void pregion(const Pregion& pregion, std::uint64_t start, bool borrowed) {
    const Region& region = vm_.regions[pregion.region];
    json_.StartObject();
    member("type", name(pregion.type));
    member("region", std::uint64_t{pregion.region.value});
    hex("start", start);
    member("pages", std::uint64_t{region.pages});
    member("access", pregion.type == RegionType::Text ? "r-x" : "rw-");
    if (borrowed)
      member("borrowed", true);
    json_.EndObject();
  }

  void regions() {
    key("regions");
    json_.StartArray();
    vm_.regions.for_each([&](RegionId id, const Region& region) {
      json_.StartObject();
      member("id", std::uint64_t{id.value});
      member("type", name(region.type));
      member("refs", std::uint64_t{region.refs()});
      member("pages", std::uint64_t{region.pages});
      if (region.program)
        member("program", vm_.programs[region.program->value].name);
      else
        null("program");
      key("page_table");
      json_.StartArray();
      for (std::uint32_t page = 0; page < region.pages; ++page)
        page_entry(region, page);
      json_.EndArray();
      json_.EndObject();
    });
    json_.EndArray();
  }

  void page_entry(const Region& region, std::uint32_t number) {
    const PageWords page = vm_.page(region, number);
    const Pte pte = page.pte;
    json_.StartObject();
    member("page", std::uint64_t{number});
    member("valid", pte.valid());
    if (pte.valid())
      member("frame", std::uint64_t{frame_of(pte.ppn()).value});
    else
      null("frame");
    member("writable", pte.writable());
    member("cow", pte.cow());
    member("referenced", pte.accessed());
    member("modified", pte.dirty());
    member("age", std::uint64_t{page.dbd.age()});
    member("disk", bachsim::text(page.dbd));
    json_.EndObject();
  }

  void pfdata() {
    key("pfdata");
    json_.StartArray();
    for (std::uint32_t f = vm_.pfdata.reserved(); f < vm_.pfdata.fresh().value; ++f) {
      const Frame frame{f};
      const DiskBlock block = vm_.pfdata.identity(frame);
      const std::uint32_t refs = vm_.pfdata.refs(frame);
      if (refs == 0 && block.none())
        continue;
      json_.StartObject();
      member("frame", std::uint64_t{f});
      member("refs", std::uint64_t{refs});
      member("disk", bachsim::text(block, vm_.programs));
      member("free", refs == 0);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void swap_use() {
    key("swap_use");
    json_.StartArray();
    vm_.swap.for_each_used([&](DiskBlock block, std::uint32_t uses) {
      json_.StartObject();
      member("device", std::uint64_t{block.device()});
      member("block", block.block());
      member("refs", std::uint64_t{uses});
      json_.EndObject();
    });
    json_.EndArray();
  }

  void swap_map() {
    key("swap_map");
    json_.StartArray();
    for (unsigned device = 1; device <= vm_.swap.devices(); ++device) {
      json_.StartObject();
      member("device", std::uint64_t{device});
      key("free");
      json_.StartArray();
      vm_.swap.for_each_free(device, [&](std::uint64_t first, std::uint64_t blocks) {
        json_.StartArray();
        json_.Uint64(first);
        json_.Uint64(blocks);
        json_.EndArray();
      });
      json_.EndArray();
      json_.EndObject();
    }
    json_.EndArray();
  }

  void freelist() {
    key("freelist");
    json_.StartArray();
    vm_.pfdata.for_each_free([&](Frame frame) { json_.Uint(frame.value); });
    json_.EndArray();
  }

  void where(Place place) {
    const Sources::Position at = sources_.find(place);
    member("line", std::uint64_t{at.line});
    if (at.file != 0)
      member("file", sources_.name(at.file));
  }

  void error(const Diagnostic& mistake, std::string_view script) {
    const Sources::Position at = sources_.find(mistake.place);
    key("error");
    json_.StartObject();
    member("file", at.file == 0 ? script : sources_.name(at.file));
    member("line", std::uint64_t{at.line});
    member("column", std::uint64_t{at.column});
    member("message", mistake.what);
    json_.EndObject();
  }

  void side(std::string_view name, const std::optional<Value>& value) {
    if (!value)
      return null(name);
    if (value->is_word)
      return member(name, value->word);
    key(name);
    json_.Int64(value->number);
  }

  void expectations(const std::vector<Expectation>& list) {
    key("expectations");
    json_.StartArray();
    for (const Expectation& expectation : list) {
      json_.StartObject();
      where(expectation.place);
      member("text", expectation.text);
      member("held", expectation.held);
      side("left", expectation.left);
      side("right", expectation.right);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void shown(const std::vector<Shown>& list) {
    key("shown");
    json_.StartArray();
    for (const Shown& each : list) {
      json_.StartObject();
      where(each.place);
      member("text", each.text);
      json_.EndObject();
    }
    json_.EndArray();
  }

  void trace(const std::vector<Traced>& list) {
    key("trace");
    json_.StartArray();
    for (const Traced& each : list) {
      json_.StartObject();
      where(each.place);
      member("statement", each.statement);
      strings("events", each.events);
      key("counters");
      json_.StartObject();
      for (const Moved& counter : each.counters)
        member(counter.name, counter.by);
      json_.EndObject();
      json_.EndObject();
    }
    json_.EndArray();
  }

  JsonStream stream_;
  rapidjson::Writer<JsonStream> json_;
  const Run& run_;
  const Vm& vm_;
  const Sources& sources_;
};

}  // namespace

std::optional<Section> section_of(std::string_view name) {
  static constexpr std::array kNames{
      std::pair{std::string_view("machine"), Section::Machine},
      std::pair{std::string_view("counters"), Section::Counters},
      std::pair{std::string_view("gauges"), Section::Gauges},
      std::pair{std::string_view("processes"), Section::Processes},
      std::pair{std::string_view("pregions"), Section::Processes},
      std::pair{std::string_view("regions"), Section::Regions},
      std::pair{std::string_view("pages"), Section::Regions},
      std::pair{std::string_view("pfdata"), Section::Pfdata},
      std::pair{std::string_view("hash"), Section::Pfdata},
      std::pair{std::string_view("swap_use"), Section::SwapUse},
      std::pair{std::string_view("swap"), Section::SwapUse},
      std::pair{std::string_view("swap_map"), Section::SwapMap},
      std::pair{std::string_view("map"), Section::SwapMap},
      std::pair{std::string_view("freelist"), Section::Freelist},
      std::pair{std::string_view("expectations"), Section::Expectations},
      std::pair{std::string_view("output"), Section::Output},
  };
  for (const auto& [known, section] : kNames) {
    if (known == name)
      return section;
  }
  return std::nullopt;
}

void write_json(Sink& sink, const Run& run, const Sources& sources, const RunRecord& record,
                const SectionSet& sections) {
  JsonReport(sink, run, sources).write(record, sections);
}

}  // namespace bachsim
