// How errors look, and which words are near each other.
#include "workloads/language/diagnostic.h"

#include <string>
#include <string_view>
#include <vector>

#include "tests/parser/fixture.h"

namespace bachsim {
namespace {

const std::vector<std::string_view> kWords{"read", "fork", "vfork", "print", "shmget", "stack-limit", "sh"};

TEST_CASE("a word with a slip has a near miss") {
  const std::vector<std::pair<std::string_view, std::string_view>> table{
      {"raed", "read"},                // two neighbours swapped
      {"reed", "read"},                // one changed
      {"rea", "read"},                 // one left out
      {"reads", "read"},               // one too many
      {"Read", "read"},                // another case
      {"for", "fork"},                 //
      {"forkk", "fork"},               // as near to vfork, which comes later
      {"vfrok", "vfork"},              //
      {"hs", "sh"},                    //
      {"shmegt", "shmget"},            //
      {"stacklimit", "stack-limit"},   //
      {"stack_limt", "stack-limit"},   // two slips in a long word
      {"tsack-limti", "stack-limit"},  //
  };
  for (const auto& [word, near] : table) {
    CAPTURE(word);
    CHECK(near_miss(word, kWords) == near);
  }
}

TEST_CASE("a word that is no slip has no near miss") {
  for (const std::string_view word :
       {"", "x", "xy", "raad_", "rde", "parent", "tick", "exit", "limit", "shmgetting", "reallyquitelong"}) {
    CAPTURE(word);
    CHECK(near_miss(word, kWords).empty());
  }
  CHECK(near_miss("read", {}).empty());
  CHECK(near_miss("a", {"b"}).empty());
  CHECK(near_miss("ab", {"ba"}) == "ba");
}

TEST_CASE("the longer a word the more slips it may have") {
  CHECK(near_miss("abcdefg", {"abcdefx"}) == "abcdefx");
  CHECK(near_miss("abcdefg", {"abcdexy"}).empty());
  CHECK(near_miss("abcdefgh", {"abcdefxy"}) == "abcdefxy");
  CHECK(near_miss("abcdefghijk", {"abcdefghxyz"}).empty());
  CHECK(near_miss("abcdefghijkl", {"abcdefghixyz"}) == "abcdefghixyz");
  CHECK(near_miss("abcdefghijklmnop", {"abcdefghijklwxyz"}).empty());
}

TEST_CASE("words too long for a slip are not compared") {
  const std::string word(40, 'a');
  const std::string known = word.substr(1) + 'b';
  CHECK(near_miss(word, {known}) == known);
  const std::string longer = word + 'a';
  CHECK(near_miss(longer, {word}).empty());
  CHECK(near_miss(word, {longer}).empty());
}

TEST_CASE("the nearest of several words is suggested and of equals the first") {
  CHECK(near_miss("sv93", {"sv39", "sv48"}) == "sv39");
  CHECK(near_miss("bat", {"cat", "bad"}) == "cat");
  CHECK(near_miss("bat", {"bad", "cat"}) == "bad");
  CHECK(near_miss("software", {"hardware", "softwares"}) == "softwares");
}

TEST_CASE("a suggestion is a question or nothing") {
  CHECK(did_you_mean("raed", kWords) == "; did you mean `read`?");
  CHECK(did_you_mean("nothing_like_it", kWords).empty());
}

// A text with an error at a byte of it.
std::string rendered(std::string text, std::uint32_t at, std::string_view kind = "error") {
  Sources sources;
  sources.add("before", "something before\n");
  const std::size_t file = sources.add("a.bach", std::move(text));
  return render(sources, {{sources.start(file).offset + at}, "what"}, kind);
}

TEST_CASE("a caret stands under the place") {
  CHECK(rendered("one two\nthree\n", 0) == "a.bach:1:1: error: what\none two\n^\n");
  CHECK(rendered("one two\nthree\n", 4) == "a.bach:1:5: error: what\none two\n    ^\n");
  CHECK(rendered("one two\nthree\n", 7) == "a.bach:1:8: error: what\none two\n       ^\n");
  CHECK(rendered("one two\nthree\n", 8) == "a.bach:2:1: error: what\nthree\n^\n");
  CHECK(rendered("one two\nthree\n", 12) == "a.bach:2:5: error: what\nthree\n    ^\n");
}

TEST_CASE("a place may be behind the last byte") {
  CHECK(rendered("", 0) == "a.bach:1:1: error: what\n\n^\n");
  CHECK(rendered("one", 3) == "a.bach:1:4: error: what\none\n   ^\n");
  CHECK(rendered("one\n", 4) == "a.bach:2:1: error: what\n\n^\n");
  CHECK(rendered("\n\n", 1) == "a.bach:2:1: error: what\n\n^\n");
}

TEST_CASE("an error may be called something else") {
  CHECK(rendered("one", 1, "expectation failed") == "a.bach:1:2: expectation failed: what\none\n ^\n");
}

TEST_CASE("the end of a line is at one place with and without a carriage return") {
  CHECK(rendered("one\r\ntwo\r\n", 2) == "a.bach:1:3: error: what\none\n  ^\n");
  CHECK(rendered("one\r\ntwo\r\n", 3) == "a.bach:1:4: error: what\none\n   ^\n");
  CHECK(rendered("one\r\ntwo\r\n", 4) == "a.bach:1:4: error: what\none\n   ^\n");
  CHECK(rendered("one\r\ntwo\r\n", 5) == "a.bach:2:1: error: what\ntwo\n^\n");
}

TEST_CASE("tabs before the caret are kept so that it stands right at any width") {
  CHECK(rendered("\ta\tb", 1) == "a.bach:1:2: error: what\n\ta\tb\n\t^\n");
  CHECK(rendered("\ta\tb", 3) == "a.bach:1:4: error: what\n\ta\tb\n\t \t^\n");
}

TEST_CASE("a character of several bytes is one before the caret") {
  CHECK(rendered("\xc3\xa9 x", 3) == "a.bach:1:4: error: what\n\xc3\xa9 x\n  ^\n");
  CHECK(rendered("\xe6\x97\xa5\xe6\x9c\xac x", 7) == "a.bach:1:8: error: what\n\xe6\x97\xa5\xe6\x9c\xac x\n   ^\n");
  CHECK(rendered("\xf0\x9f\x98\x80 x", 5) == "a.bach:1:6: error: what\n\xf0\x9f\x98\x80 x\n  ^\n");
}

TEST_CASE("bytes that are no characters are shown as question marks") {
  for (const std::string_view byte : {"\xff", "\x80", "\xc3", "\x01", "\x1b", "\x7f", "\r", "\xf8"}) {
    CAPTURE(byte);
    CHECK(rendered("a" + std::string(byte) + " x", 3) == "a.bach:1:4: error: what\na? x\n   ^\n");
  }
  CHECK(rendered("\x80\x80 x", 3) == "a.bach:1:4: error: what\n?? x\n   ^\n");
  CHECK(rendered("\xe6\x97 x", 3) == "a.bach:1:4: error: what\n?? x\n   ^\n");
  CHECK(rendered("\xc2\x9b x", 3) == "a.bach:1:4: error: what\n?? x\n   ^\n");
  CHECK(rendered("x \xe6\x97", 0) == "a.bach:1:1: error: what\nx ??\n^\n");
}

TEST_CASE("of a long line the part around the place is shown") {
  const std::string a(119, 'a');
  CHECK(rendered(a + "b", 0) == "a.bach:1:1: error: what\n" + a + "b\n^\n");
  CHECK(rendered(a + "b", 119) == "a.bach:1:120: error: what\n" + a + "b\n" + std::string(119, ' ') + "^\n");
  CHECK(rendered(a + "bc", 0) == "a.bach:1:1: error: what\n" + a + "b...\n^\n");
  CHECK(rendered(a + "bc", 60) == "a.bach:1:61: error: what\n" + a + "b...\n" + std::string(60, ' ') + "^\n");
  CHECK(rendered(a + "bc", 61) ==
        "a.bach:1:62: error: what\n..." + a.substr(1) + "bc\n" + std::string(63, ' ') + "^\n");
  CHECK(rendered(a + "bc", 121) ==
        "a.bach:1:122: error: what\n..." + a.substr(1) + "bc\n" + std::string(123, ' ') + "^\n");
  const std::string b(1000, 'b');
  CHECK(rendered(b + "x" + b, 1000) == "a.bach:1:1001: error: what\n..." + b.substr(0, 60) + "x" + b.substr(0, 59) +
                                           "...\n" + std::string(63, ' ') + "^\n");
}

TEST_CASE("a long line is not cut inside a character") {
  std::string line;
  for (int i = 0; i < 200; ++i) line += "\xe6\x97\xa5";
  std::string part;
  for (int i = 0; i < 40; ++i) part += "\xe6\x97\xa5";
  CHECK(rendered(line, 0) == "a.bach:1:1: error: what\n" + part + "...\n^\n");
  CHECK(rendered("a" + line, 0) == "a.bach:1:1: error: what\na" + part.substr(0, 117) + "...\n^\n");
  CHECK(rendered("a" + line, 301).starts_with("a.bach:1:302: error: what\n...\xe6\x97\xa5"));
  CHECK(rendered("ab" + line, 302).starts_with("a.bach:1:303: error: what\n...\xe6\x97\xa5"));
}

TEST_CASE("a long line of bytes that are no characters is cut as well") {
  const std::string line(100000, '\x80');
  CHECK(rendered(line, 50000) ==
        "a.bach:1:50001: error: what\n..." + std::string(120, '?') + "...\n" + std::string(63, ' ') + "^\n");
}

TEST_CASE("notes follow their error with places of their own") {
  Sources sources;
  const std::size_t first = sources.add("a.bach", "one\ntwo\n");
  const std::size_t second = sources.add("b.bach", "three");
  const Place in_a{sources.start(first).offset + 5};
  const Place in_b{sources.start(second).offset + 2};
  CHECK(render(sources, {in_b, "what", {{in_a, "first"}, {in_b, "then"}}}) ==
        "b.bach:1:3: error: what\nthree\n  ^\n"
        "a.bach:2:2: note: first\ntwo\n ^\n"
        "b.bach:1:3: note: then\nthree\n  ^\n");
}

}  // namespace
}  // namespace bachsim
