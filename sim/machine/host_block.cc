#include "sim/machine/host_block.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <utility>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#define BACHSIM_HAS_MMAP 1
#else
#define BACHSIM_HAS_MMAP 0  // WebAssembly: all memory is the heap's
#endif

namespace bachsim {
namespace {

// Below, a mapping costs more than clearing, and a host allows some ten thousand of them.
constexpr std::uint64_t kLeastMapping = BACHSIM_HAS_MMAP != 0 ? std::uint64_t{128} << 10 : ~std::uint64_t{0};
constexpr std::uint64_t kHugePage = std::uint64_t{2} << 20;
// Larger ones are of one machine alone.
constexpr std::uint64_t kMostSpare = std::uint64_t{1} << 30;

constexpr std::uint64_t round_up(std::uint64_t bytes, std::uint64_t unit) { return (bytes + unit - 1) / unit * unit; }

// Null if the host has no room.
void* map([[maybe_unused]] std::uint64_t bytes, [[maybe_unused]] Backing backing) {
#if BACHSIM_HAS_MMAP
  void* const start = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) return nullptr;
  if (bytes >= kHugePage)  // a wish: a host that cannot ignores it
    madvise(start, bytes, backing == Backing::Huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  return start;
#else
  return nullptr;  // no block is as large as a mapping
#endif
}

void* clear_lines(std::uint64_t bytes) {
  constexpr std::uint64_t kLine = 64;  // whole lines of the host's cache
  const std::uint64_t whole = round_up(bytes, kLine);
  void* const start = std::aligned_alloc(kLine, whole);
  if (start != nullptr) std::memset(start, 0, whole);
  return start;
}

// Of a block's first bytes, the host backs whole pages.
std::uint64_t backed_by(const Release& release) {
  constexpr std::uint64_t kPage = 4096;
  const std::uint64_t written = round_up(release.written, release.backing == Backing::Huge ? kHugePage : kPage);
  return std::max(release.backed, std::min(written, round_up(release.bytes, kPage)));
}

}  // namespace

HostBlock reserve(std::uint64_t bytes, Backing backing, SpareBlocks* spare) {
  Release release{.bytes = bytes, .backing = backing};
  void* start = nullptr;
  if (bytes < kLeastMapping) {
    start = clear_lines(bytes);
  } else {
    if (spare != nullptr && bytes <= kMostSpare) {
      if (HostBlock block = spare->take(bytes, backing)) return block;
      // Address space that nobody touches costs nothing, and the next machine may be somewhat larger.
      release = {.bytes = std::bit_ceil(bytes), .backing = backing, .spare = spare};
    }
    start = map(release.bytes, backing);
  }
  if (start == nullptr)
    throw HostLimit(fmt::format("this host has no {} MiB of address space left", (bytes + 0xfffff) >> 20));
  return HostBlock(static_cast<std::byte*>(start), release);
}

void unback([[maybe_unused]] std::byte* start, [[maybe_unused]] std::uint64_t bytes) {
#if BACHSIM_HAS_MMAP
  madvise(start, bytes, MADV_DONTNEED);
#endif
}

void Release::operator()(std::byte* start) const {
  if (spare != nullptr) {
    spare->keep(start, *this);
    return;
  }
#if BACHSIM_HAS_MMAP
  if (bytes >= kLeastMapping) {
    munmap(start, bytes);
    return;
  }
#endif
  std::free(start);
}

SpareBlocks::SpareBlocks(HostBudget& budget, std::uint64_t most)
    : budget_(budget), most_(budget.take(most) ? most : 0) {
  blocks_.reserve(kMostBlocks + 1);  // keep() must not fail
}

SpareBlocks::~SpareBlocks() { budget_.give_back(most_); }

HostBlock SpareBlocks::take(std::uint64_t bytes, Backing backing) {
  auto best = blocks_.end();
  for (auto block = blocks_.begin(); block != blocks_.end(); ++block) {
    const Release& release = block->get_deleter();
    if (release.backing != backing || release.bytes < bytes) continue;
    // Of two alike the later one, which is still in the host's caches.
    if (best == blocks_.end() || release.bytes <= best->get_deleter().bytes) best = block;
  }
  if (best == blocks_.end()) return nullptr;
  HostBlock taken = std::move(*best);
  blocks_.erase(best);
  taken.get_deleter().spare = this;
  return taken;
}

void SpareBlocks::keep(std::byte* start, const Release& release) {
  // Without a store it goes to the host.
  HostBlock block(start, Release{.bytes = release.bytes, .backing = release.backing, .backed = release.backed});
  if (release.written != Release::kUnknown) {
    block.get_deleter().backed = backed_by(release);
    backed_ += block.get_deleter().backed - release.backed;
    while (!blocks_.empty() && (backed_ > most_ || blocks_.size() == kMostBlocks)) {
      backed_ -= blocks_.front().get_deleter().backed;
      blocks_.erase(blocks_.begin());
    }
    if (backed_ <= most_) {
      if (release.backing != Backing::Stack) std::memset(start, 0, release.written);
      blocks_.push_back(std::move(block));
      return;
    }
  }
  backed_ -= block.get_deleter().backed;
}

void LazyPages::add() {
  if (size_ == chunks_.size() * kChunk)
    chunks_.push_back(reserve(kChunk * kPage, chunks_.empty() ? first_ : Backing::Huge, spare_));
  ++size_;
  chunks_.back().get_deleter().written = (size_ - (chunks_.size() - 1) * kChunk) * kPage;
}

}  // namespace bachsim
