// What the measures share: time, and which addresses they go to.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>

namespace bachsim::bench {

inline std::uint64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

// ns per unit since `start`.
inline double since(std::uint64_t start, std::uint64_t units) {
  return static_cast<double>(now_ns() - start) / static_cast<double>(units);
}

// Numbers that the compiler cannot foresee and a test can repeat (xorshift).
class Numbers {
 public:
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

 private:
  std::uint64_t state_ = 0x9e37'79b9'7f4a'7c15;
};

// Where the accesses go that find both their translation and their data in the cache.
inline constexpr std::uint32_t kHitPages = 4;
inline std::array<std::uint16_t, 1024> hit_offsets() {
  std::array<std::uint16_t, 1024> offsets{};
  Numbers numbers;
  for (std::uint16_t& offset : offsets) offset = static_cast<std::uint16_t>(numbers.next() % (kHitPages * 4096));
  return offsets;
}

}  // namespace bachsim::bench
