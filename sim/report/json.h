// The report as one JSON object (docs/interface.md, "JSON"). Keys are never renamed or given a new meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/sink.h"
#include "sim/report/trace.h"
#include "sim/state/state.h"
#include "workloads/language/listener.h"
#include "workloads/language/source.h"

namespace bachsim {

// The sections that --report can choose.
enum class Section : std::uint8_t {
  Machine,
  Counters,
  Gauges,
  Processes,
  Regions,
  Pfdata,
  SwapUse,
  SwapMap,
  Freelist,
  Expectations,
  Output,
};

class SectionSet {
 public:
  void add(Section section) { bits_ |= 1u << static_cast<unsigned>(section); }
  void add_all() { bits_ = ~0u; }
  [[nodiscard]] bool has(Section section) const { return (bits_ >> static_cast<unsigned>(section) & 1) != 0; }

 private:
  std::uint32_t bits_ = 0;
};

// The section of this name, or the one that shows what a `show` view of this name shows.
[[nodiscard]] std::optional<Section> section_of(std::string_view name);

// What `show` drew while the script ran.
struct Shown {
  Place place;
  std::string text;
};

// What one statement changed, with --trace.
struct Traced {
  Place place;
  std::string_view statement;
  std::vector<std::string> events;
  std::vector<NumberRow> counters;
};

struct RunRecord {
  std::string script;  // its file's name
  std::string title;
  bool held = false;                // every expectation
  std::optional<Diagnostic> error;  // what stopped the run
  std::vector<Expectation> expectations;
  std::vector<std::string> output;
  std::vector<Shown> shown;
  std::optional<std::vector<Traced>> trace;
};

void write_json(Sink& sink, const State& state, const Sources& sources, const RunRecord& record,
                const SectionSet& sections);

}  // namespace bachsim
