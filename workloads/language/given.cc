// Names that no statement before their use can have given to a process.
//
// A loop's later rounds come behind all of its statements, so uses in a loop are judged at the end of the outermost
// one.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "workloads/language/grammar.h"

namespace bachsim {

// Its name is already taken.
ProcessRef Grammar::ref_of(Symbol name, Place place, Giving giving) {
  ProcessRef ref;
  if (const Argument* const bound = argument(name)) [[unlikely]] {
    ref = argument_ref(*bound, place);
  } else {
    ref = {.name = name_number(name), .place = place, .index = nullptr};
    if (accept(TokenKind::LeftBracket)) {
      ref.index = expression();
      want(TokenKind::RightBracket, "`]`");
    }
  }
  if (giving == Giving::Yes) {
    Given& given = given_[ref.name];
    if (ref.index != nullptr && ref.index->kind == ExprKind::Number)
      given.numbers.insert(ref.index->number);
    else
      (ref.index == nullptr ? given.alone : given.computed) = true;
  } else if (!is_given(ref)) [[unlikely]] {
    if (is_param(name)) fail(place, "`{}` is a param, and no process", symbols_.spelling(name));
    // A called line may have many of them.
    std::shared_ptr<const std::vector<Note>> calls;
    if (!scopes_.empty()) {
      auto& notes = scopes_.back().notes;
      if (notes == nullptr) notes = std::make_shared<const std::vector<Note>>(call_notes());
      calls = notes;
    }
    (loops_ == 0 ? early_uses_ : in_loops_).push_back({.ref = ref, .calls = std::move(calls)});
  }
  return ref;
}

// A name's index among those of processes.
std::uint32_t Grammar::name_number(Symbol name) {
  if (name >= process_names_.size()) [[unlikely]]
    process_names_.resize(symbols_.size(), kNoName);
  std::uint32_t& number = process_names_[name];
  if (number == kNoName) [[unlikely]] {
    number = static_cast<std::uint32_t>(script_.process_names.size());
    script_.process_names.emplace_back(symbols_.spelling(name));
    given_.emplace_back();
  }
  return number;
}

ProcessRef Grammar::process_ref(Giving giving) {
  const Token name = want_name("a process's name");
  return ref_of(name.symbol, name.begin, giving);
}

// True if a statement so far may have given the name to a process.
bool Grammar::is_given(const ProcessRef& ref) const {
  const Given& given = given_[ref.name];
  if (ref.index == nullptr) return given.alone;
  if (given.computed) return true;
  return ref.index->kind == ExprKind::Number ? given.numbers.contains(ref.index->number) : !given.numbers.empty();
}

// The outermost loop has ended.
void Grammar::settle_early_uses() {
  std::ranges::copy_if(in_loops_, std::back_inserter(early_uses_),
                       [this](const EarlyUse& use) { return !is_given(use.ref); });
  in_loops_.clear();
}

void Grammar::report_names() {
  std::ranges::stable_sort(early_uses_, {}, [](const EarlyUse& early) { return early.ref.place.offset; });
  const ProcessRef* last = nullptr;
  for (const auto& [use, calls] : early_uses_) {
    if (has_enough_errors()) return;
    const ProcessRef* const before = std::exchange(last, &use);
    if (before != nullptr && before->place == use.place && before->name == use.name) continue;  // in another call
    const std::string& name = script_.process_names[use.name];
    const bool in_family = use.index != nullptr;
    const auto has_form = [](const Given& given, bool family) {
      return family ? given.computed || !given.numbers.empty() : given.alone;
    };
    std::vector<std::string_view> known;
    for (std::uint32_t other = 0; other < given_.size(); ++other) {
      if (other != use.name && has_form(given_[other], in_family)) known.push_back(script_.process_names[other]);
    }
    const std::string index = !in_family                            ? ""
                              : use.index->kind == ExprKind::Number ? fmt::format("[{}]", use.index->number)
                                                                    : "[...]";
    const std::string hint = has_form(given_[use.name], !in_family)
                                 ? fmt::format("; did you mean `{}{}`?", name, in_family ? "" : "[...]")
                                 : did_you_mean(name, known);
    add_error({use.place, fmt::format("no statement before this makes a process `{}{}`{}", name, index, hint),
               calls == nullptr ? std::vector<Note>() : *calls});
  }
}

}  // namespace bachsim
