// Scripts with mistakes and all that is said about them, byte for byte.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/parser/fixture.h"

namespace bachsim {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

std::size_t number_of_errors(std::string_view script) { return Parsed(std::string(script)).result.errors.size(); }

TEST_CASE("all mistakes of a script are told in one run") {
  check_errors(
      {{R"(titel "x"
machine frames=
program sh text=1
spawn hs as P
P: raed data[0]
P: write data[0] = (1 + 2
tick
P: exit $
expect counter.fork.nothing == 1
)",
        R"(a.bach:1:7: error: expected `:` and what the process does, found a text in quotes; did you mean `title`?
titel "x"
      ^
a.bach:2:16: error: expected a number or a word, found the end of the line
machine frames=
               ^
a.bach:4:7: error: there is no program `hs`; did you mean `sh`?
spawn hs as P
      ^
a.bach:5:4: error: `raed` is neither an operation nor a var; did you mean `read`?
P: raed data[0]
   ^
a.bach:6:26: error: expected `)`, found the end of the line
P: write data[0] = (1 + 2
                         ^
a.bach:8:9: error: `$` has no meaning here
P: exit $
        ^
a.bach:9:16: error: there is no counter `fork.nothing`
expect counter.fork.nothing == 1
               ^
)"}});
}

TEST_CASE("a line has one error at most") {
  CHECK(number_of_errors("tick $ $ $ (((\n") == 1);
  CHECK(number_of_errors("tick $ $ $ (((") == 1);
  CHECK(number_of_errors("$\n\n\n") == 1);
}

TEST_CASE("twenty errors are told and no more") {
  std::string script;
  std::string text;
  for (int i = 1; i <= 25; ++i) {
    script += "tick x y\n";
    if (i <= 20)
      text +=
          "a.bach:" + std::to_string(i) + ":8: error: expected the end of the line, found `y`\ntick x y\n       ^\n";
  }
  check_errors({{script, text}});
  CHECK(number_of_errors(repeated("$\n", 19)) == 19);
  CHECK(number_of_errors(repeated("repeat 1 {\n", 30)) == 20);
  CHECK(number_of_errors(repeated("$ {\n", 30)) == 20);
}

TEST_CASE("a mistake in the last line is told without its newline") {
  check_errors({
      {"tick\nP: fork as",
       R"(a.bach:2:11: error: expected a process's name, found the end of the file
P: fork as
          ^
)"},
      {"P: fork as # C", R"(a.bach:1:15: error: expected a process's name, found the end of the file
P: fork as # C
              ^
)"},
      {"P: fork as # C\n",
       R"(a.bach:1:15: error: expected a process's name, found the end of the line
P: fork as # C
              ^
)"},
      {"spawn", R"(a.bach:1:6: error: expected a program's name, found the end of the file
spawn
     ^
)"},
  });
}

TEST_CASE("what is declared twice is told with its first place") {
  check_errors({
      {R"(program sh
program vi
program sh text=1
)",
       R"(a.bach:3:9: error: program `sh` is declared twice
program sh text=1
        ^
a.bach:1:9: note: the first one is here
program sh
        ^
)"},
      {R"(var x = data[0]
var y = data[1]
  var x = data[2]
)",
       R"(a.bach:3:7: error: var `x` is declared twice
  var x = data[2]
      ^
a.bach:1:5: note: the first one is here
var x = data[0]
    ^
)"},
      {R"(title "a"
note "b"
title "c"
)",
       R"(a.bach:3:1: error: a script has one title
title "c"
^
a.bach:1:1: note: it is here
title "a"
^
)"},
  });
}

TEST_CASE("programs and vars and processes may share a name") {
  CHECK(errors_of("program x\nvar x = data[0]\nspawn x as x\nx: x = 1\n").empty());
}

TEST_CASE("what sets the stage cannot stand in a block") {
  check_errors({
      {R"(tick
repeat 3 {
  for I in 1..2 {
    program sh
  }
  var x = data[0]
}
)",
       R"(a.bach:4:5: error: `program` cannot stand in a block
    program sh
    ^
a.bach:3:3: note: the block begins here
  for I in 1..2 {
  ^
a.bach:6:3: error: `var` cannot stand in a block
  var x = data[0]
  ^
a.bach:2:1: note: the block begins here
repeat 3 {
^
)"},
      {R"(repeat 3 {
machine frames=3
title "x"
}
)",
       R"(a.bach:2:1: error: `machine` cannot stand in a block
machine frames=3
^
a.bach:1:1: note: the block begins here
repeat 3 {
^
a.bach:3:1: error: `title` cannot stand in a block
title "x"
^
a.bach:1:1: note: the block begins here
repeat 3 {
^
)"},
  });
}

TEST_CASE("a machine is set up before anything happens") {
  for (const std::string_view event : {"tick", "run 1", "age", "steal", "spawn sh as P"}) {
    const std::string script = "program sh\n" + std::string(event) + "\nmachine frames=3\n";
    CAPTURE(event);
    CHECK(errors_of(script) ==
          R"(a.bach:3:1: error: a machine is set up before the first spawn, preset, tick, age, steal or run
machine frames=3
^
)");
  }
  CHECK(errors_of("note \"x\"\nprogram sh\nshow all\nexpect 1\naudit\nmachine frames=3\n").empty());
}

TEST_CASE("names are known from where they are declared") {
  check_errors({{R"(spawn sh as P
P: x = 1
program sh
var x = data[0]
P: x = 1
)",
                 R"(a.bach:1:7: error: there is no program `sh`
spawn sh as P
      ^
a.bach:2:4: error: `x` is neither an operation nor a var
P: x = 1
   ^
)"}});
}

TEST_CASE("a program with a mistake in it is known nevertheless") {
  check_errors({{"program sh text=x\nspawn sh as P\n",
                 R"(a.bach:1:17: error: expected a number of pages, or of bytes with K, M or G, found `x`
program sh text=x
                ^
)"}});
}

TEST_CASE("programs of several names are suggested by the nearest") {
  check_errors(
      {{"program editor\nprogram compiler\nspawn editr as P\nspawn complier as Q\nspawn other as "
        "R\n",
        R"(a.bach:3:7: error: there is no program `editr`; did you mean `editor`?
spawn editr as P
      ^
a.bach:4:7: error: there is no program `complier`; did you mean `compiler`?
spawn complier as Q
      ^
a.bach:5:7: error: there is no program `other`
spawn other as R
      ^
)"}});
}

TEST_CASE("of vars that are equally near the first by name is suggested") {
  const std::string text =
      R"(a.bach:3:4: error: `bat` is neither an operation nor a var; did you mean `bad`?
P: bat = 1
   ^
)";
  check_errors({{"var cat = data[0]\nvar bad = data[1]\nP: bat = 1\n", text},
                {"var bad = data[0]\nvar cat = data[1]\nP: bat = 1\n", text}});
}

TEST_CASE("an unknown view is told with all that there are") {
  std::string views;
  for (const std::string_view view : view_words()) views += (views.empty() ? "" : ", ") + std::string(view);
  check_errors({
      {"show", "a.bach:1:5: error: expected a view (" + views + "), found the end of the file\nshow\n    ^\n"},
      {"show 3", "a.bach:1:6: error: expected a view (" + views + "), found `3`\nshow 3\n     ^\n"},
      {"show pagse P", "a.bach:1:6: error: expected a view (" + views +
                           "), found `pagse`; did you mean `pages`?\nshow pagse P\n     ^\n"},
      {"show map-cots", "a.bach:1:6: error: expected a view (" + views +
                            "), found `map-cots`; did you mean `map-cost`?\nshow map-cots\n     ^\n"},
      {"show map-", "a.bach:1:10: error: expected a view, found the end of the file\nshow map-\n         ^\n"},
      {"show everything",
       "a.bach:1:6: error: expected a view (" + views + "), found `everything`\nshow everything\n     ^\n"},
  });
}

TEST_CASE("a block of swap that an expectation names is one of the machine's") {
  check_errors({
      {"machine swap=10\nprogram sh\nspawn sh as P\nexpect P.data[0].disk == swap:9:5\n",
       "a.bach:4:26: error: there is no swap device 9: the machine has 1 device\n"
       "expect P.data[0].disk == swap:9:5\n                         ^\n"},
      {"machine swap=10\nprogram sh\nspawn sh as P\nexpect P.data[0].disk != swap:1:11\n",
       "a.bach:4:26: error: swap device 1 has no block 11: it has 10 blocks\n"
       "expect P.data[0].disk != swap:1:11\n                         ^\n"},
      {"machine swap=10,20\nprogram sh\nspawn sh as P\nexpect pfdata[3].disk == swap:2:20\n", ""},
  });
}

TEST_CASE("a block whose head is wrong is a block all the same") {
  check_errors({
      {R"(repaet 3 {
  tick x y
}
tick
)",
       R"(a.bach:1:8: error: expected `:` and what the process does, found `3`; did you mean `repeat`?
repaet 3 {
       ^
a.bach:2:10: error: expected the end of the line, found `y`
  tick x y
         ^
)"},
      {R"(repeat {
  for I in {
  }
}
}
)",
       R"(a.bach:1:8: error: expected an expression, found `{`
repeat {
       ^
a.bach:2:12: error: expected an expression, found `{`
  for I in {
           ^
a.bach:5:1: error: there is no block to close
}
^
)"},
  });
}

TEST_CASE("a loop whose variable is taken is a block all the same") {
  check_errors({{R"(for I in 1..2 {
  repeat 2 as I {
    tick I
  }
  tick I
}
tick x y
)",
                 R"(a.bach:2:3: error: `I` is the variable of a loop around this one
  repeat 2 as I {
  ^
a.bach:7:8: error: expected the end of the line, found `y`
tick x y
       ^
)"}});
}

TEST_CASE("a loop with more behind its brace is a block unless it ends on the line") {
  check_errors({
      {R"(repeat 3 { tick
  age
}
age
)",
       R"(a.bach:1:12: error: expected the end of the line, found `tick`
repeat 3 { tick
           ^
)"},
      {R"(repeat 3 { tick }
age
)",
       R"(a.bach:1:12: error: expected the end of the line, found `tick`
repeat 3 { tick }
           ^
)"},
      {R"(repeat 3 {}
age
)",
       R"(a.bach:1:11: error: expected the end of the line, found `}`
repeat 3 {}
          ^
)"},
  });
}

TEST_CASE("a brace behind a block's end or before it is told") {
  check_errors({
      {"repeat 1 {\n} tick\n", R"(a.bach:2:3: error: expected the end of the line, found `tick`
} tick
  ^
)"},
      {"repeat 1 {\n} }\n", R"(a.bach:2:3: error: expected the end of the line, found `}`
} }
  ^
)"},
      {"tick }\n}\n", R"(a.bach:1:6: error: expected an expression, found `}`
tick }
     ^
a.bach:2:1: error: there is no block to close
}
^
)"},
      {"repeat 3\n{\ntick\n}\n", R"(a.bach:1:9: error: expected `{`, found the end of the line
repeat 3
        ^
a.bach:2:1: error: expected a statement, found `{`
{
^
)"},
  });
}

TEST_CASE("blocks without an end are told from the outermost") {
  check_errors({
      {"repeat 3 {", R"(a.bach:1:1: error: this block has no `}`
repeat 3 {
^
)"},
      {R"(tick
repeat 3 {
  for I in 1..2 {
  }
  for I in 1..2 {
    tick
)",
       R"(a.bach:2:1: error: this block has no `}`
repeat 3 {
^
a.bach:5:3: error: this block has no `}`
  for I in 1..2 {
  ^
)"},
      {"repaet 3 {\ntick\n",
       R"(a.bach:1:8: error: expected `:` and what the process does, found `3`; did you mean `repeat`?
repaet 3 {
       ^
a.bach:1:10: error: this block has no `}`
repaet 3 {
         ^
)"},
  });
}

TEST_CASE("a loop variable is unknown again behind its loop even after a mistake") {
  CHECK(dump_of("repeat 1 as I {\n}\nrepeat 1 as I {\n}\n") == "repeat 1 as $0 {\n}\nrepeat 1 as $0 {\n}\n");
  CHECK(number_of_errors("repeat 1 as I {\n$\n}\nrepeat 1 as I {\n}\n") == 1);
  CHECK(number_of_errors("repeat 1 as I {\nrepeat 2 as I {\n}\n}\nrepeat 1 as I {\n}\n") == 1);
}

TEST_CASE("expressions that nest more than 500 deep are told") {
  const std::string more = "the expression nests more than 500 deep\n";
  CHECK(errors_of("tick " + std::string(501, '(') + "1" + std::string(501, ')')) ==
        "a.bach:1:506: error: " + more + "..." + std::string(61, '(') + "1" + std::string(58, ')') + "...\n" +
            std::string(63, ' ') + "^\n");
  CHECK(errors_of("tick 1" + repeated("+1", 500)) ==
        "a.bach:1:1005: error: " + more + "..." + repeated("+1", 60) + "\n" + std::string(121, ' ') + "^\n");
  CHECK(errors_of("tick " + std::string(500, '-') + "1") ==
        "a.bach:1:6: error: " + more + "tick " + std::string(115, '-') + "...\n     ^\n");
  CHECK(errors_of("tick " + repeated("not ", 500) + "1") ==
        "a.bach:1:6: error: " + more + "tick " + repeated("not ", 28) + "not...\n     ^\n");
  CHECK(errors_of(repeated("P[", 501)).starts_with("a.bach:1:1003: error: " + more));
  CHECK(errors_of("P: read data[" + repeated("P.data[", 501)).starts_with("a.bach:1:3514: error: " + more));
}

TEST_CASE("a line nests from nothing whatever the line before it did") {
  const std::string open(400, '(');
  CHECK(number_of_errors("tick " + open + "\ntick " + open + "1" + std::string(400, ')') + "\n") == 1);
}

TEST_CASE("expressions of many thousand operators end in an error") {
  for (const std::string_view part : {"(", "-", "not ", "1+", "1*", "1==", "1 or ", "P[", "pfdata[", "swap_use[1,"}) {
    CAPTURE(part);
    CHECK(number_of_errors("tick " + repeated(part, 100'000) + "1") == 1);
  }
}

TEST_CASE("blocks that nest more than 100 deep are told once for each") {
  const std::string deep = repeated("repeat 1 {\n", 101);
  CHECK(errors_of(deep + repeated("}\n", 101)) ==
        R"(a.bach:101:10: error: blocks nest more than 100 deep
repeat 1 {
         ^
)");
  CHECK(number_of_errors(deep + repeated("}\n", 102)) == 2);
  CHECK(number_of_errors(repeated("repeat 1 {\n", 105) + repeated("}\n", 105)) == 5);
  CHECK(number_of_errors(repeated("repeat 1 {\n", 1000)) == 20);
}

TEST_CASE("more than 2^20 programs are told", "[slow]") {
  std::string script;
  for (int i = 0; i < 1 << 20; ++i) script += "program p" + std::to_string(i) + '\n';
  script += "program q\nprogram q\nprogram p0\n";
  CHECK(errors_of(script) == R"(a.bach:1048577:9: error: more than 1048576 programs
program q
        ^
a.bach:1048578:9: error: more than 1048576 programs
program q
        ^
a.bach:1048579:9: error: more than 1048576 programs
program p0
        ^
)");
}

TEST_CASE("carriage returns change nothing in any error") {
  for (const std::string_view script :
       {"P: fork\n", "P: fork as \n", "tick x y\n", "repeat 3 {\ntick\n", "title \"x\n", "tick 1_\n",
        "spwan\nP:\n\n$\n", "program sh\nprogram sh # x\n", "machine frames=\nmachine frames=0\n",
        "repeat 1 { tick\n}\nage x\n", "expect (\n"}) {
    std::string windows;
    for (const char c : script) {
      windows += c == '\n' ? "\r" : "";
      windows += c;
    }
    CAPTURE(script);
    const std::string errors = errors_of(script);
    CHECK_FALSE(errors.empty());
    CHECK(errors_of(windows) == errors);
  }
}

TEST_CASE("tabs and characters of several bytes stand before the caret as they are") {
  check_errors({
      {"\tP:\tfork\tC\n", "a.bach:1:10: error: expected `as`, found `C`\n\tP:\tfork\tC\n\t  \t    \t^\n"},
      {"note \"\xc3\xa9\xe6\x97\xa5\" x\n",
       "a.bach:1:14: error: expected the end of the line, found `x`\nnote \"\xc3\xa9\xe6\x97\xa5\" "
       "x\n          ^\n"},
      {"  \xc3\xa9\n",
       "a.bach:1:3: error: byte 0xc3 has no meaning outside strings and comments\n  \xc3\xa9\n  "
       "^\n"},
      {"note \"\x80\xff\" x\n", "a.bach:1:7: error: byte 0x80 is no character of a text\nnote \"??\" x\n      ^\n"},
      {"tick \xc2\xa0"
       "3\n",
       "a.bach:1:6: error: byte 0xc2 has no meaning outside strings and comments\ntick \xc2\xa0"
       "3\n     ^\n"},
  });
}

TEST_CASE("of a very long line some is shown") {
  check_errors({
      {"tick x " + std::string(300, ' ') + "y\n", "a.bach:1:308: error: expected the end of the line, found `y`\n..." +
                                                      std::string(119, ' ') + "y\n" + std::string(122, ' ') + "^\n"},
      {"tick x y" + std::string(1'000'000, ' ') + "\n",
       "a.bach:1:8: error: expected the end of the line, found `y`\ntick x y" + std::string(112, ' ') +
           "...\n       ^\n"},
  });
}

TEST_CASE("an error in an included file names that file") {
  CHECK(errors_of("tick\ninclude \"b.bach\"\ntick x y\n", {{"b.bach", "\n\ntick (\nage\n"}}) ==
        R"(b.bach:3:7: error: expected an expression, found the end of the line
tick (
      ^
a.bach:3:8: error: expected the end of the line, found `y`
tick x y
       ^
)");
  CHECK(errors_of("include \"b.bach\"", {{"b.bach", "tick ("}}) ==
        R"(b.bach:1:7: error: expected an expression, found the end of the file
tick (
      ^
)");
}

TEST_CASE("a note may be in another file") {
  CHECK(errors_of("program sh\ninclude \"b.bach\"\nvar x = data[1]\n", {{"b.bach", "var x = data[0]\nprogram sh"}}) ==
        R"(b.bach:2:9: error: program `sh` is declared twice
program sh
        ^
a.bach:1:9: note: the first one is here
program sh
        ^
a.bach:3:5: error: var `x` is declared twice
var x = data[1]
    ^
b.bach:1:5: note: the first one is here
var x = data[0]
    ^
)");
  CHECK(errors_of("repeat 1 {\ninclude \"b.bach\"\n}\n", {{"b.bach", "program sh"}}) ==
        R"(b.bach:1:1: error: `program` cannot stand in a block
program sh
^
a.bach:1:1: note: the block begins here
repeat 1 {
^
)");
}

TEST_CASE("a file that cannot be included is told where its name stands") {
  CHECK(errors_of("include \"b.bach\"\ntick x y\n") ==
        R"(a.bach:1:10: error: cannot read `b.bach`: no such file
include "b.bach"
         ^
a.bach:2:8: error: expected the end of the line, found `y`
tick x y
       ^
)");
  CHECK(errors_of("include \"\"\n") == R"(a.bach:1:10: error: cannot read ``: no such file
include ""
         ^
)");
}

TEST_CASE("no file is included inside itself") {
  const std::map<std::string, std::string> files{
      {"a.bach", "tick\n"}, {"b.bach", "include \"c.bach\"\n"}, {"c.bach", "tick\ninclude \"./b.bach\"\n"}};
  CHECK(errors_of("include \"./a.bach\"\n", files) ==
        R"(a.bach:1:10: error: a file cannot include itself
include "./a.bach"
         ^
)");
  CHECK(errors_of("include \"b.bach\"\n", files) ==
        R"(c.bach:2:10: error: a file cannot include itself
include "./b.bach"
         ^
)");
}

TEST_CASE("files that include each other more than 100 deep are told") {
  std::map<std::string, std::string> files;
  for (int i = 1; i < 102; ++i) files["f" + std::to_string(i)] = "include \"f" + std::to_string(i + 1) + "\"\n";
  files["f100"] = "tick\n";
  CHECK(errors_of("include \"f1\"\n", files).empty());
  files["f100"] = "include \"f101\"\n";
  files["f101"] = "tick\n";
  CHECK(errors_of("include \"f1\"\n", files) ==
        R"(f100:1:1: error: files include each other more than 100 deep
include "f101"
^
)");
}

TEST_CASE("files that include others twice come to an end") {
  std::map<std::string, std::string> files;
  for (int i = 1; i < 16; ++i)
    files["f" + std::to_string(i)] = repeated("include \"f" + std::to_string(i + 1) + "\"\n", 2);
  files["f16"] = "tick\n";
  CHECK(errors_of("include \"f4\"\n", files).empty());
  const Parsed parsed("include \"f1\"\n", files);
  REQUIRE_FALSE(parsed.result.errors.empty());
  CHECK(parsed.result.errors.front().what == "a script includes at most 10000 files");
}

TEST_CASE("a block ends in the file where it began") {
  CHECK(errors_of("repeat 1 {\ninclude \"b.bach\"\n}\n", {{"b.bach", "tick\n}\n"}}) ==
        R"(b.bach:2:1: error: there is no block to close
}
^
)");
  CHECK(errors_of("include \"b.bach\"\n}\n", {{"b.bach", "repeat 1 {\ntick\n"}}) ==
        R"(b.bach:1:1: error: this block has no `}`
repeat 1 {
^
a.bach:2:1: error: there is no block to close
}
^
)");
}

TEST_CASE("included files count to the same twenty errors") {
  const Parsed parsed(repeated("$\n", 15) + "include \"b.bach\"\n" + repeated("$\n", 15),
                      {{"b.bach", repeated("$\n", 3)}});
  CHECK(parsed.result.errors.size() == 20);
  CHECK(parsed.errors().find("a.bach:18:1: error") != std::string::npos);
  CHECK(parsed.errors().find("a.bach:19:1: error") == std::string::npos);
}

}  // namespace
}  // namespace bachsim
