// A list that grows in an arena, block by block, so that no element is ever copied to another place.
#pragma once

#include <cstddef>
#include <new>
#include <vector>

#include "workloads/language/arena.h"

namespace bachsim {

template <class T>
class BlockList {
 public:
  // Adds a T{parts...}.   REQUIRES: the same arena each time, which outlives the list
  template <class... Parts>
  void add(Arena& arena, const Parts&... parts) {
    if (blocks_.empty() || used_ == kBlock) [[unlikely]] {
      blocks_.push_back(arena.room<T>(kBlock));
      used_ = 0;
    }
    new (blocks_.back() + used_) T{parts...};
    ++used_;
  }

  [[nodiscard]] std::size_t size() const { return blocks_.empty() ? 0 : (blocks_.size() - 1) * kBlock + used_; }
  // REQUIRES: i < size()
  T& operator[](std::size_t i) { return blocks_[i / kBlock][i % kBlock]; }
  const T& operator[](std::size_t i) const { return blocks_[i / kBlock][i % kBlock]; }

  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    Iterator(const BlockList& list, std::size_t i) : list_(&list), i_(i) {}
    const T& operator*() const { return (*list_)[i_]; }
    Iterator& operator++() {
      ++i_;
      return *this;
    }
    Iterator operator++(int) { return {*list_, i_++}; }
    friend bool operator==(Iterator, Iterator) = default;

   private:
    const BlockList* list_ = nullptr;
    std::size_t i_ = 0;
  };
  [[nodiscard]] Iterator begin() const { return {*this, 0}; }
  [[nodiscard]] Iterator end() const { return {*this, size()}; }

 private:
  static constexpr std::size_t kBlock = 256;

  std::vector<T*> blocks_;
  std::size_t used_ = 0;  // elements of the last block
};

}  // namespace bachsim
