// Zipf's law: of the numbers from 0 to n-1, k is drawn as often as 1/(k+1)^s, to the same numbers on every host.
//
// Weights are integers, made with integers alone. docs/workload-language.md, "Numbers by chance", writes them out, so
// that other programs can draw the same.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "regions/random.h"

namespace bachsim {

class Zipf {
 public:
  static constexpr std::uint64_t kMaxNumbers = std::uint64_t{1} << 20;
  static constexpr std::uint32_t kMaxExponent = 1000;  // in hundredths

  // 2^40 / (k+1)^s, to the next lower integer but for an error of 2^-40 of it; `exponent` is s in hundredths.
  // REQUIRES: k < kMaxNumbers; exponent <= kMaxExponent
  [[nodiscard]] static std::uint64_t weight(std::uint64_t k, std::uint32_t exponent);

  // REQUIRES: 0 < n <= kMaxNumbers; exponent <= kMaxExponent
  std::uint64_t draw(Random& random, std::uint64_t n, std::uint32_t exponent);

  // Of all draws. A run whose exponents take turns works out many, each for a quarter of a microsecond, and is to be
  // stopped beyond the most.
  static constexpr std::uint64_t kMaxWeights = std::uint64_t{1} << 30;
  [[nodiscard]] std::uint64_t weights() const { return weights_; }

  // Of the host's memory, at most.
  static constexpr std::uint64_t kMaxBytes = 4 * kMaxNumbers * sizeof(std::uint64_t);

 private:
  // By exponent: the sums of the weights from 0 to k, [k], as far as they were asked for.
  std::map<std::uint32_t, std::vector<std::uint64_t>> sums_;
  std::uint64_t weights_ = 0;
};

}  // namespace bachsim
