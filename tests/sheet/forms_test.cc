// The forms of a sheet.
#include "sim/page/markdown.h"
#include "sim/sheet/sheet_forms.h"
#include "tests/sheet/made.h"

namespace bachsim {
namespace {

// Everything in it that some form could take for its own.
constexpr const char* kHostile = R"(title "A <script>alert(1)</script> & {1:NUMERICAL:=7} *b* ]]>"
#task <img src=x onerror=alert(1)> `code` [a](b) *x* _y_ {1:SHORTANSWER:=a~=b} ]]> & "quoted"
#task
#task     | a | ``` <b> ]]> {1:NUMERICAL:=7}
program demo data=2
spawn demo as P
preset P data[0] frame=3
repeat 1 { # <i>
  P: write data[1] = 7
}
#?predict <u>How</u> many? {2:NUMERICAL:=9} ]]> |
#hint <hint> `
#because <because> & ]]>
expect (frames.used < 1) + 2 == 2
#? Where?
expect P.data[1].disk == none
expect P.data[1].frame == 0
expect P.state == ready
#?design <d>
#because ]]> "x"
)";

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t number = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++number;
  return number;
}

// Tags that sheets are made of.
void check_tags(std::string_view html) {
  static constexpr std::array<std::string_view, 25> kTags{
      "!DOCTYPE", "html", "head", "meta", "title", "style", "body", "main", "h1",     "h2",      "p",    "pre", "code",
      "table",    "tr",   "td",   "th",   "ul",    "li",    "br",   "em",   "strong", "section", "span", "div"};
  for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
    std::string_view tag = html.substr(at + 1);
    if (tag.starts_with('/')) tag.remove_prefix(1);
    tag = tag.substr(0, tag.find_first_of(" >"));
    INFO(html.substr(at, 40));
    CHECK(std::ranges::find(kTags, tag) != kTags.end());
  }
}

}  // namespace

TEST_CASE("A sheet has blanks, and answers only where they are wanted") {
  const Made made(kHostile);
  for (const auto form : {sheet_text, sheet_markdown, sheet_html}) {
    const std::string questions = form(made.sheet, {});
    CHECK(questions.find("because") == std::string::npos);
    CHECK(questions.find("Hint 1") == std::string::npos);
    CHECK(questions.find("Name:") != std::string::npos);
    CHECK(form(made.sheet, {.hints = 1}).find("Hint 1") != std::string::npos);
    CHECK(form(made.sheet, {.hints = 9}).find("Hint 2") == std::string::npos);
    const std::string answers = form(made.sheet, {.answers = true});
    CHECK(answers.find("because") != std::string::npos);
    CHECK(answers.find("Name:") == std::string::npos);
    CHECK(answers.find("ready") != std::string::npos);
  }
  CHECK(count(sheet_text(made.sheet, {}), "== ____\n") == 4);
}

TEST_CASE("HTML escapes everything") {
  const Made made(kHostile);
  for (const bool answers : {false, true}) {
    const std::string html = sheet_html(made.sheet, {.answers = answers, .hints = 3});
    check_tags(html);
    CHECK(html.find("&lt;script&gt;alert(1)&lt;/script&gt; &amp; {1:NUMERICAL:=7}") != std::string::npos);
    CHECK(html.find("onerror=alert(1)&gt; <code>code</code> [a](b)") != std::string::npos);
    CHECK(html.find("&lt;hint&gt; `") != std::string::npos);
    for (const char* tag : {"section", "pre", "table", "ul", "p", "li"}) {
      CAPTURE(tag);
      CHECK(count(html, fmt::format("<{}>", tag)) + count(html, fmt::format("<{} ", tag)) ==
            count(html, fmt::format("</{}>", tag)));
    }
  }
}

TEST_CASE("Markdown says what the sheet says, to a reader of Markdown that is not ours") {
  const Made made(kHostile);
  const std::string html = markdown_html(sheet_markdown(made.sheet, {.answers = true, .hints = 3}), {});
  CHECK(html.find("<script>") == std::string::npos);
  CHECK(html.find("<img") == std::string::npos);
  CHECK(html.find("<u>") == std::string::npos);
  CHECK(html.find("&lt;u&gt;How&lt;/u&gt; many? {2:NUMERICAL:=9} ]]&gt; |") != std::string::npos);
  CHECK(html.find("<code>code</code> [a](b) *x* _y_") != std::string::npos);
  CHECK(html.find("| a | ``` &lt;b&gt; ]]&gt;") != std::string::npos);
  CHECK(html.find("<code>(frames.used &lt; 1) + 2</code> == <code>2</code>") != std::string::npos);
  CHECK(html.find("<th>PROCESS</th>") != std::string::npos);
}

TEST_CASE("A question bank has each blank as an embedded answer, and nothing else that looks like one") {
  const Made made(kHostile);
  const std::string xml = moodle_xml({made.sheet}, {.hints = 1});
  CHECK(count(xml, "<question type=\"category\">") == 1);
  CHECK(count(xml, "<question type=\"cloze\">") == 1);
  CHECK(count(xml, "<question type=\"essay\">") == 1);
  const std::size_t begin = xml.find("<questiontext", xml.find("type=\"cloze\""));
  const std::string_view text = std::string_view(xml).substr(begin, xml.find("</questiontext>", begin) - begin);
  CHECK(count(text, "{") == 4);
  CHECK(count(text, "{1:NUMERICAL:=2:0}") == 1);
  CHECK(count(text, "{1:NUMERICAL:=0:0}") == 1);
  CHECK(count(text, "{1:SHORTANSWER:=none~=no~=null~=-}") + count(text, "{1:SHORTANSWER:=none}") == 1);
  CHECK(count(text, "{1:SHORTANSWER:=ready}") == 1);
  CHECK(text.find("because") == std::string_view::npos);
}

}  // namespace bachsim
