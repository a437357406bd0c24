#include "workloads/language/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "workloads/language/grammar.h"

namespace bachsim {

void Grammar::advance() {
  last_end_ = token_.end;
  if (at(TokenKind::LeftBrace)) {
    ++open_braces_;
    brace_ = token_.begin;
  } else if (at(TokenKind::RightBrace)) {
    --open_braces_;
  }
  token_ = lexer_->next();
}

Token Grammar::take() {
  const Token token = token_;
  advance();
  return token;
}

bool Grammar::accept(TokenKind kind) {
  if (!at(kind))
    return false;
  advance();
  return true;
}

bool Grammar::accept(Word word) {
  if (!token_.is(word))
    return false;
  advance();
  return true;
}

Token Grammar::want(TokenKind kind, std::string_view what) {
  if (!at(kind))
    expected(what);
  return take();
}

void Grammar::want(Word word) {
  if (!accept(word))
    expected(fmt::format("`{}`", spelling(word)));
}

Token Grammar::want_name(std::string_view what) {
  if (at(TokenKind::Name) && is_word(token_.symbol))
    throw Diagnostic{token_.begin, fmt::format("expected {}; `{}` is a word of the language", what, text_of(token_))};
  return want(TokenKind::Name, what);
}

Token Grammar::want_string() {
  Token token = want(TokenKind::String, "a text in quotes");
  ++token.begin.offset;
  --token.end.offset;
  return token;
}

std::string Grammar::found() const {
  if (at(TokenKind::End))
    return blocks_.empty() && including_.empty() ? "the end" : "the end of the file";
  if (at(TokenKind::Newline))
    return "the end of the line";
  if (at(TokenKind::String))
    return "a text in quotes";
  return fmt::format("`{}`", text_of(token_));
}

std::string_view Grammar::text_of(const Token& token) const {
  return sources_.slice(token.begin, token.end);
}

// The text between two places with each run of blanks as one.
std::string_view Grammar::squeezed(Place begin, Place end) {
  const std::string_view raw = sources_.slice(begin, end);
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  std::vector<char> text;
  for (const char c : raw) {
    if (!blank(c))
      text.push_back(c);
    else if (text.back() != ' ')
      text.push_back(' ');
  }
  if (std::ranges::equal(text, raw))
    return raw;
  const auto kept = keep(text);
  return {kept.data(), kept.size()};
}

// A bad token fits nowhere, so it always ends here.
void Grammar::expected(std::string_view what, std::string_view hint) const {
  if (at(TokenKind::Bad))
    throw Diagnostic{token_.begin, lexer_->error()};
  throw Diagnostic{token_.begin, fmt::format("expected {}, found {}{}", what, found(), hint)};
}

void Grammar::add_error(Diagnostic diagnostic) {
  if (errors_.size() < kMaxErrors)
    errors_.push_back(std::move(diagnostic));
}

ParseResult parse(Sources& sources, std::size_t file, const std::string& identity, Includes& includes) {
  Grammar grammar(sources, includes);
  grammar.file(file, identity);
  return grammar.finish();
}

std::expected<Setting, Diagnostic> parse_setting(Sources& sources, std::size_t file) {
  struct NoIncludes : Includes {
    std::expected<File, std::string> open(std::string_view, const std::string&) override { return std::unexpected(""); }
  } none;
  try {
    return Grammar(sources, none).only_setting(file);
  } catch (Diagnostic& mistake) {
    return std::unexpected(std::move(mistake));
  }
}

}  // namespace bachsim
