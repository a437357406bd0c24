#include "workloads/language/zipf.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace bachsim {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr unsigned kFraction = 48;  // bits of a logarithm behind its point
constexpr unsigned kScale = 40;     // the weight of 0 is 2^40

constexpr std::uint64_t root(Wide square) {
  Wide result = 0;
  for (Wide bit = Wide{1} << 63; bit != 0; bit >>= 1) {
    if ((result | bit) * (result | bit) <= square) result |= bit;
  }
  return static_cast<std::uint64_t>(result);
}

// [i]: 2^(-1/2^(i+1)) in units of 2^-64, each the root of the one before, cut off.
constexpr auto kRoots = [] {
  std::array<std::uint64_t, kFraction> roots{};
  std::uint64_t last = std::uint64_t{1} << 63;
  for (std::uint64_t& each : roots) each = last = root(Wide{last} << 64);
  return roots;
}();

// The logarithm of n to the base 2 in units of 2^-48: a bit for each squaring.   REQUIRES: n > 0
std::uint64_t logarithm(std::uint64_t n) {
  const auto whole = static_cast<unsigned>(std::bit_width(n)) - 1;
  std::uint64_t result = whole;
  std::uint64_t number = n << (63 - whole);  // from 1 to 2, in units of 2^-63
  for (unsigned i = 0; i < kFraction; ++i) {
    const Wide square = Wide{number} * number >> 63;
    const bool two = square >> 64 != 0;
    number = static_cast<std::uint64_t>(two ? square >> 1 : square);
    result = result << 1 | (two ? 1u : 0u);
  }
  return result;
}

}  // namespace

std::uint64_t Zipf::weight(std::uint64_t k, std::uint32_t exponent) {
  const std::uint64_t power = logarithm(k + 1) * exponent / 100;
  const std::uint64_t whole = power >> kFraction;
  if (whole > kScale) return 0;
  std::uint64_t part = std::uint64_t{1} << 63;  // in units of 2^-63
  for (unsigned i = 0; i < kFraction; ++i) {
    if ((power >> (kFraction - 1 - i) & 1) != 0) part = static_cast<std::uint64_t>(Wide{part} * kRoots[i] >> 64);
  }
  return part >> (63 - kScale + whole);
}

std::uint64_t Zipf::draw(Random& random, std::uint64_t n, std::uint32_t exponent) {
  std::size_t kept = 0;
  for (const auto& [each, sums] : sums_) kept += sums.size();
  std::vector<std::uint64_t>* sums = &sums_[exponent];
  if (sums->size() < n && kept + n > 2 * kMaxNumbers) {
    sums_.clear();
    sums = &sums_[exponent];
  }
  weights_ += n - std::min<std::uint64_t>(n, sums->size());
  for (std::uint64_t k = sums->size(); k < n; ++k)
    sums->push_back((sums->empty() ? 0 : sums->back()) + weight(k, exponent));
  const auto end = sums->begin() + static_cast<std::ptrdiff_t>(n);
  const std::uint64_t drawn = random.below(*(end - 1));
  return static_cast<std::uint64_t>(std::upper_bound(sums->begin(), end, drawn) - sums->begin());
}

}  // namespace bachsim
