// Statements, a line each, and the blocks that they open and close.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "workloads/language/grammar.h"

namespace bachsim {

void Grammar::file(std::size_t index, const std::string& identity) {
  Lexer lexer(sources_, index, symbols_);
  const Reading outer = read(lexer);
  const std::string* const outer_identity = std::exchange(identity_, &identity);
  const std::size_t outer_blocks = std::exchange(outer_blocks_, blocks_.size());
  including_.push_back(identity);

  while (!at(TokenKind::End) && errors_.size() < kMaxErrors) line();
  for (std::size_t i = outer_blocks_; i < blocks_.size() && at(TokenKind::End); ++i)
    add_error({blocks_[i].place, "this block has no `}`"});
  while (blocks_.size() > outer_blocks_) close_block();

  outer_blocks_ = outer_blocks;
  including_.pop_back();
  identity_ = outer_identity;
  go_on(outer);
}

ParseResult Grammar::finish() {
  // A statement that is mistaken may have been the one that makes a process, or uses a declaration.
  if (errors_.empty()) {
    report_names();
    report_unused();
  }
  return {.script = std::move(script_), .errors = std::move(errors_), .warnings = std::move(warnings_)};
}

void Grammar::line() {
  nesting_ = 0;
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
    blocks_.push_back({.place = brace_, .statement = script_.statements.size(), .names_variable = false});
  accept(TokenKind::Newline);
}

void Grammar::statement() {
  line_start_ = token_.begin;
  if (at(TokenKind::RightBrace)) {
    if (blocks_.size() == outer_blocks_) fail(token_.begin, "there is no block to close");
    take();
    --open_braces_;
    close_block();
    return;
  }
  if (!at(TokenKind::Name)) expected("a statement");
  if (!is_word(token_.symbol)) {
    operation();
    return;
  }
  const Token& word = token_;
  switch (static_cast<Word>(word.symbol)) {
    case Word::Title:
      return title();
    case Word::Note: {
      take();
      const Token text = want_string();
      return add(NoteStatement{text_of(text)});
    }
    case Word::Include:
      return include();
    case Word::Machine:
      return machine();
    case Word::Program:
      return program();
    case Word::Var:
      return var();
    case Word::Spawn:
      return spawn();
    case Word::Tick:
      take_the_stage();
      return add(TickStatement{at_line_end() ? nullptr : expression()});
    case Word::Age:
      take_the_stage();
      return add(AgeStatement{});
    case Word::Steal:
      take_the_stage();
      return add(StealStatement{at_line_end() ? nullptr : expression()});
    case Word::Show:
      return show();
    case Word::Expect:
      return expect_condition();
    case Word::Audit:
      take();
      return add(AuditStatement{});
    case Word::Repeat:
      return repeat();
    case Word::For:
      return for_loop();
    case Word::Run:
      take_the_stage();
      return add(RunStatement{expression()});
    case Word::Preset:
      return preset();
    default:
      break;
  }
  if (begins_operation(static_cast<Word>(word.symbol)))
    fail(word.begin, "a process must do this: `NAME: {}`", text_of(word));
  expected("a statement");
}

void Grammar::top_level(const Token& word) const {
  if (!blocks_.empty())
    throw Diagnostic{word.begin,
                     fmt::format("`{}` cannot stand in a block", text_of(word)),
                     {{blocks_.back().place, "the block begins here"}}};
}

void Grammar::title() {
  const Token word = take();
  top_level(word);
  const Token text = want_string();
  if (title_place_) throw Diagnostic{word.begin, "a script has one title", {{*title_place_, "it is here"}}};
  title_place_ = word.begin;
  script_.title = text_of(text);
}

void Grammar::include() {
  const Token word = take();
  const Token name = want_string();
  if (!at_line_end()) expected("the end of the line");
  if (including_.size() > kMaxIncludes) fail(word.begin, "files include each other more than {} deep", kMaxIncludes);
  if (++includes_seen_ > kMaxFiles) fail(word.begin, "a script includes at most {} files", kMaxFiles);
  auto file_found = includes_.open(text_of(name), *identity_);
  if (!file_found) throw Diagnostic{name.begin, file_found.error()};
  if (std::ranges::find(including_, file_found->identity) != including_.end())
    fail(name.begin, "a file cannot include itself");
  if (sources_.bytes() + file_found->text.size() >= Sources::kMaxBytes) fail(name.begin, "the script is too long");
  const std::size_t index = sources_.add(std::move(file_found->name), std::move(file_found->text));
  file(index, file_found->identity);
}

Setting Grammar::setting() {
  const Token first = want(TokenKind::Name, "a key of the machine");
  Place end = first.end;
  while (at(TokenKind::Minus) && token_.begin == end) {
    take();
    end = want(TokenKind::Name, "a key of the machine").end;
  }
  Setting setting{.key = sources_.slice(first.begin, end), .key_place = first.begin, .value_place = {}, .values = {}};
  want(TokenKind::Assign, "`=`");
  setting.value_place = token_.begin;
  do {
    if (!at(TokenKind::Name) && !at(TokenKind::Number)) expected("a number or a word");
    const Token value = take();
    const bool word = value.kind == TokenKind::Name;
    setting.values.push_back({.word = word,
                              .suffixed = !word && value.suffixed,
                              .number = word ? 0 : value.number,
                              .text = text_of(value),
                              .place = value.begin});
  } while (accept(TokenKind::Comma));
  return setting;
}

Setting Grammar::only_setting(std::size_t index) {
  Lexer lexer(sources_, index, symbols_);
  read(lexer);
  end_name_ = "the end";
  Setting result = setting();
  if (!at(TokenKind::End)) expected("the end of the setting");
  return result;
}

void Grammar::machine() {
  const Token word = take();
  top_level(word);
  if (stage_set_) fail(word.begin, "a machine is set up before the first spawn, preset, tick, age, steal or run");
  do {
    script_.settings.push_back(setting());
  } while (!at_line_end());
}

// A number of pages, or of bytes with a suffix; and `@` and an address to show it at.
ProgramDeclaration::Section Grammar::section() {
  const Token size = want(TokenKind::Number, "a number of pages, or of bytes with K, M or G");
  ProgramDeclaration::Section section{.number = size.number, .suffixed = size.suffixed, .place = size.begin};
  if (accept(TokenKind::At)) {
    const Token start = want(TokenKind::Number, "an address");
    section.start = start.number;
    section.start_place = start.begin;
  }
  return section;
}

void Grammar::program() {
  const Token word = take();
  top_level(word);
  const Token name = want_name("a program's name");
  const ProgramId id{static_cast<std::uint32_t>(script_.programs.size())};
  if (id.value > DiskBlock::kMaxProgram) fail(name.begin, "more than {} programs", DiskBlock::kMaxProgram + 1);
  const auto [entry, is_new] = programs_.try_emplace(name.symbol, id);
  if (!is_new)
    throw Diagnostic{name.begin,
                     fmt::format("program `{}` is declared twice", text_of(name)),
                     {{script_.programs[entry->second.value].place, "the first one is here"}}};
  ProgramDeclaration declared{.name = std::string(text_of(name)), .place = name.begin};
  script_.programs.push_back(declared);
  program_used_.push_back(false);
  while (!at_line_end()) program_item(declared);
  script_.programs.back() = std::move(declared);
}

void Grammar::program_item(ProgramDeclaration& program) {
  const Token key = want(TokenKind::Name, "a section with `=`, `file=`, `unaligned` or `sticky`");
  const std::string_view word = text_of(key);
  if (word == "unaligned" || word == "sticky") {
    (word == "sticky" ? program.sticky : program.unaligned) = true;
    return;
  }
  ProgramDeclaration::Section* const target = word == "text"    ? &program.text
                                              : word == "data"  ? &program.data
                                              : word == "bss"   ? &program.bss
                                              : word == "stack" ? &program.stack
                                                                : nullptr;
  if (target == nullptr && word != "file")
    fail(key.begin, "a program has no `{}`{}", word,
         did_you_mean(word, {"text", "data", "bss", "stack", "file", "unaligned", "sticky"}));
  want(TokenKind::Assign, "`=`");
  if (target != nullptr) {
    *target = section();
    if (target == &program.bss && target->start)
      fail(target->start_place, "bss has no address of its own: it follows data");
    return;
  }
  program.file_blocks.clear();
  do {
    program.file_blocks.push_back(want(TokenKind::Number, "a disk block").number);
  } while (accept(TokenKind::Comma));
}

void Grammar::var() {
  const Token word = take();
  top_level(word);
  const Token name = want_name("a var's name");
  want(TokenKind::Assign, "`=`");
  Location where;
  location(where);
  if (where.kind == LocationKind::Pages || where.kind == LocationKind::AllPages)
    fail(where.place, "a var is one cell: one page, an offset or an address");
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
  add(SpawnStatement{.program = program, .name = process_ref(true)});
}

void Grammar::show() {
  take();
  const std::vector<std::string_view> words(view_words().begin(), view_words().end());
  std::string_view text = at(TokenKind::Name) ? text_of(token_) : std::string_view();
  const auto is_view = [&] { return std::ranges::find(words, text) != words.end(); };
  const auto begins_view = [&] {
    return std::ranges::any_of(words,
                               [&](std::string_view word) { return word.starts_with(fmt::format("{}-", text)); });
  };
  if (!is_view() && !begins_view())
    expected(fmt::format("a view ({})", fmt::join(words, ", ")), did_you_mean(text, words));
  const Token first = take();
  // `map-cost` is three tokens.
  if (at(TokenKind::Minus) && token_.begin == first.end) {
    take();
    text = sources_.slice(first.begin, want(TokenKind::Name, "the rest of a view's name").end);
  }
  if (!is_view()) fail(first.begin, "there is no view `{}`{}", text, did_you_mean(text, words));
  const auto word = std::ranges::find(words, text);
  std::vector<ProcessRef> names;
  while (!at_line_end()) names.push_back(process_ref());
  add(ShowStatement{.view = static_cast<View>(word - words.begin()), .names = script_.arena.keep(names)});
}

void Grammar::expect_condition() {
  take();
  const Place begin = token_.begin;
  const Expr* condition = expression();
  if (at(TokenKind::Assign)) fail(token_.begin, "`=` stores; `==` compares");
  add(ExpectStatement{.condition = condition, .text = squeezed(begin, last_end_)});
}

void Grammar::repeat() {
  take();
  LoopStatement loop{.first = nullptr, .last = expression(), .slot = 0};
  std::optional<Token> variable;
  if (accept(Word::As)) variable = want_name("a loop variable's name");
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

void Grammar::open_loop(LoopStatement loop, const std::optional<Token>& variable) {
  // Before the brace is taken: recover() looks for it.
  if (blocks_.size() >= kMaxBlocks) fail(token_.begin, "blocks nest more than {} deep", kMaxBlocks);
  if (variable && std::ranges::find(loop_variables_, variable->symbol, &LoopVariable::name) != loop_variables_.end())
    fail(line_start_, "`{}` is the variable of a loop around this one", text_of(*variable));
  brace_ = want(TokenKind::LeftBrace, "`{`").begin;
  ++open_braces_;
  if (!at_line_end()) expected("the end of the line");
  loop.slot = static_cast<std::uint32_t>(blocks_.size());
  script_.loop_slots = std::max(script_.loop_slots, loop.slot + 1);
  if (variable) loop_variables_.push_back({.name = variable->symbol, .slot = loop.slot, .place = variable->begin});
  blocks_.push_back(
      {.place = line_start_, .statement = script_.statements.size(), .names_variable = variable.has_value()});
  add(loop);
}

void Grammar::close_block() {
  const OpenBlock block = blocks_.back();
  blocks_.pop_back();
  if (block.names_variable) {
    const LoopVariable& variable = loop_variables_.back();
    if (!variable.used)
      warnings_.push_back(
          {variable.place, fmt::format("nobody uses the loop variable `{}`", symbols_.spelling(variable.name))});
    loop_variables_.pop_back();
  }
  if (blocks_.empty()) settle_early_uses();
  if (block.statement < script_.statements.size()) {
    if (auto* loop = std::get_if<LoopStatement>(&script_.statements[block.statement].body))
      loop->end = static_cast<std::uint32_t>(script_.statements.size());
  }
}

}  // namespace bachsim
