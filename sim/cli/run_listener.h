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

  void line(std::string_view text) override;
  void show(const Statement& statement, const Run& run) override;
  void expectation(const Expectation& expectation) override;
  void begin(const Statement& statement, const Run& run) override;
  void done(const Statement& statement, const Run& run) override;
  void progress(double fraction) override { bar_.show(fraction); }

  std::uint64_t held = 0;
  std::uint64_t failed = 0;
  Events events;     // the kernel is to tell them here while statements are traced
  RunRecord record;  // JSON is made of this; the caller adds the name of the script

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
  std::uint64_t kept_ = 0;
  std::vector<NumberRow> before_;  // the statement that is traced
};

}  // namespace bachsim
