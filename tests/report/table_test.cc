#include "sim/report/table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace bachsim {
namespace {

using Cells = std::vector<std::string>;

std::string table(const std::vector<TableColumn>& columns, const std::vector<Cells>& rows) {
  Table table(columns);
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

TEST_CASE("numbers, the headings' width and a whole last column are never cut") {
  const std::string number(90, '7');
  CHECK(table({{"N", Align::Right}, {"NAME", Align::Left}}, {{number, "P"}}) ==
        std::string(89, ' ') + "N  NAME\n" + number + "  P\n");
  const std::string word(100, 'x');
  CHECK(table({{"N", Align::Right}, {"ALL", Align::Whole}}, {{"1", word}}) == "N  ALL\n1  " + word + "\n");
}

TEST_CASE("a table without lines is nothing, or its headings") {
  CHECK(table({{"NAME", Align::Left}}, {}).empty());
  StringSink sink;
  write_table(
      sink, {{"NAME", Align::Left}, {"PID", Align::Right}}, [](const auto&) {}, IfEmpty::Headings);
  CHECK(sink.text() == "NAME  PID\n");
}

}  // namespace
}  // namespace bachsim
