// The report as one JSON object (docs/interface.md, "JSON"). Keys are never renamed or given a new meaning.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/machine/host.h"
#include "sim/report/seen.h"
#include "sim/report/sink.h"
#include "workloads/language/listener.h"
#include "workloads/language/params.h"
#include "workloads/language/source.h"

namespace bachsim {

class JsonWriter;

// The member of the JSON object that a word of --report names. A view's name stands for the member with the same rows;
// `summary` and `all` stand for themselves. Empty if there is none.
[[nodiscard]] std::string_view member_of(std::string_view word);

// The facts about a run that stand at the head of its report.
struct RunRecord {
  std::string script{};  // its file's name
  std::string title{};
  bool held = false;                  // every expectation
  std::optional<Diagnostic> error{};  // what stopped the run
  std::vector<NamedParam> params{};   // the script's, as they were chosen
};

class JsonReport {
 public:
  // `sources` and `budget`, of the memory that it keeps its lists in, must outlive it. `traces`: it has a key for what
  // traced() is told, were it nothing.
  explicit JsonReport(const Sources& sources, bool traces = false, HostBudget* budget = nullptr)
      : sources_(sources), traces_(traces), share_(budget) {}

  // The members of its lists, as they come. These are kept until write(), and throw HostLimit when they are too much
  // to keep.
  void line(std::string_view text);
  void expectation(const Expectation& expectation);
  // A table that `show` drew, as text and as the members that it shows.
  void shown(Place place, View view, const Seen& seen, const std::function<void(Sink&)>& draw);
  void shown(Place place, const Walk& walk, const std::function<void(Sink&)>& draw);
  // The changes that one statement made.
  void traced(Place place, std::string_view statement, const std::vector<std::string>& events,
              const std::vector<std::string>& counts, const std::vector<NumberRow>& counters);

  // `members` are those to write, as member_of() has them.
  void write(Sink& sink, const Seen& seen, const RunRecord& record, const std::set<std::string_view>& members) const;
  // The report on a script that cannot be run, and so has no state.   REQUIRES: there is a mistake
  void write_refused(Sink& sink, const RunRecord& record, std::span<const Diagnostic> mistakes) const;

 private:
  class KeptText;
  using Members = std::string;  // of a list, as JSON

  template <class Write>
  void add(Members& members, Write&& write);
  template <class PutData>
  void add_shown(Place place, View view, const std::function<void(Sink&)>& draw, PutData&& put_data);
  void keep(std::size_t bytes);
  void head(JsonWriter& json, const RunRecord& record, std::span<const Diagnostic> mistakes) const;

  const Sources& sources_;
  bool traces_;
  Members output_;
  Members expectations_;
  Members shown_;
  Members trace_;
  std::uint64_t kept_ = 0;
  HostShare share_;
};

}  // namespace bachsim
