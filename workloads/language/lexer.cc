#include "workloads/language/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace bachsim {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

enum Class : std::uint8_t { kOther, kBlank, kLetter, kDigit };

constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 'a'; c <= 'z'; ++c)
    classes[c] = kLetter;
  for (unsigned c = 'A'; c <= 'Z'; ++c)
    classes[c] = kLetter;
  classes['_'] = kLetter;
  for (unsigned c = '0'; c <= '9'; ++c)
    classes[c] = kDigit;
  classes[' '] = kBlank;
  classes['\t'] = kBlank;
  classes['\r'] = kBlank;
  return classes;
}();

std::uint8_t class_of(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}

bool in_name(char c) {
  return class_of(c) == kLetter || class_of(c) == kDigit;
}

// The value of a digit in any base up to 36; 36 for what is none.
unsigned digit(char c) {
  if (c >= '0' && c <= '9')
    return static_cast<unsigned>(c - '0');
  const auto lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'z')
    return static_cast<unsigned>(lower - 'a') + 10;
  return 36;
}

unsigned suffix_shift(char c) {
  switch (c) {
    case 'K':
      return 10;
    case 'M':
      return 20;
    case 'G':
      return 30;
    default:
      return 0;
  }
}

}  // namespace

Lexer::Lexer(const Sources& sources, std::size_t file, Symbols& symbols)
    : text_(sources.text(file)), base_(sources.start(file).offset), symbols_(symbols) {
  if (text_.starts_with(kByteOrderMark))
    at_ = kByteOrderMark.size();
}

Token Lexer::token(TokenKind kind, std::size_t begin) const {
  Token token;
  token.kind = kind;
  token.begin = {base_ + static_cast<std::uint32_t>(begin)};
  token.end = {base_ + static_cast<std::uint32_t>(at_)};
  return token;
}

Token Lexer::bad(std::size_t begin, std::string why) {
  error_ = std::move(why);
  return token(TokenKind::Bad, begin);
}

Token Lexer::next() {
  while (at_ < text_.size() && class_of(text_[at_]) == kBlank)
    ++at_;
  if (at_ < text_.size() && text_[at_] == '#')
    at_ = std::min(text_.find('\n', at_), text_.size());
  const std::size_t begin = at_;
  if (at_ == text_.size())
    return token(TokenKind::End, begin);
  const char c = text_[at_];
  switch (class_of(c)) {
    case kLetter:
      return name(begin);
    case kDigit:
      return number(begin);
    default:
      break;
  }
  if (c == '\n') {
    ++at_;
    return token(TokenKind::Newline, begin);
  }
  return c == '"' ? string(begin) : punctuation(begin);
}

Token Lexer::name(std::size_t begin) {
  std::uint32_t hash = Symbols::kHashStart;
  for (; at_ < text_.size() && in_name(text_[at_]); ++at_)
    hash = Symbols::hash_step(hash, text_[at_]);
  Token result = token(TokenKind::Name, begin);
  result.symbol = symbols_.intern(text_.substr(begin, at_ - begin), hash);
  return result;
}

// Decimal or 0x hexadecimal, `_` between digits, a suffix K, M or G.
Token Lexer::number(std::size_t begin) {
  unsigned base = 10;
  if (text_[at_] == '0' && at_ + 1 < text_.size() && (text_[at_ + 1] | 0x20) == 'x') {
    base = 16;
    at_ += 2;
  }
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t value = 0;
  bool overflow = false;
  bool after_digit = false;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '_' && after_digit && at_ + 1 < text_.size() && digit(text_[at_ + 1]) < base) {
      after_digit = false;
      continue;
    }
    const unsigned d = digit(c);
    if (d >= base)
      break;
    overflow = overflow || value > (kMax - d) / base;
    value = value * base + d;
    after_digit = true;
  }
  const bool has_digits = after_digit;
  unsigned shift = 0;
  if (has_digits && at_ < text_.size() && (shift = suffix_shift(text_[at_])) != 0)
    ++at_;
  if (!has_digits || (at_ < text_.size() && in_name(text_[at_]))) {
    while (at_ < text_.size() && in_name(text_[at_]))
      ++at_;
    return bad(begin, fmt::format("`{}` is no number: digits, 0x and hexadecimal digits, `_` between "
                                  "digits, a suffix K, M or G",
                                  text_.substr(begin, at_ - begin)));
  }
  if (overflow || value > kMax >> shift)
    return bad(begin, fmt::format("`{}` is above 2^64-1", text_.substr(begin, at_ - begin)));
  Token result = token(TokenKind::Number, begin);
  result.number = value << shift;
  result.suffixed = shift != 0;
  return result;
}

Token Lexer::string(std::size_t begin) {
  const std::size_t end = text_.find_first_of("\"\n", begin + 1);
  if (end == std::string_view::npos || text_[end] == '\n') {
    at_ = std::min(end, text_.size());
    return bad(begin, "the string does not end on its line");
  }
  at_ = end + 1;
  for (std::size_t i = begin; i < end;) {
    const std::size_t length = character_at(text_, i);
    if (length == 0 && text_[i] != '\t')
      return bad(i, fmt::format("byte {:#04x} is no character of a text", static_cast<unsigned char>(text_[i])));
    i += std::max<std::size_t>(length, 1);
  }
  return token(TokenKind::String, begin);
}

Token Lexer::punctuation(std::size_t begin) {
  const char c = text_[at_++];
  const char next = at_ < text_.size() ? text_[at_] : '\0';
  const auto pair = [&](char second, TokenKind both, TokenKind alone) {
    if (next != second)
      return token(alone, begin);
    ++at_;
    return token(both, begin);
  };
  switch (c) {
    case '{':
      return token(TokenKind::LeftBrace, begin);
    case '}':
      return token(TokenKind::RightBrace, begin);
    case '[':
      return token(TokenKind::LeftBracket, begin);
    case ']':
      return token(TokenKind::RightBracket, begin);
    case '(':
      return token(TokenKind::LeftParen, begin);
    case ')':
      return token(TokenKind::RightParen, begin);
    case ',':
      return token(TokenKind::Comma, begin);
    case ':':
      return token(TokenKind::Colon, begin);
    case '@':
      return token(TokenKind::At, begin);
    case '*':
      return token(TokenKind::Star, begin);
    case '+':
      return token(TokenKind::Plus, begin);
    case '-':
      return token(TokenKind::Minus, begin);
    case '/':
      return token(TokenKind::Slash, begin);
    case '%':
      return token(TokenKind::Percent, begin);
    case '.':
      return pair('.', TokenKind::DotDot, TokenKind::Dot);
    case '=':
      return pair('=', TokenKind::Equal, TokenKind::Assign);
    case '<':
      return pair('=', TokenKind::LessEqual, TokenKind::Less);
    case '>':
      return pair('=', TokenKind::GreaterEqual, TokenKind::Greater);
    case '!':
      if (next == '=') {
        ++at_;
        return token(TokenKind::NotEqual, begin);
      }
      return bad(begin, "`!` has no meaning here; `not` negates");
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte > 0x20 && byte < 0x7f)
    return bad(begin, fmt::format("`{}` has no meaning here", c));
  return bad(begin, fmt::format("byte {:#04x} has no meaning outside strings and comments", byte));
}

}  // namespace bachsim
