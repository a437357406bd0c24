// What is a character, and what of it is shown.
#include "workloads/language/characters.h"

#include <catch2/catch.hpp>

namespace bachsim {

TEST_CASE("characters are those of the Unicode standard") {
  for (const std::string_view whole : {"a", " ", "~", "\u00a0", "\u00e9", "\u07ff", "\u0800", "\ud7ff", "\ue000",
                                       "\ufffd", "\U00010000", "\U0010ffff"}) {
    CAPTURE(whole);
    CHECK(character_at(whole, 0) == whole.size());
  }
  // Alone, cut, overlong, surrogates, above U+10FFFF.
  for (const std::string_view broken :
       {"\x80", "\xff", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe2\x82", "\xe0\x80\x9b", "\xe0\x9f\xbf", "\xed\xa0\x80",
        "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf0\x9f\x98"}) {
    CAPTURE(broken);
    CHECK(character_at(broken, 0) == 0);
  }
}

TEST_CASE("control characters and those that turn the direction of text are none") {
  for (const std::string_view obeyed : {"\x01", "\t", "\r", "\x1b", "\x7f", "\u0080", "\u009f", "\u061c", "\u200e",
                                        "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"}) {
    CAPTURE(obeyed);
    CHECK(character_at(obeyed, 0) == 0);
  }
}

TEST_CASE("characters that nobody sees are no characters to show") {
  for (const std::string_view unseen : {"\u200b", "\u2028", "\u2029", "\ufeff"}) {
    CAPTURE(unseen);
    CHECK(character_at(unseen, 0) == 0);
    CHECK(unseen_at(unseen, 0) == unseen.size());
  }
  CHECK(unseen_at("\u200a", 0) == 0);
  for (const std::string_view none : {"\xef\xbf\xbe", "\xef\xbf\xbf"}) {  // U+FFFE and U+FFFF
    CHECK(character_at(none, 0) == 0);
    CHECK(unseen_at(none, 0) == 0);
  }
  CHECK(character_at("\xef\xbf\xbd", 0) == 3);
  CHECK(printable("a\u2028b\tc", true) == "a\\xe2\\x80\\xa8b\tc");
  CHECK(printable("\t") == "\\x09");
}

TEST_CASE("what is no character is shown by its bytes") {
  CHECK(printable("a\u00e9b") == "a\u00e9b");
  CHECK(printable("a\x1b]0;x\x07") == "a\\x1b]0;x\\x07");
  CHECK(printable("\u202ex") == "\\xe2\\x80\\xaex");
  CHECK(printable("\xff") == "\\xff");
}

TEST_CASE("lines keep their tabs, and end in one way") {
  CHECK(printable_lines("a\tb\r\nc\rd\n\n\xff\n") == "a\tb\nc\\x0dd\n\n\\xff\n");
  CHECK(printable_lines("a\nb\r") == "a\nb");
  CHECK(printable_lines("").empty());
}

TEST_CASE("long texts lose their middle, and no character is cut") {
  CHECK(shortened("0123456789", 10) == "0123456789");
  CHECK(shortened("0123456789abcdef", 12) == "012345678...");
  CHECK(shortened("0123456789abcdefghij", 16) == "0123456789ab...j");
  CHECK(shortened("01234567\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", 15) == "01234567\u00e9...");
}

}  // namespace bachsim
