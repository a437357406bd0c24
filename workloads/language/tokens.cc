#include "workloads/language/tokens.h"

#include <fmt/format.h>

#include <algorithm>

namespace bachsim {

Token Tokens::want_string() {
  Token token = want(TokenKind::String, "a text in quotes");
  ++token.begin.offset;
  --token.end.offset;
  return token;
}

std::size_t Tokens::one_of(std::string_view of, const std::vector<std::string_view>& words) const {
  const std::string_view word = at(TokenKind::Name) ? text_of(token_) : std::string_view();
  const auto found = std::ranges::find(words, word);
  if (found == words.end()) expected(fmt::format("{} ({})", of, fmt::join(words, ", ")), did_you_mean(word, words));
  return static_cast<std::size_t>(found - words.begin());
}

std::string Tokens::found() const {
  if (at(TokenKind::End)) return std::string(end_name_);
  if (at(TokenKind::Newline)) return "the end of the line";
  if (at(TokenKind::String)) return "a text in quotes";
  return fmt::format("`{}`", text_of(token_));
}

std::string_view Tokens::text_of(const Token& token) const { return sources_.slice(token.begin, token.end); }

// A bad token fits nowhere, so it always ends here.
void Tokens::expected(std::string_view what, std::string_view hint) const {
  if (at(TokenKind::Bad)) fail(token_.begin, "{}", lexer_->error());
  fail(token_.begin, "expected {}, found {}{}", what, found(), hint);
}

void Tokens::expected(Word word) const { expected(fmt::format("`{}`", spelling(word))); }

void Tokens::expected_name(std::string_view what) const {
  if (at(TokenKind::Name)) fail(token_.begin, "expected {}; `{}` is a word of the language", what, text_of(token_));
  expected(what);
}

}  // namespace bachsim
