// The tokens that a grammar reads: one of lookahead, and what to say where another was expected.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "workloads/language/diagnostic.h"
#include "workloads/language/lexer.h"

namespace bachsim {

class Tokens {
 public:
  explicit Tokens(Sources& sources) : sources_(sources) {}

 protected:
  void advance() {
    last_end_ = token_.end;
    lexer_->next(token_);
  }
  Token take() {
    const Token token = token_;
    advance();
    return token;
  }
  Place take_place() {
    const Place place = token_.begin;
    advance();
    return place;
  }
  [[nodiscard]] bool at(TokenKind kind) const { return token_.kind == kind; }
  [[nodiscard]] bool at(Word word) const { return token_.is(word); }
  [[nodiscard]] bool at_region() const {
    return at(TokenKind::Name) && is_word(token_.symbol) && is_region(static_cast<Word>(token_.symbol));
  }
  [[nodiscard]] bool at_line_end() const { return at(TokenKind::Newline) || at(TokenKind::End); }
  template <class Wanted>
  bool accept(Wanted wanted) {
    if (!at(wanted)) return false;
    advance();
    return true;
  }
  Token want(TokenKind kind, std::string_view what) {
    if (!at(kind)) [[unlikely]]
      expected(what);
    return take();
  }
  void want(Word word) {
    if (!accept(word)) [[unlikely]]
      expected(word);
  }
  Token want_name(std::string_view what) {
    if (!at(TokenKind::Name) || is_word(token_.symbol)) [[unlikely]]
      expected_name(what);
    return take();
  }
  Token want_string();
  // The index of the word at hand among these, which `of` names in the message if it is none of them.
  [[nodiscard]] std::size_t one_of(std::string_view of, const std::vector<std::string_view>& words) const;

  [[nodiscard]] std::string_view text_of(const Token& token) const;
  [[noreturn]] void expected(std::string_view what, std::string_view hint = {}) const;
  [[noreturn]] void expected(Word word) const;
  [[noreturn]] void expected_name(std::string_view what) const;

  Sources& sources_;
  Symbols symbols_;
  Lexer* lexer_ = nullptr;                             // of the file that is being read
  Token token_;                                        // its next one
  Place last_end_;                                     // of the token taken last
  std::string_view end_name_ = "the end of the file";  // what messages call it

 private:
  [[nodiscard]] std::string found() const;
};

}  // namespace bachsim
