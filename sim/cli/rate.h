// How far a sweep is, how fast, and how long it will take, in a line on standard error.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace bachsim {

class Rate {
 public:
  Rate(bool enabled, std::uint64_t whole) : enabled_(enabled), whole_(whole) {}
  Rate(const Rate&) = delete;
  Rate& operator=(const Rate&) = delete;
  ~Rate();

  // So many are done. Draws ten times a second at most.
  void show(std::uint64_t done);

 private:
  using Clock = std::chrono::steady_clock;

  bool enabled_;
  bool drawn_ = false;
  std::uint64_t whole_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;
};

}  // namespace bachsim
