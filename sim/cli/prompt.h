// The commands of `bachsim step`: a prompt on a run that goes forward and back. Verbs are gdb's where it has them, and
// `crash`'s for tables.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/cli/interruption.h"
#include "sim/cli/line_reader.h"
#include "sim/cli/replay.h"
#include "sim/state/moment.h"

namespace bachsim {

class Prompt : public Replay::Watcher {
 public:
  // A prompt at the start of a run. Everything that it prints goes to `out`, which must outlive it.
  // REQUIRES: session->configure(stage) was true
  Prompt(std::unique_ptr<Session> session, StageChoices stage, const RunOptions& options, Sink& out);

  // Says which script it is, and where the run stands.
  void greet();
  // Does what a line says; an empty one does again what the last one did, if that moves. False at the end of the
  // session.
  bool command(const std::string& line);
  // What may stand behind these words.
  [[nodiscard]] Completions completions(const std::vector<std::string>& words) const;

  void at_start() override;
  void line(std::string_view text) override;
  void show(const Statement& statement, const Run& run) override;
  void expectation(const Expectation& expectation) override;
  void replayed(std::uint64_t references) override;
  void second_passed() override;
  void looks_ahead() override;
  void begin(const Statement& statement, const Run& run) override;
  void done(const Statement& statement, const Run& run) override;

 private:
  // A mistake in a command, for the user.
  struct Mistake {
    std::string what;
  };
  using Words = std::span<const std::string>;
  struct Verb {
    std::string_view name;
    std::string_view arguments;
    std::size_t least;  // words behind it
    std::size_t most;
    std::string_view help;
    void (Prompt::*run)(Words words, const std::string& rest);
    bool moves = false;  // an empty line does it again
  };
  enum class Break : std::uint8_t { Fault, Copy, Steal, Fork, Exit, Line, Condition };
  struct Breakpoint {
    unsigned number;
    Break kind;
    std::string text;                // as it was asked for
    std::string file{};              // of a line; empty: the script
    bool ends_so = false;            // any file whose name ends so
    std::uint64_t line = 0;          // of that
    Replay::Expression condition{};  // while the run goes on
    bool held = false;               // the condition, behind the last statement
  };
  // What goes to the user, until somebody interrupts it. A move looks for that itself, where it can stop.
  class Spoken : public Sink {
   public:
    explicit Spoken(Sink& out) : out_(out) { set_width(out.width()); }
    void write(std::string_view text) override;
    void begin_verb();
    bool stops = false;

   private:
    Sink& out_;
  };
  static constexpr std::size_t kMostEnds = 1u << 20;
  static const std::vector<Verb>& verbs();

  // prompt.cc
  [[nodiscard]] const Verb& find(std::string_view word) const;
  void help(Words words, const std::string& rest);
  void quit(Words words, const std::string& rest);
  void add_paths(const std::vector<std::string>& names, std::vector<std::string>& paths) const;

  // prompt_moves.cc
  void next(Words words, const std::string& rest);
  void back(Words words, const std::string& rest);
  void go_to(Words words, const std::string& rest);
  void continue_run(Words words, const std::string& rest);
  void until(Words words, const std::string& rest);
  void set_break(Words words, const std::string& rest);
  void remove_break(Words words, const std::string& rest);
  void perform(Words words, const std::string& rest);
  template <class Stop>
  bool forward(Stop&& stop);
  void run_until(const std::string& condition);
  [[nodiscard]] const Breakpoint* reached(const Counters& before, const Counters& after);
  [[nodiscard]] const Breakpoint* line_reached() const;
  [[nodiscard]] bool holds(const Expr* condition) const;
  [[nodiscard]] Breakpoint line_breakpoint(const std::string& text) const;
  template <class Move>
  void tell_move(Move&& move);
  void tell_changes(std::optional<Moment> before, std::uint64_t step);
  void leave_half_statement();
  void tell_place();

  // prompt_tables.cc
  void list(Words words, const std::string& rest);
  void print(Words words, const std::string& rest);
  void processes(Words words, const std::string& rest);
  void space(Words words, const std::string& rest);
  void region(Words words, const std::string& rest);
  void page_entry(Words words, const std::string& rest);
  void walk(Words words, const std::string& rest);
  void frame(Words words, const std::string& rest);
  void swap(Words words, const std::string& rest);
  void map(Words words, const std::string& rest);
  void free(Words words, const std::string& rest);
  void counters(Words words, const std::string& rest);
  void show_view(Words words, const std::string& rest);
  void why(Words words, const std::string& rest);
  void changes(Words words, const std::string& rest);
  void draw(Words words, const std::string& rest);
  void write(View view, std::span<const ProcSlot> only = {});
  void say(std::string_view text, std::size_t indent = 0);
  void say_parts(std::string text, std::size_t indent);
  void write_changes(std::size_t most);
  [[nodiscard]] std::optional<Moment> now() const;
  [[nodiscard]] const Moment& before() const;
  void write_walk_of(const std::string& name, const std::string& location);
  [[nodiscard]] ProcSlot process(const std::string& name) const;
  [[nodiscard]] Replay::Located located(const std::string& name, const std::string& location) const;
  [[nodiscard]] PageId page_at(ProcSlot slot, const Location& where, const std::string& location) const;
  [[nodiscard]] std::uint64_t number(const std::string& word, std::string_view of) const;
  [[nodiscard]] std::string statement_text(const Statement& statement) const;
  [[nodiscard]] std::string performed_text() const;
  [[nodiscard]] std::string place_text(Place place) const;
  [[nodiscard]] bool silent() const { return replay_.step() <= told_; }
  [[nodiscard]] const State& state() const { return replay_.run().state(); }

  Spoken out_;
  bool moves_ = true;                           // a run goes on
  std::optional<Interruption> interruption_{};  // of the command that is on its way
  std::shared_ptr<HostBudget> budget_;          // of all sessions of this one's script; before_ has a share of it
  std::uint64_t told_ = 0;                      // steps up to this one have been told of, or lie behind a move back
  Events events_;                               // of the statement that was begun last
  std::vector<std::string> said_;               // lines that it printed
  const Statement* performed_ = nullptr;        // that statement; at the start nullptr
  bool begun_ = false;                          // it, and it is not done: the run has stopped at it
  bool statement_done_ = false;                 // by the step that was taken last
  std::string waits_;                           // the process that it waits for, which is preempted; empty: none
  std::deque<std::uint64_t> ends_;  // steps at which statements were done, up to this one; the last kMostEnds
  std::optional<Moment> before_;    // the last move; none where the host had no memory for it
  std::uint64_t step_before_ = 0;   // it
  std::vector<Breakpoint> breakpoints_;
  unsigned last_breakpoint_ = 0;
  std::string last_line_;  // that moves
  bool over_ = false;
  Replay replay_;  // tells this object from the start
};

}  // namespace bachsim
