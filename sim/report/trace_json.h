// --trace-json: a run as lines of JSON, from which every table at every step can be made (docs/interface.md, "Trace as
// JSON"). What it keeps is the last moment.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "regions/event.h"
#include "sim/report/json_writer.h"
#include "sim/state/moment.h"
#include "workloads/language/diagnostic.h"
#include "workloads/language/run.h"

namespace bachsim {

class TraceJson {
 public:
  // Both must outlive it.
  TraceJson(Sink& sink, const Sources& sources) : sources_(sources), json_(sink, sources) {}

  // The first line: the machine, and its tables at the start.
  void start(const Run& run, std::string_view script);
  // What a statement tells while it is being done.
  void line(std::string_view text) { output_.emplace_back(text); }
  void expectation(bool held) { held_ = held; }
  // A line for each statement. `process`: whose it is, or empty. Throws HostLimit beyond the budget of the machine's
  // host, and then there is no line.
  void done(const Statement& statement, std::string_view process, const Events& events, const Run& run);
  // The last line: how the run ended. Its tables are empty if the host has no room for them.
  void finish(const Run& run, std::string_view status);

 private:
  struct Moved;

  void put_output();
  void put_changes(Moved moved);

  const Sources& sources_;
  JsonWriter json_;
  Moment moment_;
  std::vector<std::string> output_;
  std::optional<bool> held_;
};

}  // namespace bachsim
