#include "sim/cli/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "sim/cli/session.h"

namespace bachsim {
namespace {

std::vector<Expectation> idle_expectations(Session& session) {
  struct Keeper : Listener {
    void expectation(const Expectation& expectation) override { expectations.push_back(expectation); }
    std::vector<Expectation> expectations;
  } keeper;
  // A mistake in it is none of the script's, and what was kept up to there counts.
  static_cast<void>(session.start(keeper, {.idle = true}).run());
  return std::move(keeper.expectations);
}

}  // namespace

Numbers::Numbers(Session& session, const TextbookScript& script)
    : of_book_(script.computed),
      idle_(idle_expectations(session)),
      given_(static_cast<std::size_t>(std::ranges::count_if(idle_, &Expectation::held))) {}

std::string Numbers::text() const {
  return fmt::format("{} {}", computed() + reconstructed(), of_book_ ? "computed" : "reconstructed");
}

std::vector<bool> Numbers::are_given(std::span<const Expectation> run) const {
  std::map<std::uint32_t, std::vector<bool>> held;  // by place: one for each round of its loops
  for (const Expectation& expectation : idle_) held[expectation.place.offset].push_back(expectation.held);
  std::map<std::uint32_t, std::size_t> rounds;
  std::vector<bool> given;
  for (const Expectation& expectation : run) {
    const std::vector<bool>& of_place = held[expectation.place.offset];
    const std::size_t round = rounds[expectation.place.offset]++;
    given.push_back(expectation.held && round < of_place.size() && of_place[round]);
  }
  return given;
}

}  // namespace bachsim
