// Tokens of a text, and what can be wrong with one.
#include "workloads/language/lexer.h"

#include <string>
#include <string_view>

#include "tests/parser/fixture.h"

namespace bachsim {
namespace {

Token next(Lexer&& lexer) {
  Token token;
  lexer.next(token);
  return token;
}
Token next(Lexer& lexer) { return next(std::move(lexer)); }

std::string_view kind_text(TokenKind kind) {
  switch (kind) {
    case TokenKind::Name:
      return "name";
    case TokenKind::Number:
      return "number";
    case TokenKind::String:
      return "string";
    case TokenKind::Newline:
      return "newline";
    case TokenKind::End:
      return "end";
    case TokenKind::Bad:
      return "bad";
    default:
      return "sign";
  }
}

// Every token as `kind TEXT`, separated by blanks, with the value of numbers.
std::string tokens_of(std::string text) {
  Sources sources;
  sources.add("before", "a file before it\n");
  const std::size_t file = sources.add("a.bach", std::move(text));
  Symbols symbols;
  Lexer lexer(sources, file, symbols);
  std::string result;
  for (Token token = next(lexer); token.kind != TokenKind::End; token = next(lexer)) {
    const std::string_view token_text = sources.slice(token.begin, token.end);
    result += result.empty() ? "" : " ";
    if (token.kind == TokenKind::Newline)
      result += "newline";
    else if (token.kind == TokenKind::Number)
      result += fmt::format("number {}{}", token.number, token.suffixed ? "b" : "");
    else
      result += fmt::format("{} {}", kind_text(token.kind), token_text);
  }
  return result;
}

TokenKind first_kind(std::string text) {
  Sources sources;
  const std::size_t file = sources.add("a.bach", std::move(text));
  Symbols symbols;
  return next(Lexer(sources, file, symbols)).kind;
}

TEST_CASE("names and numbers and strings and signs are told apart") {
  CHECK(tokens_of("P[1]: print _a9+0x10K, \"x y\" # end") ==
        "name P sign [ number 1 sign ] sign : name print name _a9 sign + number 16384b sign , "
        "string \"x y\"");
}

TEST_CASE("every sign is one token") {
  CHECK(tokens_of("{}[](),:@*+-/%...==<=<>=>!==") ==
        "sign { sign } sign [ sign ] sign ( sign ) sign , sign : sign @ sign * sign + sign - sign / "
        "sign % sign .. sign . sign == sign <= sign < sign >= sign > sign != sign =");
  const std::vector<std::pair<std::string, TokenKind>> signs{
      {"{", TokenKind::LeftBrace},    {"}", TokenKind::RightBrace},   {"[", TokenKind::LeftBracket},
      {"]", TokenKind::RightBracket}, {"(", TokenKind::LeftParen},    {")", TokenKind::RightParen},
      {",", TokenKind::Comma},        {".", TokenKind::Dot},          {"..", TokenKind::DotDot},
      {":", TokenKind::Colon},        {"@", TokenKind::At},           {"=", TokenKind::Assign},
      {"*", TokenKind::Star},         {"+", TokenKind::Plus},         {"-", TokenKind::Minus},
      {"/", TokenKind::Slash},        {"%", TokenKind::Percent},      {"==", TokenKind::Equal},
      {"!=", TokenKind::NotEqual},    {"<", TokenKind::Less},         {"<=", TokenKind::LessEqual},
      {">", TokenKind::Greater},      {">=", TokenKind::GreaterEqual}};
  for (const auto& [text, kind] : signs) {
    CAPTURE(text);
    CHECK(first_kind(text) == kind);
    CHECK(first_kind("  " + text + " 1") == kind);
  }
}

TEST_CASE("an empty text is its end and stays at it") {
  Sources sources;
  const std::size_t file = sources.add("a.bach", "");
  Symbols symbols;
  Lexer lexer(sources, file, symbols);
  for (int i = 0; i < 3; ++i) {
    const Token token = next(lexer);
    CHECK(token.kind == TokenKind::End);
    CHECK(token.begin == sources.start(file));
    CHECK(token.end == sources.start(file));
  }
}

TEST_CASE("a carriage return stands before a newline only") {
  CHECK(tokens_of("a\rb") == "name a bad \r name b");
  CHECK(tokens_of("a\r") == "name a bad \r");
  CHECK(tokens_of("a\r\r\nb") == "name a bad \r newline name b");
}

TEST_CASE("lines end with a newline and nothing else") {
  CHECK(tokens_of("a\nb\r\n\n c # d\n#e\n \t\r\nf") ==
        "name a newline name b newline newline name c newline newline newline name f");
  CHECK(tokens_of("#").empty());
  CHECK(tokens_of("a#b").starts_with("name a"));
  CHECK(tokens_of("\"#\"") == "string \"#\"");
}

TEST_CASE("equal names have equal symbols and words have their own") {
  Sources sources;
  const std::size_t file = sources.add("a.bach", "cow fork cow Fork");
  Symbols symbols;
  Lexer lexer(sources, file, symbols);
  const Token first = next(lexer);
  const Token fork = next(lexer);
  const Token again = next(lexer);
  const Token capital = next(lexer);
  CHECK(first.symbol == again.symbol);
  CHECK_FALSE(first.is(Word::Fork));
  CHECK(fork.is(Word::Fork));
  CHECK_FALSE(capital.is(Word::Fork));
  CHECK(capital.symbol != first.symbol);
}

TEST_CASE("names of any length have their own symbols, however many there are") {
  // Lengths about that of a word of the machine; long ones that begin or end alike; more than are kept at hand.
  std::vector<std::string> names{"a",         "aa",        "aaaaaaa",  "aaaaaaaa",  "aaaaaaaaa",
                                 "baaaaaaaa", "aaaaaaaab", "swap_use", "xswap_use", "processes",
                                 "process",   "rocesses",  "P",        "p_",        "_p"};
  for (int i = 0; i < 2000; ++i) names.push_back("n" + std::to_string(i));
  std::string text;
  for (int round = 0; round < 2; ++round) {
    for (const std::string& name : names) text += name + ' ';
  }
  Sources sources;
  Symbols symbols;
  Lexer lexer(sources, sources.add("a.bach", std::move(text)), symbols);
  for (int round = 0; round < 2; ++round) {
    for (const std::string& name : names) {
      const Token token = next(lexer);
      REQUIRE(token.kind == TokenKind::Name);
      REQUIRE(symbols.spelling(token.symbol) == name);
      REQUIRE(symbols.intern(name) == token.symbol);
    }
  }
  CHECK(next(lexer).kind == TokenKind::End);
}

TEST_CASE("numbers of as many digits as 64 bits have are right to the last") {
  CHECK(tokens_of("999999999999999999 9999999999999999999 10000000000000000000 18446744073709551614") ==
        "number 999999999999999999 number 9999999999999999999 number 10000000000000000000 "
        "number 18446744073709551614");
  CHECK(tokens_of("00000000000000000000000000007 0000000000000000007K") == "number 7 number 7168b");
  CHECK(tokens_of("18446744073709551616 99999999999999999999") == "bad 18446744073709551616 bad 99999999999999999999");
}

TEST_CASE("numbers have the value that they say") {
  CHECK(tokens_of("0 7 0x7 1_0 0xa_B 1K 3M 2G 0x1G 18446744073709551615") ==
        "number 0 number 7 number 7 number 10 number 171 number 1024b number 3145728b "
        "number 2147483648b number 1073741824b number 18446744073709551615");
  CHECK(tokens_of("0..3") == "number 0 sign .. number 3");
  CHECK(tokens_of("1.2") == "number 1 sign . number 2");
  CHECK(tokens_of("1-2") == "number 1 sign - number 2");
}

TEST_CASE("a bad token ends where the next one can begin") {
  CHECK(tokens_of("12ab 3") == "bad 12ab number 3");
  CHECK(tokens_of("1__2+3") == "bad 1__2 sign + number 3");
  CHECK(tokens_of("18446744073709551616K 3") == "bad 18446744073709551616K number 3");
  CHECK(tokens_of("$a") == "bad $ name a");
  CHECK(tokens_of("!a") == "bad ! name a");
  CHECK(tokens_of("\"a\nb") == "bad \"a newline name b");
  CHECK(tokens_of("\"") == "bad \"");
}

TEST_CASE("bad numbers are told") {
  check_marked(R"(
tick 12ab
     ^ `12ab` is no number: digits, 0x and hexadecimal digits, `_` between digits, a suffix K, M or G
tick 0x
     ^ `0x` is no number: digits, 0x and hexadecimal digits, `_` between digits, a suffix K, M or G
tick 0xg
     ^ `0xg` is no number: digits, 0x and hexadecimal digits, `_` between digits, a suffix K, M or G
tick 1_
     ^ `1_` is no number: digits, 0x and hexadecimal digits, `_` between digits, a suffix K, M or G
tick 1__0
     ^ `1__0` is no number: digits, 0x and hexadecimal digits, `_` between digits, a suffix K, M or G
tick 0x_1
     ^ `0x_1` is no number: digits, 0x and hexadecimal digits, `_` between digits, a suffix K, M or G
tick 1KB
     ^ `1KB` is no number: digits, 0x and hexadecimal digits, `_` between digits, a suffix K, M or G
tick 1k
     ^ `1k` is no number: digits, 0x and hexadecimal digits, `_` between digits, a suffix K, M or G
tick 1.5
      ^ expected the end of the line, found `.`
tick 18446744073709551616
     ^ `18446744073709551616` is above 2^64-1
tick 0x1_0000_0000_0000_0000
     ^ `0x1_0000_0000_0000_0000` is above 2^64-1
tick 17179869184G
     ^ `17179869184G` is above 2^64-1
tick 99999999999999999999999999999999
     ^ `99999999999999999999999999999999` is above 2^64-1
)");
}

TEST_CASE("bad strings are told") {
  check_marked(R"(
title "no end
      ^ the string does not end on its line
note "a" b"
         ^ expected the end of the line, found `b`
)");
}

TEST_CASE("signs that mean nothing are told") {
  check_marked(R"(
tick !1
     ^ `!` has no meaning here; `not` negates
tick 1 ! 2
       ^ `!` has no meaning here; `not` negates
tick $1
     ^ `$` has no meaning here
tick 1;
      ^ `;` has no meaning here
tick `1`
     ^ ``` has no meaning here
tick 'a'
     ^ `'` has no meaning here
tick ~1
     ^ `~` has no meaning here
tick 1 & 2
       ^ `&` has no meaning here
tick 1 | 2
       ^ `|` has no meaning here
tick ^1
     ^ `^` has no meaning here
tick 1?
      ^ `?` has no meaning here
tick \
     ^ `\` has no meaning here
tick é
     ^ byte 0xc3 has no meaning outside strings and comments
swap="
^ expected a statement, found `swap`
machine swap=1,$
               ^ `$` has no meaning here
P: $
   ^ `$` has no meaning here
P: cell$
       ^ `$` has no meaning here
expect P.$
         ^ `$` has no meaning here
show $
     ^ `$` has no meaning here
expect swap:$
            ^ `$` has no meaning here
tick 1 = = 2
       ^ expected the end of the line, found `=`
expect a = b
         ^ `=` stores; `==` compares
expect a => b
         ^ `=` stores; `==` compares
expect a <> b
          ^ expected an expression, found `>`
)");
}

TEST_CASE("bytes that mean nothing are told and shown as question marks") {
  check_errors({
      {"tick \x01\n",
       "a.bach:1:6: error: byte 0x01 has no meaning outside strings and comments\ntick ?\n     "
       "^\n"},
      {"tick 1\x0b",
       "a.bach:1:7: error: byte 0x0b has no meaning outside strings and comments\ntick 1?\n      "
       "^\n"},
      {"\x7f", "a.bach:1:1: error: byte 0x7f has no meaning outside strings and comments\n?\n^\n"},
      {std::string_view("tick \0 1\n", 9),
       "a.bach:1:6: error: byte 0x00 has no meaning outside strings and comments\ntick ? 1\n     "
       "^\n"},
      {"\xff", "a.bach:1:1: error: byte 0xff has no meaning outside strings and comments\n?\n^\n"},
      {"tick \xef\xbb\xbf",
       "a.bach:1:6: error: byte 0xef has no meaning outside strings and comments\n"
       "tick ???\n     ^\n"},
      {"note \"\x1b[1m\"", "a.bach:1:7: error: byte 0x1b is no character of a text\nnote \"?[1m\"\n      ^\n"},
  });
}

TEST_CASE("a byte order mark before a script is nothing") { CHECK(dump_of("\xef\xbb\xbftick\n") == "tick\n"); }

TEST_CASE("any byte may stand in a comment and any character in a string") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    if (byte != '\n' && byte != '"') all += static_cast<char>(byte);
  }
  CHECK(dump_of("note \"\t\xc3\xa9\xf0\x9f\x98\x80#'\" # " + all + '\n') == "note \"\t\xc3\xa9\xf0\x9f\x98\x80#'\"\n");
}

}  // namespace
}  // namespace bachsim
