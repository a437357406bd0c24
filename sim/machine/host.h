// A machine's host: a budget of memory, and a store for the contents of swap. Before a machine touches new memory
// (host_block.h) it commits the bytes to the budget, which stops a workload before the host's own kernel does.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace bachsim {

class SpareBlocks;

// The host cannot hold what the script asks for: the user's trouble (exit status 2), not a panic.
class HostLimit : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A limit that was met where nothing was half done: the machine stands as it is, and can be told of.
class LimitBetween : public HostLimit {
 public:
  using HostLimit::HostLimit;
};

// How many bytes all machines of a program may use together. Any thread may call it.
class HostBudget {
 public:
  explicit HostBudget(std::uint64_t limit) : left_(limit) {}

  // False, and nothing taken, if fewer bytes are left.
  [[nodiscard]] bool take(std::uint64_t bytes);
  void give_back(std::uint64_t bytes) { left_.fetch_add(bytes, std::memory_order_relaxed); }

  [[nodiscard]] std::uint64_t left() const { return left_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> left_;
};

// A part of a budget: a machine's, or that of a list of its rows. It is taken in slices, and all of it goes back when
// the share ends.
class HostShare {
 public:
  // Both must outlive the share. Without a budget there is no limit; without spare blocks (host_block.h) the machine's
  // memory comes from the host and goes back to it.
  explicit HostShare(HostBudget* budget = nullptr, SpareBlocks* spare = nullptr)
      : budget_(budget), spare_(spare), left_(budget == nullptr ? ~std::uint64_t{0} : 0) {}
  HostShare(HostShare&& other) noexcept : HostShare() { swap(other); }
  HostShare& operator=(HostShare&& other) noexcept {
    HostShare moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~HostShare() {
    if (budget_ != nullptr) budget_->give_back(taken_);
  }

  // The caller is about to use so many bytes more. Throws HostLimit beyond the budget.
  void commit(std::uint64_t bytes) {
    if (bytes > left_) [[unlikely]]
      draw(bytes);
    left_ -= bytes;
  }
  // The caller has freed bytes that it had committed.
  void give_back(std::uint64_t bytes) { left_ += bytes; }

  // Makes room for one more in a list, all of whose bytes are committed here.
  template <class List>
  void grow(List& list) {
    if (list.size() < list.capacity()) [[likely]]
      return;
    const std::uint64_t old = list.capacity() * sizeof(typename List::value_type);
    const std::size_t room = std::max<std::size_t>(2 * list.capacity(), 8);
    commit(room * sizeof(typename List::value_type));  // both are there for a moment
    list.reserve(room);
    give_back(old);
  }

  [[nodiscard]] HostBudget* budget() const { return budget_; }
  [[nodiscard]] SpareBlocks* spare() const { return spare_; }

 private:
  void draw(std::uint64_t bytes);
  void swap(HostShare& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(spare_, other.spare_);
    std::swap(taken_, other.taken_);
    std::swap(left_, other.left_);
  }

  HostBudget* budget_;
  SpareBlocks* spare_;
  std::uint64_t taken_ = 0;  // from the budget
  std::uint64_t left_;       // of that
};

// Pages of 4096 bytes outside simulated memory, by number. A page that was never written reads as zeros.
class PageStore {
 public:
  virtual ~PageStore() = default;

  // Copy 4096 bytes. Throw HostLimit if the host fails: a full disk must not become a wrong page.
  virtual void read(std::uint64_t number, std::byte* page) const = 0;
  virtual void write(std::uint64_t number, const std::byte* page) = 0;
};

// All must outlive the machine.
struct Host {
  HostBudget* budget = nullptr;     // may be shared by machines, on several threads; none: no limit
  PageStore* swap_pages = nullptr;  // the contents of all swap devices, for this machine alone; none: in memory
  SpareBlocks* spare = nullptr;     // left by machines of this thread; none: from the host
};

}  // namespace bachsim
