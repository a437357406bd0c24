// Valid scripts with accidents: the parser must come to an end with a script or with errors that
// have places.
#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/parser/fixture.h"

namespace bachsim {
namespace {

using Generator = std::mt19937_64;

constexpr std::string_view kScripts[] = {
    R"(# every statement that sets a stage
title "Figure 9.16: é 日本"
param A = 4 in 1..9 step 3, 12
param B = A * 2
note "text with } and {{ and # in it, {A - 1}{P.data[0].disk}"
machine frames=64 swap=4096,1K mode=sv39 max-age=7 stack-limit=8M
machine fork=cow low = 4 high=A + B
include "stage"
program demo text=1 data=0x2 bss=3 stack=4K unaligned sticky file=1,2,A
program sh text=(B - A)
var global = data+8 * 2
var local = stack[0]
var far = @0x20_0000
spawn demo as P
spawn sh as Q[1 + 2]
expect P.data[0].disk == swap:1:(A + 1) by default
)",
    R"(program sh text=2 data=2
var cell = data+8
spawn sh as P
P: read data[0..1]
P: write cell = -(1 + 2) * 3 % 4 - P.data[0].value
P: cell = 18446744073709551615
P: fetch text[*]
P: print cell, data [ 0 ], 1 +	2, P.pid
P: fork as C
C: vfork as D
D: exec sh
D: exit 256 - 1
C: exit
P: wait
P: sbrk -4K
P: shmget log 8K
P: shmat log
P: write shm.log[0] = 1
P: shmdt log
P: shmrm log
P: plock data
P: punlock data
P: nice 39
P: swapout
P: swapin
)",
    R"(machine page=1K
program sh text=32K@0 data=64K@64K stack=8K@128K
spawn sh as P
preset P @66K frame=1036 invalid disk=swap:1:847
preset P data[2] valid cow writable referenced modified age=2 disk=file:1 frame=3 + 4
preset pfdata 1861 disk=file:sh:0
preset freelist 1776 401
)",
    R"(machine swap=100
program sh
repeat 3 as I {
  spawn sh as P[I]
  for J in I..I + 2 {
    P[I]: write data[J] # nothing
    repeat 2 {
      tick J * 2
    }
  }
  include "body"
}
show all
show pages P[0] P[1]
expect counter.fork.ptes_copied == 0 and not frames.free < 10 or P[1].state == zombie
expect P[0].data[3].disk == swap:1:17 and pfdata[613].refs >= swap_use[1,2743]
expect (region[4].refs + 1) / 2 != P[0].shm.log.pages
age
steal 5
steal
run 3
audit
)",
    R"(machine swap=100
program sh data=4
define touch(P, N) {
  for I in 0..N {
    if random(0..3) == I and P.pid > 2 {
      P: write data[zipf(4, 0.5)] = I
    } else if N % 2 {
      include "body"
    } else {
      tick
    }
  }
}
define family(P, KID, N) {
  spawn sh as P
  repeat N as J {
    P: fork as KID[J]
    touch(KID[J], zipf(3, 80 percent))
  }
}
family(A, K, 2)
touch(A, A.data.pages)
touch(K[random(0..1)], 3)
expect A.result == K[1].pid
)"};

constexpr std::string_view kPieces[] = {"{",
                                        "}",
                                        "\n",
                                        "(",
                                        ")",
                                        "[",
                                        "]",
                                        "..",
                                        ".",
                                        ":",
                                        "=",
                                        "==",
                                        ",",
                                        "@",
                                        "*",
                                        "-",
                                        "\"",
                                        "#",
                                        "$",
                                        "\t",
                                        "\r\n",
                                        "not ",
                                        "0x",
                                        "1_",
                                        "99999999999999999999",
                                        "K",
                                        "\xc3",
                                        "\x80",
                                        "P",
                                        "P[",
                                        "P.data[",
                                        "swap:1:",
                                        "repeat 2 as I {\n",
                                        "program sh\n",
                                        "include \"body\"\n",
                                        "include \"stage\"\n",
                                        "as ",
                                        "in ",
                                        "shm.",
                                        "counter.",
                                        "var ",
                                        "param A = ",
                                        "if 1 {\n",
                                        "} else {\n",
                                        "else if ",
                                        "define touch(P) {\n",
                                        "touch(A, 1)\n",
                                        "random(",
                                        "zipf(",
                                        " percent",
                                        "step ",
                                        "note \"{",
                                        "by default",
                                        "preset ",
                                        " disk="};

std::size_t below(Generator& random, std::size_t bound) { return static_cast<std::size_t>(random() % bound); }

// One accident at a random place.
void mutate(std::string& text, Generator& random) {
  if (text.empty()) {
    text = kPieces[below(random, std::size(kPieces))];
    return;
  }
  const std::size_t at = below(random, text.size());
  const std::size_t other = below(random, text.size());
  const std::size_t length = 1 + below(random, std::min<std::size_t>(text.size() - at, 20));
  switch (below(random, 8)) {
    case 0:
      text.erase(at, length);
      return;
    case 1:
      text.insert(at, text.substr(at, length));
      return;
    case 2:
      std::swap(text[at], text[other]);
      return;
    case 3:
      text[at] = static_cast<char>(random() % 256);
      return;
    case 4:
      text.insert(other, text.substr(at, length));
      return;
    case 5:
      text.resize(at);
      return;
    default:
      text.insert(at, kPieces[below(random, std::size(kPieces))]);
      return;
  }
}

// The words of a script between its blanks, in another order.
std::string shuffled(std::string_view text, Generator& random) {
  std::vector<std::string> words;
  for (const char c : text) {
    if (words.empty() || c == ' ' || c == '\n' || words.back() == " " || words.back() == "\n") words.emplace_back();
    words.back() += c;
  }
  for (int i = 0; i < 10; ++i) std::swap(words[below(random, words.size())], words[below(random, words.size())]);
  std::string result;
  for (const std::string& word : words) result += word;
  return result;
}

// A place is good if it lies in the text, or right behind it, and its line has it.
void check_place(const Sources& sources, Place place) {
  REQUIRE(place.offset < sources.bytes());
  const Sources::Position at = sources.find(place);
  REQUIRE(at.line >= 1);
  REQUIRE(at.column >= 1);
  REQUIRE(at.column <= at.text.size() + 1);
  REQUIRE(static_cast<std::size_t>(std::ranges::count(sources.text(at.file), '\n')) + 1 >= at.line);
}

void check_whatever_comes(const std::string& text) {
  CAPTURE(text);
  const Parsed parsed(
      text,
      {{"stage", "var x = data[0]\nrepeat 2 {\ntick\n}\n"}, {"body", "tick\ninclude \"more\"\n"}, {"more", "age"}});
  REQUIRE(parsed.result.errors.size() <= kMaxErrors);
  for (const Diagnostic& error : parsed.result.errors) {
    check_place(parsed.sources, error.place);
    REQUIRE_FALSE(error.what.empty());
    for (const Note& note : error.notes) check_place(parsed.sources, note.place);
  }
  const std::string errors = parsed.errors();
  REQUIRE(errors.find('\r') == std::string::npos);
  REQUIRE(errors.find('\0') == std::string::npos);
  if (!parsed.result.errors.empty()) return;
  // A whole script: every block has its end, every statement its text.
  const std::string dumped = dump(parsed.result.script);
  REQUIRE(parsed.result.script.statements.size() <= static_cast<std::size_t>(std::ranges::count(dumped, '\n')));
  for (std::size_t i = 0; i < parsed.result.script.statements.size(); ++i) {
    const Statement& statement = parsed.result.script.statements[i];
    check_place(parsed.sources, statement.place);
    check_place(parsed.sources, statement.end);
    REQUIRE(statement.place.offset < statement.end.offset);
    if (statement.opens_block()) {
      REQUIRE(statement.end_of_block() > i);
      REQUIRE(statement.end_of_block() <= parsed.result.script.statements.size());
    }
    if (const auto* branch = std::get_if<IfStatement>(&statement.body)) {
      REQUIRE(branch->behind >= branch->end);
      REQUIRE(branch->behind <= parsed.result.script.statements.size());
    }
  }
}

TEST_CASE("the scripts that accidents befall are whole before") {
  for (const std::string_view script : kScripts)
    CHECK(errors_of(script, {{"stage", "tick"}, {"body", "tick"}}).empty());
}

TEST_CASE("scripts with accidents are parsed or told") {
  Generator random(20240607);
  std::size_t whole = 0;
  for (int round = 0; round < 6000; ++round) {
    std::string text(kScripts[below(random, std::size(kScripts))]);
    for (std::size_t i = 1 + below(random, 4); i > 0; --i) mutate(text, random);
    check_whatever_comes(text);
    whole += Parsed(text).result.errors.empty() ? 1u : 0u;
  }
  CHECK(whole > 100);  // or else accidents are too heavy to reach anything behind the first error
}

TEST_CASE("scripts of shuffled words are parsed or told") {
  Generator random(99);
  for (int round = 0; round < 2000; ++round)
    check_whatever_comes(shuffled(kScripts[below(random, std::size(kScripts))], random));
}

TEST_CASE("scripts of many accidents are parsed or told") {
  Generator random(4);
  for (const std::string_view script : kScripts) {
    std::string text(script);
    for (int round = 0; round < 1000; ++round) {
      mutate(text, random);
      if (text.size() < 50 || text.size() > 5000) text = script;
      check_whatever_comes(text);
    }
  }
}

TEST_CASE("random bytes are parsed or told") {
  Generator random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::size_t i = below(random, 60); i > 0; --i) text += static_cast<char>(random() % 256);
    check_whatever_comes(text);
  }
}

TEST_CASE("random pieces of scripts are parsed or told") {
  Generator random(8);
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    for (std::size_t i = below(random, 30); i > 0; --i) {
      text += kPieces[below(random, std::size(kPieces))];
      text += random() % 2 == 0 ? " " : "";
    }
    check_whatever_comes(text);
  }
}

TEST_CASE("settings of random pieces are parsed or told") {
  Generator random(9);
  constexpr std::string_view kSettings[] = {"swap=4096,1K", "max-age = 7", "frames=64", "mode=sv39"};
  for (int round = 0; round < 4000; ++round) {
    std::string text(kSettings[below(random, std::size(kSettings))]);
    for (std::size_t i = below(random, 4); i > 0; --i) mutate(text, random);
    CAPTURE(text);
    Sources sources;
    const std::size_t file = sources.add("--set", text);
    const auto setting = parse_setting(sources, file);
    if (setting) {
      REQUIRE_FALSE(setting->key.empty());
      REQUIRE_FALSE(setting->values.empty());
      check_place(sources, setting->key_place);
      check_place(sources, setting->value_place);
    } else {
      check_place(sources, setting.error().place);
      REQUIRE_FALSE(setting.error().what.empty());
    }
  }
}

TEST_CASE("a script that is cut anywhere is parsed or told") {
  for (const std::string_view script : kScripts) {
    for (std::size_t size = 0; size < script.size(); ++size) check_whatever_comes(std::string(script.substr(0, size)));
  }
}

}  // namespace
}  // namespace bachsim
