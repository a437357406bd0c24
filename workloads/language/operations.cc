// `NAME: OPERATION`, and the locations that operations work on.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "workloads/language/grammar.h"

namespace bachsim {
namespace {

RegionType region_type(Word word) {
  switch (word) {
    case Word::Text:
      return RegionType::Text;
    case Word::Data:
      return RegionType::Data;
    case Word::Stack:
      return RegionType::Stack;
    default:
      return RegionType::Shm;
  }
}

}  // namespace

ProcessRef Grammar::process_ref() {
  return process_ref(want_name("a process's name"));
}

// `P` or `P[I]`, its name already taken.
ProcessRef Grammar::process_ref(const Token& name) {
  const auto [entry, is_new] =
      process_names_.try_emplace(name.symbol, static_cast<std::uint32_t>(process_names_.size()));
  if (is_new)
    script_.process_names.emplace_back(text_of(name));
  ProcessRef ref{.name = entry->second, .index = nullptr, .place = name.begin};
  if (accept(TokenKind::LeftBracket)) {
    ref.index = expression();
    want(TokenKind::RightBracket, "`]`");
  }
  return ref;
}

void Grammar::operation() {
  const Token name = want_name("a process's name");
  const ProcessRef process = process_ref(name);
  if (!at(TokenKind::Colon))
    expected("`:` and what the process does", did_you_mean(text_of(name), statement_words()));
  take();
  if (!at(TokenKind::Name))
    expected("an operation");
  const Token word = take();
  OperationBody body = operation_body(word);
  add(OperationStatement{.process = process, .body = keep(std::move(body))});
}

OperationBody Grammar::operation_body(const Token& word) {
  if (!is_word(word.symbol))
    return assignment(word);
  switch (static_cast<Word>(word.symbol)) {
    case Word::Read:
      return AccessOp{.access = Access::Load, .where = location()};
    case Word::Fetch:
      return AccessOp{.access = Access::Fetch, .where = location()};
    case Word::Write:
      return write();
    case Word::Print:
      return print();
    case Word::Fork:
      want(Word::As);
      return ForkOp{.vfork = false, .child = process_ref()};
    case Word::Vfork:
      want(Word::As);
      return ForkOp{.vfork = true, .child = process_ref()};
    case Word::Exec:
      return ExecOp{.program = program_name()};
    case Word::Exit:
      return ExitOp{.status = at_line_end() ? nullptr : expression()};
    case Word::Wait:
      return WaitOp{};
    case Word::Sbrk:
      return SbrkOp{.pages = expression()};
    case Word::Shmget:
    case Word::Shmat:
    case Word::Shmdt:
    case Word::Shmrm:
      return shm_call(static_cast<Word>(word.symbol));
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
    default:
      throw Diagnostic{word.begin, fmt::format("expected an operation, found `{}`{}", text_of(word),
                                               did_you_mean(text_of(word), operation_words()))};
  }
}

// VAR = EXPR
OperationBody Grammar::assignment(const Token& name) {
  const auto var = vars_.find(name.symbol);
  if (var == vars_.end()) {
    std::vector<std::string_view> known = operation_words();
    std::ranges::copy(var_names(), std::back_inserter(known));
    throw Diagnostic{name.begin, fmt::format("`{}` is neither an operation nor a var{}", text_of(name),
                                             did_you_mean(text_of(name), known))};
  }
  Location where = var->second.location;
  where.place = name.begin;
  want(TokenKind::Assign, "`=`");
  return WriteOp{.where = where, .value = expression()};
}

// In a fixed order, so that of equally near ones the same is suggested everywhere.
std::vector<std::string_view> Grammar::var_names() const {
  std::vector<std::string_view> names;
  for (const auto& [symbol, declared] : vars_)
    names.push_back(symbols_.spelling(symbol));
  std::ranges::sort(names);
  return names;
}

OperationBody Grammar::write() {
  const Location where = location();
  return WriteOp{.where = where, .value = accept(TokenKind::Assign) ? expression() : nullptr};
}

OperationBody Grammar::print() {
  std::vector<PrintItem> items{print_item()};
  while (accept(TokenKind::Comma))
    items.push_back(print_item());
  return PrintOp{keep(items)};
}

PrintItem Grammar::print_item() {
  const Place begin = token_.begin;
  PrintItem item;
  const bool region = at(TokenKind::Name) && is_word(token_.symbol) && is_region(static_cast<Word>(token_.symbol));
  const bool var = at(TokenKind::Name) && vars_.contains(token_.symbol);
  if (region || var || at(TokenKind::At))
    item.where = location();
  else
    item.value = expression();
  item.text = squeezed(begin, last_end_);
  return item;
}

OperationBody Grammar::shm_call(Word call) {
  ShmOp op{.call = call, .key = key(), .pages = nullptr};
  if (call == Word::Shmget)
    op.pages = expression();
  return op;
}

OperationBody Grammar::plock_call(bool lock) {
  if (!token_.is(Word::Text) && !token_.is(Word::Data) && !token_.is(Word::Stack))
    expected("`text`, `data` or `stack`");
  return PlockOp{.region = region_type(static_cast<Word>(take().symbol)), .lock = lock};
}

ProgramId Grammar::program_name() {
  const Token name = want_name("a program's name");
  const auto program = programs_.find(name.symbol);
  if (program == programs_.end()) {
    std::vector<std::string_view> known;
    for (const Program& declared : script_.programs)
      known.push_back(declared.name);
    throw Diagnostic{name.begin,
                     fmt::format("there is no program `{}`{}", text_of(name), did_you_mean(text_of(name), known))};
  }
  return program->second;
}

// KEY of shared memory: a number or a name.
std::uint64_t Grammar::key() {
  if (at(TokenKind::Number)) {
    const Token number = take();
    if ((number.number & kNamedKey) != 0)
      throw Diagnostic{number.begin, "a key is below 2^63"};
    return number.number;
  }
  const Token name = want_name("a key: a name or a number");
  const auto [entry, is_new] = shm_keys_.try_emplace(name.symbol, kNamedKey | shm_keys_.size());
  if (is_new)
    script_.shm_keys.emplace_back(text_of(name));
  return entry->second;
}

RegionRef Grammar::region_ref() {
  const Token word = take();
  RegionRef ref{.type = region_type(static_cast<Word>(word.symbol)), .key = 0, .place = word.begin};
  if (ref.type == RegionType::Shm) {
    want(TokenKind::Dot, "`.` and the key");
    ref.key = key();
  }
  return ref;
}

Location Grammar::location() {
  if (at(TokenKind::At)) {
    Location where{.kind = LocationKind::Address, .place = token_.begin};
    take();
    where.first = sum();
    return where;
  }
  if (at(TokenKind::Name) && is_word(token_.symbol) && is_region(static_cast<Word>(token_.symbol)))
    return region_location();
  if (at(TokenKind::Name)) {
    if (const auto var = vars_.find(token_.symbol); var != vars_.end()) {
      Location where = var->second.location;
      where.place = take().begin;
      return where;
    }
    if (!is_word(token_.symbol)) {
      std::vector<std::string_view> known{"text", "data", "stack", "shm"};
      std::ranges::copy(var_names(), std::back_inserter(known));
      throw Diagnostic{token_.begin, fmt::format("`{}` is neither a region nor a var{}", text_of(token_),
                                                 did_you_mean(text_of(token_), known))};
    }
  }
  expected("a location: a region with `[PAGE]` or `+OFFSET`, `@ADDRESS`, or a var");
}

Location Grammar::region_location() {
  Location where{.place = token_.begin};
  where.region = region_ref();
  if (accept(TokenKind::Plus)) {
    where.kind = LocationKind::Offset;
    where.first = sum();
    return where;
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
  return where;
}

}  // namespace bachsim
