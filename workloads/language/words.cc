#include "workloads/language/words.h"

#include <array>
#include <functional>
#include <utility>

namespace bachsim {
namespace {

constexpr std::array kSpellings{
#define X(enumerator, spelling) std::string_view(spelling),
    BACHSIM_WORDS(X)
#undef X
};

// From one word up to another.
std::vector<std::string_view> between(Word first, Word behind) {
  return {kSpellings.begin() + static_cast<int>(first), kSpellings.begin() + static_cast<int>(behind)};
}

}  // namespace

std::string_view spelling(Word word) { return kSpellings[static_cast<std::size_t>(word)]; }

std::vector<std::string_view> statement_words() { return between(Word::Title, Word::Read); }
std::vector<std::string_view> operation_words() { return between(Word::Read, Word::Text); }
std::vector<std::string_view> region_words() { return between(Word::Text, Word::As); }
std::vector<std::string_view> joining_words() { return between(Word::As, Word::Counter); }
std::vector<std::string_view> path_words() { return between(Word::Counter, Word::Count); }

Symbols::Symbols() {
  for (const std::string_view word : kSpellings) intern(word);
}

Symbol Symbols::intern(std::string_view spelling) {
  const auto hash = static_cast<std::uint32_t>(std::hash<std::string_view>{}(spelling));
  Slot& slot = find(hash, spelling);
  if (slot.symbol != Slot::kFree) return slot.symbol;
  const auto symbol = static_cast<Symbol>(spellings_.size());
  spellings_.emplace_back(spelling);
  slot = {.hash = hash, .symbol = symbol};
  if (spellings_.size() * 2 >= slots_.size()) grow();
  return symbol;
}

Symbols::Slot& Symbols::find(std::uint32_t hash, std::string_view spelling) {
  for (std::size_t at = hash;; ++at) {
    Slot& slot = slots_[at & (slots_.size() - 1)];
    if (slot.symbol == Slot::kFree || (slot.hash == hash && spellings_[slot.symbol] == spelling)) return slot;
  }
}

void Symbols::grow() {
  for (const Slot& slot : std::exchange(slots_, std::vector<Slot>(slots_.size() * 2))) {
    if (slot.symbol == Slot::kFree) continue;
    std::size_t at = slot.hash;
    while (slots_[at & (slots_.size() - 1)].symbol != Slot::kFree) ++at;
    slots_[at & (slots_.size() - 1)] = slot;
  }
}

}  // namespace bachsim
