// `NAME: OPERATION`, and the locations that operations work on.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "workloads/language/grammar.h"

namespace bachsim {
namespace {

// REQUIRES: is_region(word)
RegionType region_type(Word word) {
  static_assert(static_cast<int>(Word::Shm) - static_cast<int>(Word::Text) == static_cast<int>(RegionType::Shm));
  return static_cast<RegionType>(static_cast<int>(word) - static_cast<int>(Word::Text));
}

}  // namespace

// REQUIRES: at a name
void Grammar::operation() {
  const Symbol name = token_.symbol;
  const Place place = take_place();
  if (name == finish_ && at_line_end()) return add(FinishStatement{.whose = FinishStatement::Whose::All});
  if (at(TokenKind::LeftParen)) return call_definition(name, place);
  if (name == vhand_ && !is_process(name)) return vhand();
  const ProcessRef process = ref_of(name, place, Giving::No);
  if (!at(TokenKind::Colon)) [[unlikely]]
    expected("`:` and what the process does", did_you_mean(symbols_.spelling(name), statement_words()));
  advance();
  if (!at(TokenKind::Name)) [[unlikely]]
    expected("an operation");
  actor_ = symbols_.spelling(name);
  if (at_verb(finish_)) {
    advance();
    return add(FinishStatement{.whose = FinishStatement::Whose::Process, .process = process});
  }
  const bool begin = at_verb(begin_);
  if (begin) {
    advance();
    if (!at(TokenKind::Name)) expected("an operation to begin");
  }
  auto* const body = script_.arena.make<OperationBody>();
  operation_body(*body);
  if (begin && std::holds_alternative<NiceOp>(*body)) fail(place, "`nice` never sleeps: it is not begun");
  add(OperationStatement{.process = process, .body = body, .begin = begin});
}

// `begin` and `finish` are no words of the language, so that anything may have these names.
bool Grammar::at_verb(Symbol verb) const {
  return at(TokenKind::Name) && token_.symbol == verb && !vars_.contains(verb);
}

bool Grammar::is_process(Symbol name) const {
  return (name < process_names_.size() && process_names_[name] != kNoName) || argument(name) != nullptr;
}

// `vhand: begin steal N` and `vhand: finish`: the page stealer, where no process has its name.
void Grammar::vhand() {
  want(TokenKind::Colon, "`:` and `begin steal` or `finish`");
  if (at_verb(finish_)) {
    advance();
    return add(FinishStatement{.whose = FinishStatement::Whose::Vhand});
  }
  if (!at_verb(begin_)) expected("`begin steal` or `finish`: `vhand` is the page stealer");
  advance();
  want(Word::Steal);
  stage_set_ = true;
  add(StealStatement{.frames = optional_number(), .begin = true});
}

// Accesses, of which scripts have most, are filled where they lie.   REQUIRES: at a name
void Grammar::operation_body(OperationBody& body) {
  const Symbol word = token_.symbol;
  const Place place = take_place();
  if (!is_word(word)) return assignment(word, place, body.emplace<WriteOp>());
  switch (static_cast<Word>(word)) {
    case Word::Read:
      return location(body.emplace<AccessOp>().where);
    case Word::Fetch: {
      auto& op = body.emplace<AccessOp>();
      op.access = Access::Fetch;
      return location(op.where);
    }
    case Word::Write: {
      auto& op = body.emplace<WriteOp>();
      location(op.where);
      if (accept(TokenKind::Assign)) op.value = expression();
      return;
    }
    default:
      body = call(static_cast<Word>(word), place);
  }
}

OperationBody Grammar::call(Word word, Place place) {
  switch (word) {
    case Word::Print:
      return print();
    case Word::Fork:
      want(Word::As);
      return ForkOp{.vfork = false, .child = process_ref(Giving::Yes)};
    case Word::Vfork:
      want(Word::As);
      return ForkOp{.vfork = true, .child = process_ref(Giving::Yes)};
    case Word::Exec:
      return ExecOp{.program = program_name()};
    case Word::Exit:
      return ExitOp{.status = optional_number()};
    case Word::Wait:
      return WaitOp{};
    case Word::Sbrk:
      return SbrkOp{.pages = expression()};
    case Word::Shmget:
    case Word::Shmat:
    case Word::Shmdt:
    case Word::Shmrm:
      return shm_call(word);
    case Word::Plock:
      return plock_call(true);
    case Word::Punlock:
      return plock_call(false);
    case Word::Nice:
      return NiceOp{.value = expression()};
    case Word::Swapout:
      return SwapOp{.out = true};
    case Word::Swapin:
      return SwapOp{.out = false};
    case Word::Replay:
      return replay();
    default:
      fail(place, "expected an operation, found `{}`{}", spelling(word),
           did_you_mean(spelling(word), operation_words()));
  }
}

// VAR = EXPR
void Grammar::assignment(Symbol name, Place place, WriteOp& op) {
  const auto var = vars_.find(name);
  if (var == vars_.end()) {
    const std::string_view text = symbols_.spelling(name);
    std::vector<std::string_view> known = operation_words();
    std::ranges::copy(var_names(), std::back_inserter(known));
    fail(place, "`{}` is neither an operation nor a var{}", text, did_you_mean(text, known));
  }
  use(var->second.place);
  op.where = var->second.used_at(place);
  want(TokenKind::Assign, "`=`");
  op.value = expression();
}

// In a fixed order, so that of equally near ones the same is suggested everywhere.
const std::vector<std::string_view>& Grammar::var_names() {
  if (var_names_.size() == vars_.size()) return var_names_;
  var_names_.clear();
  for (const auto& [symbol, declared] : vars_) var_names_.push_back(symbols_.spelling(symbol));
  std::ranges::sort(var_names_);
  return var_names_;
}

std::vector<std::string_view> Grammar::program_names() const {
  std::vector<std::string_view> names;
  for (const ProgramDeclaration& declared : script_.programs) names.push_back(declared.name);
  return names;
}

std::vector<std::string_view> Grammar::number_names() const {
  std::vector<std::string_view> names;
  for (const ParamDeclaration& param : script_.params) names.push_back(param.name);
  for (const LoopVariable& variable : variables()) names.push_back(symbols_.spelling(variable.name));
  return names;
}

OperationBody Grammar::print() {
  std::vector<PrintItem> items{print_item()};
  while (accept(TokenKind::Comma)) items.push_back(print_item());
  return PrintOp{script_.arena.keep(items)};
}

PrintItem Grammar::print_item() {
  const Place begin = token_.begin;
  PrintItem item;
  const bool region = at_region();
  // A loop variable or a parameter of its name hides a var, as everywhere.
  const bool var = at(TokenKind::Name) && vars_.contains(token_.symbol) && !is_number_name(token_.symbol);
  if (region || var || at(TokenKind::At))
    location(item.where.emplace());
  else
    item.value = any_expression();
  if (item.value != nullptr && item.value->kind == ExprKind::Word) stray_word(item.value);
  item.text = squeezed(begin, last_end_);
  return item;
}

OperationBody Grammar::shm_call(Word call) {
  const bool makes = call == Word::Shmget;
  const std::uint64_t number = key(makes ? KeyUse::Made : KeyUse::Used);
  return ShmOp{.call = call, .key = number, .pages = makes ? expression() : nullptr};
}

OperationBody Grammar::plock_call(bool lock) {
  if (!at(Word::Text) && !at(Word::Data) && !at(Word::Stack)) expected("`text`, `data` or `stack`");
  return PlockOp{.region = region_type(static_cast<Word>(take().symbol)), .lock = lock};
}

// `replay "FILE" as FORMAT`, `packed` and `in REGION` behind it.
OperationBody Grammar::replay() {
  const Token name = want_string();
  auto& op = *script_.arena.make<Replayed>();
  op.name = escaped(text_of(name));
  op.place = name.begin;
  want(Word::As);
  op.format =
      static_cast<ReferenceFormat>(one_of("a format", {kReferenceFormatWords.begin(), kReferenceFormatWords.end()}));
  advance();
  op.packed = is_foreign(op.format);
  if (at(TokenKind::Name) && text_of(token_) == spelling(SoftWord::Packed)) {
    op.packed = true;
    advance();
  }
  if (accept(Word::In)) {
    if (!at_region()) expected("`text`, `data`, `stack` or `shm`");
    op.region = region_ref();
  }
  if (!at_line_end())
    expected(op.region ? "the end of the line" : "`packed`, `in` and a region, or the end of the line");
  auto file = includes_.references(text_of(name), *identity_);
  if (!file) fail(name.begin, "{}", file.error());
  op.file = script_.reference_files.emplace_back(std::move(*file)).get();
  return ReplayOp{.what = &op};
}

ProgramId Grammar::program_name() {
  const Token name = want_name("a program's name");
  const Argument* const bound = argument(name.symbol);
  if (bound != nullptr) use(bound->declared);
  const bool passed = bound != nullptr && bound->is_name && bound->index == nullptr;
  const auto program = programs_.find(passed ? bound->name : name.symbol);
  if (program == programs_.end())
    fail(name.begin, "there is no program `{}`{}", text_of(name), did_you_mean(text_of(name), program_names()));
  use(script_.programs[program->second.value].place);
  return program->second;
}

// KEY of shared memory: a number or a name, which a call may have passed.
std::uint64_t Grammar::key(KeyUse key_use) {
  const Token token = at(TokenKind::Number) ? take() : want_name("a key: a name or a number");
  std::uint64_t key = token.number;
  std::string_view text = text_of(token);
  if (token.kind == TokenKind::Name) {
    Symbol name = token.symbol;
    if (const Argument* const bound = argument(name); bound != nullptr && bound->is_name && bound->index == nullptr) {
      use(bound->declared);
      name = bound->name;
      text = symbols_.spelling(name);
    } else if (bound != nullptr || is_number_name(name)) {
      fail(token.begin, "`{}` is {}, and no key", text,
           bound == nullptr ? "a loop's variable"
           : bound->is_name ? "a name with an index"
                            : "a number of the run");
    }
    const auto [entry, is_new] = shm_keys_.try_emplace(name, kNamedKey | shm_keys_.size());
    if (is_new) script_.shm_keys.emplace_back(text);
    key = entry->second;
  } else if ((key & kNamedKey) != 0) {
    fail(token.begin, "a key is below 2^63");
  }
  const auto [first, is_new] = key_places_.try_emplace(key, token.begin);
  if (is_new) declare("key", text, token.begin);
  if (key_use == KeyUse::Used) use(first->second);
  return key;
}

RegionRef Grammar::region_ref() {
  const auto word = static_cast<Word>(token_.symbol);
  RegionRef ref{.type = region_type(word), .place = take_place(), .key = 0};
  if (ref.type == RegionType::Shm) {
    want(TokenKind::Dot, "`.` and the key");
    ref.key = key(KeyUse::Used);
  }
  return ref;
}

// `where` is as Location() makes it.
void Grammar::location(Location& where) {
  if (at(TokenKind::At)) {
    where.kind = LocationKind::Address;
    where.place = take_place();
    where.first = sum();
    return;
  }
  if (at_region()) return region_location(where);
  if (at(TokenKind::Name)) {
    if (const auto var = vars_.find(token_.symbol); var != vars_.end()) {
      use(var->second.place);
      where = var->second.used_at(take_place());
      return;
    }
    if (!is_word(token_.symbol)) {
      std::vector<std::string_view> known{"text", "data", "stack", "shm"};
      std::ranges::copy(var_names(), std::back_inserter(known));
      fail(token_.begin, "`{}` is neither a region nor a var{}", text_of(token_), did_you_mean(text_of(token_), known));
    }
  }
  expected("a location: a region with `[PAGE]` or `+OFFSET`, `@ADDRESS`, or a var");
}

void Grammar::region_location(Location& where) {
  where.place = token_.begin;
  where.region = region_ref();
  if (accept(TokenKind::Plus)) {
    where.kind = LocationKind::Offset;
    where.first = sum();
    return;
  }
  want(TokenKind::LeftBracket, "`[` and a page, or `+` and an offset");
  if (accept(TokenKind::Star)) {
    where.kind = LocationKind::AllPages;
  } else {
    where.first = expression();
    if (accept(TokenKind::DotDot)) {
      where.kind = LocationKind::Pages;
      where.last = expression();
    }
  }
  want(TokenKind::RightBracket, "`]`");
}

}  // namespace bachsim
