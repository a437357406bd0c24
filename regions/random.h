// Numbers drawn by a seed, the same on every machine.
//
// The generator is SplitMix64 (Steele, Lea and Flood, 2014): each number is a bijection of a state that grows by a
// constant. docs/workload-language.md, "Params", writes it out, so that other programs can draw the same.
#pragma once

#include <cstdint>
#include <string_view>

namespace bachsim {

class Random {
 public:
  // Of one seed, each name has numbers of its own: those of one do not depend on how many of another were drawn.
  Random(std::uint64_t seed, std::string_view name) : state_(mix(seed + kGamma) ^ hash(name)) {}

  // The draw `index` of a run, from 0, which has numbers of its own likewise: they follow from one number of the
  // nameless.
  static Random of_draw(std::uint64_t seed, std::uint64_t index) {
    return Random(mix(Random(seed, "").state_ + (index + 1) * kGamma));
  }

  // From 0 to 2^64-1.
  std::uint64_t next() { return mix(state_ += kGamma); }

  // From 0 to n-1, each as likely as the others.   REQUIRES: n > 0
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t uneven = (0 - n) % n;  // 2^64 mod n: so many numbers would make the first ones likelier
    for (;;) {
      const std::uint64_t number = next();
      if (number >= uneven) return number % n;
    }
  }

 private:
  explicit Random(std::uint64_t state) : state_(state) {}

  static constexpr std::uint64_t kGamma = 0x9e37'79b9'7f4a'7c15;

  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
  }

  // FNV-1a.
  static constexpr std::uint64_t hash(std::string_view name) {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x0000'0100'0000'01b3;
    return hash;
  }

  std::uint64_t state_;
};

}  // namespace bachsim
