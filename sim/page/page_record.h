// What a page shows of a run: the script, and for each statement that was done what it changed, in words and in rows.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "regions/event.h"
#include "sim/report/sink.h"
#include "workloads/language/listener.h"
#include "workloads/language/run.h"

namespace bachsim {

// Listens to a run with RunOptions::trace. It keeps what it tells as JSON, and no state but the last. Beyond the budget
// of the run's host it throws HostLimit.
class PageRecord : public Listener {
 public:
  // `sources` must outlive it.
  explicit PageRecord(const Sources& sources);
  ~PageRecord() override;

  // The run stands at its start; from now on it is recorded. It must outlive the calls below.
  void start(Run& run);
  // The run is over; `mistake` has stopped it.
  void end(const std::optional<Diagnostic>& mistake);

  void line(std::string_view text) override;
  void show(const Statement& statement, const Run& run) override;
  void expectation(const Expectation& expectation) override;
  void begin(const Statement& statement, const Run& run) override;
  void done(const Statement& statement, const Run& run) override;

  [[nodiscard]] std::uint64_t failed() const { return failed_; }
  // The page: HTML that needs nothing else. `name` is the script's. `links` is HTML of a list of other pages; may be
  // empty.   REQUIRES: end() was called
  void write(Sink& sink, std::string_view name, std::string_view links = {}) const;

 private:
  class Tables;
  class Step;

  [[nodiscard]] std::uint64_t text_number(std::string_view text);
  [[nodiscard]] std::string actor(const Statement& statement, const Run& run) const;
  void take(const Statement& statement, const Run& run);
  void keep(std::uint64_t bytes);
  [[nodiscard]] std::string data(std::string_view name) const;

  const Sources& sources_;
  const Run* run_ = nullptr;
  Events events_;
  std::unique_ptr<Tables> tables_;  // as they were after the last step
  std::string steps_;               // JSON of those that were done, each with a comma behind it
  std::vector<std::string> texts_;  // that steps name by number
  std::unordered_map<std::string, std::uint64_t> text_numbers_;
  std::set<std::size_t> files_;  // of the statements that were done
  std::uint64_t kept_ = 0;
  HostShare share_{};  // of that
  std::uint64_t failed_ = 0;
  const Statement* begun_ = nullptr;  // and not done
  std::string actor_;
  // Of the step that is being taken:
  std::vector<std::uint64_t> said_;   // texts: lines that were printed
  std::vector<std::uint64_t> shown_;  // texts: tables of `show`
  std::vector<Expectation> expectations_;
};

}  // namespace bachsim
