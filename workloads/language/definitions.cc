// `define NAME(PARAMETER, ...) { }`, and its calls.
//
// A call is a block of its own, in which the definition's text is read once more, with the arguments in the place of
// the parameters. So a run knows of no names, and what is checked of statements is checked of each call.
#include <fmt/format.h>

#include <algorithm>

#include "workloads/language/grammar.h"

namespace bachsim {
namespace {

// Of many calls inside each other: so many of the inner ones are told, and the outermost.
constexpr std::size_t kInnerCallsTold = 3;

}  // namespace

std::vector<Note> call_notes(const std::vector<const Statement*>& calls) {
  std::vector<Note> notes;
  for (std::size_t i = calls.size(); i-- > 0;) {
    if (i > 0 && calls.size() - i > kInnerCallsTold) continue;
    notes.push_back({calls[i]->place,
                     fmt::format("in `{}`, which is called here", std::get<CallStatement>(calls[i]->body).call->name)});
  }
  return notes;
}

std::vector<const Statement*> calls_around(const Script& script, std::uint32_t index) {
  std::vector<const Statement*> calls;
  for (std::uint32_t at = 0; at < index;) {
    const Statement& statement = script.statements[at];
    const bool around = statement.opens_block() && statement.end_of_block() > index;
    if (around && std::holds_alternative<CallStatement>(statement.body)) calls.push_back(&statement);
    at = statement.opens_block() && !around ? statement.end_of_block() : at + 1;
  }
  return calls;
}

// Those of the calls that are being read.
std::vector<Note> Grammar::call_notes() const {
  std::vector<const Statement*> calls;
  for (const Scope& scope : scopes_) calls.push_back(&script_.statements[scope.statement]);
  return bachsim::call_notes(calls);
}

void Grammar::define() {
  top_level();
  take();
  const Token name = want_name("a definition's name");
  const auto [entry, is_new] = definitions_.try_emplace(name.symbol);
  Defined& definition = entry->second;
  const Place first = definition.place;
  if (is_new) {
    definition.name = text_of(name);
    definition.place = name.begin;
    declare("definition", definition.name, name.begin);
  }
  try {
    if (!is_new)
      throw Diagnostic{
          name.begin, fmt::format("`{}` is defined twice", text_of(name)), {{first, "the first one is here"}}};
    define_parameters(definition);
    brace_ = want(TokenKind::LeftBrace, "`{`").begin;
    ++open_braces_;
    if (!at_line_end()) expected("the end of the line");
  } catch (Diagnostic& mistake) {
    // The body is passed over all the same: nobody knows what its names mean.
    definition.wrong = true;
    add_error(std::move(mistake));
    for (; !at_line_end(); advance()) {
      if (at(TokenKind::LeftBrace)) ++open_braces_;
    }
    if (open_braces_ == 0) return;
  }
  const Place end = pass_over_body(definition);
  if (definition.wrong) return;
  definition.file = file_;
  definition.identity = *identity_;
  definition.end = end;
}

void Grammar::define_parameters(Defined& definition) {
  want(TokenKind::LeftParen, "`(` and parameters");
  if (accept(TokenKind::RightParen)) return;
  do {
    const Token parameter = want_name("a parameter's name");
    check_value_name(parameter, "a parameter's name");
    if (std::ranges::find(definition.parameters, parameter.symbol, &Token::symbol) != definition.parameters.end())
      fail(parameter.begin, "the parameter `{}` is there already", text_of(parameter));
    if (definition.parameters.size() == kMaxParameters)
      fail(parameter.begin, "a definition has at most {} parameters", kMaxParameters);
    definition.parameters.push_back(parameter);
  } while (accept(TokenKind::Comma));
  want(TokenKind::RightParen, "`,` or `)`");
}

// Goes to the end of the line of the brace that ends the body; returns that brace's place. The body is read where it is
// called.
Place Grammar::pass_over_body(Defined& definition) {
  definition.body = token_.end;  // of the line with the opening brace
  std::size_t depth = 1;
  for (; !at(TokenKind::End); advance()) {
    if (at(TokenKind::LeftBrace) && ++depth > kMaxBlocks && !definition.wrong) {
      definition.wrong = true;
      add_error({token_.begin, fmt::format("blocks nest more than {} deep", kMaxBlocks)});
    }
    if (at(TokenKind::RightBrace) && --depth == 0) break;
  }
  const Place end = token_.begin;
  open_braces_ = 0;
  if (at(TokenKind::End)) {
    definition.wrong = true;
    fail(line_start_, "this block has no `}}`");
  }
  take();
  return end;
}

const Argument* Grammar::find_argument(Symbol name) const {
  const std::vector<Argument>& arguments = scopes_.back().arguments;
  const auto found = std::ranges::find(arguments, name, &Argument::parameter);
  return found == arguments.end() ? nullptr : &*found;
}

bool Grammar::is_number_name(Symbol name) const {
  const Argument* const bound = argument(name);
  return is_param(name) || (bound != nullptr && !bound->is_name) ||
         std::ranges::find(variables(), name, &LoopVariable::name) != variables().end();
}

// Whether a name stands here, alone or with an index, and nothing else: it is passed as it is.
bool Grammar::at_name_argument() const {
  if (!at(TokenKind::Name) || is_word(token_.symbol) || is_number_name(token_.symbol)) return false;
  Lexer ahead = *lexer_;
  Token token;
  ahead.next(token);
  if (token.kind == TokenKind::LeftBracket) {
    for (std::size_t depth = 0; token.kind != TokenKind::Newline && token.kind != TokenKind::End; ahead.next(token)) {
      if (token.kind == TokenKind::LeftBracket) ++depth;
      if (token.kind == TokenKind::RightBracket && --depth == 0) break;
    }
    ahead.next(token);
  }
  return token.kind == TokenKind::Comma || token.kind == TokenKind::RightParen;
}

// An index that may change while the call goes on becomes one of its values.
Argument Grammar::name_argument(std::vector<const Expr*>& values) {
  const Token name = take();
  Argument result{.is_name = true, .name = name.symbol};
  if (const Argument* const outer = argument(name.symbol); outer != nullptr) {
    use(outer->declared);
    result = *outer;
  }
  if (!at(TokenKind::LeftBracket)) return result;
  if (result.index != nullptr) fail(token_.begin, "`{}` has an index already", text_of(name));
  take();
  result.index = expression();
  want(TokenKind::RightBracket, "`]`");
  const ExprKind kind = result.index->kind;
  if (kind == ExprKind::Number || kind == ExprKind::LoopVariable || kind == ExprKind::Param) return result;
  values.push_back(result.index);
  Expr* const kept = node(ExprKind::LoopVariable, result.index->place);
  kept->slot = slots_ + static_cast<std::uint32_t>(values.size() - 1);
  result.index = kept;
  return result;
}

// NAME(ARGUMENT, ...).   REQUIRES: at the `(`
void Grammar::call_definition(Symbol name, Place place) {
  const auto found = definitions_.find(name);
  if (found == definitions_.end()) {
    std::vector<std::string_view> known;
    for (const auto& [symbol, each] : definitions_) known.push_back(each.name);
    std::ranges::sort(known);
    fail(place, "there is no definition `{}`{}", symbols_.spelling(name), did_you_mean(symbols_.spelling(name), known));
  }
  Defined& definition = found->second;
  use(definition.place);
  check_recursion(definition, place);
  take();
  Scope scope{
      .definition = &definition, .statement = script_.statements.size(), .first_variable = loop_variables_.size()};
  std::vector<const Expr*> values;
  if (!at(TokenKind::RightParen)) {
    do {
      Argument argument;
      if (at_name_argument()) {
        argument = name_argument(values);
      } else {
        values.push_back(expression());
        argument.slot = slots_ + static_cast<std::uint32_t>(values.size() - 1);
      }
      scope.arguments.push_back(argument);
    } while (accept(TokenKind::Comma));
  }
  want(TokenKind::RightParen, "`,` or `)`");
  if (definition.wrong) return;
  const std::size_t wanted = definition.parameters.size();
  if (scope.arguments.size() != wanted)
    throw Diagnostic{
        place,
        fmt::format("`{}` has {}, not {}", definition.name,
                    wanted == 1 ? "1 parameter" : fmt::format("{} parameters", wanted), scope.arguments.size()),
        {{definition.place, "it is defined here"}}};
  for (std::size_t i = 0; i < wanted; ++i) {
    const Token& parameter = definition.parameters[i];
    scope.arguments[i].parameter = parameter.symbol;
    scope.arguments[i].declared = parameter.begin;
    if (!definition.called) declare("parameter", symbols_.spelling(parameter.symbol), parameter.begin);
  }
  definition.called = true;
  open_call(std::move(scope), values);
}

void Grammar::check_recursion(const Defined& definition, Place place) const {
  const auto outer = std::ranges::find(scopes_, &definition, &Scope::definition);
  if (outer == scopes_.end()) return;
  std::string chain;
  for (auto scope = outer; scope != scopes_.end(); ++scope)
    chain += fmt::format("`{}` calls ", scope->definition->name);
  fail(place, "a definition cannot call itself: {}`{}`", chain, definition.name);
}

// The body is the definition's; of a text that is typed while such a call goes on, it is what stands behind a brace.
void Grammar::open_call(Scope scope, const std::vector<const Expr*>& values) {
  const Defined& definition = *scope.definition;
  const bool typed = behind_ && at(TokenKind::LeftBrace);
  if (typed) {
    open_brace();
  } else {
    if (!at_line_end()) expected("the end of the line");
    if (misuse_) return;
    if (blocks_.size() >= kMaxBlocks) fail(line_start_, "blocks nest more than {} deep", kMaxBlocks);
    called_bytes_ += definition.end.offset - definition.body.offset;
    if (called_bytes_ > kMaxCalledBytes)
      fail(line_start_, "the calls of a script come to more than {} MiB of text", kMaxCalledBytes >> 20);
  }
  auto* const kept = script_.arena.make<CallStatement::Call>();
  kept->name = definition.name;
  kept->values = script_.arena.keep(values);
  const CallStatement call{.call = kept};
  add(call);
  open_block({.kind = Block::Kind::Call,
              .place = line_start_,
              .statement = script_.statements.size() - 1,
              .slots = call.slots()});
  scopes_.push_back(std::move(scope));
  if (typed) return;
  read_body(definition);
  close_block();
}

void Grammar::read_body(const Defined& definition) {
  Lexer lexer(sources_, definition.file, symbols_);
  lexer.go_to(definition.body);
  const auto outer = std::tuple(lexer_, token_, identity_, outer_blocks_, file_, last_end_);
  lexer_ = &lexer;
  lexer.next(token_);
  identity_ = &definition.identity;
  file_ = definition.file;
  outer_blocks_ = blocks_.size();
  while (token_.begin.offset < definition.end.offset && !has_enough_errors()) line();
  while (blocks_.size() > outer_blocks_) close_block();  // a mistake has been told
  std::tie(lexer_, token_, identity_, outer_blocks_, file_, last_end_) = outer;
  misuse_.reset();
  open_braces_ = 0;
}

// The process that a parameter stands for, which may have an index, or be one of a family by an index here.
ProcessRef Grammar::argument_ref(const Argument& bound, Place place) {
  use(bound.declared);
  if (!bound.is_name) fail(place, "`{}` is a number here, and no process", symbols_.spelling(bound.parameter));
  ProcessRef ref{.name = name_number(bound.name), .place = place, .index = bound.index};
  if (!at(TokenKind::LeftBracket)) return ref;
  if (ref.index != nullptr)
    fail(token_.begin, "`{}` has an index already: it is one of a family", symbols_.spelling(bound.parameter));
  take();
  ref.index = expression();
  want(TokenKind::RightBracket, "`]`");
  return ref;
}

}  // namespace bachsim
