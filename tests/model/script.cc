#include "tests/model/script.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/kernel/kernel.h"
#include "workloads/language/run.h"
#include "workloads/language/parser.h"
#include "workloads/language/settings.h"

namespace bachsim {
namespace {

class FileIncludes : public Includes {
 public:
  std::expected<File, std::string> open(std::string_view wanted, const std::string& from) override {
    const auto path = std::filesystem::path(from).parent_path() / wanted;
    std::ifstream file(path);
    if (!file)
      return std::unexpected("cannot read it");
    std::ostringstream text;
    text << file.rdbuf();
    return File{.name = std::string(wanted), .identity = path.string(), .text = text.str()};
  }
};

class Recorder : public Listener {
 public:
  explicit Recorder(RunResult& result) : result_(result) {}

  void line(std::string_view text) override { result_.lines.emplace_back(text); }
  void expectation(const Expectation& expectation) override {
    if (expectation.held)
      return;
    std::string text(expectation.text);
    if (expectation.left && expectation.right)
      text += " (" + expectation.left->text() + ", " + expectation.right->text() + ")";
    result_.failed_expectations.push_back(text);
  }
  void done(const Statement&, const Run& run) override {
    const Gauges gauges = run.kernel().gauges();
    Peaks& peaks = result_.peaks;
    ++result_.steps;
    peaks.frames = gauges.frames_peak + gauges.frames_reserved;
    peaks.tables = gauges.tables_peak;
    peaks.regions = std::max(peaks.regions, gauges.regions);
    peaks.processes = std::max<std::uint64_t>(peaks.processes, run.kernel().processes().size() + 1);
    peaks.swap = std::max(peaks.swap, gauges.swap_used);
  }

 private:
  RunResult& result_;
};

}  // namespace

ParsedScript::ParsedScript(std::string text, const std::string& path) {
  FileIncludes includes;
  ParseResult parsed = parse(sources_, sources_.add(path, std::move(text)), path, includes);
  script_ = std::move(parsed.script);
  for (const Diagnostic& error : parsed.errors)
    errors_ += render(sources_, error);
}

std::string ParsedScript::text_of(const Diagnostic& mistake) const {
  return render(sources_, mistake);
}

std::optional<Config> ParsedScript::configure(std::span<const std::string> settings) {
  std::vector<Setting> overrides;
  for (const std::string& word : settings) {
    const auto setting = parse_setting(sources_, sources_.add("--set", word));
    if (!setting)
      return std::nullopt;
    overrides.push_back(*setting);
  }
  const auto config = bachsim::configure(script_, overrides);
  if (!config)
    return std::nullopt;
  return *config;
}

RunResult run(const ParsedScript& parsed, const Config& config, bool audit_each, std::uint64_t max_steps) {
  RunResult result;
  Recorder recorder(result);
  const RunOptions options{.max_steps = max_steps, .audit_each = audit_each, .trace = true};
  Run run(config, parsed.script(), recorder, options);
  if (const auto mistake = run.run()) {
    result.mistake = parsed.text_of(*mistake);
    result.too_long = mistake->what.find("--max-steps") != std::string::npos;
  }
  result.counters = run.kernel().counters();
  return result;
}

}  // namespace bachsim
