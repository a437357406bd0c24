// Watches a run for `bachsim run`: prints as it goes (text), or keeps everything for the end (JSON).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "regions/event.h"
#include "sim/cli/command.h"
#include "sim/cli/output_file.h"
#include "sim/kernel/counters.h"
#include "sim/report/json.h"
#include "workloads/language/run.h"

namespace bachsim {

class RunListener : public Listener {
 public:
  enum class Format : std::uint8_t { Text, Json };

  // All must outlive it.
  RunListener(Format format, OutputFile& output, const Sources& sources, ProgressBar& bar, bool color)
      : format_(format), output_(output), sources_(sources), bar_(bar), color_(color) {}

  // The title, which an empty line sets off from what is printed while the script runs.
  void head(std::string_view title);

  void line(std::string_view text) override;
  void show(const Statement& statement, const Run& run) override;
  void expectation(const Expectation& expectation) override;
  void begin(const Statement& statement, const Run& run) override;
  void done(const Statement& statement, const Run& run) override;
  void progress(double fraction) override { bar_.show(fraction); }

  // Where the kernel is to tell its events while statements are traced.
  [[nodiscard]] Events& events() { return events_; }

  [[nodiscard]] std::uint64_t held() const { return held_; }
  [[nodiscard]] std::uint64_t failed() const { return failed_; }

  // JSON is made of this; the caller adds the name of the script.
  [[nodiscard]] RunRecord& record() { return record_; }

 private:
  class KeptText;
  // A report that is kept for its end may grow to this.
  static constexpr std::uint64_t kMaxKept = std::uint64_t{1} << 28;

  void keep(std::uint64_t bytes);
  void write(std::string_view text);

  Format format_;
  OutputFile& output_;
  const Sources& sources_;
  ProgressBar& bar_;
  bool color_;
  bool head_is_last_ = false;  // nothing was printed behind the title
  std::uint64_t held_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t kept_ = 0;
  RunRecord record_;
  Events events_;
  std::vector<NumberRow> before_;  // the statement that is traced
};

}  // namespace bachsim
