#include <rapidjson/document.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "sim/page/cells.h"
#include "sim/page/free_list.h"
#include "sim/page/html.h"
#include "sim/page/json_text.h"
#include "sim/page/markdown.h"

namespace bachsim {
namespace {

Cell number(std::int64_t value) { return {.kind = Cell::Kind::Number, .number = value}; }
Cell word(std::string text) { return {.kind = Cell::Kind::Text, .text = std::move(text)}; }
Cell numbered(std::string text, std::int64_t value) {
  return {.kind = Cell::Kind::Numbered, .number = value, .text = std::move(text)};
}

TEST_CASE("rows that came and count on are one array") {
  std::vector<CellChange> changes;
  for (std::uint64_t i = 0; i < 3; ++i) {
    const auto k = static_cast<std::int64_t>(i);
    changes.push_back({.row = 7 + i, .after = {number(5 + k), {}, word("ready"), numbered("file:", k), number(1)}});
  }
  CHECK(cells_json(changes) == R"([[],[[7,3,[5],null,"ready",["file:",0],1]],[]])");
}

TEST_CASE("rows that go on in another way begin another array") {
  const std::vector<CellChange> changes{{.row = 0, .after = {number(5)}},
                                        {.row = 1, .after = {number(6)}},
                                        {.row = 2, .after = {number(6)}},
                                        {.row = 4, .after = {number(6)}}};
  CHECK(cells_json(changes) == "[[],[[0,2,[5]],[2,1,6],[4,1,6]],[]]");
}

TEST_CASE("a row that went is there whole, so that it can come back") {
  CHECK(cells_json({{.row = 3, .before = {number(1), numbered("swap:1:", 17)}}}) == R"([[[3,1,1,"swap:1:17"]],[],[]])");
}

TEST_CASE("of a changed row there is what was and what is") {
  CHECK(cells_json({{.row = 3, .before = {number(1), word("a"), number(4)}, .after = {number(2), word("a"), {}}}}) ==
        "[[],[],[[3,1,0,1,2,2,4,null]]]");
}

TEST_CASE("changed rows that count on are one array, and so are those to which the same is added") {
  CHECK(cells_json({{.row = 0, .before = {{}, number(1)}, .after = {number(8), number(1)}},
                    {.row = 1, .before = {{}, number(1)}, .after = {number(9), number(1)}}}) ==
        "[[],[],[[0,2,0,null,[8]]]]");
  CHECK(cells_json({{.row = 0, .before = {number(1)}, .after = {number(2)}},
                    {.row = 1, .before = {number(5)}, .after = {number(6)}},
                    {.row = 2, .before = {number(5)}, .after = {number(7)}}}) ==
        R"([[],[],[[0,2,0,{"+":1},0],[2,1,0,5,7]]])");
}

TEST_CASE("rows of a table keep their numbers") {
  RowNumbers<RegionRow> of_regions;
  HostShare share;
  const auto cells = [&](const std::vector<Change<RegionRow>>& changes) {
    return of_regions.cells(kRegionColumns, changes, share, share);
  };
  const RegionRow one{.id = 1, .refs = 1};
  const RegionRow two{.id = 2, .refs = 1};
  const RegionRow shared{.id = 1, .refs = 2};
  CHECK(cells({{.before = {}, .after = one}, {.before = {}, .after = two}}).back().row == 1);
  const auto changed = cells({{.before = one, .after = shared}});
  REQUIRE(changed.size() == 1);
  CHECK(changed.front().row == 0);
  CHECK(cells({{.before = two, .after = {}}}).front().after.empty());
}

// A free list of these runs.
std::vector<FreeRow> list(std::initializer_list<std::pair<std::uint32_t, std::uint32_t>> runs) {
  std::vector<FreeRow> rows;
  for (const auto& [first, last] : runs) rows.push_back({.first = first, .last = last});
  return rows;
}

TEST_CASE("a free list says what moved, and where") {
  const auto before = list({{5, 9}, {12, 12}, {3, 4}});
  CHECK(free_list_json(before, before).empty());
  CHECK(free_list_json({}, before) == "[0,[],[5,9,12,12,3,4]]");
  CHECK(free_list_json(before, {}) == "[0,[5,9,12,12,3,4],[]]");
  CHECK(free_list_json(before, list({{6, 9}, {12, 12}, {3, 4}, {1, 1}})) == "[0,[5,9],[6,9],3,[],[1,1]]");
  CHECK(free_list_json(before, list({{5, 9}, {3, 4}})) == "[1,[12,12],[]]");
  CHECK(free_list_json(before, list({{5, 9}, {7, 7}, {12, 12}, {3, 4}})) == "[1,[],[7,7]]");
}

// The list that a move makes of another.
std::vector<FreeRow> moved(std::vector<FreeRow> rows, const std::string& json) {
  rapidjson::Document moves;
  moves.Parse(json.c_str());
  const auto runs = [](const rapidjson::Value& numbers) {
    std::vector<FreeRow> result;
    for (rapidjson::SizeType i = 0; i < numbers.Size(); i += 2)
      result.push_back({.first = numbers[i].GetUint(), .last = numbers[i + 1].GetUint()});
    return result;
  };
  for (rapidjson::SizeType i = moves.Size(); i >= 3; i -= 3) {  // from behind, so that places stay what they were
    const auto at = rows.begin() + moves[i - 3].GetInt();
    const auto went = runs(moves[i - 2]);
    const auto came = runs(moves[i - 1]);
    REQUIRE(std::vector<FreeRow>(at, at + static_cast<std::ptrdiff_t>(went.size())) == went);
    rows.insert(rows.erase(at, at + static_cast<std::ptrdiff_t>(went.size())), came.begin(), came.end());
  }
  return rows;
}

TEST_CASE("whatever a free list became can be made of what it was") {
  std::uint32_t seed = 1;
  const auto draw = [&seed](std::uint32_t below) { return (seed = seed * 1103515245u + 12345u) / 65536u % below; };
  for (int round = 0; round < 200; ++round) {
    std::vector<FreeRow> was;
    for (std::uint32_t i = 0; i < 40; ++i) was.push_back({.first = 10 * i, .last = 10 * i + draw(3)});
    std::vector<FreeRow> is = was;
    if (round % 4 == 0) std::ranges::reverse(is);
    for (std::uint32_t i = 0; i < draw(20); ++i) is.erase(is.begin() + draw(static_cast<std::uint32_t>(is.size())));
    for (std::uint32_t i = 0; i < draw(20); ++i)
      is.insert(is.begin() + draw(static_cast<std::uint32_t>(is.size())), {.first = 1000 + i, .last = 1000 + i});
    const std::string json = free_list_json(was, is);
    CHECK((json.empty() ? was : moved(was, json)) == is);
  }
}

TEST_CASE("JSON of a page neither ends its element nor breaks a line") {
  JsonText json;
  json.put("</script>\u2028\u00e9\"");
  CHECK(json.take() == R"("\u003c/script>\u2028\u00E9\"")");
  CHECK(escaped("<a href=\"x\">&") == "&lt;a href=&quot;x&quot;&gt;&amp;");
}

TEST_CASE("documents are HTML with anchors, tables, and links that stay on the site") {
  const std::string html = markdown_html(
      "# The model\n\n## Swap, `mfree` and_more\n\n| a | b |\n| --- | --- |\n| 1 | `<x>` |\n\n[one](model.md#swap) "
      "[two](other.md) [three](#here) [four](https://www.kernel.org) ![five](five.svg)\n",
      {"model"});
  CHECK(html.find("<h2><a id=\"swap-mfree-and_more\"></a>Swap, <code>mfree</code> and_more</h2>") != std::string::npos);
  CHECK(html.find("<td><code>&lt;x&gt;</code></td>") != std::string::npos);
  CHECK(html.find("<a href=\"model.html#swap\">one</a> two <a href=\"#here\">three</a>") != std::string::npos);
  CHECK(html.find("<a href=\"https://www.kernel.org\">four</a> five</p>") != std::string::npos);
  CHECK(markdown_title("text\n\n# The `model`\n") == "The model");
}

}  // namespace
}  // namespace bachsim
