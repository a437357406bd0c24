// `param`, what else is known before the run, texts of the command line, and the values in the text of a note.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/state/rows.h"
#include "workloads/language/grammar.h"

namespace bachsim {
namespace {

// Words that a path may have as its value: a param of such a name could not be told from them.
bool is_value_word(std::string_view word) {
  constexpr std::array kKinds{Kind::State, Kind::Event, Kind::Errno, Kind::Type, Kind::Disk, Kind::Identity};
  return word == "null" ||
         std::ranges::any_of(kKinds, [word](Kind kind) { return std::ranges::count(words_of(kind), word) > 0; });
}

}  // namespace

// `param NAME = VALUES`, `param NAME = DEFAULT in VALUES`.
void Grammar::param() {
  const Place place = take_place();
  if (including_.size() > 1) fail(place, "a param stands in the script that is run, not in a file that it includes");
  if (!head_) fail(place, "a param stands before all statements but `title`");
  const Token name = Tokens::want_name("a param's name");
  check_param_name(name);
  script_.params.push_back(
      {.name = text_of(name), .place = name.begin, .standard = node(ExprKind::Number, name.begin)});
  declare("param", text_of(name), name.begin);
  // It is known behind its line, were that wrong: then this is one mistake and not many.
  const auto know = [this, &name] {
    if (name.symbol >= param_slots_.size()) param_slots_.resize(symbols_.size(), kNoName);
    param_slots_[name.symbol] = static_cast<std::uint32_t>(script_.params.size() - 1);
  };
  try {
    want(TokenKind::Assign, "`=`");
    param_values(script_.params.back());
  } catch (const Diagnostic&) {
    know();
    throw;
  }
  know();
}

// Parses what stands behind the `=`.
void Grammar::param_values(ParamDeclaration& declared) {
  Place begin = token_.begin;
  declared.hexadecimal =
      at(TokenKind::Number) && (text_of(token_).starts_with("0x") || text_of(token_).starts_with("0X"));
  std::vector<ParamDeclaration::Range> values{param_range()};
  const Expr* standard = nullptr;
  if (at(Word::In)) {
    if (values.front().last != nullptr) expected("the end of the line; the default, before `in`, is one number");
    take();
    standard = values.front().first;
    begin = token_.begin;
    values = {param_range()};
  }
  while (accept(TokenKind::Comma)) values.push_back(param_range());
  const bool any = standard == nullptr && values.size() == 1 && values.front().last == nullptr;
  declared.standard = any ? values.front().first : standard;
  if (any) return;
  declared.values = script_.arena.keep(values);
  declared.values_text = squeezed(begin, last_end_);
}

void Grammar::check_param_name(const Token& name) const {
  if (is_param(name.symbol))
    throw Diagnostic{name.begin,
                     fmt::format("param `{}` is declared twice", text_of(name)),
                     {{script_.params[param_slots_[name.symbol]].place, "the first one is here"}}};
  check_value_name(name, "a param's name");
}

void Grammar::check_value_name(const Token& name, std::string_view what) const {
  if (is_value_word(text_of(name)))
    fail(name.begin, "expected {}; `{}` is a word that paths may have as their value", what, text_of(name));
}

ParamDeclaration::Range Grammar::param_range() {
  ParamDeclaration::Range range{.first = constant("a number", Sign::May), .last = nullptr, .step = nullptr};
  if (!accept(TokenKind::DotDot)) return range;
  range.last = constant("a number", Sign::May);
  if (at(TokenKind::Name) && text_of(token_) == spelling(SoftWord::Step)) {
    take();
    range.step = constant("a number", Sign::May);
  }
  return range;
}

Token Grammar::want_name(std::string_view what) {
  if (at(TokenKind::Name) && is_param(token_.symbol))
    throw Diagnostic{token_.begin,
                     fmt::format("expected {}; `{}` is a param", what, text_of(token_)),
                     {{script_.params[param_slots_[token_.symbol]].place, "it is declared here"}}};
  return Tokens::want_name(what);
}

bool Grammar::at_constant(Sign sign) const {
  return at(TokenKind::Number) || at(TokenKind::LeftParen) || (sign == Sign::May && at(TokenKind::Minus)) ||
         (at(TokenKind::Name) && is_param(token_.symbol));
}

// An expression of numbers and params, which has its value before the run.
const Expr* Grammar::constant(std::string_view what, Sign sign) {
  if (!at_constant(sign)) expected(what);
  const Expr* const expr = operators_of_sum();
  check_constant(expr);
  return expr;
}

void Grammar::check_constant(const Expr* expr) const {
  switch (expr->kind) {
    case ExprKind::Number:
    case ExprKind::Param:
      return;
    case ExprKind::Negate:
      return check_constant(expr->left);
    case ExprKind::Add:
    case ExprKind::Subtract:
    case ExprKind::Multiply:
    case ExprKind::Divide:
    case ExprKind::Remainder:
      check_constant(expr->left);
      return check_constant(expr->right);
    default:
      fail(expr->place, "before the run only numbers and params are known{}",
           expr->kind == ExprKind::Word ? did_you_mean(expr->word->text, number_names()) : "");
  }
}

// A word, a number, or an expression of numbers and params.
Setting::Value Grammar::setting_value() {
  const Token first = token_;
  const bool word = at(TokenKind::Name);
  const Expr* expr = nullptr;
  if (at_constant())
    expr = constant("a number or a word");
  else if (word)
    dashed_name("a word");
  else
    expected("a number or a word");
  if (word && at(TokenKind::LeftParen)) fail(token_.begin, "before the run only numbers and params are known");
  const bool number = expr != nullptr && expr->kind == ExprKind::Number;
  return {.word = word && (expr == nullptr || expr->kind == ExprKind::Param),
          .suffixed = number && expr->suffixed,
          .number = number ? expr->number : 0,
          .text = sources_.slice(first.begin, last_end_),
          .place = first.begin,
          .constant = number ? nullptr : expr};
}

// The grammar reads a text of the command line, from its beginning.
void Grammar::only(Lexer& lexer) {
  lexer_ = &lexer;
  advance();
  end_name_ = "the end";
}

Setting Grammar::only_setting(std::size_t index) {
  Lexer lexer(sources_, index, symbols_);
  only(lexer);
  Setting result = setting();
  for (const Setting::Value& value : result.values) {
    if (value.constant != nullptr) fail(value.place, "expected a number or a word, found `{}`", value.text);
  }
  if (!at(TokenKind::End)) expected("the end of the setting");
  return result;
}

Definition Grammar::only_definition(std::size_t index) {
  Lexer lexer(sources_, index, symbols_);
  only(lexer);
  const Token name = want_name("a param's name");
  want(TokenKind::Assign, "`=`");
  const Place place = token_.begin;
  const bool negative = accept(TokenKind::Minus);
  const Token number = want(TokenKind::Number, "a number");
  if (!at(TokenKind::End)) expected("the end of the number");
  const std::uint64_t most = std::uint64_t{1} << 63;
  if (number.number > most - (negative ? 0 : 1)) fail(place, "the number does not fit in 64 bits");
  return {.name = text_of(name),
          .place = name.begin,
          .value = static_cast<std::int64_t>(negative ? 0 - number.number : number.number),
          .value_place = place};
}

// A text with `{EXPRESSION}` in it, and `{{` for a brace.
std::span<const NoteStatement::Part> Grammar::text_with_values(const Token& text) {
  std::vector<NoteStatement::Part> parts;
  const std::string_view raw = text_of(text);
  std::string plain;
  const auto add_part = [&](const Expr* value) {
    parts.push_back({.text = escaped(keep_text(plain)), .value = value});
    plain.clear();
  };
  for (std::size_t i = 0; i < raw.size(); ++i) {
    plain += raw[i];
    if (raw[i] != '{') continue;
    if (raw.substr(i).starts_with("{{")) {
      ++i;
      continue;
    }
    plain.pop_back();
    const Place brace{text.begin.offset + static_cast<std::uint32_t>(i)};
    const std::size_t end = raw.find('}', i);
    if (end == std::string_view::npos) fail(brace, "the value has no `}}`; `{{{{` is a brace");
    add_part(value_in_text(brace));
    i = end;
  }
  if (!plain.empty() || parts.empty()) add_part(nullptr);
  return script_.arena.keep(parts);
}

std::string_view Grammar::keep_text(const std::string& text) {
  const auto kept = script_.arena.keep(std::vector<char>(text.begin(), text.end()));
  return {kept.data(), kept.size()};
}

// Reads an expression from the middle of a token, up to its `}`.
const Expr* Grammar::value_in_text(Place brace) {
  struct Reader {
    explicit Reader(Grammar& its_grammar)
        : grammar(its_grammar),
          lexer(*its_grammar.lexer_),
          outer(its_grammar.lexer_),
          token(its_grammar.token_),
          last_end(its_grammar.last_end_) {
      grammar.lexer_ = &lexer;
    }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader() {
      grammar.lexer_ = outer;
      grammar.token_ = token;
      grammar.last_end_ = last_end;
    }
    Grammar& grammar;
    Lexer lexer;
    Lexer* outer;
    Token token;
    Place last_end;
  } reader(*this);
  reader.lexer.go_to({brace.offset + 1});
  advance();
  const Expr* const expr = any_expression();
  if (expr->kind == ExprKind::Word) stray_word(expr);
  if (!at(TokenKind::RightBrace)) expected("`}`");
  return expr;
}

}  // namespace bachsim
