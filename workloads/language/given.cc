// Names that no statement before their use can have given to a process, and declarations that nobody uses.
//
// A loop's later rounds come behind all of its statements, so uses in a loop are judged at the end of the outermost
// one.
#include <fmt/format.h>

#include <algorithm>

#include "workloads/language/grammar.h"

namespace bachsim {

// `P` or `P[I]`, its name already taken; `give`: the statement gives it to a process.
ProcessRef Grammar::ref_of(Symbol name, Place place, bool give) {
  if (name >= process_names_.size()) [[unlikely]]
    process_names_.resize(symbols_.size(), kNoName);
  std::uint32_t& number = process_names_[name];
  if (number == kNoName) [[unlikely]] {
    number = static_cast<std::uint32_t>(script_.process_names.size());
    script_.process_names.emplace_back(symbols_.spelling(name));
    given_.emplace_back();
  }
  ProcessRef ref{.name = number, .place = place, .index = nullptr};
  if (accept(TokenKind::LeftBracket)) {
    ref.index = expression();
    want(TokenKind::RightBracket, "`]`");
  }
  bool& given = ref.index == nullptr ? given_[ref.name].alone : given_[ref.name].in_family;
  if (give)
    given = true;
  else if (!given) [[unlikely]]
    (blocks_.empty() ? early_uses_ : in_loops_).push_back({ref.name, ref.index != nullptr, place});
  return ref;
}

ProcessRef Grammar::process_ref(bool give) {
  const Token name = want_name("a process's name");
  return ref_of(name.symbol, name.begin, give);
}

// The outermost block has ended.
void Grammar::settle_early_uses() {
  for (const EarlyUse& use : in_loops_) {
    if (!(use.in_family ? given_[use.name].in_family : given_[use.name].alone)) early_uses_.push_back(use);
  }
  in_loops_.clear();
}

void Grammar::report_names() {
  const auto text = [this](std::uint32_t name, bool in_family) {
    return script_.process_names[name] + (in_family ? "[...]" : "");
  };
  std::ranges::sort(early_uses_, {}, [](const EarlyUse& use) { return use.place.offset; });
  for (const EarlyUse& use : early_uses_) {
    if (errors_.size() == kMaxErrors) return;
    std::vector<std::string_view> known;
    for (std::uint32_t other = 0; other < given_.size(); ++other) {
      if (other != use.name && (use.in_family ? given_[other].in_family : given_[other].alone))
        known.push_back(script_.process_names[other]);
    }
    const bool other_form = use.in_family ? given_[use.name].alone : given_[use.name].in_family;
    add_error({use.place, fmt::format("no statement before this makes a process `{}`{}", text(use.name, use.in_family),
                                      other_form ? fmt::format("; did you mean `{}`?", text(use.name, !use.in_family))
                                                 : did_you_mean(script_.process_names[use.name], known))});
  }
}

void Grammar::report_unused() {
  const auto warn = [this](std::string_view kind, std::string_view name, Place place) {
    warnings_.push_back({place, fmt::format("nobody uses the {} `{}`", kind, name)});
  };
  for (std::size_t i = 0; i < script_.programs.size(); ++i) {
    if (!program_used_[i]) warn("program", script_.programs[i].name, script_.programs[i].place);
  }
  for (const auto& [symbol, var] : vars_) {
    if (!var.used) warn("var", symbols_.spelling(symbol), var.place);
  }
  for (const auto& [key, use] : key_uses_) {
    if (!use.used) warn("key", key_text(script_, key), use.place);
  }
  std::ranges::sort(warnings_, {}, [](const Diagnostic& warning) { return warning.place.offset; });
}

}  // namespace bachsim
