// Numbers by chance in expressions.
#include "workloads/language/grammar.h"
#include "workloads/language/zipf.h"

namespace bachsim {

// `random(A..B)`, `zipf(N, S)`. Neither is a word of the language, so that anything may have these names.
const Expr* Grammar::draw(const Token& name) {
  take();
  auto* const draw = script_.arena.make<Draw>();
  draw->number = draws_++;
  const Expr* const first = expression();
  if (name.symbol == random_) {
    draw->first = first;
    want(TokenKind::DotDot, "`..`");
    draw->last = expression();
  } else {
    draw->last = first;
    script_.uses_zipf = true;
    want(TokenKind::Comma, "`,` and the exponent");
    draw->exponent = exponent();
  }
  want(TokenKind::RightParen, "`)`");
  Expr* const expr = node(ExprKind::Draw, name.begin);
  expr->height = above(name.begin, {draw->first, draw->last, draw->exponent});
  expr->draw = draw;
  return expr;
}

// `1`, `0.8`, `1.25`, or `N percent`: in hundredths.
const Expr* Grammar::exponent() {
  const Token whole = token_;
  const Expr* const expr = expression();
  if (at(TokenKind::Name) && text_of(token_) == spelling(SoftWord::Percent)) {
    take();
    return expr;
  }
  if (expr->kind != ExprKind::Number) expected("`percent`: an exponent is a number such as 1 or 0.8, or N percent");
  Expr* const hundredths = node(ExprKind::Number, whole.begin);
  std::uint64_t digits = 0;
  if (at(TokenKind::Dot)) {
    take();
    const Token part = want(TokenKind::Number, "digits");
    const std::string_view text = text_of(part);
    if (text.size() > 2 || text.find_first_not_of("0123456789") != std::string_view::npos)
      fail(part.begin, "an exponent has one or two digits behind its point");
    digits = part.number * (text.size() == 1 ? 10 : 1);
  }
  if (expr->number > Zipf::kMaxExponent / 100)
    fail(whole.begin, "an exponent is from 0 to {}", Zipf::kMaxExponent / 100);
  hundredths->number = expr->number * 100 + digits;
  return hundredths;
}

}  // namespace bachsim
