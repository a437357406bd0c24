#include "sim/report/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sim/report/json_writer.h"
#include "workloads/language/settings.h"

namespace bachsim {

void put_machine(JsonWriter& json, const State& state) {
  json.object([&] {
    for (const KeyValue& setting : settings_of(state.config()))
      std::visit([&](const auto& value) { json.member(setting.key, value); }, setting.value);
  });
}

namespace {

// A report that is kept for its end may grow to this.
constexpr std::uint64_t kMostKept = std::uint64_t{1} << 28;

void put_processes(JsonWriter& json, const State& state) {
  const auto process = [&](ProcSlot slot) {
    json.members(kProcessColumns, state.process(slot));
    json.key("pregions");
    json.rows<PregionRow>(kPregionColumns, [&](const auto& visit) { state.pregions(slot, visit); });
  };
  json.array([&] {
    for (const ProcSlot slot : state.processes()) json.object([&] { process(slot); });
  });
}

void put_regions(JsonWriter& json, const State& state) {
  const auto members = [&](const RegionRow& region) {
    json.members(kRegionColumns, region);
    json.key("page_table");
    json.rows<PageRow>(kPageColumns, [&](const auto& visit) { state.pages(region.id, visit); });
  };
  json.array([&] { state.regions([&](const RegionRow& region) { json.object([&] { members(region); }); }); });
}

void put_swap_map(JsonWriter& json, const State& state) {
  const auto device = [&](unsigned number) {
    json.member("device", std::int64_t{number});
    json.key("free");
    json.array([&] {
      state.extents(number, [&](const ExtentRow& extent) { json.put(std::vector{extent.address, extent.units}); });
    });
  };
  json.array([&] {
    for (unsigned number = 1; number <= state.devices(); ++number) json.object([&] { device(number); });
  });
}

void put_free_list(JsonWriter& json, const State& state) {
  json.array([&] {
    state.free_list([&](const FreeRow& run) {
      for (std::uint64_t frame = run.first; frame <= run.last; ++frame) {
        json.put(frame);
        json.hand_on_if_full();
      }
    });
  });
}

struct Section {
  std::string_view name;
  std::string_view view;  // shows what is in it
  void (*put)(JsonWriter&, const State&);
};
constexpr std::array kSections{
    Section{"machine", "", put_machine},
    Section{"counters", "", [](JsonWriter& json, const State& state) { json.put(state.counters()); }},
    Section{"gauges", "", [](JsonWriter& json, const State& state) { json.put(state.gauges()); }},
    Section{"processes", "pregions", put_processes},
    Section{"regions", "pages", put_regions},
    Section{"pfdata", "hash",
            [](JsonWriter& json, const State& state) {
              json.rows<FrameRow>(kFrameColumns, [&](const auto& visit) { state.frames(visit); });
            }},
    Section{"swap_use", "swap",
            [](JsonWriter& json, const State& state) {
              json.rows<SwapBlockRow>(kSwapBlockColumns, [&](const auto& visit) { state.swap_blocks(visit); });
            }},
    Section{"swap_map", "map", put_swap_map},
    Section{"freelist", "", put_free_list}};
constexpr std::array<std::string_view, 2> kLists{"expectations", "output"};  // sections that the run has told

}  // namespace

std::string_view section_of(std::string_view word) {
  for (const Section& section : kSections) {
    if (word == section.name || (word == section.view && !word.empty())) return section.name;
  }
  const auto list = std::ranges::find(kLists, word);
  if (list != kLists.end()) return *list;
  return word == "summary" || word == "all" ? "all" : "";
}

void JsonReport::keep(std::size_t bytes) {
  kept_ += bytes;
  if (kept_ > kMostKept)
    throw HostLimit(
        fmt::format("the run's output is more than {} MiB; --format text prints as it goes", kMostKept >> 20));
}

template <class Write>
void JsonReport::add(Members& members, Write&& write) {
  StringSink text;
  JsonWriter json(text, sources_);
  write(json);
  json.hand_on();
  members.append(members.empty() ? "" : ",").append(text.text());
  keep(text.text().size());
}

void JsonReport::line(std::string_view text) {
  add(output_, [&](JsonWriter& json) { json.put(text); });
}

void JsonReport::expectation(const Expectation& expectation) {
  add(expectations_, [&](JsonWriter& json) {
    const auto side = [&](std::string_view name, const std::optional<Field>& value) {
      if (!value)
        json.member(name, kNothing);
      else if (const auto* number = std::get_if<std::int64_t>(&*value))
        json.member(name, *number);
      else
        json.member(name, bachsim::text(*value));
    };
    json.object([&] {
      json.where(expectation.place);
      json.member("text", expectation.text);
      json.member("held", expectation.held);
      side("left", expectation.left);
      side("right", expectation.right);
    });
  });
}

void JsonReport::shown(Place place, const std::function<void(Sink&)>& draw) {
  // A table may be more than can be kept.
  struct Limited : StringSink {
    explicit Limited(JsonReport& its_report) : report(its_report) {}
    void write(std::string_view piece) override {
      report.keep(piece.size());
      StringSink::write(piece);
    }
    JsonReport& report;
  } table(*this);
  draw(table);
  add(shown_, [&](JsonWriter& json) {
    json.object([&] {
      json.where(place);
      json.member("text", table.text());
    });
  });
}

void JsonReport::traced(Place place, std::string_view statement, const std::vector<std::string>& events,
                        const std::vector<std::string>& counts, const std::vector<NumberRow>& counters) {
  add(trace_, [&](JsonWriter& json) {
    json.object([&] {
      json.where(place);
      json.member("statement", statement);
      json.member("events", events);
      json.member("counts", counts);
      json.member("counters", counters);
    });
  });
}

void JsonReport::write(Sink& sink, const State& state, const RunRecord& record,
                       const std::set<std::string_view>& sections) const {
  JsonWriter json(sink, sources_);
  const auto wanted = [&](std::string_view name) { return sections.contains("all") || sections.contains(name); };
  const auto put_error = [&](const Diagnostic& mistake) {
    const Sources::Position at = sources_.find(mistake.place);
    json.member("file", at.file == 0 ? record.script : sources_.name(at.file));
    json.member("line", std::int64_t{at.line});
    json.member("column", std::int64_t{at.column});
    json.member("message", mistake.what);
  };
  json.object([&] {
    json.member("format", std::int64_t{1});
    json.member("title", record.title);
    json.member("script", record.script);
    json.member("status", record.error ? "error" : record.held ? "ok" : "expectation failed");
    if (record.error) {
      json.key("error");
      json.object([&] { put_error(*record.error); });
    }
    for (const Section& section : kSections) {
      if (!wanted(section.name)) continue;
      json.key(section.name);
      section.put(json, state);
    }
    if (wanted("expectations")) json.member_of_json("expectations", expectations_);
    if (wanted("output")) json.member_of_json("output", output_);
    if (!shown_.empty()) json.member_of_json("shown", shown_);
    if (traces_) json.member_of_json("trace", trace_);
  });
  json.hand_on();
  sink.write("\n");
}

}  // namespace bachsim
