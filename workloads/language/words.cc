#include "workloads/language/words.h"

#include <array>

namespace bachsim {
namespace {

constexpr std::array kSpellings{
#define X(enumerator, spelling) std::string_view(spelling),
    BACHSIM_WORDS(X)
#undef X
};

}  // namespace

std::string_view spelling(Word word) { return kSpellings[static_cast<std::size_t>(word)]; }

std::vector<std::string_view> statement_words() {
  return {kSpellings.begin(), kSpellings.begin() + static_cast<int>(Word::Read)};
}

std::vector<std::string_view> operation_words() {
  return {kSpellings.begin() + static_cast<int>(Word::Read), kSpellings.begin() + static_cast<int>(Word::Text)};
}

Symbols::Symbols() : slots_(1024) {
  for (const std::string_view word : kSpellings) intern(word);
}

Symbol Symbols::intern(std::string_view spelling, std::uint32_t hash) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].symbol != kEmpty) {
    if (slots_[at].hash == hash && spellings_[slots_[at].symbol] == spelling) return slots_[at].symbol;
    at = (at + 1) & mask;
  }
  const auto symbol = static_cast<Symbol>(spellings_.size());
  spellings_.emplace_back(spelling);
  slots_[at] = {.hash = hash, .symbol = symbol};
  if (spellings_.size() * 2 > slots_.size()) grow();
  return symbol;
}

void Symbols::grow() {
  std::vector<Slot> old(slots_.size() * 2);
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.symbol == kEmpty) continue;
    std::size_t at = slot.hash & mask;
    while (slots_[at].symbol != kEmpty) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

}  // namespace bachsim
