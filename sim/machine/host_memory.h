// The host's memory, taken late: address space is reserved at boot, and the host backs a page when it is
// first touched. So a machine costs what is used of it, and HostBudget stops a workload that would use
// more than the host has before the host's own kernel does it less politely.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace bachsim {

// The host cannot hold what the script asks for: the user's trouble (exit status 2), not a panic.
class HostLimit : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class HostBudget {
 public:
  HostBudget();  // seven eighths of what the host has to spare now

  // The caller is about to touch `bytes` for the first time. Throws HostLimit beyond the budget.
  void commit(std::uint64_t bytes) {
    committed_ += bytes;
    if (committed_ > limit_) [[unlikely]]
      refuse();
  }

 private:
  [[noreturn]] void refuse() const;

  std::uint64_t committed_ = 0;
  std::uint64_t limit_;
};

// Asks the host for a line that will be written to soon.
inline void prefetch(const void* line) {
  __builtin_prefetch(line, 1);
  asm volatile("");  // or GCC 12 finds that a function which only prefetches has no effect, and drops its calls
}

// How the host is to back a mapping: in small pages, where what is used lies scattered, or in huge ones, which cost a
// sixth as much per byte at their first touch, where it lies together.
enum class Backing : std::uint8_t { Small, Huge };

// Reserves address space that reads as zeros.   Throws HostLimit where the host has none left.
std::byte* reserve_zeroed(std::uint64_t bytes, Backing backing);
void release(std::byte* start, std::uint64_t bytes) noexcept;

// An array whose elements are all zero bytes at first and cost nothing until touched. Owns them.
template <class T>
class LazyArray {
  static_assert(std::is_trivially_copyable_v<T>);
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  LazyArray() = default;
  explicit LazyArray(std::uint64_t size, Backing backing = Backing::Small)
      : data_(size == 0 ? nullptr : reinterpret_cast<T*>(reserve_zeroed(size * sizeof(T), backing))), size_(size) {}
  LazyArray(LazyArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  LazyArray& operator=(LazyArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~LazyArray() {
    if (data_ != nullptr)
      release(reinterpret_cast<std::byte*>(data_), size_ * sizeof(T));
  }

  // REQUIRES: i < size()
  T& operator[](std::uint64_t i) { return data_[i]; }
  const T& operator[](std::uint64_t i) const { return data_[i]; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] const T* data() const { return data_; }

 private:
  T* data_ = nullptr;
  std::uint64_t size_ = 0;
};

}  // namespace bachsim
