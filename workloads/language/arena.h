// Where the nodes of a parsed script lie, one behind the other. They stay where they are until the arena goes, and
// go with it all at once: nobody calls their destructors.
#pragma once

#include <cstddef>
#include <memory>
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

}  // namespace bachsim
