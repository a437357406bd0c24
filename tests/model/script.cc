#include "tests/model/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/kernel/kernel.h"
#include "tests/model/snapshot.h"
#include "workloads/language/parser.h"
#include "workloads/language/run.h"
#include "workloads/language/settings.h"

namespace bachsim {
namespace {

class FileIncludes : public Includes {
 public:
  std::expected<File, std::string> open(std::string_view wanted, const std::string& from) override {
    const auto path = std::filesystem::path(from).parent_path() / wanted;
    std::ifstream file(path);
    if (!file) return std::unexpected("cannot read it");
    std::ostringstream text;
    text << file.rdbuf();
    return File{.name = std::string(wanted), .identity = path.string(), .text = text.str()};
  }
};

class Recorder : public Listener {
 public:
  Recorder(RunResult& result, const Sources& sources, bool compares)
      : result_(result), sources_(sources), compares_(compares) {}

  void line(std::string_view text) override {
    result_.lines.emplace_back(text);
    said_ = true;
  }
  void expectation(const Expectation& expectation) override {
    if (expectation.held) return;
    std::string& failed = result_.failed_expectations.emplace_back(expectation.text);
    if (expectation.left && expectation.right)
      failed += fmt::format(" ({}, {})", text(*expectation.left), text(*expectation.right));
  }
  void begin(const Statement& statement, const Run& run) override {
    const bool acts = std::holds_alternative<OperationStatement>(statement.body) ||
                      std::holds_alternative<SpawnStatement>(statement.body);
    if (!acts || !compares_) return;
    said_ = false;
    before_ = snapshot_of(run.kernel());
    counters_ = run.kernel().counters();
  }
  void done(const Statement& statement, const Run& run) override {
    if (before_ && result_.trouble.empty()) look_for_change(statement, run.kernel());
    before_.reset();
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
  // A call that failed, and set neither stealer nor swapper to work, has changed no table.
  void look_for_change(const Statement& statement, const Kernel& kernel) {
    const Counters now = kernel.counters();
    if (now.stealer != counters_.stealer || now.swapper != counters_.swapper || !failed(statement, now)) return;
    ++result_.refused;
    result_.refused_at.push_back(sources_.find(statement.place).line);
    const auto changed = first_change(*before_, snapshot_of(kernel));
    if (!changed.empty())
      result_.trouble =
          fmt::format("the call of step {} failed and has changed this table: {}", result_.steps, changed);
  }

  // Whether the statement was one call, or a move of a whole process, and failed.
  [[nodiscard]] bool failed(const Statement& statement, const Counters& now) const {
    const std::uint64_t calls = now.trap.ecall - counters_.trap.ecall;
    const auto* operation = std::get_if<OperationStatement>(&statement.body);
    if (operation == nullptr) return calls == 0 && now.process == counters_.process;  // a spawn
    if (std::holds_alternative<SwapOp>(*operation->body)) return said_;
    return calls == 1 && now.syscall.failed == counters_.syscall.failed + 1;
  }

  RunResult& result_;
  const Sources& sources_;
  bool compares_;
  bool said_ = false;  // a line, by the statement in hand
  std::optional<Snapshot> before_;
  Counters counters_;
};

// Whether the workload is there for what `check` says of it.
bool is_for_check(const std::string& text) {
  return text.starts_with("#run: check") || text.starts_with("#run: bachsim check");
}

}  // namespace

ParsedScript::ParsedScript(std::string text, const std::string& path) {
  FileIncludes includes;
  ParseResult parsed = parse(sources_, sources_.add(path, std::move(text)), path, includes);
  script_ = std::move(parsed.script);
  for (const Diagnostic& error : parsed.errors) errors_ += render(sources_, error);
}

std::string ParsedScript::text_of(const Diagnostic& mistake) const { return render(sources_, mistake); }

std::optional<Config> ParsedScript::configure(std::span<const std::string> settings) {
  std::vector<Setting> overrides;
  for (const std::string& word : settings) {
    const auto setting = parse_setting(sources_, sources_.add("--set", word));
    if (!setting) return std::nullopt;
    overrides.push_back(*setting);
  }
  const auto config = bachsim::configure(script_, overrides);
  if (!config) return std::nullopt;
  return *config;
}

namespace {

RunResult run_and(const ParsedScript& parsed, const Config& config, bool audit_each, std::uint64_t max_steps,
                  const Host& host, const std::function<void(const Kernel&, RunResult&)>& look) {
  RunResult result;
  Recorder recorder(result, parsed.sources(), audit_each);
  const RunOptions options{.max_steps = max_steps, .audit_each = audit_each, .trace = true};
  Run run(config, parsed.script(), recorder, options, host);
  if (const auto mistake = run.run()) {
    result.mistake = parsed.text_of(*mistake);
    result.too_long = mistake->what.find("--max-steps") != std::string::npos;
  }
  result.counters = run.kernel().counters();
  look(run.kernel(), result);
  return result;
}

}  // namespace

RunResult run(const ParsedScript& parsed, const Config& config, bool audit_each, std::uint64_t max_steps,
              const Host& host) {
  return run_and(parsed, config, audit_each, max_steps, host, [](const Kernel&, RunResult&) {});
}

RunResult run_to_see(const ParsedScript& parsed, const Config& config, bool audit_each) {
  return run_and(parsed, config, audit_each, 1'000'000, {}, [](const Kernel& kernel, RunResult& result) {
    result.contents = contents_of(kernel);
    result.tables = snapshot_of(kernel);
  });
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> workloads_in(const char* folder) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(BACHSIM_SOURCE_DIR) / folder)) {
    if (entry.path().extension() == ".bach" && !is_for_check(text_of(entry.path()))) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace bachsim
