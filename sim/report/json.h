// The report as one JSON object (docs/interface.md, "JSON"). Keys are never renamed or given a new meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/sink.h"
#include "sim/state/state.h"
#include "workloads/language/listener.h"
#include "workloads/language/source.h"

namespace bachsim {

// The section of JSON that a word of --report names. A view's name stands for the section with the same rows; `summary`
// and `all` stand for `all`. Empty if there is none.
[[nodiscard]] std::string_view section_of(std::string_view word);

// A table that `show` drew while the script ran.
struct Shown {
  Place place;
  std::string text;
};

// The changes that one statement made, with --trace.
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

// `sections` are those to write, or `all`.
void write_json(Sink& sink, const State& state, const Sources& sources, const RunRecord& record,
                const std::set<std::string_view>& sections);

}  // namespace bachsim
