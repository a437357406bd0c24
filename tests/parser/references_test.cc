#include "workloads/language/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

using namespace bachsim;

namespace {

// A text that is read a few bytes at a time.
class Pieces : public ReferenceFile::Text {
 public:
  Pieces(std::string text, std::size_t most) : text_(std::move(text)), most_(most) {}

  std::size_t read(std::span<char> to) override {
    const std::size_t count = std::min({to.size(), most_, text_.size() - at_});
    std::copy_n(text_.begin() + static_cast<std::ptrdiff_t>(at_), count, to.begin());
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t most_;
  std::size_t at_ = 0;
};

ReferenceReader reader(ReferenceFormat format, std::string text, std::size_t most = 1u << 16) {
  return {format, "trace", std::make_unique<Pieces>(std::move(text), most)};
}

// `r1 w2 f3`, and what is wrong behind them.
std::string references(ReferenceFormat format, const std::string& text, std::size_t most = 1u << 16) {
  ReferenceReader from = reader(format, text, most);
  std::string all;
  try {
    for (auto found = from.next(); !found.empty(); found = from.next()) {
      for (const RecordedReference& each : found) {
        all += fmt::format("{}{}{:x}", all.empty() ? "" : " ", "frw"[static_cast<unsigned>(each.access)], each.number);
        if (each.bytes != 1) all += fmt::format(",{}", each.bytes);
      }
    }
  } catch (const BadReference& bad) {
    all += fmt::format("|{}:{}: {}", bad.line.line, bad.line.column, bad.what);
  }
  return all;
}

std::string pages(const std::string& text) { return references(ReferenceFormat::Pages, text); }

}  // namespace

TEST_CASE("a reference string is numbers between blanks, commas or newlines") {
  CHECK(pages("1 2 3 4 1 2 5") == "r1 r2 r3 r4 r1 r2 r5");
  CHECK(pages("1, 2,3\n\n0x1f\r\n7\t8") == "r1 r2 r3 r1f r7 r8");
  CHECK(pages("") == "");
  CHECK(pages("\n\n  \n") == "");
  CHECK(pages("18446744073709551615") == "|1:1: the number is too large");
  CHECK(pages("9999999999999999999") == "r8ac7230489e7ffff");
  CHECK(pages("0xffffffffffffffff 0x10000000000000000") == "rffffffffffffffff|1:22: the number is too large");
}

TEST_CASE("r and w stand before or behind the numbers of a line") {
  CHECK(pages("1r 2w 3 W 4 R 5") == "r1 w2 w3 r4 r5");
  CHECK(pages("r 1 w 2\nW 3\n4 w") == "r1 w2 w3 w4");
  CHECK(pages("w 1 2 r 3") == "w1 r2 r3");
  CHECK(pages("1, w 2") == "r1|1:4: expected a number, found `w`");
  CHECK(pages("r w 2") == "|1:3: expected a number, found `w`");
  CHECK(pages("w\n2") == "|1:2: expected a number, found the end of the line");
}

TEST_CASE("comments of a reference string end with their line") {
  CHECK(pages("# 1 2\n3 # 4\n5#6\n7 w# 8\n# last") == "r3 r5 w7");
}

TEST_CASE("what is no reference is told with its place, behind those before it") {
  CHECK(pages("1 2\n3 x7\n") == "r1 r2 r3|2:3: expected a number, found `x7`");
  CHECK(pages("1 2z") == "r1|1:4: expected `r`, `w` or a blank behind the number, found `z`");
  CHECK(pages("-1") == "|1:1: expected a number, `r` or `w`, found `-1`");
  CHECK(pages(std::string("1 \0 2", 5)) == "r1|1:3: expected a number, found `\\x00`");
  CHECK(pages("0x") == "|1:3: expected a hexadecimal number, found the end of the line");
}

TEST_CASE("a line may be longer than what is read at a time") {
  std::string text;
  std::string wanted;
  for (unsigned i = 0; i < 150'000; ++i) {
    text += fmt::format("{}{}", i, i % 3 == 0 ? "w " : i % 3 == 1 ? " w, " : "   ");
    wanted += fmt::format("{}{}{:x}", i == 0 ? "" : " ", i % 3 == 2 ? 'r' : 'w', i);
  }
  CHECK((references(ReferenceFormat::Pages, text, 999) == wanted));
  const std::string behind = text + "?";
  CHECK(references(ReferenceFormat::Pages, behind)
            .ends_with(fmt::format("|1:{}: expected a number, found `?`", behind.size())));
  std::string before;
  for (unsigned i = 0; i < 150'000; ++i) before += fmt::format("{}{} ", i % 2 == 0 ? "w " : "r ", i);
  std::string wanted_before;
  for (unsigned i = 0; i < 150'000; ++i)
    wanted_before += fmt::format("{}{}{:x}", i == 0 ? "" : " ", i % 2 == 0 ? 'w' : 'r', i);
  CHECK((references(ReferenceFormat::Pages, before) == wanted_before));
  const std::string comment = "#" + std::string(600'000, '7') + "\n8\n";
  CHECK(pages(comment) == "r8");
  const std::string zeros(300'000, '0');
  CHECK(pages("0x" + zeros) == "|1:3: the number is too large");
  CHECK(pages("1 r 0x" + zeros + "\n2") == "r1|1:7: the number is too large");
}

TEST_CASE("a file may be read in any pieces") {
  const std::string text = "I  0400,3\n L 1ffe,8\r\n S 10,4\n M 20,2\n";
  for (const std::size_t most : {1u, 2u, 7u, 100u})
    CHECK(references(ReferenceFormat::Lackey, text, most) == "f400,3 r1ffe,8 w10,4 r20,2 w20,2");
}

TEST_CASE("lackey's lines, and valgrind's between them") {
  const auto lackey = [](const std::string& text) { return references(ReferenceFormat::Lackey, text); };
  CHECK(lackey("==123== Lackey, an example\n\nI  04001100,3\n--123-- x\n L 1,1") == "f4001100,3 r1");
  CHECK(lackey("X 1,1") == "|1:1: expected `I`, `L`, `S` or `M`, found `X`");
  CHECK(lackey(" L 12") == "|1:6: expected `,` and the size of the access, found the end of the line");
  CHECK(lackey(" L 12,0") == "|1:7: expected a size from 1 to 65535, found `0`");
  CHECK(lackey(" L zz,1") == "|1:4: expected a hexadecimal number, found `zz`");
  CHECK(lackey(" L 12,1 x") == "r12|1:9: expected the end of the line, found `x`");
  CHECK(lackey(std::string(100'000, ' ')) == "");
  CHECK(lackey(" L 12,1" + std::string(600'000, ' ')) == "|1:1: the line is too long");
}

TEST_CASE("dinero's labels") {
  const auto dinero = [](const std::string& text) { return references(ReferenceFormat::Dinero, text); };
  CHECK(dinero("2 0 This is a fetch\n0 1000\n1 70f60888\n3 0\n4 0\n\n0 0x10\n") == "f0 r1000 w70f60888 r10");
  CHECK(dinero("5 0") == "|1:1: expected a label from 0 to 4, found `5`");
  CHECK(dinero("0") == "|1:1: expected a label from 0 to 4, found `0`");
  CHECK(dinero("0 12g") == "|1:5: expected a blank behind the address, found `g`");
}

TEST_CASE("hexadecimal addresses with R or W") {
  const auto hex = [](const std::string& text) { return references(ReferenceFormat::Hex, text); };
  CHECK(hex("0041f7a0 R\n13f5e2c0 W\nR 10\nw 0x20\n\n# end") == "r41f7a0 w13f5e2c0 r10 w20");
  CHECK(hex("0041f7a0") == "|1:9: expected `R` or `W` behind the address, found the end of the line");
  CHECK(hex("0041f7a0 X") == "|1:10: expected `R` or `W` behind the address, found `X`");
}

TEST_CASE("commands of MOSS") {
  const auto moss = [](const std::string& text) { return references(ReferenceFormat::Moss, text); };
  CHECK(moss("// comment\nREAD hex CC32\nWRITE bin 101\nREAD oct 17\nWRITE 19\n") == "rcc32 w5 rf w13");
  CHECK(moss("READ random") == "|1:6: expected a number, found `random`");
  CHECK(moss("read 1") == "|1:1: expected `READ` or `WRITE`, found `read`");
}

TEST_CASE("the line of a reference is known while it is used") {
  std::string text;
  for (unsigned i = 0; i < 100'000; ++i) text += fmt::format("{}\n", i);
  ReferenceReader from = reader(ReferenceFormat::Pages, text);
  std::uint64_t seen = 0;
  for (auto found = from.next(); !found.empty(); found = from.next()) {
    CHECK(from.line_of(found.front()).line == found.front().number + 1);
    CHECK(from.line_of(found.back()).line == found.back().number + 1);
    seen += found.size();
  }
  CHECK(seen == 100'000);
}
