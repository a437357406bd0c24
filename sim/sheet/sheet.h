// A sheet: a script as homework that stands alone. It says what is asked for, how to read the lines of the script and
// how to answer; then come these lines, and between them, where they belong, tables of what was there before and
// questions.
//
// In a script, comments make a sheet of it. Lines of a kind that follow each other are one text, but for hints:
//
//   #task      the exercise, above everything. Without text: a new paragraph. Behind four blanks: a line as it is.
//   #? TEXT    a question, directly above the expectations that hold the answers: comparisons, whose left sides are
//   asked
//   #?LEVEL    the same, with its level (kLevels)
//   #hint      a hint on the question above it, or on the task; each line is one, the weakest first
//   #because   why the answer is that; of a question for the mind, which has no expectations, the answer itself
//
// The answers are those of a run, never the script's own numbers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sim/state/column.h"
#include "workloads/language/ast.h"
#include "workloads/language/diagnostic.h"
#include "workloads/language/run.h"

namespace bachsim {

enum class Level : std::uint8_t { Any, Read, Predict, Explain, Design };
inline constexpr std::array<std::string_view, 5> kLevels{"", "read", "predict", "explain", "design"};  // [Level]

// How a sheet came about, as the options that make it anew.
struct SheetHead {
  std::string name{};                  // of the script
  std::vector<std::string> options{};  // words, each of them an option with its value: `--set frames=8`
};
// `ex-9.15-bits --set swap=65536`
[[nodiscard]] std::string text(const SheetHead& head);

// Something that a student writes, and how it is marked: one value, or one for each round of a loop.
struct Blank {
  struct Answer {
    Field value{};
    std::string reason{};  // from the run; empty if nothing has made it what it is
  };
  Place place{};  // of the expectation
  std::string asks{};
  const Expr* expr = nullptr;
  Kind kind = Kind::Number;  // of the value
  bool may_be_null = false;
  std::vector<Answer> answers{};  // empty until a run has given them
};

// Paragraphs, and lines as they are.
struct Prose {
  struct Part {
    std::string text;
    bool as_it_is = false;  // a line, else a paragraph
  };
  std::vector<Part> parts{};
};

struct Question {
  std::size_t number = 0;
  Level level = Level::Any;
  Place place{};
  std::string text{};
  std::vector<std::string> hints{};
  Prose because{};
  std::vector<Blank> blanks{};  // none: it is answered in words, which a person reads
};

// What there was before, as a `preset` of the script has it.
struct GivenTable {
  std::string title{};
  std::vector<std::string> headings{};
  std::vector<std::vector<std::string>> rows{};  // as many cells as headings
};

struct ScriptLines {
  std::vector<std::string> lines{};
};

using SheetPart = std::variant<ScriptLines, GivenTable, Question>;

struct Sheet {
  SheetHead head{};
  std::string title{};
  Prose task{};
  std::vector<std::string> hints{};                          // on the task
  std::vector<std::pair<std::string, std::string>> words{};  // of the lines, and of the machine, with their meaning
  std::vector<std::string> formats{};                        // how answers are written
  std::vector<SheetPart> parts{};

  // In their order.
  [[nodiscard]] std::vector<Question*> questions();
  [[nodiscard]] std::vector<const Question*> questions() const;
};

// The sheet of a script, which is the first text of `sources`, without answers. `{NAME}` in a text of it is the value
// of a param, and so is NAME in a table; `params` are as the run has them. On failure, what is wrong with its
// questions, or that there is none.
[[nodiscard]] std::expected<Sheet, std::vector<Diagnostic>> make_sheet(const Script& script, const ParamValues& params,
                                                                       const Sources& sources);

// make_sheet() uses it: the meaning of the words on the sheet, and how its answers are written.
void explain(Sheet& sheet);

// Puts the answers of a run into a sheet: hears a run with RunOptions::trace that writes its events here.
class AnswerListener : public Listener {
 public:
  // Both must outlive it.
  AnswerListener(Sheet& sheet, const Sources& sources);

  void expectation(const Expectation& expectation) override;
  void not_judged(const Expectation& expectation) override { AnswerListener::expectation(expectation); }
  void begin(const Statement& statement, const Run& run) override;
  void done(const Statement& statement, const Run& run) override;

  Events events{};

 private:
  // How the value of a blank has become what it is.
  struct Watched {
    Blank* blank;
    std::optional<Field> value{};  // as the last statement has left it, once there is one
    std::string reason{};
  };
  void look(const Statement* statement, const Run& run);

  const Sources& sources_;
  bool begun_ = false;
  std::vector<Watched> watched_{};
};

}  // namespace bachsim
