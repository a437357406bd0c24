// A sweep's plan: the axes along which its runs differ, what is measured of each, and the order of the runs.
//
// Runs are numbered from 0 in the order of their combinations; the last axis changes fastest. Seeds are the axis
// behind all others, so that the runs of one combination stand together.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bachsim {

struct Axis {
  enum class Kind : std::uint8_t { Key, Param, Seed };
  Kind kind;
  std::string name;                 // of a machine key or a param; `seed`
  std::vector<std::string> values;  // as the script would have them; one or more
  friend bool operator==(const Axis&, const Axis&) = default;
};

// The values of a list: `cow,copy`, `1..5`, `500..4000:500` (in steps), `1,2,8..64:8`. On failure, why, for the user.
[[nodiscard]] std::expected<std::vector<std::string>, std::string> values_of(std::string_view list);

// A seed as --seed has it: a number below 2^64, in decimal and without zeros in front. Empty for anything else.
[[nodiscard]] std::optional<std::uint64_t> seed_of(std::string_view word);

struct Plan {
  static constexpr std::uint64_t kMostRuns = 1'000'000'000;

  std::string script;  // the name that users call it by
  std::string digest;  // of its text, and of all else that decides what a run does
  std::vector<Axis> axes{};
  std::vector<std::string> measures{};
  friend bool operator==(const Plan&, const Plan&) = default;

  // Adds an axis from NAME=LIST. Says what is wrong; nothing if it has added it.
  [[nodiscard]] std::string vary(Axis::Kind kind, std::string_view text);
  // The product of the axes' lengths; above kMostRuns where it would be more.
  [[nodiscard]] std::uint64_t runs() const;
  // Runs that differ in the seed only.
  [[nodiscard]] std::uint64_t repetitions() const;
  // [axis]: the index of a run's value.   REQUIRES: run < runs()
  [[nodiscard]] std::vector<std::size_t> indices_of(std::uint64_t run) const;
};

}  // namespace bachsim
