// The memory of a parsed script's nodes, one behind the other. They stay where they are until the arena goes, and go
// with it all at once: nobody calls their destructors. An arena that was moved from must not be used.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/machine/host_block.h"

namespace bachsim {

class Arena {
 public:
  // Of the host's memory.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  // Room for `count` objects, not made yet. Throws HostLimit or bad_alloc where the host has no more memory.
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

  std::unique_ptr<std::byte[]> first_;  // for scripts that people write
  std::vector<LazyArray<std::byte>> chunks_;
  std::byte* next_ = nullptr;  // in the last chunk
  std::size_t left_ = 0;
  std::uint64_t bytes_ = 0;
};

// A script that needs more than the first chunk is a large one, and worth huge pages; address space that it does not
// touch costs nothing.
inline void Arena::add_chunk(std::size_t least) {
  constexpr std::size_t kFirst = std::size_t{64} << 10;
  constexpr std::size_t kLater = std::size_t{16} << 20;
  if (first_ == nullptr && least <= kFirst) {
    left_ = kFirst;
    first_ = std::make_unique_for_overwrite<std::byte[]>(left_);
    next_ = first_.get();
  } else {
    left_ = std::max(least, kLater);
    chunks_.emplace_back(left_, Backing::Huge);
    next_ = chunks_.back().data();
  }
  bytes_ += left_;
}

}  // namespace bachsim
