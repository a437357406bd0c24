// One script on its way from a file to a run: every command reads it, parses it, sets its machine up, runs it, and
// tells its mistakes with this.
#pragma once

#include <sys/types.h>

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/host.h"
#include "workloads/language/parser.h"
#include "workloads/language/run.h"

namespace bachsim {

class Session {
 public:
  // A script that includes nothing, under the name that errors call it by.
  Session(std::string name, std::string text, bool color);

  // Reads `path`, or standard input for `-`, and parses it. It may include files of its own folder and below, and of
  // `include_root` and below; empty: of no other. An unreadable file is a message for the user. `color`: of errors.
  [[nodiscard]] static std::expected<std::unique_ptr<Session>, std::string> load(const std::string& path,
                                                                                 const std::string& include_root,
                                                                                 bool color);

  // Sets up the machine that the script asks for, with KEY=VALUE words of --set over its own. False if the script or
  // these are wrong; all that is wrong has gone to standard error then.
  [[nodiscard]] bool configure(const std::vector<std::string>& settings);

  // A run on that machine, at its start; the one before is over.   REQUIRES: configure() was true; the arguments
  // outlive the run
  Run& start(Listener& listener, const RunOptions& options = {}, PageStore* swap_pages = nullptr);

  // Tells on standard error what has stopped a run. Returns kUserError.
  int stopped(const Diagnostic& mistake) const;

  // Whether a path leads to a file that the script was read from.
  [[nodiscard]] bool reads(const std::string& path) const;

  [[nodiscard]] const Script& script() const { return parsed_.script; }
  [[nodiscard]] const std::vector<Diagnostic>& warnings() const { return parsed_.warnings; }
  [[nodiscard]] const Sources& sources() const { return sources_; }
  [[nodiscard]] bool color() const { return color_; }

 private:
  class FileIncludes;

  explicit Session(bool color) : color_(color) {}
  [[nodiscard]] std::expected<std::string, std::string> read_file(int descriptor);

  bool color_;
  Sources sources_;
  ParseResult parsed_;
  std::vector<std::pair<dev_t, ino_t>> files_;  // the plain files that the script was read from: device, inode
  std::optional<Config> config_;
  HostBudget budget_{spare_memory()};
  std::optional<Run> run_;
};

}  // namespace bachsim
