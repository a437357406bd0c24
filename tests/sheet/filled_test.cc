// Filled-in sheets: heads, answers in their places, and what cannot be read.
#include "sim/sheet/filled.h"

#include "sim/sheet/marks.h"
#include "tests/sheet/made.h"

namespace bachsim {
namespace {

constexpr const char* kScript = R"(title "Exercise 1.1"
#task Look.
program demo data=2
spawn demo as P
P: write data[0] = 7
#?predict How many frames are used, and in which is the page?
expect frames.used == 1
expect P.data[0].frame == 0
P: fork as C
#?predict And now?
expect frames.used == 1
expect (P.data[0].refs == C.data[0].refs) == 1
#?explain Why?
#because Both have it.
P: exit
#?predict Where does P end?
expect P.state == reaped
)";

std::string with(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

struct Read {
  Read(const Made& made, std::string text) {
    const std::size_t file = sources.add("sheet.txt", std::move(text));
    filled = read_filled(sources, find_sheets(sources, file).front(), made.sheet);
    marked = mark_sheet(made.sheet, filled);
  }
  [[nodiscard]] std::vector<Mark> marks() const {
    std::vector<Mark> all;
    for (const Marked& one : marked.blanks) all.push_back(one.mark);
    return all;
  }
  Sources sources;
  Filled filled;
  MarkedSheet marked;
};

// A sheet with these answers in its blanks, in their order.
std::string filled_in(std::string sheet, const std::vector<std::string>& answers) {
  std::size_t at = 0;
  for (const std::string& answer : answers) {
    at = sheet.find("== ____", at);
    REQUIRE(at != std::string::npos);
    sheet.replace(at + 3, 4, answer);
  }
  return sheet;
}

constexpr Mark R = Mark::Right, W = Mark::Wrong, M = Mark::Missing, U = Mark::Unclear;

}  // namespace

TEST_CASE("Answers are found in their places") {
  const Made made(kScript);
  const std::string sheet = sheet_text(made.sheet, {});
  CHECK(Read(made, filled_in(sheet, {"1", "0", "1", "yes", "reaped"})).marks() == std::vector{R, R, R, R, R});
  CHECK(Read(made, filled_in(sheet, {"2", "", "1 frame", "no", "3 or 4"})).marks() == std::vector{W, M, R, W, U});
  CHECK(Read(made, sheet).marks() == std::vector{M, M, M, M, M});
}

TEST_CASE("Editors and mail programs may change what stands around the answers") {
  const Made made(kScript);
  const std::vector<std::string> answers{"1", "0", "1", "yes", "reaped"};
  const std::vector all_right{R, R, R, R, R};
  const std::string sheet = filled_in(sheet_text(made.sheet, {}), answers);
  CHECK(Read(made, "\xEF\xBB\xBF" + sheet).marks() == all_right);
  std::string crlf, quoted, flush, unbroken;
  std::istringstream lines(sheet);
  for (std::string line; std::getline(lines, line);) {
    crlf += line + "\r\n";
    quoted += "> " + line + "\n";
    flush += line.substr(std::min(line.find_first_not_of(' '), line.size())) + "  \t\n";
  }
  for (const char c : sheet) unbroken += c == ' ' ? "\xC2\xA0" : std::string(1, c);
  CHECK(Read(made, unbroken).marks() == all_right);
  CHECK(Read(made, with(sheet, "P.data[0].frame ==", "\xE2\x80\xA2 P.data[0].frame ==")).marks() == all_right);
  CHECK(Read(made, crlf).marks() == all_right);
  CHECK(Read(made, quoted).marks() == all_right);
  CHECK(Read(made, quoted).marked.to_read() == 0);
  CHECK(Read(made, flush).marks() == all_right);
  for (const char* end : {"\n", "\n          ", "\r\n "})
    CHECK(
        Read(made, with(sheet, "refs == C.data[0].refs)", std::string("refs ==") + end + "C.data[0].refs)")).marks() ==
        all_right);
  CHECK(Read(made, with(sheet, "refs == C.data[0].refs)", "refs\n==\nC.data[0].refs)")).marks() == all_right);
  CHECK(Read(made, with(sheet, "refs == C.data[0].refs)", "refs\n> ==\n> C.data[0].refs)")).marks() == all_right);
  CHECK(Read(made, with(sheet, "P.data[0].frame == 0", "P.data[0].frame\n== 0")).marks() == all_right);
  CHECK(Read(made, with(sheet, "P.data[0].frame == 0", "P.data[0].frame ==\n  0")).marks() == all_right);
  CHECK(Read(made, with(sheet, "P.data[0].frame == 0", "P.data[0].frame ==\n\n0")).marks() ==
        std::vector{R, M, R, R, R});
  // Answers below what is quoted; and the line behind a blank that has been emptied is none.
  for (const char* gap : {"\n", "\n>\n", "\n\n", "\n> \n\n"})
    for (const char* empty : {"", " ____"})
      CHECK(Read(made, with(quoted, "P.data[0].frame == 0", std::string("P.data[0].frame ==") + empty + gap + "0"))
                .marks() == all_right);
  CHECK(Read(made, with(quoted, "P.data[0].frame == 0", "P.data[0].frame == ____")).marks() ==
        std::vector{R, M, R, R, R});
  // All that stands below counts, and what stands below two answers neither.
  const auto below = [&](const std::string& what) {
    return Read(made, with(quoted, "P.data[0].frame == 0", "P.data[0].frame == ____\n" + what));
  };
  CHECK(below("0\nbecause it is the first").marks() == all_right);
  CHECK(below("0\n\n--\nAda, 5").marks() == all_right);
  CHECK(below("0\nno, 5").marks() == std::vector{R, U, R, R, R});
  CHECK(below("7\n\n0").marks() == std::vector{R, U, R, R, R});
  const Read two(made, with(quoted, "frames.used == 1\n>         P.data[0].frame == 0",
                            "frames.used == ____\n>         P.data[0].frame == ____\n\n1\n0"));
  CHECK(two.marks() == std::vector{M, M, R, R, R});
  REQUIRE(two.filled.troubles.size() == 1);
  CHECK(two.filled.troubles[0].what.starts_with("this may answer any of the blanks above it"));
  // A quoted line that a mail program has broken, and quoted in part.
  for (const char* broken : {"P.data[0]\n.frame == ____\n0", "P.data[0].frame ==\n____\n\n0"})
    CHECK(Read(made, with(quoted, "P.data[0].frame == 0", broken)).marks() == all_right);
  // What goes on in the next line, and a note further in.
  CHECK(Read(made, with(flush, "P.state == reaped", "P.state == reaped\nor zombie")).marks() ==
        std::vector{R, R, R, R, U});
  CHECK(Read(made, with(flush, "frame == 0", "frame == 0\n  or 5, I had thought")).marks() == all_right);
  CHECK(Read(made, with(flush, "frame == 0", "frame == 0\nor 5")).marks() == std::vector{R, U, R, R, R});
  CHECK(Read(made, with(flush, "frame == 0", "frame ==\nP")).marks() == std::vector{R, U, R, R, R});
  CHECK(
      Read(made, with(sheet, "P.data[0].frame == 0\n\n    P: fork as C", "P.data[0].frame ==\nP: fork as C")).marks() ==
      std::vector{R, M, R, R, R});
  CHECK(Read(made, with(sheet, "P.data[0].frame ==", "P\nP.data[0].frame ==")).marks() == all_right);
  CHECK(Read(made, with(sheet, "frames.used == 1", "Frames.Used  =  1")).marks() == all_right);
  CHECK(Read(made, "I hope that this is right!\n1. One remark.\n\n" + sheet + "\nThanks").marks() == all_right);
}

TEST_CASE("A Markdown sheet is read as well") {
  const Made made(kScript);
  std::string sheet = sheet_markdown(made.sheet, {});
  for (const char* answer : {"1", "0", "1", "yes", "reaped"})
    sheet = with(sheet, "== \\_\\_\\_\\_", std::string("== ") + answer);
  const Read read(made, sheet);
  CHECK(read.marks() == std::vector{R, R, R, R, R});
  CHECK(read.filled.troubles.empty());
}

TEST_CASE("The name, and answers in words") {
  const Made made(kScript);
  std::string sheet = sheet_text(made.sheet, {});
  const std::size_t name = sheet.find("Name: ");
  sheet.replace(name, sheet.find('\n', name) - name, "Name: __Ada Lovelace__");
  const std::size_t answer = sheet.find("Answer:\n");
  sheet.insert(answer + 8, "Both name it.\nSo the count is 2 == 2.\n");
  const Read read(made, sheet);
  CHECK(read.filled.student == "Ada Lovelace");
  REQUIRE(read.marked.words.size() == 1);
  CHECK(read.marked.words[0].first == 3);
  CHECK(read.marked.words[0].second == "Both name it.\nSo the count is 2 == 2.");
  CHECK(read.filled.troubles.empty());
}

TEST_CASE("What is on no line of the sheet, or there twice, is told") {
  const Made made(kScript);
  const std::string sheet = filled_in(sheet_text(made.sheet, {}), {"1", "0", "1", "1", "reaped"});
  const Read twice(
      made, with(sheet, "        P.data[0].frame == 0", "        frames.used == 2\n        P.data[0].frame == 0"));
  REQUIRE(twice.filled.troubles.size() == 1);
  CHECK(twice.filled.troubles[0].what == "this is answered twice");
  CHECK(twice.marks() == std::vector{R, R, R, R, R});
  const Read other(made, with(sheet, "P.data[0].frame == 0", "Q.data[0].frame == 0"));
  REQUIRE(other.filled.troubles.size() == 1);
  CHECK(other.sources.find(other.filled.troubles[0].place).text.find("Q.data") != std::string_view::npos);
  CHECK(other.marks() == std::vector{R, M, R, R, R});
  CHECK(other.marked.blanks[1].reason == "its line is not on the sheet");
}

TEST_CASE("The numbers on a sheet are never believed") {
  const Made made(kScript);
  // The student has changed the question to one that the answer fits.
  const std::string sheet = filled_in(sheet_text(made.sheet, {}), {"5", "0", "1", "1", "reaped"});
  CHECK(Read(made, with(sheet, "program demo data=2", "program demo data=9")).marks() == std::vector{W, R, R, R, R});
}

TEST_CASE("The head names the exercise and its options") {
  const auto head = [](std::string text) {
    Sources sources;
    const std::size_t file = sources.add("sheet.txt", std::move(text));
    return find_head(sources, find_sheets(sources, file).front());
  };
  const auto found = head("Hello\n\n> sheet:  ex-9.15-bits  --seed 4711 -D A=3 --set swap=65536\r\n");
  REQUIRE(found);
  CHECK(found->name == "ex-9.15-bits");
  CHECK(found->seed == 4711u);
  CHECK(found->definitions == std::vector<std::string>{"A=3"});
  CHECK(found->settings == std::vector<std::string>{"swap=65536"});
  CHECK(head("Sheet: `ex-9.12`\n")->name == "ex-9.12");
  CHECK(head("no head here\n").error().what.find("`Sheet:`") != std::string::npos);
  CHECK(head("Sheet:\n").error().what.find("which exercise") != std::string::npos);
  CHECK(head("Sheet: ex-9.12 --all\n").error().what.find("--seed N") != std::string::npos);
  CHECK(head("Sheet: ex-9.12 --seed\n").error().what.find("wants a word") != std::string::npos);
  CHECK(head("Sheet: ex-9.12 --seed x7\n").error().what == "`x7` is no seed");
  CHECK(!head(""));
}

TEST_CASE("Sheets that stand one behind the other in a file are apart") {
  const Made made(kScript);
  const Made other(
      "title \"Exercise 1.2\"\nmachine frames=9\n#? How many?\nexpect frames.used == 0\n#?explain Why?\n#because "
      "So.\n");
  const std::string first = filled_in(sheet_text(made.sheet, {}), {"1", "0", "1", "1", "reaped"});
  const std::string second = filled_in(sheet_markdown(other.sheet, {}), {});
  const std::string third = with(sheet_text(made.sheet, {}), "Sheet: ex-1.1", "Sheet: ex-1.1 --seed 3");
  Sources sources;
  const std::size_t file = sources.add("sheet.txt", second + "I do not know.\n\n" + first + "\n" + third);
  const std::vector<SheetRange> ranges = find_sheets(sources, file);
  REQUIRE(ranges.size() == 3);
  CHECK(find_head(sources, ranges[1])->name == "ex-1.1");
  CHECK(find_head(sources, ranges[2])->seed == 3u);
  const Filled words = read_filled(sources, ranges[0], other.sheet, made.sheet.title);
  CHECK(words.in_words == std::vector<std::string>{"", "I do not know."});
  const MarkedSheet one = mark_sheet(other.sheet, words);
  const MarkedSheet two = mark_sheet(made.sheet, read_filled(sources, ranges[1], made.sheet, made.sheet.title));
  CHECK(two.count(Mark::Right) == 5);
  const MarkedSheet all = together({one, two, {.file = "sheet.txt"}});
  CHECK(all.head == "ex-1.1, ex-1.1");
  CHECK(all.count(Mark::Right) == 5);
  CHECK(all.blanks.size() == 6);
  CHECK(all.unread == 1);
  CHECK(class_csv({all}).find(",6,1 sheet of the file cannot be read\n") != std::string::npos);
  CHECK(mark_sheet(made.sheet, read_filled(sources, ranges[2], made.sheet)).count(Mark::Missing) == 5);
  // Nobody has more sheets than a textbook.
  std::string many;
  for (std::size_t i = 0; i < 2 * kMostSheetsOfText; ++i) many += "Sheet: ex-1.1\n";
  const std::size_t long_file = sources.add("long.txt", many);
  CHECK(find_sheets(sources, long_file).size() == kMostSheetsOfText);
  CHECK(find_sheets(sources, long_file).back().end == many.size());
}

TEST_CASE("The table of a class names files without the folder that all are in, and controls no terminal") {
  MarkedSheet ada{.file = "handed-in/ada.txt", .student = "\x1b[31mAda", .head = "ex-1.1"};
  ada.blanks.push_back({.question = 1, .asks = "x", .mark = Mark::Right});
  MarkedSheet alan{.file = "handed-in/alan.txt", .student = "Alan", .head = "ex-1.1 --seed 2"};
  alan.blanks.push_back({.question = 1, .asks = "x", .mark = Mark::Wrong});
  CHECK(class_text({ada, alan}, 100) ==
        "FILE      NAME         POINTS  WRONG  MISSING  UNCLEAR  TO READ  SHEET\n"
        "ada.txt   \\x1b[31mAda     1/1      0        0        0        0  ex-1.1\n"
        "alan.txt  Alan            0/1      1        0        0        0  ex-1.1 --seed 2\n"
        "\n2 sheets read, on average 0.5 of 1.0 points\n");
  CHECK(marks_text(ada, 100).starts_with("handed-in/ada.txt: \\x1b[31mAda, ex-1.1: 1 of 1 point\n"));
}

TEST_CASE("A table of marks is safe for spreadsheets") {
  CHECK(csv_cell("Ada") == "Ada");
  CHECK(csv_cell("=HYPERLINK(1)") == "'=HYPERLINK(1)");
  CHECK(csv_cell("@x") == "'@x");
  CHECK(csv_cell("Lovelace, Ada \"A\"") == "\"Lovelace, Ada \"\"A\"\"\"");
  MarkedSheet unread{.file = "a,b.txt"};
  MarkedSheet read{.file = "c.txt", .student = "-1", .head = "ex-1.1"};
  read.blanks.push_back({.question = 1, .asks = "x", .mark = Mark::Right});
  CHECK(class_csv({unread, read}) ==
        "file,name,sheet,right,wrong,missing,unclear,to_read,points,of,remark\n"
        "\"a,b.txt\",,,,,,,,,,cannot be read\n"
        "c.txt,'-1,ex-1.1,1,0,0,0,0,1,1,\n");
}

}  // namespace bachsim
