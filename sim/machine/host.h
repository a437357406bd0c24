// A machine's host: memory, taken when it is first needed, and a store for the contents of swap. Before a machine
// touches new memory it commits the bytes to a budget, which stops a workload before the host's own kernel does.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <vector>

namespace bachsim {

// The host cannot hold what the script asks for: the user's trouble (exit status 2), not a panic.
class HostLimit : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
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

// One machine's part of a budget. It is taken in slices, and all of it goes back when the machine ends.
class HostShare {
 public:
  // `budget` must outlive the share. Without one there is no limit.
  explicit HostShare(HostBudget* budget = nullptr)
      : budget_(budget), left_(budget == nullptr ? ~std::uint64_t{0} : 0) {}
  HostShare(const HostShare&) = delete;
  HostShare& operator=(const HostShare&) = delete;
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

 private:
  void draw(std::uint64_t bytes);

  HostBudget* budget_;
  std::uint64_t taken_ = 0;  // from the budget
  std::uint64_t left_;       // of that
};

// Asks the host for a line that will be written to soon.
inline void prefetch(const void* line) {
  __builtin_prefetch(line, 1);
  asm volatile("");  // or GCC 12 finds that a function which only prefetches has no effect, and drops its calls
}

// How the host backs memory: in small pages if little is used, or scattered; else in huge ones, whose first touch costs
// a sixth as much per byte.
enum class Backing : std::uint8_t { Small, Huge };

// How the tables of a machine of so many frames are to be backed.
constexpr Backing backing_for(std::uint64_t frames) { return frames < 4096 ? Backing::Small : Backing::Huge; }

// Memory of the host, which goes back to it with its owner.
struct Release {
  std::uint64_t bytes = 0;
  void operator()(std::byte* start) const;
};
using HostBlock = std::unique_ptr<std::byte, Release>;

// Zero bytes. The host backs each page of a large block at its first touch. Throws HostLimit if it has no room.
// REQUIRES: bytes > 0
[[nodiscard]] HostBlock reserve_zeroed(std::uint64_t bytes, Backing backing);

// An array whose elements are all zero bytes at first. Owns them.
template <class T>
class LazyArray {
  static_assert(std::is_trivially_copyable_v<T>);  // and so trivially destructible

 public:
  LazyArray() = default;
  explicit LazyArray(std::uint64_t size, Backing backing = Backing::Small)
      : block_(size == 0 ? HostBlock() : reserve_zeroed(size * sizeof(T), backing)), size_(size) {}

  // REQUIRES: i < size()
  T& operator[](std::uint64_t i) { return data()[i]; }
  const T& operator[](std::uint64_t i) const { return data()[i]; }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] T* data() { return reinterpret_cast<T*>(block_.get()); }
  [[nodiscard]] const T* data() const { return reinterpret_cast<const T*>(block_.get()); }

 private:
  HostBlock block_;
  std::uint64_t size_ = 0;
};

// Blocks of 4096 zero bytes, numbered from 0, that are made 512 at a time. A block never moves.
class LazyBlocks {
 public:
  static constexpr std::uint64_t kBlock = 4096;
  static constexpr std::uint64_t kChunk = 512;  // blocks: 2 MiB

  // `first` is how the first chunk is backed; later ones have huge pages.
  explicit LazyBlocks(Backing first) : first_(first) {}

  // Makes the chunk behind those that there are. Throws HostLimit if the host has no memory.
  void add_chunk();

  // Blocks that there are.
  [[nodiscard]] std::uint64_t size() const { return chunks_.size() * kChunk; }

  // REQUIRES: i < size()
  [[nodiscard]] std::byte* operator[](std::uint64_t i) const {
    return chunks_.data()[i / kChunk].get() + i % kChunk * kBlock;
  }

 private:
  Backing first_;
  std::vector<HostBlock> chunks_;
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
};

}  // namespace bachsim
