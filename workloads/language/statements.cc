// Statements, a line each, and the blocks that they open and close.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>
#include <utility>

#include "workloads/language/characters.h"
#include "workloads/language/grammar.h"

namespace bachsim {

void Grammar::file(std::size_t index, const std::string& identity) {
  Lexer lexer(sources_, index, symbols_);
  const auto outer = std::tuple(lexer_, token_, identity_, outer_blocks_, file_);
  lexer_ = &lexer;
  file_ = index;
  lexer.next(token_);
  identity_ = &identity;
  outer_blocks_ = blocks_.size();
  including_.push_back(identity);

  while (!at(TokenKind::End) && !has_enough_errors()) line();
  for (std::size_t i = outer_blocks_; i < blocks_.size() && at(TokenKind::End); ++i)
    add_error({blocks_[i].place, "this block has no `}`"});
  while (blocks_.size() > outer_blocks_) close_block();

  including_.pop_back();
  std::tie(lexer_, token_, identity_, outer_blocks_, file_) = outer;
  misuse_.reset();
}

ParseResult Grammar::finish() {
  std::vector<Diagnostic> warnings;
  // A statement that is mistaken may have been the one that makes a process, or uses a declaration.
  if (errors_.empty()) {
    report_names();
    for (const Declared& declared : unused())
      warnings.push_back({{declared.offset}, fmt::format("nobody uses the {} `{}`", declared.kind, declared.name)});
  }
  script_.host_bytes = sources_.bytes() + script_.arena.bytes() + script_.statements.size() * sizeof(Statement);
  return {.script = std::move(script_), .errors = std::move(errors_), .warnings = std::move(warnings)};
}

// In the order of the text. What a definition declares is declared at each of its calls.
std::vector<Grammar::Declared> Grammar::unused() {
  std::ranges::sort(used_);
  std::ranges::stable_sort(declared_, {}, &Declared::offset);
  std::vector<Declared> unused;
  auto use = used_.begin();
  for (const Declared& declared : declared_) {
    while (use != used_.end() && *use < declared.offset) ++use;
    const bool is_used = use != used_.end() && *use == declared.offset;
    if (!is_used && (unused.empty() || unused.back().offset != declared.offset)) unused.push_back(declared);
  }
  return unused;
}

// A mistake in a definition is told for the first of its calls.
void Grammar::add_error(Diagnostic diagnostic) {
  const auto is_same = [&diagnostic](const Diagnostic& each) {
    return each.place == diagnostic.place && each.what == diagnostic.what;
  };
  if (errors_.size() == kMaxErrors) return;
  if (std::ranges::any_of(errors_, is_same)) return static_cast<void>(++repeated_errors_);
  std::ranges::move(call_notes(), std::back_inserter(diagnostic.notes));
  errors_.push_back(std::move(diagnostic));
}

void Grammar::line() {
  nesting_ = 0;
  draws_ = 0;
  actor_ = {};
  misuse_.reset();
  open_braces_ = 0;
  try {
    if (accept(TokenKind::Newline)) return;
    statement();
    if (!at_line_end()) expected("the end of the line");
    if (misuse_) [[unlikely]]
      add_error(std::move(*misuse_));
    accept(TokenKind::Newline);
  } catch (Diagnostic& mistake) {
    add_error(std::move(mistake));
    recover();
  }
}

// Goes to the end of a line that holds a mistake. If it opens a block, the block's end is still to come.
void Grammar::recover() {
  for (; !at_line_end(); advance()) {
    if (at(TokenKind::LeftBrace)) {
      ++open_braces_;
      brace_ = token_.begin;
    } else if (at(TokenKind::RightBrace)) {
      --open_braces_;
    }
  }
  if (open_braces_ > 0)
    open_block({.kind = Block::Kind::Wrong, .place = brace_, .statement = script_.statements.size()});
  accept(TokenKind::Newline);
}

void Grammar::statement() {
  using Parser = void (Grammar::*)();
  // [Word]
  // clang-format off
  static constexpr std::array<Parser, 20> kParsers{
      &Grammar::title, &Grammar::note, &Grammar::include, &Grammar::machine, &Grammar::program, &Grammar::var,
      &Grammar::param, &Grammar::define, &Grammar::spawn, &Grammar::tick, &Grammar::run, &Grammar::age, &Grammar::steal, &Grammar::show,
      &Grammar::expect_condition, &Grammar::audit, &Grammar::repeat, &Grammar::for_loop, &Grammar::if_branch,
      &Grammar::preset};
  // clang-format on
  static_assert(kParsers.size() == static_cast<std::size_t>(Word::Preset) + 1);
  line_start_ = token_.begin;
  if (at(TokenKind::RightBrace)) return end_of_block();
  if (head_) [[unlikely]]
    head_ = at(Word::Title) || at(Word::Param);
  if (!at(TokenKind::Name)) expected("a statement");
  if (!is_word(token_.symbol)) return operation();
  if (token_.symbol < kParsers.size()) return (this->*kParsers[token_.symbol])();
  if (begins_operation(static_cast<Word>(token_.symbol)))
    fail(token_.begin, "a process must do this: `NAME: {}`", text_of(token_));
  expected("a statement");
}

// REQUIRES: at the statement's word
void Grammar::top_level() const {
  if (!blocks_.empty())
    throw Diagnostic{token_.begin,
                     fmt::format("`{}` cannot stand in a block", text_of(token_)),
                     {{blocks_.back().place, "the block begins here"}}};
}

// A string as it is printed: characters that nobody sees are escaped.
std::string_view Grammar::escaped(std::string_view raw) {
  const std::string safe = printable(raw, true);
  return safe == raw ? raw : keep_text(safe);
}

void Grammar::title() {
  top_level();
  const Place place = take_place();
  const Token text = want_string();
  if (title_place_) throw Diagnostic{place, "a script has one title", {{*title_place_, "it is here"}}};
  title_place_ = place;
  script_.title = escaped(text_of(text));
}

void Grammar::note() {
  take();
  add(NoteStatement{text_with_values(want_string())});
}

void Grammar::include() {
  const Token word = take();
  const Token name = want_string();
  if (!at_line_end()) expected("the end of the line");
  if (including_.size() > kMaxIncludes) fail(word.begin, "files include each other more than {} deep", kMaxIncludes);
  if (++includes_seen_ > kMaxFiles) fail(word.begin, "a script includes at most {} files", kMaxFiles);
  auto file_found = includes_.open(text_of(name), *identity_);
  if (!file_found) fail(name.begin, "{}", file_found.error());
  if (std::ranges::find(including_, file_found->identity) != including_.end())
    fail(name.begin, "a file cannot include itself");
  if (sources_.bytes() + file_found->text.size() >= Sources::kMaxBytes) fail(name.begin, "the script is too long");
  const std::size_t index = sources_.add(std::move(file_found->name), std::move(file_found->text));
  file(index, file_found->identity);
}

// `map-cost`: names joined by `-` without blanks.
std::string_view Grammar::dashed_name(std::string_view what) {
  const Token first = want(TokenKind::Name, what);
  Place end = first.end;
  while (at(TokenKind::Minus) && token_.begin == end) {
    take();
    end = want(TokenKind::Name, what).end;
  }
  return sources_.slice(first.begin, end);
}

Setting Grammar::setting() {
  Setting setting{.key = {}, .key_place = token_.begin, .value_place = {}, .values = {}};
  setting.key = dashed_name("a key of the machine");
  want(TokenKind::Assign, "`=`");
  setting.value_place = token_.begin;
  do {
    setting.values.push_back(setting_value());
  } while (accept(TokenKind::Comma));
  return setting;
}

void Grammar::machine() {
  top_level();
  const Place place = take_place();
  if (stage_set_) fail(place, "a machine is set up before the first spawn, preset, tick, age, steal or run");
  do {
    script_.settings.push_back(setting());
  } while (!at_line_end());
}

void Grammar::var() {
  top_level();
  take();
  const Token name = want_name("a var's name");
  want(TokenKind::Assign, "`=`");
  Location where;
  location(where);
  if (where.kind == LocationKind::Pages || where.kind == LocationKind::AllPages)
    fail(where.place, "a var is one cell: one page, an offset or an address");
  if (at_line_end()) check_constant(where.first);
  declare("var", text_of(name), name.begin);
  const auto [entry, is_new] = vars_.try_emplace(name.symbol, Var{where, name.begin});
  if (!is_new)
    throw Diagnostic{name.begin,
                     fmt::format("var `{}` is declared twice", text_of(name)),
                     {{entry->second.place, "the first one is here"}}};
}

void Grammar::spawn() {
  take_the_stage();
  const ProgramId program = program_name();
  want(Word::As);
  add(SpawnStatement{.program = program, .name = process_ref(Giving::Yes)});
}

void Grammar::show() {
  take();
  const std::vector<std::string_view> words(view_words().begin(), view_words().end());
  if (!at(TokenKind::Name)) expected(fmt::format("a view ({})", fmt::join(words, ", ")));
  const Place begin = token_.begin;
  const std::string_view text = dashed_name("a view");
  const auto word = std::ranges::find(words, text);
  if (word == words.end())
    fail(begin, "expected a view ({}), found `{}`{}", fmt::join(words, ", "), text, did_you_mean(text, words));
  const auto view = static_cast<View>(word - words.begin());
  if (view == View::Walk) return show_walk();
  std::vector<ProcessRef> names;
  while (!at_line_end()) names.push_back(process_ref(Giving::No));
  add(ShowStatement{.view = view, .names = script_.arena.keep(names)});
}

void Grammar::show_walk() {
  const std::vector<ProcessRef> name{process_ref(Giving::No)};
  auto* const where = script_.arena.make<Location>();
  location(*where);
  if (where->kind == LocationKind::Pages || where->kind == LocationKind::AllPages)
    fail(where->place, "a walk is of one address: one page, an offset or an address");
  add(ShowStatement{.view = View::Walk, .names = script_.arena.keep(name), .where = where});
}

void Grammar::expect_condition() {
  take();
  const Place begin = token_.begin;
  const Expr* condition = expression();
  if (at(TokenKind::Assign)) fail(token_.begin, "`=` stores; `==` compares");
  ExpectStatement expect{.condition = condition, .text = squeezed(begin, last_end_)};
  if (at(TokenKind::Name) && text_of(token_) == spelling(SoftWord::By)) {
    const Place by = take_place();
    if (!at(TokenKind::Name) || text_of(token_) != spelling(SoftWord::Default)) expected("`default`");
    take();
    if (script_.params.empty()) fail(by, "the script has no params, which have defaults");
    expect.by_default = true;
  }
  add(expect);
}

void Grammar::repeat() {
  take();
  LoopStatement loop{.first = nullptr, .last = expression(), .slot = 0};
  std::optional<Token> variable;
  if (accept(Word::As)) {
    variable = want_name("a loop variable's name");
    declare("loop variable", text_of(*variable), variable->begin);  // a `for` must have one, used or not
  }
  open_loop(loop, variable);
}

void Grammar::for_loop() {
  take();
  const Token variable = want_name("a loop variable's name");
  want(Word::In);
  const Expr* first = expression();
  want(TokenKind::DotDot, "`..`");
  const Expr* last = expression();
  open_loop({.first = first, .last = last, .slot = 0}, variable);
}

// The brace that opens a block, and the end of its line.
void Grammar::open_brace() {
  // Before the brace is taken: recover() looks for it.
  if (blocks_.size() >= kMaxBlocks) fail(token_.begin, "blocks nest more than {} deep", kMaxBlocks);
  brace_ = want(TokenKind::LeftBrace, "`{`").begin;
  ++open_braces_;
  if (!at_line_end()) expected("the end of the line");
}

void Grammar::open_block(Block block) {
  blocks_.push_back(block);
  slots_ += block.slots;
  if (block.kind == Block::Kind::Loop || block.kind == Block::Kind::Wrong) ++loops_;
}

void Grammar::open_loop(LoopStatement loop, const std::optional<Token>& variable) {
  if (variable && std::ranges::find(variables(), variable->symbol, &LoopVariable::name) != variables().end())
    fail(line_start_, "`{}` is the variable of a loop around this one", text_of(*variable));
  if (variable && argument(variable->symbol) != nullptr)
    fail(variable->begin, "`{}` is a parameter of the definition", text_of(*variable));
  open_brace();
  loop.slot = slots_;
  if (variable) loop_variables_.push_back({.name = variable->symbol, .slot = loop.slot, .place = variable->begin});
  open_block({.kind = Block::Kind::Loop,
              .place = line_start_,
              .statement = script_.statements.size(),
              .names_variable = variable.has_value()});
  add(loop);
}

const Expr* Grammar::condition() {
  const Expr* const expr = expression();
  if (at(TokenKind::Assign)) fail(token_.begin, "`=` stores; `==` compares");
  return expr;
}

// `first`: the head of the first branch, which may be this one. Without a condition it is an `else`.
void Grammar::open_branch(const Expr* condition, std::size_t first) {
  open_brace();
  open_block({.kind = condition == nullptr ? Block::Kind::Else : Block::Kind::Branch,
              .place = line_start_,
              .statement = script_.statements.size(),
              .first = first});
  add(IfStatement{.condition = condition});
}

// `else {` and `else if EXPR {` behind the brace that has closed a branch.
void Grammar::else_branch(const Block& before) {
  line_start_ = take_place();
  open_braces_ = 0;  // the block before is closed, whatever comes of the rest of the line
  if (before.kind == Block::Kind::Loop || before.kind == Block::Kind::Call)
    fail(line_start_, "an `else` stands behind the block of an `if`");
  if (before.kind == Block::Kind::Else) fail(line_start_, "an `else` has no `else`");
  const std::size_t first = before.kind == Block::Kind::Wrong ? script_.statements.size() : before.first;
  open_branch(accept(Word::If) ? condition() : nullptr, first);
}

// `}`, and what may stand behind it.
void Grammar::end_of_block() {
  if (blocks_.size() == outer_blocks_) fail(token_.begin, "there is no block to close");
  take();
  --open_braces_;
  const Block block = blocks_.back();
  close_block();
  if (at(Word::Else)) return else_branch(block);
  if (block.kind != Block::Kind::Branch && block.kind != Block::Kind::Else) return;
  const auto behind = static_cast<std::uint32_t>(script_.statements.size());
  for (std::size_t head = block.first; head < behind;) {
    auto* const branch = std::get_if<IfStatement>(&script_.statements[head].body);
    if (branch == nullptr || branch->end <= head) break;  // a mistake stands between
    branch->behind = behind;
    head = branch->end;
  }
}

void Grammar::close_block() {
  const Block block = blocks_.back();
  blocks_.pop_back();
  slots_ -= block.slots;
  if (block.names_variable) loop_variables_.pop_back();
  if (block.kind == Block::Kind::Call) scopes_.pop_back();
  const bool loop = block.kind == Block::Kind::Loop || block.kind == Block::Kind::Wrong;
  if (loop && --loops_ == 0) settle_early_uses();
  const auto end = static_cast<std::uint32_t>(script_.statements.size());
  if (block.statement >= end) return;
  Statement& head = script_.statements[block.statement];
  if (auto* const of_loop = std::get_if<LoopStatement>(&head.body)) of_loop->end = end;
  if (auto* const of_call = std::get_if<CallStatement>(&head.body)) of_call->end = end;
  if (auto* const of_branch = std::get_if<IfStatement>(&head.body)) of_branch->end = end;
}

}  // namespace bachsim
