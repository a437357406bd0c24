// Scripts through the real parser and interpreter, with everything that a test wants to know of a
// run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "regions/config.h"
#include "sim/kernel/counters.h"
#include "sim/machine/host.h"
#include "tests/model/snapshot.h"
#include "workloads/language/ast.h"
#include "workloads/language/source.h"

namespace bachsim {

// A parsed script. Stays where it is: its statements refer to its text.
class ParsedScript {
 public:
  // `path` is where included files are looked for.
  explicit ParsedScript(std::string text, const std::string& path = "workload.bach");
  ParsedScript(const ParsedScript&) = delete;
  ParsedScript& operator=(const ParsedScript&) = delete;

  // What is wrong with it; empty if nothing is.
  [[nodiscard]] const std::string& errors() const { return errors_; }
  [[nodiscard]] const Script& script() const { return script_; }
  [[nodiscard]] const Sources& sources() const { return sources_; }

  // The machine that the script asks for, with `settings` ("frames=4") on top. Empty if there is no
  // such machine.
  [[nodiscard]] std::optional<Config> configure(std::span<const std::string> settings = {});

  // A mistake in it as text.
  [[nodiscard]] std::string text_of(const struct Diagnostic& mistake) const;

 private:
  Sources sources_;
  std::string errors_;
  Script script_;
};

// The most that there was of something after any statement.
struct Peaks {
  std::uint64_t frames = 0;
  std::uint64_t tables = 0;
  std::uint64_t regions = 0;
  std::uint64_t processes = 0;  // with init and zombies
  std::uint64_t swap = 0;
};

struct RunResult {
  std::vector<std::string> lines;  // that the script printed
  std::vector<std::string> failed_expectations;
  std::optional<std::string> mistake;     // what stopped it
  bool too_long = false;                  // the mistake is that there were more steps than `max_steps`
  std::uint64_t steps = 0;                // statements done
  std::uint64_t refused = 0;              // calls that failed and whose tables were compared, and ...
  std::vector<std::uint32_t> refused_at;  // ... the lines that they are on
  Counters counters;
  std::map<std::string, std::uint64_t> contents;  // contents_of(), and ...
  Snapshot tables;                                // ... snapshot_of() the kernel at the end
  Peaks peaks;
  std::string trouble;  // the first call that failed and changed a table, with that table
};

// Runs it on a new kernel. Throws KernelPanic. With `audit_each`, throws IdentityBroken after any statement, and
// compares the tables before and after each call that fails, of those that set neither stealer nor swapper to work.
[[nodiscard]] RunResult run(const ParsedScript& parsed, const Config& config, bool audit_each,
                            std::uint64_t max_steps = 1'000'000, const Host& host = {});
// The same, with what the processes see and the tables at the end.
[[nodiscard]] RunResult run_to_see(const ParsedScript& parsed, const Config& config, bool audit_each = false);

// The workloads in a folder of the repository that want no options of their own, and the text of one.
[[nodiscard]] std::vector<std::filesystem::path> workloads_in(const char* folder);
[[nodiscard]] std::string text_of(const std::filesystem::path& path);

}  // namespace bachsim
