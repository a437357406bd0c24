#include "workloads/language/words.h"

#include <array>

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
  if (const auto known = symbols_.find(spelling); known != symbols_.end()) return known->second;
  const auto symbol = static_cast<Symbol>(spellings_.size());
  symbols_.emplace(spellings_.emplace_back(spelling), symbol);
  return symbol;
}

}  // namespace bachsim
