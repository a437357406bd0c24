// Tokens of one file. Newlines are tokens, as a line is a statement; comments and blanks are none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "workloads/language/source.h"
#include "workloads/language/words.h"

namespace bachsim {

enum class TokenKind : std::uint8_t {
  Name,    // symbol: a word of the language or a name
  Number,  // number; suffixed
  String,  // text(): without its quotes
  Newline,
  End,  // of the file
  Bad,  // the lexer has said why in error()
  // Punctuation.
  LeftBrace,
  RightBrace,
  LeftBracket,
  RightBracket,
  LeftParen,
  RightParen,
  Comma,
  Dot,
  DotDot,
  Colon,
  At,
  Assign,
  Star,
  Plus,
  Minus,
  Slash,
  Percent,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
};

struct Token {
  TokenKind kind = TokenKind::End;
  bool suffixed = false;  // a number with K, M or G, already multiplied
  Symbol symbol = 0;
  std::uint64_t number = 0;
  Place begin;
  Place end;

  [[nodiscard]] bool is(Word word) const { return kind == TokenKind::Name && symbol == static_cast<Symbol>(word); }
};

class Lexer {
 public:
  // Both must outlive the lexer.
  Lexer(const Sources& sources, std::size_t file, Symbols& symbols);

  // Reads a token. Of `token` only the members that its new kind has are changed.
  void next(Token& token);

  // Goes on from a place in the same file.
  void go_to(Place place) { at_ = begin_ + (place.offset - base_); }

  // Why the last token was Bad.
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  void name(Token& token);
  void number(Token& token);
  void string(Token& token);
  void other(Token& token);
  void bad(Token& token, const char* begin, std::string why);
  void finish(Token& token, TokenKind kind) const;
  [[nodiscard]] Place place(const char* at) const;
  [[nodiscard]] std::string_view text(const char* begin) const;

  const char* begin_;  // of the text
  const char* end_;    // where a zero byte stands: looking one byte ahead needs no other check
  const char* at_;
  std::uint32_t base_;
  Symbols& symbols_;
  std::string error_;
};

}  // namespace bachsim
