// What makes a sheet of a script, and that no sheet of the textbook gives its answers away.
#include "sim/sheet/sheet.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>

#include "tests/sheet/made.h"

namespace bachsim {
namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view kStage = "title \"T\"\nprogram demo data=2\nspawn demo as P\n";

Texts errors_of(std::string_view script) { return Made(std::string(kStage) + std::string(script), false).errors; }

// Letters, digits and what is inside a disk block, as words.
std::set<std::string> words_in(std::string_view text) {
  std::set<std::string> words;
  std::string word;
  const auto end = [&] {
    while (word.ends_with(':')) word.pop_back();
    if (!word.empty()) words.insert(word);
    word.clear();
  };
  for (const char c : text) {
    const bool part =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ':' || c == '_';
    if (part)
      word += c;
    else if (c != ',')  // 38,000
      end();
  }
  end();
  return words;
}

// An answer that does not stand in a text by chance: a number of three digits and more, or a block on a disk.
bool is_telling(const std::string& answer) {
  const bool number = answer.find_first_not_of("0123456789") == std::string::npos;
  return number ? answer.size() >= 3 : answer.starts_with("swap:") || answer.starts_with("file:");
}

std::string without_blanks(std::string_view text) {
  std::string whole(text);
  std::erase_if(whole, [](char c) { return c == ' ' || c == '\t'; });
  return whole;
}

// What a sheet shows above a question, and what would answer it.
class Shown {
 public:
  // Cells of the tables of what was there before, by the words that ask for them.
  void add(const GivenTable& given) {
    for (const auto& row : given.rows) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i] == "-") continue;
        known_.merge(words_in(row[i]));
        const std::string column = given.headings[i] == "FRAME" && i > 0 ? "frame"
                                   : given.headings[i] == "ON DISK"      ? "disk"
                                                                         : "";
        if (column.empty()) continue;
        const std::string cell = given.headings[0] == "PROCESS" ? fmt::format("{}.{}.{}", row[0], row[1], column)
                                                                : fmt::format("pfdata[{}].disk", row[0]);
        cells_[cell] = row[i];
      }
    }
  }
  // `P: write data[0] = 7` tells what P finds there.
  void add(const ScriptLines& lines) {
    for (const std::string& line : lines.lines) {
      const std::string whole = without_blanks(line);
      known_.merge(words_in(line));
      const std::size_t colon = whole.find(":write");
      const std::size_t equals = whole.rfind('=');
      if (colon == std::string::npos || equals == std::string::npos) continue;
      const std::string cell = whole.substr(colon + 6, equals - colon - 6);
      stored_[cell] = {whole.substr(0, colon), whole.substr(equals + 1)};
    }
  }
  void add_prose(std::string_view text) { prose_.merge(words_in(text)); }

  // How the answer of a blank can be read off without thinking; empty if it cannot.
  [[nodiscard]] std::string leak(const Blank& blank, const Script& script) const {
    const std::string answer = answers_text(blank);
    const std::string asks = without_blanks(blank.asks);
    for (const std::string& cell : {asks, addressed(blank, script)}) {
      const auto at = cells_.find(cell);
      if (at != cells_.end() && at->second == answer) return "a table has this cell";
    }
    const std::size_t dot = asks.find('.');
    if (asks.ends_with(".value")) {
      const auto stored = stored_.find(asks.substr(dot + 1, asks.rfind(".value") - dot - 1));
      if (stored != stored_.end() && stored->second == std::pair(asks.substr(0, dot), answer))
        return "a line stores it there";
    }
    // What lines and tables say is given, and the texts may speak of it.
    if (is_telling(answer) && prose_.contains(answer) && !known_.contains(answer)) return "a text names it";
    return {};
  }

 private:
  // `P.@97K.frame` for `P.data[33].frame`, as presets have it.
  [[nodiscard]] static std::string addressed(const Blank& blank, const Script& script) {
    if (blank.expr->kind != ExprKind::Path || blank.expr->path->kind != PathKind::Page) return {};
    const Path& path = *blank.expr->path;
    if (path.column == nullptr || path.first == nullptr || path.first->kind != ExprKind::Number) return {};
    const std::string& process = script.process_names[path.process.name];
    for (const ProgramDeclaration& program : script.programs) {
      const auto& section = path.region.type == RegionType::Text    ? program.text
                            : path.region.type == RegionType::Stack ? program.stack
                                                                    : program.data;
      const std::optional<std::uint64_t> start = section_start(section);
      if (!start) continue;
      const std::uint64_t at = *start + path.first->number * 1024;
      return fmt::format("{}.@{}.{}", process, at == 0 ? "0" : fmt::format("{}K", at / 1024), path.column->name);
    }
    return {};
  }
  static std::optional<std::uint64_t> section_start(const ProgramDeclaration::Section& section) {
    const bool number = section.start != nullptr && section.start->kind == ExprKind::Number;
    return number ? std::optional(section.start->number) : std::nullopt;
  }

  std::map<std::string, std::string> cells_{};
  std::map<std::string, std::pair<std::string, std::string>> stored_{};  // cell: who stored last, and what
  std::set<std::string> known_{};
  std::set<std::string> prose_{};
};

// All leaks of a sheet: `2: P.data[0].frame: a table has this cell`.
Texts leaks(const Made& made) {
  Texts found;
  Shown shown;
  for (const Prose::Part& part : made.sheet.task.parts) shown.add_prose(part.text);
  for (const std::string& hint : made.sheet.hints) shown.add_prose(hint);
  for (const std::string& format : made.sheet.formats) shown.add_prose(format);
  for (const auto& [form, meaning] : made.sheet.words) shown.add_prose(meaning);
  for (const SheetPart& part : made.sheet.parts) {
    if (const auto* given = std::get_if<GivenTable>(&part)) shown.add(*given);
    if (const auto* lines = std::get_if<ScriptLines>(&part)) shown.add(*lines);
    const auto* question = std::get_if<Question>(&part);
    if (question == nullptr) continue;
    shown.add_prose(question->text);
    for (const std::string& hint : question->hints) shown.add_prose(hint);
    for (const Blank& blank : question->blanks) {
      const std::string how = shown.leak(blank, made.parsed.script);
      if (!how.empty()) found.push_back(fmt::format("{}: {}: {}", question->number, blank.asks, how));
    }
  }
  return found;
}

}  // namespace

TEST_CASE("Comments make a sheet of a script") {
  const Made made(R"(title "Exercise 1.1"
#task First,
#task and on.
#task
#task     as it is {
#hint think
program demo data=2
preset freelist 9
spawn demo as P
preset P data[0] frame=3 modified
preset P data[1] disk=zero
note "gone"
# gone too
P: write data[1] = 7  # gone

#?predict How many
#? frames?
#hint one
#hint two
#because It is so.
expect frames.used == 2
#?explain Why?
#because Because.
)");
  REQUIRE(made.errors.empty());
  CHECK(made.sheet.title == "Exercise 1.1");
  REQUIRE(made.sheet.task.parts.size() == 3);
  CHECK(made.sheet.task.parts[0].text == "First, and on.");
  CHECK(made.sheet.task.parts[2].text == "as it is {");
  CHECK(made.sheet.task.parts[2].as_it_is);
  CHECK(made.sheet.hints == Texts{"think"});
  const auto questions = made.sheet.questions();
  REQUIRE(questions.size() == 2);
  CHECK(questions[0]->text == "How many frames?");
  CHECK(questions[0]->level == Level::Predict);
  CHECK(questions[0]->hints == Texts{"one", "two"});
  CHECK(questions[1]->level == Level::Explain);
  CHECK(questions[1]->blanks.empty());
  REQUIRE(made.sheet.parts.size() == 7);
  const auto& pages = std::get<GivenTable>(made.sheet.parts[3]);
  CHECK(pages.headings == Texts{"PROCESS", "PAGE", "FRAME", "MODIFIED", "ON DISK"});
  CHECK(pages.rows == std::vector<Texts>{{"P", "data[0]", "3", "yes", "-"}, {"P", "data[1]", "-", "-", "zero"}});
  CHECK(std::get<ScriptLines>(made.sheet.parts[4]).lines == Texts{"P: write data[1] = 7", ""});
}

TEST_CASE("What is wrong with a question is told") {
  CHECK(errors_of("") == Texts{"the script asks no question: a comment that begins with `#?` does"});
  CHECK(errors_of("#? Who?\n\nexpect processes == 1\n") ==
        Texts{"a question stands directly above an `expect` that compares"});
  CHECK(errors_of("#?guess Who?\nexpect processes == 1\n").front() ==
        "`guess` is no level of a question (read, predict, explain, design)");
  CHECK(errors_of("#?explain Why?\n") == Texts{"a question that is answered in words has its answer in `#because`"});
  CHECK(errors_of("#because So.\n#? Who?\nexpect processes == 1\n") == Texts{"`#because` stands below a question"});
  CHECK(errors_of("#? Who?\nexpect processes == 1\n\n#hint Late.\n") ==
        Texts{"`#hint` stands below a question, or below the task"});
}

TEST_CASE("A sheet has the numbers of its variant") {
  const Made made(R"(title "T"
param A = 3..9
program demo data=A
spawn demo as P
preset P data[A - 1] frame=A+1
#task Of {A} pages { one } has a frame.
#? How many pages has {A}?
expect P.data.pages == A
)");
  REQUIRE(made.errors.empty());
  CHECK(made.sheet.task.parts.at(0).text == "Of 3 pages { one } has a frame.");
  CHECK(made.sheet.questions().at(0)->text == "How many pages has 3?");
  CHECK(std::get<ScriptLines>(made.sheet.parts.at(0)).lines.at(0) == "A = 3");
  CHECK(std::get<GivenTable>(made.sheet.parts.at(1)).rows == std::vector<Texts>{{"P", "data[2]", "4"}});
  CHECK(answers_text(made.blank(0)) == "3");
  CHECK(errors_of("#? Is {B} there?\nexpect processes == 1\n") == Texts{"`B` in a text of the sheet is no param"});
}

TEST_CASE("Sums in a preset are single cells, with what they come to") {
  const Made made(R"(title "T"
param A = 3..9
param B = 40
machine page=1K frames=64 swap=64
program demo data=8K@64K
spawn demo as P
preset P @(A + 64) * 1K frame = B - 2 * A modified disk=none
preset P data[ 1 ] invalid disk = swap:1:A * 2
preset P data + 2048 valid frame=5 disk=file: 2
preset pfdata B + 1 disk=file:demo:A + 1
preset freelist A (B + 2) B / 2 63
#? How many?
expect P.data.pages == 8
)");
  REQUIRE(made.errors.empty());
  const auto& pages = std::get<GivenTable>(made.sheet.parts.at(1));
  CHECK(pages.headings == Texts{"PROCESS", "PAGE", "FRAME", "MODIFIED", "ON DISK", "IN MEMORY"});
  CHECK(pages.rows == std::vector<Texts>{{"P", "@67K", "34", "yes", "none", "-"},
                                         {"P", "data[ 1 ]", "-", "-", "swap:1:6", "no"},
                                         {"P", "data+2048", "5", "-", "file:2", "yes"}});
  CHECK(std::get<GivenTable>(made.sheet.parts.at(2)).rows == std::vector<Texts>{{"41", "file:demo:4"}});
  CHECK(std::get<GivenTable>(made.sheet.parts.at(3)).rows == std::vector<Texts>{{"3 42 20 63"}});
}

TEST_CASE("Answers have the reasons that the trace gives") {
  const Made made(R"(title "T"
program demo data=2
spawn demo as P
P: write data[0] = 7
P: fork as C
#? What is the count?
expect P.data[0].refs == 2
C: write data[0] = 8
#? And now? Where is C's? How many copies were made?
expect P.data[0].refs == 1
expect C.data[0].frame == 1
expect counter.pfault.copied == 1
expect counter.pfault.kept == 0
for I in 0..1 {
  #? A loop?
  expect P.data[0].refs + I == 1
}
)");
  REQUIRE(made.errors.empty());
  CHECK(reason_text(made.blank(0)) ==
        "1 -> 2 at `P: fork as C`, because P: region 2 duplicated as region 4, copy on write in both");
  CHECK(reason_text(made.blank(1)) ==
        "2 -> 1 at `C: write data[0] = 8`, because C: pfault: count 2 > 1, so copy frame 0 to frame 1");
  CHECK(reason_text(made.blank(1, 1)) ==
        "0 -> 1 at `C: write data[0] = 8`, because C: pfault: count 2 > 1, so copy frame 0 to frame 1");
  CHECK(reason_text(made.blank(1, 2)) ==
        "0 -> 1 at `C: write data[0] = 8`, because C: pfault: count 2 > 1, so copy frame 0 to frame 1");
  CHECK(reason_text(made.blank(1, 3)).empty());
  CHECK(answers_text(made.blank(2)) == "1, 2");
}

TEST_CASE("A reason is of what is asked: a count of pregions, a size, a process that was killed") {
  const Made made(R"(title "T"
program demo text=1 data=2
spawn demo as P
P: fork as C
P: sbrk 3
P: fetch text[0]
C: read data[9]
spawn demo as Q
Q: fetch text[0]
#? How many?
expect P.text.refs == 2
expect P.data.pages == 5
expect C.status == 139
expect regions == 5
expect processes == 2
expect Q.text.region == 1
P: write data[0] = 1
P: fork as D
D: exit
#? And now?
expect P.data.refs == 1
expect P.data[0].refs == 1
expect counter.fork.regions_shared == 2
)");
  REQUIRE(made.errors.empty());
  const auto reason = [&](std::size_t question, std::size_t number) {
    return reason_text(made.blank(question, number));
  };
  CHECK(reason(0, 0) == "1 -> 2 at `spawn demo as Q`, because Q: region 1 attached");
  CHECK(reason(0, 1) == "2 -> 5 at `P: sbrk 3`, because P: region 2: pages 2 -> 5");
  CHECK(reason(0, 2) ==
        "none -> 139 at `C: read data[9]`, because C: no region, and no stack that may grow to there, so SIGSEGV");
  CHECK(reason(0, 3) == "3 -> 5 at `spawn demo as Q`, because Q: region 5 allocated (and 1 before it)");
  CHECK(reason(0, 4) == "1 -> 2 at `spawn demo as Q`, because Q is spawned");
  CHECK(reason(0, 5) == "1 at `spawn demo as Q`, because Q: region 1 attached");
  CHECK(reason(1, 0) == "1 at `spawn demo as P`, because P: region 2 attached");
  CHECK(reason(1, 2) == "1 -> 2 at `P: fork as D`, because P forks D");
}

TEST_CASE("A sheet that gives an answer away is found out") {
  const Made made(R"(title "T"
#task Where is block swap:1:7? There are 500 of them.
machine frames=600 page=1K swap=9
program demo data=3K@64K
spawn demo as P
preset P @64K frame=13 disk=none
preset P @66K disk=swap:1:7
preset pfdata 20 disk=swap:1:7
P: write data[1] = 99
#? A table has it, in other words, and so it has this.
expect P.data[0].frame == 13
expect pfdata[20].disk == swap:1:7
#? A line has it.
expect P.data[1].value == 99
#? The task has it.
expect frames.total - 100 == 500
#? All this is fair.
expect P.data[0].refs == 1
expect P.data[1].frame == 0
expect P.data[0].value == 0
)");
  REQUIRE(made.errors.empty());
  CHECK(leaks(made) == Texts{"1: P.data[0].frame: a table has this cell", "1: pfdata[20].disk: a table has this cell",
                             "2: P.data[1].value: a line stores it there", "3: frames.total - 100: a text names it"});
}

TEST_CASE("No sheet of the textbook gives an answer away") {
  std::size_t blanks = 0;
  for (const auto& path : textbook_files()) {
    const Made made(carried_text(path));
    INFO(path.stem().string());
    CHECK(made.errors == Texts{});
    CHECK(leaks(made) == Texts{});
    for (const Question* question : made.sheet.questions()) blanks += question->blanks.size();
  }
  CHECK(blanks > 300);
}

TEST_CASE("Each sheet says what it asks, at which level, with hints and reasons") {
  std::set<Level> levels;
  for (const auto& path : textbook_files()) {
    const bool exercise = path.stem().string().starts_with("ex-");
    const Made made(carried_text(path));
    INFO(path.stem().string());
    CHECK(!made.sheet.task.parts.empty());
    std::size_t in_words = 0;
    std::size_t hints = made.sheet.hints.size();
    for (const Question* question : made.sheet.questions()) {
      INFO(question->text);
      CHECK(question->level != Level::Any);
      levels.insert(question->level);
      // Of a value the run has the reason, and exercises have one in words as well.
      if (exercise) CHECK(!question->because.parts.empty());
      in_words += question->blanks.empty() ? 1u : 0u;
      hints += question->hints.size();
    }
    CHECK(in_words > 0);
    CHECK(hints > 0);
  }
  CHECK(levels == std::set{Level::Read, Level::Predict, Level::Explain, Level::Design});
}

TEST_CASE("The words of each sheet's lines are explained on it") {
  for (const auto& path : textbook_files()) {
    const Made made(carried_text(path), false);
    std::set<std::string> explained;
    for (const auto& [form, meaning] : made.sheet.words) explained.merge(words_in(form));
    INFO(path.stem().string());
    for (const SheetPart& part : made.sheet.parts) {
      const auto* lines = std::get_if<ScriptLines>(&part);
      for (std::size_t i = 0; lines != nullptr && i < lines->lines.size(); ++i) {
        std::string_view line = lines->lines[i];
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        // `P: fork as C`: the operation; a `var` is set by its name.
        const std::size_t colon = line.find(": ");
        if (colon != std::string_view::npos) line.remove_prefix(colon + 2);
        const std::string word(line.substr(0, line.find_first_of(" (")));
        if (word.empty() || word == "}" || word == "machine" || line.find(" = ") != std::string_view::npos) continue;
        INFO(lines->lines[i]);
        CHECK(explained.contains(word));
      }
    }
  }
}

}  // namespace bachsim
