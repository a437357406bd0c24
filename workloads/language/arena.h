// Where the nodes of a parsed script lie, one behind the other. They stay where they are until the arena goes, and
// go with it all at once: nobody calls their destructors.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/machine/host.h"

namespace bachsim {

class Arena {
 public:
  Arena() = default;
  Arena(Arena&& other) noexcept
      : chunks_(std::move(other.chunks_)),
        next_(std::exchange(other.next_, nullptr)),
        left_(std::exchange(other.left_, 0)) {}
  Arena& operator=(Arena&& other) noexcept {
    std::swap(chunks_, other.chunks_);
    std::swap(next_, other.next_);
    std::swap(left_, other.left_);
    return *this;
  }
  ~Arena() = default;

  // Room for `count` objects, not made yet. Throws HostLimit where the host has no address space left.
  template <class T>
  T* room(std::size_t count = 1) {
    static_assert(alignof(T) <= kAlignment);
    static_assert(std::is_trivially_destructible_v<T>);
    const std::size_t bytes = (count * sizeof(T) + kAlignment - 1) & ~(kAlignment - 1);
    if (bytes > left_) [[unlikely]]
      add_chunk(bytes);
    left_ -= bytes;
    return reinterpret_cast<T*>(std::exchange(next_, next_ + bytes));
  }

  // An object as T() makes it, to be filled where it lies: one that is made elsewhere first costs a copy.
  template <class T>
  T* make() {
    return new (room<T>()) T();
  }
  template <class T>
  std::span<const T> keep(const std::vector<T>& values) {
    T* const copy = room<T>(values.size());
    std::uninitialized_copy(values.begin(), values.end(), copy);
    return {copy, values.size()};
  }

 private:
  static constexpr std::size_t kAlignment = 8;

  void add_chunk(std::size_t least);

  std::vector<LazyArray<std::byte>> chunks_;
  std::byte* next_ = nullptr;  // in the last chunk
  std::size_t left_ = 0;
};

// The first chunk is for scripts that people write. One that needs more is a large one, and worth huge pages; address
// space that it does not touch costs nothing.
inline void Arena::add_chunk(std::size_t least) {
  constexpr std::size_t kFirst = std::size_t{64} << 10;
  constexpr std::size_t kLater = std::size_t{16} << 20;
  const std::size_t bytes = std::max(least, chunks_.empty() ? kFirst : kLater);
  chunks_.emplace_back(bytes, Backing::Huge);
  next_ = chunks_.back().data();
  left_ = bytes;
}

// A list that grows in an arena, block by block, so that no element is ever copied to another place.
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
