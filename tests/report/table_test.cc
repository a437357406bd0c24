#include "sim/report/table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace bachsim {
namespace {

using Cells = std::vector<std::string>;

std::string table(const std::vector<TableColumn>& columns, const std::vector<Cells>& rows,
                  std::size_t width = kReportWidth) {
  Table table(columns, width);
  for (const Cells& cells : rows) table.add(cells);
  return table.text();
}

TEST_CASE("numbers end below one another, words begin so, and no line ends in blanks") {
  CHECK(table({{"NAME", Align::Left}, {"PID", Align::Right}, {"STATE", Align::Left}},
              {{"P", "2", "ready"}, {"child", "1000", ""}}) ==
        "NAME    PID  STATE\n"
        "P         2  ready\n"
        "child  1000\n");
}

TEST_CASE("where a table is wider than a report, the longest words are cut") {
  const std::string word(100, 'x');
  const std::string text = table({{"A", Align::Left}, {"N", Align::Right}, {"B", Align::Left}}, {{word, "1", "short"}});
  CHECK(text == "A" + std::string(71, ' ') + "N  B\n" + std::string(69, 'x') + "~  1  short\n");
}

TEST_CASE("the longest words are cut to one width, and the last ones keep what is left") {
  const std::vector<TableColumn> columns{
      {"A", Align::Left}, {"B", Align::Left}, {"C", Align::Left}, {"D", Align::Left}};
  const std::string word(30, 'x');
  const auto x = [](std::size_t count) { return std::string(count - 1, 'x') + "~"; };
  const std::string row = table(columns, {{word, "short word", word, word}}, 66);
  CHECK(row.substr(row.find('\n') + 1) == x(16) + "  short word  " + x(17) + "  " + x(17) + "\n");
  const std::string narrow = table(columns, {{word, "short word", word, word}}, 41);
  CHECK(narrow.substr(narrow.find('\n') + 1) == x(8) + "  " + "short wo~  " + x(9) + "  " + x(9) + "\n");
}

TEST_CASE("a letter of several bytes takes one place, and is never cut in two") {
  const std::vector<TableColumn> columns{{"NAME", Align::Left}, {"N", Align::Right}};
  CHECK(table(columns, {{"J\u00f6rg", "1"}, {"Jorge", "2"}}, 40) ==
        "NAME   N\n"
        "J\u00f6rg   1\n"
        "Jorge  2\n");
  std::string letters;
  for (int i = 0; i < 60; ++i) letters += "\u00f6";
  CHECK(table(columns, {{letters, "1"}}, 40) ==
        "NAME" + std::string(35, ' ') + "N\n" + letters.substr(0, 72) + "~  1\n");
}

TEST_CASE("numbers, the headings' width and a whole last column are never cut") {
  const std::string number(90, '7');
  CHECK(table({{"N", Align::Right}, {"NAME", Align::Left}}, {{number, "P"}}) ==
        std::string(89, ' ') + "N  NAME\n" + number + "  P\n");
  const std::string word(100, 'x');
  CHECK(table({{"N", Align::Right}, {"ALL", Align::Whole}}, {{"1", word}}) == "N  ALL\n1  " + word + "\n");
}

TEST_CASE("a table takes the width that there is") {
  const std::vector<TableColumn> columns{{"NAME", Align::Left}, {"N", Align::Right}};
  const std::string word(60, 'x');
  CHECK(table(columns, {{word, "1"}}, 100) == "NAME" + std::string(58, ' ') + "N\n" + word + "  1\n");
  CHECK(table(columns, {{word, "1"}}, 40) == "NAME" + std::string(35, ' ') + "N\n" + word.substr(0, 36) + "~  1\n");
}

TEST_CASE("columns without room come below, behind the first") {
  const std::vector<TableColumn> columns{
      {"tick", Align::Right}, {"vflt", Align::Right}, {"pflt", Align::Right}, {"free", Align::Right}};
  const std::vector<Cells> rows{{"10", "1.00", "2.00", "7"}, {"20", "3.00", "4.00", "8"}};
  CHECK(table(columns, rows, 16) ==
        "tick  vflt  pflt\n"
        "  10  1.00  2.00\n"
        "  20  3.00  4.00\n"
        "\n"
        "tick  free\n"
        "  10     7\n"
        "  20     8\n");
}

TEST_CASE("a whole last column goes on below itself") {
  CHECK(table({{"LINE", Align::Right}, {"EXPECTATION", Align::Whole}}, {{"7", "P.data[0].refs == Q.data[0].refs + 1"}},
              30) ==
        "LINE  EXPECTATION\n"
        "   7  P.data[0].refs ==\n"
        "      Q.data[0].refs + 1\n");
}

TEST_CASE("a whole last column has its least room, however narrow the report is") {
  CHECK(table({{"LINE", Align::Right}, {"EXPECTATION", Align::Whole}}, {{"7", "P.data[0].refs == Q.data[0].refs + 1"}},
              12) ==
        "LINE\n"
        "      EXPECTATION\n"
        "   7\n"
        "      P.data[0].refs ==\n"
        "      Q.data[0].refs + 1\n");
}

TEST_CASE("a table without lines is nothing, or its headings") {
  CHECK(table({{"NAME", Align::Left}}, {}).empty());
  StringSink sink;
  write_table(
      sink, {{"NAME", Align::Left}, {"PID", Align::Right}}, [](const auto&) {}, IfEmpty::Headings);
  CHECK(sink.text() == "NAME  PID\n");
}

TEST_CASE("a paragraph stands behind its head, and its further lines farther in") {
  CHECK(paragraph("- ", "one two three", 9) == "- one two\n  three\n");
  CHECK(paragraph("  ", "one two three", 4, 9) == "  one two\n      three\n");
  CHECK(paragraph("", "one  two", 80) == "one  two\n");
  CHECK(paragraph("", "alonewordwithoutblanks x", 4, 8) == "alonewordwithoutblanks\n    x\n");
}

}  // namespace
}  // namespace bachsim
