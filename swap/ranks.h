// A set of numbers that tells how many of its members are up to a given one: a Fenwick tree.
#pragma once

#include <cstdint>

#include "sim/machine/host.h"

namespace bachsim {

class Ranks {
 public:
  // An empty set of numbers from 1 to `highest`.
  explicit Ranks(std::uint64_t highest) : sums_(highest + 1) {}

  // REQUIRES: not a member
  void insert(std::uint64_t number) {
    for (; number < sums_.size(); number += number & -number)
      ++sums_[number];
  }
  // REQUIRES: a member
  void erase(std::uint64_t number) {
    for (; number < sums_.size(); number += number & -number)
      --sums_[number];
  }
  // The same as erase(from) and insert(to), but for the sums that both are in: of neighbours, most are.
  void move(std::uint64_t from, std::uint64_t to) {
    while (from != to && (from < sums_.size() || to < sums_.size())) {
      if (from < to) {
        --sums_[from];
        from += from & -from;
      } else {
        ++sums_[to];
        to += to & -to;
      }
    }
  }

  [[nodiscard]] std::uint64_t up_to(std::uint64_t number) const {
    std::uint64_t members = 0;
    for (; number > 0; number &= number - 1)
      members += sums_[number];
    return members;
  }

 private:
  LazyArray<std::uint32_t> sums_;  // [i]: members among the `i & -i` numbers up to i
};

}  // namespace bachsim
