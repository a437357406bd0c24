// One script on its way from a file to a run: every command reads it, parses it, sets its machine up, runs it, and
// tells its mistakes with this.
#pragma once

#include <sys/types.h>

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/cli/child.h"
#include "sim/cli/command.h"
#include "sim/cli/host.h"
#include "sim/cli/reference_file.h"
#include "sim/report/json.h"
#include "sim/report/timeline.h"
#include "sim/report/trace_json.h"
#include "sim/report/trace_text.h"
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

  // A script of somebody who is not trusted, under the name that errors call it by: it includes files of `include_root`
  // and below alone, as if it stood there itself, but not the file `hidden`, and its runs take no more than
  // `most_memory` bytes. Errors as above.
  [[nodiscard]] static std::expected<std::unique_ptr<Session>, std::string> load_stranger(
      std::string name, std::string text, const std::string& include_root, const std::string& hidden,
      std::uint64_t most_memory, bool color);
  // The same script with another behind it, which sees all that it has made and is run after it. The other includes
  // nothing.
  [[nodiscard]] std::unique_ptr<Session> followed_by(std::string name, std::string text) const;

  // Chooses the script's params and sets up the machine that it asks for, as the command line says. False if the script
  // or that is wrong; all that is wrong has gone to standard error then, and is in refusals().
  [[nodiscard]] bool configure(const StageChoices& choices);
  [[nodiscard]] const std::vector<Diagnostic>& refusals() const { return refusals_; }

  // A run on that machine, at its start; the one before is over.   REQUIRES: configure() was true; the arguments
  // outlive the run
  Run& start(Listener& listener, const RunOptions& options = {}, PageStore* swap_pages = nullptr);

  // Its runs with stealer=opt look ahead to the same as those of another session.
  // REQUIRES: the same script and machine, but for text behind it
  void look_ahead_like(const Session& other) { foreseen_ = other.foreseen_; }

  // The same script with more text behind it, piece by piece, which may be wrong: see errors(). Files are not read
  // again.
  [[nodiscard]] std::unique_ptr<Session> with(const std::vector<std::string>& pieces) const;
  // The statements of a piece: indices of the first, and of the one behind the last.
  [[nodiscard]] std::pair<std::size_t, std::size_t> statements_of(std::size_t piece) const {
    return {pieces_[piece], pieces_[piece + 1]};
  }

  // The same script, and expressions about its end, which are in expressions(). On failure, what is wrong with which,
  // for the user.
  [[nodiscard]] std::expected<std::unique_ptr<Session>, std::string> with_expressions(
      const std::vector<std::string>& texts) const;
  [[nodiscard]] const std::vector<const Expr*>& expressions() const { return expressions_; }

  // Tells on standard error what has stopped a run. Returns kUserError.
  int stopped(const Diagnostic& mistake) const;

  // The files that it replays.
  [[nodiscard]] std::vector<FoundFile> replayed() const;

  // Whether a path leads to a file that the script was read from.
  [[nodiscard]] bool reads(const std::string& path) const;

  [[nodiscard]] const Script& script() const { return parsed_.script; }
  [[nodiscard]] const std::vector<Diagnostic>& errors() const { return parsed_.errors; }
  [[nodiscard]] const std::vector<Diagnostic>& warnings() const { return parsed_.warnings; }
  // [param]; what configure() has chosen.
  [[nodiscard]] const ParamValues& params() const { return params_; }
  [[nodiscard]] const Sources& sources() const { return sources_; }
  [[nodiscard]] Sources& sources() { return sources_; }
  // The memory that its runs may use, and those of all sessions that are made of this one.
  [[nodiscard]] HostBudget& budget() { return *budget_; }
  [[nodiscard]] const std::shared_ptr<HostBudget>& shared_budget() const { return budget_; }
  [[nodiscard]] bool color() const { return color_; }

 private:
  class FileIncludes;

  Session(bool color, std::shared_ptr<HostBudget> budget) : color_(color), budget_(std::move(budget)) {}
  [[nodiscard]] std::expected<std::string, std::string> read_file(Descriptor file);
  [[nodiscard]] std::vector<Diagnostic> set_up(const StageChoices& choices);

  class KeptIncludes;

  bool color_;
  Sources sources_;
  std::string identity_;                                                    // of the script, for what it includes
  std::map<std::pair<std::string, std::string>, Includes::File> included_;  // by the word for it, and where that stands
  std::map<std::pair<std::string, std::string>, FoundFile> replayed_;       // likewise
  std::vector<std::size_t> pieces_{};  // the first statement of each, and the one behind the last
  ParseResult parsed_;
  std::vector<const Expr*> expressions_;
  std::vector<std::pair<dev_t, ino_t>> files_;  // the plain files that the script reads: device, inode
  ParamValues params_;
  std::optional<Config> config_;
  std::vector<Diagnostic> refusals_;
  std::shared_ptr<HostBudget> budget_;
  Foreseen foreseen_;  // by the runs on that machine, with stealer=opt: found once
  std::optional<Run> run_;
};

// A statement that has an expression of any kind on both of its sides, and so makes one of a text.
[[nodiscard]] std::string statement_about(std::string_view text);
// The expression that such a statement has of `text`; null if it is another statement, since `text` closes a bracket
// that it has not opened.   REQUIRES: `statement` was parsed of statement_about(text)
[[nodiscard]] const Expr* expression_of(const Statement& statement, std::string_view text);

// Watches a run for its report: prints as it goes, or hands on to the JSON that is written at the end.
class RunListener : public Listener {
 public:
  // `output`, `session` and `json` must outlive it. Without `json` it prints.
  RunListener(OutputFile& output, const Session& session, bool progress, JsonReport* json = nullptr)
      : bar(progress), output_(output), session_(session), json_(json), share_(session.shared_budget().get()) {}

  void line(std::string_view text) override;
  void note(std::string_view text) override;
  void show(const Statement& statement, const Run& run) override;
  void expectation(const Expectation& expectation) override;
  void not_judged(const Expectation& /*expectation*/) override {
    verdict_ = "not judged: the params have other values";
  }
  void replayed(std::uint64_t references) override { references_ += references; }
  void begin(const Statement& statement, const Run& run) override;
  void done(const Statement& statement, const Run& run) override;
  void progress(double fraction) override { bar.show(fraction); }
  // The run has ended: prints what is left of the statement at which it stopped.
  void end();

  ProgressBar bar;
  std::uint64_t held = 0;
  std::uint64_t failed = 0;
  Events events;  // the kernel is to tell them here while statements are traced

  // Those who want to see each statement. Not owned.
  std::optional<Tracer> tracer;
  bool echo = false;  // each statement and its effect; not for JSON
  TraceJson* trace_json = nullptr;
  Timeline* timeline = nullptr;

 private:
  // Lines stand together, and so do notes; a table stands alone. Between these is an empty line.
  enum class Part : std::uint8_t { Line, Note, Table };
  void begin_part(Part part);
  void tell(std::string_view text, Part part);
  void write(std::string_view text);
  void write_lines(std::string_view text);
  void write_pending();
  [[nodiscard]] std::string effect(const Statement& statement, const Run& run) const;
  void write_echo(const Statement& statement, const Run& run);
  void write_trace(const Statement& statement, const Run& run);
  [[nodiscard]] std::string text_of(const Statement& statement) const;

  OutputFile& output_;
  Part part_ = Part::Line;  // that was written last
  const Session& session_;
  JsonReport* json_;
  bool in_statement_ = false;
  std::uint64_t references_ = 0;  // that the statement has replayed
  std::string pending_;           // with `echo`: lines that stand below the statement
  HostShare share_;               // of long ones
  std::string verdict_;           // on the expectation that is the statement
  std::string actor_{};           // of the statement: its process's name, or nothing
};

}  // namespace bachsim
