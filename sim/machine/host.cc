#include "sim/machine/host.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#define BACHSIM_HAS_MMAP 1
#else
#define BACHSIM_HAS_MMAP 0  // WebAssembly: all memory is the heap's
#endif

namespace bachsim {
namespace {

// Smaller blocks come from the heap: a mapping costs more than clearing them, and a host allows some ten thousand.
constexpr std::uint64_t kLeastMapping = BACHSIM_HAS_MMAP != 0 ? std::uint64_t{128} << 10 : ~std::uint64_t{0};

}  // namespace

bool HostBudget::take(std::uint64_t bytes) {
  std::uint64_t left = left_.load(std::memory_order_relaxed);
  while (bytes <= left) {
    if (left_.compare_exchange_weak(left, left - bytes, std::memory_order_relaxed)) return true;
  }
  return false;
}

// Takes a slice, so that threads seldom meet at the budget. If no whole slice is left, it takes only what is needed.
void HostShare::draw(std::uint64_t bytes) {
  constexpr std::uint64_t kSlice = std::uint64_t{1} << 20;
  const std::uint64_t needed = bytes - left_;
  for (const std::uint64_t wanted : {std::max(needed, kSlice), needed}) {
    if (budget_ != nullptr && budget_->take(wanted)) {
      taken_ += wanted;
      left_ += wanted;
      return;
    }
  }
  throw HostLimit("the workload needs more memory than this host has");
}

HostBlock reserve_zeroed(std::uint64_t bytes, [[maybe_unused]] Backing backing) {
  void* start = nullptr;
  if (bytes < kLeastMapping) {
    constexpr std::uint64_t kLine = 64;  // whole lines of the host's cache
    const std::uint64_t whole = (bytes + kLine - 1) / kLine * kLine;
    start = std::aligned_alloc(kLine, whole);
    if (start != nullptr) std::memset(start, 0, whole);
  }
#if BACHSIM_HAS_MMAP
  else {
    start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    constexpr std::uint64_t kHugePage = std::uint64_t{2} << 20;
    if (start == MAP_FAILED)
      start = nullptr;
    else if (bytes >= kHugePage)  // a wish: a host that cannot ignores it
      madvise(start, bytes, backing == Backing::Huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  }
#endif
  if (start == nullptr)
    throw HostLimit(fmt::format("this host has no {} MiB of address space left", (bytes + 0xfffff) >> 20));
  return HostBlock(static_cast<std::byte*>(start), {bytes});
}

void Release::operator()(std::byte* start) const {
#if BACHSIM_HAS_MMAP
  if (bytes >= kLeastMapping) {
    munmap(start, bytes);
    return;
  }
#endif
  std::free(start);
}

void LazyBlocks::add_chunk() {
  chunks_.push_back(reserve_zeroed(kChunk * kBlock, chunks_.empty() ? first_ : Backing::Huge));
}

}  // namespace bachsim
