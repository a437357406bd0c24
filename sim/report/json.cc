#include "sim/report/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sim/report/json_views.h"
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

void put_processes(JsonWriter& json, const Seen& seen) {
  const auto process = [&](ProcSlot slot) {
    json.members(kProcessColumns, seen.state.process(slot));
    json.key("pregions");
    json.rows<PregionRow>(kPregionColumns, [&](const auto& visit) { seen.state.pregions(slot, visit); });
  };
  json.array([&] {
    for (const ProcSlot slot : seen.processes()) json.object([&] { process(slot); });
  });
}

void put_regions(JsonWriter& json, const Seen& seen) {
  const State& state = seen.state;
  const auto members = [&](const RegionRow& region) {
    json.members(kRegionColumns, region);
    json.key("page_table");
    json.rows<PageRow>(kPageColumns, [&](const auto& visit) { state.pages(region.id, visit); });
  };
  const std::set<std::uint32_t> wanted = seen.regions();
  json.array([&] {
    state.regions([&](const RegionRow& region) {
      if (seen.only.empty() || wanted.contains(region.id)) json.object([&] { members(region); });
    });
  });
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

struct Member {
  std::string_view name;
  std::string_view view;  // shows what is in it
  void (*put)(JsonWriter&, const Seen&);
  bool in_summary = true;
};
constexpr std::array kJsonMembers{
    Member{"machine", "", [](JsonWriter& json, const Seen& seen) { put_machine(json, seen.state); }},
    Member{"counters", "", [](JsonWriter& json, const Seen& seen) { json.put(seen.state.counters()); }},
    Member{"gauges", "", [](JsonWriter& json, const Seen& seen) { json.put(seen.state.gauges()); }},
    Member{"processes", "pregions", put_processes},
    Member{"inside", "", put_inside},
    Member{"regions", "pages", put_regions},
    Member{"pfdata", "hash",
           [](JsonWriter& json, const Seen& seen) {
             json.rows<FrameRow>(kFrameColumns, [&](const auto& visit) { seen.state.frames(visit); });
           }},
    Member{"swap_use", "swap",
           [](JsonWriter& json, const Seen& seen) {
             json.rows<SwapBlockRow>(kSwapBlockColumns, [&](const auto& visit) { seen.state.swap_blocks(visit); });
           }},
    Member{"swap_map", "map", [](JsonWriter& json, const Seen& seen) { put_swap_map(json, seen.state); }},
    Member{"freelist", "", [](JsonWriter& json, const Seen& seen) { put_free_list(json, seen.state); }},
    Member{"map_cost", "map-cost", put_map_cost, false},
    Member{"tlb", "", put_tlb, false},
    Member{"tree", "", put_tree, false},
    Member{"sar", "", put_sar, false},
    Member{"swapper", "", put_swapper, false},
    Member{"figure", "", put_figure, false},
    Member{"working_set", "working-set", put_working_set, false}};

// Nobody is inside the kernel between two statements but under io=sleep.
bool is_of(const Member& member, const State& state) {
  return member.name != "inside" || state.config().io == IoMode::Sleep;
}

constexpr std::array<std::string_view, 2> kLists{"expectations", "output"};  // members that the run has told

}  // namespace

std::string_view member_of(std::string_view word) {
  for (const Member& member : kJsonMembers) {
    if (word == member.name || (word == member.view && !word.empty())) return member.name;
  }
  const auto list = std::ranges::find(kLists, word);
  if (list != kLists.end()) return *list;
  return word == "summary" || word == "all" ? word : std::string_view();
}

// Text that is kept no farther than the report may grow.
class JsonReport::KeptText : public StringSink {
 public:
  explicit KeptText(JsonReport& report) : report_(report) {}
  void write(std::string_view piece) override {
    report_.keep(piece.size());
    StringSink::write(piece);
  }

 private:
  JsonReport& report_;
};

// The lists grow by doubling, and write() has one more time what it writes.
void JsonReport::keep(std::size_t bytes) {
  kept_ += bytes;
  if (kept_ > kMostKept)
    throw HostLimit(
        fmt::format("the run's output is more than {} MiB; --format text prints as it goes", kMostKept >> 20));
  share_.commit(4 * bytes);
}

template <class Write>
void JsonReport::add(Members& members, Write&& write) {
  KeptText text(*this);
  JsonWriter json(text, sources_);
  write(json);
  json.hand_on();
  members.append(members.empty() ? "" : ",").append(text.text());
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

template <class PutData>
void JsonReport::add_shown(Place place, View view, const std::function<void(Sink&)>& draw, PutData&& put_data) {
  KeptText table(*this);
  draw(table);
  add(shown_, [&](JsonWriter& json) {
    json.object([&] {
      json.where(place);
      json.member("view", kViewWords.at(static_cast<std::size_t>(view)));
      json.member("text", table.text());
      json.key("data");
      json.object([&] { put_data(json); });
    });
  });
}

void JsonReport::shown(Place place, View view, const Seen& seen, const std::function<void(Sink&)>& draw) {
  const std::string_view name = member_of(kViewWords.at(static_cast<std::size_t>(view)));
  const auto in_view = [&](const Member& member) {
    if (view == View::Summary)
      return member.name == "processes" || member.name == "gauges" || member.name == "counters";
    return view == View::All || member.name == name || (member.name == "inside" && view == View::Processes);
  };
  add_shown(place, view, draw, [&](JsonWriter& json) {
    for (const Member& member : kJsonMembers) {
      if (!in_view(member) || !is_of(member, seen.state)) continue;
      json.key(member.name);
      member.put(json, seen);
    }
  });
}

void JsonReport::shown(Place place, const Walk& walk, const std::function<void(Sink&)>& draw) {
  add_shown(place, View::Walk, draw, [&](JsonWriter& json) {
    json.key("walk");
    put_walk(json, walk);
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

void JsonReport::head(JsonWriter& json, const RunRecord& record, std::span<const Diagnostic> mistakes) const {
  const auto put_error = [&](const Diagnostic& mistake) {
    const Sources::Position at = sources_.find(mistake.place);
    json.member("file", at.file == 0 ? record.script : sources_.name(at.file));
    json.member("line", std::int64_t{at.line});
    json.member("column", std::int64_t{at.column});
    json.member("message", mistake.what);
  };
  json.member("format", std::int64_t{1});
  json.member("title", record.title);
  json.member("script", record.script);
  json.member("status", !mistakes.empty() ? "error" : record.held ? "ok" : "expectation failed");
  if (!record.params.empty()) {
    json.key("params");
    json.object([&] {
      for (const NamedParam& param : record.params) json.member(param.name, param.value);
    });
  }
  if (mistakes.empty()) return;
  json.key("error");
  json.object([&] { put_error(mistakes.front()); });
  if (mistakes.size() == 1) return;
  json.key("errors");
  json.array([&] {
    for (const Diagnostic& mistake : mistakes) json.object([&] { put_error(mistake); });
  });
}

void JsonReport::write(Sink& sink, const Seen& seen, const RunRecord& record,
                       const std::set<std::string_view>& members) const {
  JsonWriter json(sink, sources_);
  const auto wanted = [&](std::string_view name, bool in_summary) {
    return members.contains("all") || members.contains(name) || (in_summary && members.contains("summary")) ||
           (name == "inside" && members.contains("processes"));
  };
  json.object([&] {
    head(json, record, record.error ? std::span(&*record.error, 1) : std::span<const Diagnostic>());
    for (const Member& member : kJsonMembers) {
      if (!wanted(member.name, member.in_summary) || !is_of(member, seen.state)) continue;
      json.key(member.name);
      member.put(json, seen);
    }
    if (wanted("expectations", true)) json.member_of_json("expectations", expectations_);
    if (wanted("output", true)) json.member_of_json("output", output_);
    if (!shown_.empty()) json.member_of_json("shown", shown_);
    if (traces_) json.member_of_json("trace", trace_);
  });
  json.hand_on();
  sink.write("\n");
}

void JsonReport::write_refused(Sink& sink, const RunRecord& record, std::span<const Diagnostic> mistakes) const {
  JsonWriter json(sink, sources_);
  json.object([&] { head(json, record, mistakes); });
  json.hand_on();
  sink.write("\n");
}

}  // namespace bachsim
