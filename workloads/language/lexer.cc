#include "workloads/language/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "workloads/language/characters.h"

namespace bachsim {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::ptrdiff_t kShortNumber = 19;  // digits that surely fit 64 bits
constexpr std::ptrdiff_t kShortName = Symbols::kShortName;
// Reports, drawings and traces have a process's name many times.
constexpr std::ptrdiff_t kMostLetters = 1000;

enum Class : std::uint8_t { kOther, kBlank, kSign, kDigit, kLetter };

struct ByteInfo {
  Class what = kOther;
  TokenKind sign = TokenKind::Bad;  // of a byte that is a token alone, whatever follows
};

constexpr std::array<ByteInfo, 256> kBytes = [] {
  std::array<ByteInfo, 256> bytes{};
  for (unsigned c = 'a'; c <= 'z'; ++c) bytes[c].what = bytes[c - 'a' + 'A'].what = kLetter;
  bytes['_'].what = kLetter;
  for (unsigned c = '0'; c <= '9'; ++c) bytes[c].what = kDigit;
  bytes[' '].what = kBlank;
  bytes['\t'].what = kBlank;
  using enum TokenKind;
  constexpr std::string_view kSigns = "\n{}[](),:@*+-/%";
  constexpr std::array kKinds{Newline, LeftBrace, RightBrace, LeftBracket, RightBracket, LeftParen, RightParen, Comma,
                              Colon,   At,        Star,       Plus,        Minus,        Slash,     Percent};
  for (std::size_t i = 0; i != kKinds.size(); ++i) bytes[static_cast<unsigned char>(kSigns[i])] = {kSign, kKinds[i]};
  return bytes;
}();

const ByteInfo& info(char c) { return kBytes[static_cast<unsigned char>(c)]; }

Class class_of(char c) { return info(c).what; }

bool in_name(char c) { return class_of(c) >= kDigit; }

// The value of a digit in any base up to 36; 36 for what is none.
unsigned digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const auto lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'z') return static_cast<unsigned>(lower - 'a') + 10;
  return 36;
}

// 0 for what is no suffix.
unsigned suffix_shift(char c) { return c == 'K' ? 10 : c == 'M' ? 20 : c == 'G' ? 30 : 0; }

}  // namespace

Lexer::Lexer(const Sources& sources, std::size_t file, Symbols& symbols)
    : begin_(sources.text(file).data()),
      end_(begin_ + sources.text(file).size()),
      at_(sources.text(file).starts_with(kByteOrderMark) ? begin_ + kByteOrderMark.size() : begin_),
      base_(sources.start(file).offset),
      symbols_(symbols) {}

Place Lexer::place(const char* at) const { return {base_ + static_cast<std::uint32_t>(at - begin_)}; }

std::string_view Lexer::text(const char* begin) const { return {begin, static_cast<std::size_t>(at_ - begin)}; }

void Lexer::finish(Token& token, TokenKind kind) const {
  token.kind = kind;
  token.end = place(at_);
}

void Lexer::bad(Token& token, const char* begin, std::string why) {
  error_ = std::move(why);
  token.begin = place(begin);
  finish(token, TokenKind::Bad);
}

// Decides the kind of most tokens itself, and calls nothing but at its end, so that no registers need to be saved.
void Lexer::next(Token& token) {
  const char* begin = at_;
  while (class_of(*begin) == kBlank) ++begin;
  const ByteInfo& first = info(*begin);
  token.begin = place(begin);
  const char* at = begin + 1;
  at_ = begin;
  switch (first.what) {
    case kLetter: {
      std::uint64_t bytes = static_cast<unsigned char>(*begin);
      for (; in_name(*at); ++at) bytes = bytes << 8 | static_cast<unsigned char>(*at);
      if (at - begin > kShortName || !symbols_.find_short(bytes, token.symbol)) [[unlikely]]
        return name(token);
      at_ = at;
      return finish(token, TokenKind::Name);
    }
    case kDigit: {
      std::uint64_t value = static_cast<unsigned char>(*begin) - '0';
      for (; class_of(*at) == kDigit; ++at) value = value * 10 + static_cast<unsigned char>(*at) - '0';
      if (class_of(*at) == kLetter || at - begin > kShortNumber) [[unlikely]]
        return number(token);
      at_ = at;
      token.number = value;
      token.suffixed = false;
      return finish(token, TokenKind::Number);
    }
    case kSign:
      at_ = at;
      return finish(token, first.sign);
    default:
      return other(token);
  }
}

void Lexer::name(Token& token) {
  const char* const begin = at_;
  std::uint64_t bytes = 0;
  for (; in_name(*at_); ++at_) bytes = bytes << 8 | static_cast<unsigned char>(*at_);
  if (at_ - begin > kMostLetters) return bad(token, begin, fmt::format("a name has at most {} letters", kMostLetters));
  token.symbol = symbols_.intern(text(begin));
  if (at_ - begin <= kShortName) symbols_.keep_short(bytes, token.symbol);
  finish(token, TokenKind::Name);
}

// A number of any form: decimal or 0x hexadecimal, `_` between digits, a suffix K, M or G.
void Lexer::number(Token& token) {
  const char* const begin = at_;
  unsigned base = 10;
  if (*at_ == '0' && (at_[1] | 0x20) == 'x') {
    base = 16;
    at_ += 2;
  }
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t value = 0;
  bool overflow = false;
  bool after_digit = false;
  for (;; ++at_) {
    if (*at_ == '_' && after_digit && digit(at_[1]) < base) {
      after_digit = false;
      continue;
    }
    const unsigned d = digit(*at_);
    if (d >= base) break;
    overflow = overflow || value > (kMax - d) / base;
    value = value * base + d;
    after_digit = true;
  }
  const unsigned shift = after_digit ? suffix_shift(*at_) : 0;
  if (shift != 0) ++at_;
  if (!after_digit || in_name(*at_)) {
    while (in_name(*at_)) ++at_;
    return bad(token, begin,
               fmt::format("`{}` is no number: digits, 0x and hexadecimal digits, `_` between "
                           "digits, a suffix K, M or G",
                           text(begin)));
  }
  if (overflow || value > kMax >> shift) return bad(token, begin, fmt::format("`{}` is above 2^64-1", text(begin)));
  token.number = value << shift;
  token.suffixed = shift != 0;
  finish(token, TokenKind::Number);
}

void Lexer::string(Token& token) {
  const char* const begin = at_;
  at_ = std::find_if(begin + 1, end_, [](char c) { return c == '"' || c == '\n'; });
  if (at_ == end_ || *at_ == '\n') return bad(token, begin, "the string does not end on its line");
  const std::string_view whole = text(begin);
  ++at_;
  for (std::size_t i = 0; i < whole.size();) {
    const std::size_t length = std::max(character_at(whole, i), unseen_at(whole, i));
    if (length == 0 && whole[i] != '\t')
      return bad(token, begin + i,
                 fmt::format("byte {:#04x} is no character of a text", static_cast<unsigned char>(whole[i])));
    i += std::max<std::size_t>(length, 1);
  }
  finish(token, TokenKind::String);
}

// The end, comments, strings, signs of two bytes, and what is no token.
void Lexer::other(Token& token) {
  if (*at_ == '#') {
    at_ = std::find(at_, end_, '\n');
    token.begin = place(at_);
    if (at_ != end_) {
      ++at_;
      return finish(token, TokenKind::Newline);
    }
  }
  if (at_ == end_) return finish(token, TokenKind::End);
  const char* const begin = at_;
  if (*begin == '\r' && begin[1] == '\n') {
    at_ += 2;
    return finish(token, TokenKind::Newline);
  }
  if (*begin == '"') return string(token);
  ++at_;
  const auto pair = [&](char second, TokenKind both, TokenKind alone) {
    const bool is_pair = *at_ == second;
    at_ += is_pair ? 1 : 0;
    finish(token, is_pair ? both : alone);
  };
  switch (*begin) {
    case '.':
      return pair('.', TokenKind::DotDot, TokenKind::Dot);
    case '=':
      return pair('=', TokenKind::Equal, TokenKind::Assign);
    case '<':
      return pair('=', TokenKind::LessEqual, TokenKind::Less);
    case '>':
      return pair('=', TokenKind::GreaterEqual, TokenKind::Greater);
    case '!':
      if (*at_ != '=') return bad(token, begin, "`!` has no meaning here; `not` negates");
      ++at_;
      return finish(token, TokenKind::NotEqual);
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(*begin);
  if (byte > 0x20 && byte < 0x7f) return bad(token, begin, fmt::format("`{}` has no meaning here", *begin));
  bad(token, begin, fmt::format("byte {:#04x} has no meaning outside strings and comments", byte));
}

}  // namespace bachsim
